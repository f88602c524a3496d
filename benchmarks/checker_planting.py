"""Mistakes planted in programs line by line, and what the checker says about each.

A program of `checker_programs` is written to a file with one mistake in it, loaded as
``pellucid check`` loads it, and checked. An explanation is right if it gives one cause, of the
right kind and at the right place (or the same mistake in several layers, layer by layer). It is
best if no other explanation is given beside it; at most three are.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pellucid as pl
from pellucid.inspect.checking.program_file import load_program

__all__ = [
    "PROGRAMS",
    "SAID_RIGHT",
    "Answer",
    "Mistake",
    "Planted",
    "answers",
    "examine",
    "missed_list",
    "read",
    "table",
]

PROGRAMS = tuple(
    path
    for path in sorted((Path(__file__).parent / "checker_programs").glob("*.py"))
    if path.stem != "__init__"
)
NAMES = ("parameters", "loss", "gradients")
ALONE, AMONG, WRONGLY, NOTHING, SAID_RIGHT = (
    "named alone", "named among several", "named wrongly", "unexplained", "said right"
)  # fmt: skip


class Mistake(NamedTuple):
    """What is changed in a program, and the kinds and places (none: any) of a right answer."""

    name: str
    kinds: tuple[str, ...]
    places: tuple[int | str, ...]
    changes: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


class Planted(NamedTuple):
    """A program that is right, and its mistakes."""

    name: str
    text: str
    mistakes: tuple[Mistake, ...]

    def with_mistake(self, mistake: Mistake) -> str:
        """Return the program's text with the lines changed."""
        lines = self.text.splitlines()
        for old, new in mistake.changes:
            start, indent = self._place(old, lines)
            lines[start : start + len(old)] = [indent + line for line in new]
        return "\n".join(lines) + "\n"

    def _place(self, old: tuple[str, ...], lines: list[str]) -> tuple[int, str]:
        found = []
        for start, first in enumerate(lines):
            if first.endswith(old[0]):
                indent = first.removesuffix(old[0])
                if lines[start : start + len(old)] == [indent + line for line in old]:
                    found.append((start, indent))
        if len(found) != 1:
            raise ValueError(f"{self.name}: {old} stands {len(found)} times in the program")
        return found[0]


class Answer(NamedTuple):
    """What the checker said about a program with a mistake, or (None) as it should be."""

    program: str
    mistake: Mistake | None
    verdict: str
    said: str
    seconds: float

    @property
    def named(self) -> bool:
        """Whether the mistake stands among the explanations."""
        return self.verdict in (ALONE, AMONG)


def read(path: Path) -> Planted:
    """Read a program and its mistakes."""
    text, _, tail = path.read_text(encoding="utf-8").partition("# --- planted mistakes ---\n")
    blocks = tail.partition('"""\n')[2].rpartition('\n"""')[0].split("\n\n")
    return Planted(path.stem, text.rstrip() + "\n", tuple(_mistake(block) for block in blocks))


def _mistake(block: str) -> Mistake:
    head, _, body = block.partition("\n")
    name, _, expected = head.rpartition(": ")
    kinds, _, where = expected.removesuffix(" anywhere").partition(" at ")
    places: list[int | str] = []
    for place in where.split(" or ") if where else []:
        if place.startswith("layer"):
            places += [int(number) for number in re.findall(r"\d+", place)]
        else:
            places.append(place.removeprefix("the "))
    changes = []
    for part in body.split("\n...\n"):
        lines = [(line[:1], line[2:]) for line in part.splitlines()]
        changes.append(
            (
                tuple(line for mark, line in lines if mark != "+"),
                tuple(line for mark, line in lines if mark != "-"),
            )
        )
    return Mistake(name, tuple(kinds.split(" or ")), tuple(places), tuple(changes))


def examine(planted: Planted, mistake: Mistake | None) -> Answer:
    """Check a program with a mistake, or as it should be."""
    text = planted.text if mistake is None else planted.with_mistake(mistake)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{planted.name}.py"
        path.write_text(text, encoding="utf-8")
        program = load_program(path, NAMES, shown=False)
        started = time.perf_counter()
        with program.running():
            report = pl.check_gradients(*(program[name] for name in ("loss", *NAMES[::2])))
    seconds = time.perf_counter() - started
    said = " | ".join(" + ".join(f"{c.kind} {c.where}" for c in e) for e in report.explanations)
    return Answer(planted.name, mistake, _verdict(report, mistake), said, seconds)


def answers(planted: Planted) -> list[Answer]:
    """Check a program as it should be, and with every mistake."""
    return [examine(planted, mistake) for mistake in (None, *planted.mistakes)]


def _verdict(report: pl.GradientReport, mistake: Mistake | None) -> str:
    if report.right:
        return SAID_RIGHT if not report.explanations else WRONGLY
    if not report.explanations:
        return NOTHING
    if mistake is None:
        return WRONGLY
    fits = [all(_fits(cause, mistake) for cause in e) for e in report.explanations]
    if not any(fits):
        return WRONGLY
    return ALONE if all(fits) and len(fits) == 1 else AMONG


def _fits(cause, mistake: Mistake) -> bool:
    """Tell whether a cause is of a right kind, at a right place."""
    if cause.kind not in mistake.kinds:
        return False
    told = f"{cause.where} {' '.join(cause.write)}"
    return not mistake.places or any(
        place in cause.layers
        if isinstance(place, int)
        else (place == "loss" and cause.layers == (0,))
        or re.search(rf"\b{re.escape(place)}\b", told) is not None
        for place in mistake.places
    )


def table(answers: list[Answer]) -> str:
    """Return the table in Markdown: what was said, program by program."""
    verdicts = (ALONE, AMONG, WRONGLY, NOTHING, SAID_RIGHT)
    lines = [f"| program | planted | {' | '.join(verdicts)} |", "|---|--:" + "|--:" * 5 + "|"]
    whole: Counter[str] = Counter()
    for name in dict.fromkeys(answer.program for answer in answers):
        mine = Counter(a.verdict for a in answers if a.program == name and a.mistake)
        whole += mine
        cells = (mine.total(), *(mine[verdict] for verdict in verdicts))
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(map(str, cells))} |")
    cells = (whole.total(), *(whole[verdict] for verdict in verdicts))
    lines.append(f"| **all** | {' | '.join(f'**{cell}**' for cell in cells)} |")
    return "\n".join(lines)


def missed_list(answers: list[Answer]) -> str:
    """Return the mistakes that were not named, as a list in Markdown."""
    return "\n".join(
        f"- {a.program.replace('_', ' ')}: {a.mistake.name} ({a.said or a.verdict})"
        for a in answers
        if a.mistake is not None and not a.named
    )
