"""What :func:`~pellucid.check_gradients` found: objects, text, JSON."""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Cause", "Entry", "GradientReport", "ParameterVerdict", "Untested"]


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient, as three see it.

    Attributes
    ----------
    index : tuple of int
    learner : float
    differences : float or None
        By finite differences; None where they were not taken.
    tape : float or None
        None where the loss could not be recorded.
    """

    index: tuple[int, ...]
    learner: float | None
    differences: float | None
    tape: float | None


@dataclass(frozen=True)
class ParameterVerdict:
    """The verdict on the gradient of one parameter.

    Attributes
    ----------
    name : str
    shape : tuple of int
    right : bool
    error : float
        The largest difference from the true gradient, relative to its largest entry.
    entries : tuple of Entry
        The worst ones.
    checked : int
        How many entries were compared with finite differences.
    note : str
        More to say, such as "exactly half the true gradient".
    """

    name: str
    shape: tuple[int, ...]
    right: bool
    error: float
    entries: tuple[Entry, ...] = ()
    checked: int = 0
    note: str = ""


@dataclass(frozen=True)
class Cause:
    """A mistake that explains the wrong gradients, alone or together with others.

    Attributes
    ----------
    kind : str
        In kebab-case, such as ``"missing-derivative"``.
    title : str
        What it is called.
    where : str
        The layer, and what there.
    detail : str
    write : tuple of str
        What to write instead.
    layers : tuple of int
        From 1; 0 stands for the loss.
    lines : tuple of (str, int)
        File and line of the forward code that it belongs to.
    """

    kind: str
    title: str
    where: str
    detail: str = ""
    write: tuple[str, ...] = ()
    layers: tuple[int, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        return f"{self.title}, {self.where}"


@dataclass(frozen=True)
class Untested:
    """A part of the backward pass that could be wrong without showing at any place.

    Attributes
    ----------
    what : str
        "the ReLU of line 13 was never off".
    consequence : str
        What that leaves unknown.
    file : str
    line : int
        Of the forward code; 0 where it has no line.
    """

    what: str
    consequence: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.what}: {self.consequence}"


@dataclass(frozen=True)
class GradientReport:
    """The verdict on hand-written gradients.

    Attributes
    ----------
    right : bool
        Whether all are right.
    parameters : dict
        Name to :class:`ParameterVerdict`.
    explanations : tuple of tuple of Cause
        Each one explains all wrong gradients; those after the first do so equally well. Empty if
        all are right, or if nothing explains them.
    stopped : bool
        Whether the search was given up after some seconds, without an explanation.
    loss : float
    tape : str
        Empty, or why the tape has no opinion.
    notes : tuple of str
    untested : tuple of Untested
        Where all are right: what could be wrong without showing.
    warnings : tuple of str
        What is suspicious in the loss itself, whatever its gradients are.
    """

    right: bool
    parameters: dict[str, ParameterVerdict]
    explanations: tuple[tuple[Cause, ...], ...] = ()
    stopped: bool = False
    loss: float = 0.0
    tape: str = ""
    notes: tuple[str, ...] = field(default=())
    untested: tuple[Untested, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes in the first explanation."""
        return self.explanations[0] if self.explanations else ()

    @property
    def wrong(self) -> tuple[str, ...]:
        """The names of the parameters whose gradients are wrong."""
        return tuple(name for name, verdict in self.parameters.items() if not verdict.right)

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 100) -> str:
        """Return the verdict for people to read."""
        lines = [self.headline(), "", *self._table(), *self._entries()]
        lines += self.told(width)
        return "\n".join(lines)

    def headline(self) -> str:
        """Return the verdict in one line."""
        count = len(self.parameters)
        if self.right:
            agree = f"{_all_of(count)} agree{'s' if count == 1 else ''} with the true one"
            if self.warnings:
                agree += "; but the loss is suspicious, see the warning"
            if not self.untested:
                return f"right: {agree}"
            more = f", and {len(self.untested) - 1} more" if len(self.untested) > 1 else ""
            return f"right as far as it was tested: {agree}; but {self.untested[0].what}{more}"
        wrong = self.wrong
        return f"wrong: {', '.join(wrong)} ({len(wrong)} of {count} gradients)"

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return the table: parameter, shape, verdict, error, note."""
        return [
            (
                v.name,
                "×".join(map(str, v.shape)) or "number",
                "right" if v.right else "wrong",
                _size(v.error),
                v.note,
            )
            for v in self.parameters.values()
        ]

    def entry_rows(self) -> list[tuple[str, str, str, str]]:
        """Return the worst entries: entry, learner's, finite differences, tape."""
        return [
            (
                f"{v.name}[{', '.join(map(str, e.index))}]" if e.index else v.name,
                _number(e.learner),
                _number(e.differences),
                _number(e.tape),
            )
            for v in self.parameters.values()
            if not v.right
            for e in v.entries
        ]

    def told(self, width: int = 100) -> list[str]:
        """Return the causes and notes as lines."""
        lines: list[str] = []
        for warning in self.warnings:
            lines += ["", *textwrap.wrap(f"Warning: {warning}", width)]
        for one in self.untested:
            lines += ["", *textwrap.wrap(f"Not tested: {one}.", width)]
        for number, explanation in enumerate(self.explanations):
            lines.append("")
            if number:
                lines.append("The same numbers come out of:")
            for cause in explanation:
                lines += cause_lines(cause, width)
        if not self.right and not self.explanations and self.tape == "":
            lines += ["", *textwrap.wrap(_UNEXPLAINED[self.stopped], width)]
        for note in self.notes:
            lines += ["", *textwrap.wrap(f"Note: {note}", width)]
        if self.tape:
            text = f"No opinion of the tape, and no causes: {self.tape}"
            lines += ["", *textwrap.wrap(text, width)]
        return lines

    def _table(self) -> list[str]:
        return _columns([("parameter", "shape", "verdict", "error", ""), *self.rows()])

    def _entries(self) -> list[str]:
        rows = self.entry_rows()
        if not rows:
            return []
        return ["", *_columns([("worst entries", "yours", "differences", "tape"), *rows], right=1)]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "right": self.right,
            "loss": self.loss,
            "parameters": {
                name: {
                    "right": v.right,
                    "shape": list(v.shape),
                    "error": v.error if v.error < float("inf") else None,
                    "checked": v.checked,
                    "note": v.note,
                    "worst": [
                        {
                            "index": list(e.index),
                            "learner": e.learner,
                            "differences": e.differences,
                            "tape": e.tape,
                        }
                        for e in v.entries
                    ],
                }
                for name, v in self.parameters.items()
            },
            "explanations": [[_plain(cause) for cause in e] for e in self.explanations],
            "stopped": self.stopped,
            "tape": self.tape or None,
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "untested": [
                {
                    "what": one.what,
                    "consequence": one.consequence,
                    "file": one.file,
                    "line": one.line,
                }
                for one in self.untested
            ],
        }

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"


