"""Everything that the doctor looks for, and which finding explains which.

A cause comes before its effects: a finding hides the later ones that it explains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pellucid.inspect.diagnosing.finding import Finding, Severity
from pellucid.inspect.diagnosing.rule import Rule
from pellucid.inspect.diagnosing.table import ENTRIES

__all__ = ["RULES", "Rule", "explained", "finding"]

RULES: dict[str, Rule] = {rule.code: rule for rule in ENTRIES}
"""Every rule by its code, in the order in which they count."""

_BY_GRADIENTS = frozenset({"loss-at-start"})
"""Causes that act through updates, so that they explain no unit before the first one."""

_RAISING = frozenset({"learning-rate-too-low", "learning-rate-range"})

_ORDER = {code: position for position, code in enumerate(RULES)}


def finding(
    code: str,
    message: str,
    suggestion: str,
    *,
    layer: str = "",
    step: int | None = None,
    measured: float | None = None,
    threshold: float | None = None,
    severity: Severity | None = None,
    cause: str | None = None,
    change: dict[str, Any] | None = None,
) -> Finding:
    """Return a finding of a rule, with the rule's own words where none are given."""
    rule = RULES[code]
    return Finding(
        severity or rule.severity,
        code,
        layer,
        step,
        measured,
        rule.threshold if threshold is None else threshold,
        message,
        cause or rule.cause,
        suggestion,
        change,
    )


def explained(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return the findings in their order, without those that others explain; and those.

    A note explains nothing, and a cause is never later than its effect. Of two pieces of advice
    that contradict each other, to raise the learning rate and to lower it, only the latter stands:
    where it is found to be too high, it was not too low before.
    """
    ordered = sorted(findings, key=lambda found: _ORDER[found.code])
    causes: dict[str, int] = {}
    for found in ordered:
        if found.is_alarm:
            causes[found.code] = min(found.step or 0, causes.get(found.code, found.step or 0))
    kept: list[Finding] = []
    hidden: list[Finding] = []
    lowered = any(
        f.is_alarm and f.code not in _RAISING and "lr" in (f.change or {}) for f in ordered
    )
    for found in ordered:
        by_another = any(
            code in causes and _may_explain(code, causes[code], found)
            for code in RULES[found.code].explained_by
        ) or (lowered and found.code == "learning-rate-too-low")
        (hidden if by_another else kept).append(found)
    return kept, hidden


def _may_explain(code: str, since: int, found: Finding) -> bool:
    """Tell whether a cause that was there since some update can have brought a finding about."""
    if found.step is None:
        return code not in _BY_GRADIENTS or RULES[found.code].stage != "units"
    return since <= found.step
