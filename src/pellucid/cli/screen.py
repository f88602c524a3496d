"""What a command prints: text and tables for people, JSON for machines."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["Screen", "duration", "number", "plural", "quantity"]

Style = Literal["", "bold", "dim", "green", "yellow"]

_WIDE = 1000  # a pipe has no width: lines are not broken there


class Screen:
    """Where a command's words go.

    The result goes to stdout. With ``--json`` it is one JSON document there, and everything that
    is for people goes to stderr. Colours are left out where the output is not a terminal, or where
    the environment variable ``NO_COLOR`` is set.

    Parameters
    ----------
    json : bool
        Whether the result is wanted as JSON.
    quiet : bool
        Whether to say only the result.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json = json
        self.quiet = quiet
        self._console = _console(stderr=json)

    @property
    def silent(self) -> bool:
        """Whether nothing is for people."""
        return self.quiet and self.json

    @property
    def terminal(self) -> bool:
        """Whether a person looks at a terminal."""
        return self._console.is_terminal

    @property
    def width(self) -> int:
        """How many characters fit on a line."""
        return self._console.width

    def say(self, text: str = "", style: Style = "") -> None:
        """Print a line for people; with ``--json``, to stderr."""
        if self.silent:
            return
        self._console.print(Text(text, style=style), soft_wrap=not self.terminal)

    def aside(self, text: str, style: Style = "") -> None:
        """Print a line that ``--quiet`` leaves out."""
        if not self.quiet:
            self.say(text, style)

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Print names and what they are, in two columns."""
        if self.silent:
            return
        rows = list(rows)
        indent = max((len(name) for name, _ in rows), default=0) + 2
        for name, value in rows:
            lines = textwrap.wrap(value, max(self.width - indent, 20)) or [""]
            text = Text(name.ljust(indent), style="dim")
            text.append(f"\n{' ' * indent}".join(lines), style="not dim")
            self._console.print(text, soft_wrap=True)

    def table(
        self, header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
    ) -> None:
        """Print a table; the columns whose positions are in `right` hold numbers."""
        numbers = set(right)
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for position, name in enumerate(header):
            table.add_column(
                Text(name),
                justify="right" if position in numbers else "left",
                no_wrap=position == 0 or position in numbers,
            )
        for row in rows:
            table.add_row(*map(Text, row))
        with self._console.capture() as captured:
            self._console.print(table)
        for line in captured.get().splitlines():
            click.echo(line.rstrip(), err=self.json, color=self.terminal)

    def result(self, values: Any) -> None:
        """Print the result as JSON, if that is wanted; NaN and infinity become null."""
        if self.json:
            text = json.dumps(_plain(values), indent=2, ensure_ascii=False, allow_nan=False)
            click.echo(text)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    return (
        console
        if console.is_terminal
        else Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=_WIDE)
    )


def _plain(values: Any) -> Any:
    if isinstance(values, dict):
        return {str(name): _plain(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_plain(value) for value in values]
    if isinstance(values, float) and not math.isfinite(values):
        return None
    return values


def number(value: float | None) -> str:
    """Return a measured number with about four digits that matter.

    >>> number(0.97512), number(54.2391), number(12345.678), number(0.00012345), number(None)
    ('0.9751', '54.24', '12,346', '0.000123', '–')
    """
    if value is None:
        return "–"
    if not math.isfinite(value):
        return str(value)
    if 0.001 <= abs(value) < 10:
        return f"{value:.4f}"
    if 10 <= abs(value) < 1000:
        return f"{value:.2f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def quantity(value: int) -> str:
    """Return a count with separators: "235,146"."""
    return f"{value:,}"


def plural(count: int, noun: str, more: str | None = None) -> str:
    """Return for example "1 epoch" or "2,000 epochs"; `more` is an irregular plural."""
    return f"{count:,} {noun if count == 1 else more or noun + 's'}"


def duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> duration(0.0412), duration(8.44), duration(75), duration(3725)
    ('41 ms', '8.4 s', '1 min 15 s', '1 h 2 min')
    """
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
