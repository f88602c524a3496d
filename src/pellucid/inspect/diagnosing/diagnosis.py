"""All findings about one network, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

from pellucid.inspect.diagnosing import text
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import explained

__all__ = ["Diagnosis"]


class Diagnosis:
    """What the doctor says: findings, causes before their effects.

    Parameters
    ----------
    findings : iterable of Finding
        Everything that was seen.
    results : mapping, optional
        What experiments have measured besides, by their names.
    cleared : iterable of Finding
        What was seen for a while and has gone away.

    Attributes
    ----------
    findings : tuple of Finding
        In the order in which to act on them, without those that others explain.
    suppressed : tuple of Finding
        Those that others explain.
    """

    def __init__(
        self,
        findings: Iterable[Finding],
        results: Mapping[str, Any] | None = None,
        cleared: Iterable[Finding] = (),
    ) -> None:
        kept, hidden = explained(findings)
        self.findings = tuple(kept)
        self.suppressed = tuple(hidden)
        self.cleared = tuple(cleared)
        self.results = dict(results or {})

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that are more than a note."""
        return tuple(found for found in self.findings if found.is_alarm)

    def text(self) -> str:
        """Return the findings as text: what was seen, how it is known, what to change."""
        return text.written(self.findings, self.suppressed, self.cleared, self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: ``findings``, ``suppressed``, ``cleared`` and ``results``."""
        return {
            "findings": [found.to_dict() for found in self.findings],
            "suppressed": [found.to_dict() for found in self.suppressed],
            "cleared": [found.to_dict() for found in self.cleared],
            "results": self.results,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the diagnosis that :meth:`to_dict` was called on."""
        listed = [
            Finding.from_dict(found)
            for name in ("findings", "suppressed")
            for found in values.get(name, [])
        ]
        gone = [Finding.from_dict(found) for found in values.get("cleared", [])]
        return cls(listed, values.get("results"), gone)

    def to_json(self) -> str:
        """Return :meth:`to_dict` as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def _repr_html_(self) -> str:
        return text.html(self.findings, self.suppressed, self.results)

    def __repr__(self) -> str:
        codes = ", ".join(dict.fromkeys(found.code for found in self.findings)) or "nothing"
        return f"<Diagnosis: {codes}>"
