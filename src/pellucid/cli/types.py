"""What the values of options look like: sizes, fractions, names, assignments."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from click.shell_completion import CompletionItem

from pellucid.errors import UnknownNameError

__all__ = [
    "Assignment",
    "ColumnType",
    "ImageSize",
    "InputShape",
    "Name",
    "Number",
    "Sizes",
    "Whole",
    "known",
]

if TYPE_CHECKING:
    _ParamType: TypeAlias = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # older versions of click cannot be subscripted


class Sizes(_ParamType):
    """Layer sizes: "128,64" (or a list in a configuration file); "none" for no hidden layer."""

    name = "SIZES"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the sizes."""
        if isinstance(value, str):
            text = value.strip().lower()
            parts: list[Any] = [] if text in ("", "none") else re.split(r"\s*[,x]\s*|\s+", text)
        elif isinstance(value, (list, tuple)):
            parts = list(value)
        else:
            parts = [value]
        sizes: list[int] = []
        for part in parts:
            if isinstance(part, (bool, float)) or not re.fullmatch(r"\d+", str(part)):
                self.fail(f"{value!r}: expected whole numbers such as 128,64", param, ctx)
            sizes.append(int(part))
        if 0 in sizes:
            self.fail("a layer has at least one unit (--hidden none for no hidden layer)", param)
        return tuple(sizes)


class Whole(_ParamType):
    """A whole number from `least` up; 1e5 and 60_000 are such numbers too."""

    name = "N"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if not number.is_integer() or number < self.least:
            self.fail(f"{value!r} is not a whole number ≥ {self.least}", param, ctx)
        # A seed may have more digits than a float holds
        return int(value) if isinstance(value, int) or str(value).isdecimal() else int(number)


class Number(_ParamType):
    """A finite number within bounds.

    Parameters
    ----------
    low, high : float
        The bounds.
    above_low, below_high : bool
        Whether the bound itself is excluded.
    """

    name = "X"

    def __init__(
        self,
        low: float = 0.0,
        high: float = math.inf,
        *,
        above_low: bool = False,
        below_high: bool = False,
    ) -> None:
        self.low, self.high = low, high
        self.above_low, self.below_high = above_low, below_high

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        low = number > self.low if self.above_low else number >= self.low
        high = number < self.high if self.below_high else number <= self.high
        if not (math.isfinite(number) and low and high):
            self.fail(f"{value!r} is not {self._rule()}", param, ctx)
        return number

    def _rule(self) -> str:
        low = f"{'> ' if self.above_low else '≥ '}{self.low:g}"
        if self.high == math.inf:
            return f"a number {low}"
        return f"a number {low} and {'< ' if self.below_high else '≤ '}{self.high:g}"


class Name(_ParamType):
    """A name out of a registry, which is looked at only when it is needed.

    Parameters
    ----------
    kind : str
        What the name stands for, in messages.
    choices : callable
        Returns the known names.
    canonical : callable, optional
        Returns the registry's own form of a name, or raises `UnknownNameError`.
    """

    name = "NAME"

    def __init__(
        self,
        kind: str,
        choices: Callable[[], Iterable[str]],
        canonical: Callable[[str], str] | None = None,
    ) -> None:
        self.kind, self.choices = kind, choices
        self._canonical = canonical

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as the registry writes it; an unknown one gets the nearest match."""
        if not isinstance(value, str):
            self.fail(f"{value!r} is not a name", param, ctx)
        if self._canonical is not None:
            return self._canonical(value)
        plain = value.lower().replace("_", "-")
        for name in self.choices():
            if plain == name.lower().replace("_", "-"):
                return name
        raise UnknownNameError(self.kind, value, self.choices())

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the names that begin so."""
        return [CompletionItem(name) for name in self.choices() if name.startswith(incomplete)]


class Assignment(_ParamType):
    """SECTION.NAME=VALUE, where VALUE is JSON or else text.

    Parameters
    ----------
    sections : tuple of str
        The sections that there are.
    elsewhere : mapping
        The option to use instead, for each SECTION.NAME that has one of its own.
    """

    name = "SECTION.NAME=VALUE"

    def __init__(self, sections: tuple[str, ...], elsewhere: Mapping[str, str]) -> None:
        self.sections, self.elsewhere = sections, elsewhere

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str, Any]:
        """Return section, name and value."""
        if isinstance(value, (tuple, list)):
            section, name, found = value
            return self._checked(str(section), str(name), found)
        match = re.fullmatch(r"(\w[\w-]*)\.(\w+)=(.*)", str(value), re.DOTALL)
        if match is None:
            self.fail(f"{value!r}: expected for example optimizer.momentum=0.9", param, ctx)
        return self._checked(match[1], match[2], _value(match[3]))

    def _checked(self, section: str, name: str, value: Any) -> tuple[str, str, Any]:
        known("section of --set", section, self.sections)
        option = self.elsewhere.get(f"{section}.{name}")
        if option is not None:
            self.fail(f"{section}.{name} has an option of its own: use {option}")
        if f"{section}.{name}" in ("optimizer.params", "schedule.optimizer"):
            self.fail(f"{section}.{name} is not an option")
        return section, name, value


class ColumnType(_ParamType):
    """COLUMN=KIND for a column of a table."""

    name = "COLUMN=KIND"
    kinds = ("numeric", "categorical", "drop")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return column and kind."""
        if isinstance(value, (tuple, list)):
            column, kind = map(str, value)
        else:
            column, equals, kind = str(value).rpartition("=")
            if not equals or not column:
                self.fail(f"{value!r}: expected for example zip=categorical", param, ctx)
        return column, known("kind of column", kind, self.kinds)


class ImageSize(_ParamType):
    """HEIGHTxWIDTH, or one number for both."""

    name = "HxW"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return height and width."""
        if isinstance(value, (tuple, list)):
            value = "x".join(map(str, value))
        match = re.fullmatch(r"([1-9]\d*)(?:[x×,]([1-9]\d*))?", str(value).strip())
        if match is None:
            self.fail(f"{value!r}: expected for example 28x28", param, ctx)
        return int(match[1]), int(match[2] or match[1])


class InputShape(_ParamType):
    """The shape of one sample: "784" or "1x28x28"."""

    name = "SHAPE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the shape."""
        if isinstance(value, tuple):
            return value
        lengths = re.split(r"[x×,]", str(value).strip())
        if not all(re.fullmatch(r"[1-9]\d*", length) for length in lengths):
            self.fail(f"{value!r}: expected for example 784 or 1x28x28", param, ctx)
        return tuple(map(int, lengths))


def known(kind: str, name: str, choices: Iterable[str]) -> str:
    """Return a name that is among the choices.

    Raises
    ------
    UnknownNameError
        With the nearest match.
    """
    choices = list(choices)
    if name not in choices:
        raise UnknownNameError(kind, name, choices)
    return name


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)