_UNEXPLAINED = {
    False: "No known mistake gives these numbers, and no two or three that were tried together.",
    True: "The search for the cause took too long and was stopped: no mistake that was tried gives "
    "these numbers. With fewer samples or time steps it gets further.",
}


def cause_lines(cause: Cause, width: int) -> list[str]:
    """Return a cause as lines for people."""
    lines = textwrap.wrap(f"{_capital(cause.title)}, {cause.where}.", width)
    if cause.detail:
        lines += textwrap.wrap(
            f"{_capital(cause.detail)}.", width,
            initial_indent="  ", subsequent_indent="  ",
        )  # fmt: skip
    if cause.lines:
        shown = ", ".join(str(line) for _, line in cause.lines)
        word = "line" if len(cause.lines) == 1 else "lines"
        lines.append(f"  The forward pass does this in {word} {shown} of {cause.lines[0][0]}.")
    lines += [f"  Write: {text}" for text in cause.write]
    return lines


def _capital(text: str) -> str:
    """Begin a sentence with a capital letter, unless it begins with code."""
    word = text.split(" ", 1)[0]
    return (
        text if not word[:2].isalpha() or set(word) & set("._[(=") else text[:1].upper() + text[1:]
    )


def _plain(cause: Cause) -> dict[str, Any]:
    return {
        "kind": cause.kind,
        "title": cause.title,
        "where": cause.where,
        "detail": cause.detail,
        "write": list(cause.write),
        "layers": list(cause.layers),
        "lines": [{"file": file, "line": line} for file, line in cause.lines],
    }


def _columns(rows: list[tuple[str, ...]], right: int = 99) -> list[str]:
    """Lay out rows in columns; those from the number `right` on hold numbers."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if i >= right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _all_of(count: int) -> str:
    return "the gradient" if count == 1 else f"all {count} gradients"


def _size(error: float) -> str:
    if error > 1e6:
        return "–" if error == float("inf") else "> 1e8 %"
    return f"{error:.1e}" if error < 0.01 else f"{100 * error:.3g} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.7g}"
