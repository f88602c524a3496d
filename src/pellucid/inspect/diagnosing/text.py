"""Findings in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES

__all__ = ["headline", "html", "written"]

_WIDTH = 88


def headline(found: Finding) -> str:
    """Return a finding in one line: severity, where, and what was seen."""
    where = f" at update {found.step:,}" if found.step is not None else ""
    return f"{found.severity}{where}: {RULES[found.code].title}: {found.message}"


def written(
    findings: Sequence[Finding],
    suppressed: Sequence[Finding],
    cleared: Sequence[Finding],
    results: Mapping[str, Any],
) -> str:
    """Return findings as paragraphs."""
    parts = [_paragraph(number, found) for number, found in enumerate(findings, 1)]
    if not findings:
        parts.append("Nothing is wrong as far as can be seen.")
    if suppressed:
        parts.append(
            _wrapped(f"Explained by these, and likely to go with them: {_codes(suppressed)}.")
        )
    if cleared:
        parts.append(_wrapped(f"Seen for a while, and gone again: {_codes(cleared)}."))
    parts += [
        _wrapped(f"{name.replace('-', ' ')}: {_summary(result)}")
        for name, result in results.items()
    ]
    return "\n\n".join(parts)


def _paragraph(number: int, found: Finding) -> str:
    where = f" · {found.layer}" if found.layer else ""
    when = f" · update {found.step:,}" if found.step is not None else ""
    rule = RULES[found.code]
    lines = [f"{number}. {rule.title} ({found.severity}: {found.code}{where}{when})"]
    for name, said in (
        ("seen", found.message + _numbers(found)),
        ("cause", found.cause),
        ("change", found.suggestion),
    ):
        lines.append(_wrapped(said, f"   {name:<7} ", " " * 11))
    return "\n".join(lines)


def _numbers(found: Finding) -> str:
    if found.measured is None or not found.threshold:
        return ""
    return f" [{found.measured:.3g}; limit {found.threshold:.3g}]"


def _summary(result: Any) -> str:
    if isinstance(result, Mapping) and "summary" in result:
        return str(result["summary"])
    return str(result)


def _codes(findings: Iterable[Finding]) -> str:
    return ", ".join(dict.fromkeys(found.code for found in findings))


def _wrapped(said: str, first: str = "", later: str = "") -> str:
    return textwrap.fill(
        said,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_on_hyphens=False,
        break_long_words=False,
    )


_COLOURS = {"critical": "#D55E00", "warning": "#E69F00", "note": "#0072B2"}


def html(
    findings: Sequence[Finding], suppressed: Sequence[Finding], results: Mapping[str, Any]
) -> str:
    """Return findings as a fragment of HTML."""
    if not findings:
        parts = ["<p>Nothing is wrong as far as can be seen.</p>"]
    else:
        parts = [
            f'<div style="border-left:4px solid {_COLOURS[found.severity]};padding:.2em .8em;'
            f'margin:.6em 0"><b>{escape(RULES[found.code].title)}</b> '
            f"<small>{found.severity} · {found.code}"
            f"{' · ' + escape(found.layer) if found.layer else ''}</small><br>"
            f"{escape(found.message + _numbers(found))}<br>"
            f"<i>Cause:</i> {escape(found.cause)}<br>"
            f"<i>Change:</i> {escape(found.suggestion)}</div>"
            for found in findings
        ]
    if suppressed:
        parts.append(f"<p><small>Explained by these: {escape(_codes(suppressed))}</small></p>")
    parts += [
        f"<p>{escape(name.replace('-', ' '))}: {escape(_summary(result))}</p>"
        for name, result in results.items()
    ]
    return f"<div>{''.join(parts)}</div>"
