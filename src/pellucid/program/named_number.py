"""Numbers that remember the formula they came from, so that a program can print `1 - beta1`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

__all__ = ["NamedFloat", "NamedInt", "NamedNumber", "Share", "named"]


class NamedNumber:
    """What :class:`NamedFloat` and :class:`NamedInt` share: arithmetic that writes itself down.

    Attributes
    ----------
    text : str
        The formula in Python, such as ``"1 - beta1"``.
    binding : int
        How tightly the formula holds together, as in :mod:`pellucid.program.expressions`.
    names : dict of str to number
        The names in the formula, and what they stand for.
    """

    text: str
    binding: int
    names: dict[str, Any]

    @property
    def is_name(self) -> bool:
        """Whether the formula is a single name."""
        return self.text in self.names

    def beside(self, binding: int, right: bool) -> str:
        """Return the formula as it stands beside an operator."""
        holds = self.binding > binding or (self.binding == binding and not right)
        return self.text if holds else f"({self.text})"


def _written(symbol: str, binding: int, compute: Callable[[Any, Any], Any], reflected: bool) -> Any:
    def method(self: Any, other: Any) -> Any:
        if type(other) not in (int, float, NamedFloat, NamedInt):
            return NotImplemented
        left, right = (other, self) if reflected else (self, other)
        power = symbol == "**"  # the only operator that groups from the right
        text = f"{_operand(left, binding, power)} {symbol} {_operand(right, binding, not power)}"
        names = dict(getattr(other, "names", {})) | self.names
        return named(compute(_plain(left), _plain(right)), text, names, binding)

    return method


def _operand(value: Any, binding: int, right: bool) -> str:
    if isinstance(value, NamedNumber):
        return value.beside(binding, right)
    return f"({value!r})" if value < 0 else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, NamedFloat):
        return float(value)
    return int(value) if isinstance(value, NamedInt) else value


class NamedFloat(float, NamedNumber):
    """A float that remembers the formula it came from."""

    def __neg__(self) -> Any:
        return named(-float(self), f"-{self.beside(5, False)}", self.names, 5)


class NamedInt(int, NamedNumber):
    """A whole number that remembers the formula it came from."""


_OPERATORS = {
    "add": ("+", 3, operator.add),
    "sub": ("-", 3, operator.sub),
    "mul": ("*", 4, operator.mul),
    "truediv": ("/", 4, operator.truediv),
    "pow": ("**", 6, operator.pow),
}
for _name, (_symbol, _binding, _compute) in _OPERATORS.items():
    for _kind in (NamedFloat, NamedInt):
        setattr(_kind, f"__{_name}__", _written(_symbol, _binding, _compute, reflected=False))
        setattr(_kind, f"__r{_name}__", _written(_symbol, _binding, _compute, reflected=True))


def named(value: float, text: str, names: dict[str, Any] | None = None, binding: int = 7) -> Any:
    """Return `value` with its formula: a name, or an expression of `names`.

    Booleans, and values that are no plain numbers, are returned as they are.
    """
    kind: type[Any]
    if type(value) is float:
        kind = NamedFloat
    elif type(value) is int:
        kind = NamedInt
    else:
        return value
    number = kind(value)
    number.text, number.binding = text, binding
    number.names = {text: value} if names is None else names
    return number


class Share(NamedFloat):
    """The factor of a mean, which remembers over how much it is taken: ``scale · 1/total``.

    A program prints it as the number that it is.

    Attributes
    ----------
    total : float
        What the mean divides by: how many entries, or the sum of their weights.
    weighted : bool
        Whether it is the sum of weights.
    scale : float
        What it has been multiplied with since.
    """

    total: float
    weighted: bool
    scale: float

    @classmethod
    def of(cls, value: float, total: float, *, weighted: bool = False, scale: float = 1.0) -> Share:
        """Return the factor `value` of a mean."""
        share = cls(value)
        share.text, share.names = repr(float(value)), {}
        share.binding = 5 if value < 0 else 7
        share.total, share.weighted, share.scale = float(total), weighted, scale
        return share

    def __mul__(self, other: Any) -> Any:
        if type(other) not in (int, float):
            return NotImplemented
        value = float(self) * other
        return Share.of(value, self.total, weighted=self.weighted, scale=self.scale * other)

    __rmul__ = __mul__
