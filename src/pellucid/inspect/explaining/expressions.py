"""Formulas as trees, whose leaves know their symbol, their number and where it comes from.

The same tree is written twice: with its symbols, as a formula, and with its numbers put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from pellucid.program import Variable

__all__ = [
    "Call",
    "Constant",
    "Expression",
    "Index",
    "Indicator",
    "MatrixProduct",
    "Negative",
    "Power",
    "Product",
    "Quantity",
    "Quotient",
    "Rest",
    "Root",
    "Sigma",
    "Sum",
    "Symbol",
    "Transposed",
    "Words",
    "evaluate",
    "quantities_in",
    "without_index",
]

Index: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Symbol:
    """How a quantity is called in a formula.

    Parameters
    ----------
    name : str
        A letter, set in italics, or a word, set upright.
    sub : str
        What stands below, such as the number of the layer.
    mark : int
        Tells quantities of one name apart: ``a₁⁽²⁾``.
    new : bool
        Whether it is the value after the update: ``W₁′``.
    gradient : bool
        Whether it is the gradient of the loss by what the other fields say: ``∂L/∂W₁``.
    part : int
        Which of several contributions to a gradient; 0 if it is the whole.
    """

    name: str
    sub: str = ""
    mark: int = 0
    new: bool = False
    gradient: bool = False
    part: int = 0


@dataclass(frozen=True)
class Quantity:
    """A symbol, or a number, or both: a leaf of a formula.

    Parameters
    ----------
    symbol : Symbol or None
        None for a plain number.
    value : float or None
        None in a formula about whole arrays.
    variable : Variable or None
        The variable of the program whose entry the number is.
    index : tuple of int or None
        Of that entry.
    shown : tuple of int or None
        The index as it is written: without an axis of one sample.
    statistic : str
        What the number says of the whole variable, such as ``"mean"``, if it is no entry.
    """

    symbol: Symbol | None = None
    value: float | None = None
    variable: Variable | None = None
    index: Index | None = None
    shown: Index | None = None
    statistic: str = ""


@dataclass(frozen=True)
class Constant:
    """A setting with its formula: ``1 − β₁`` with symbols, ``0.1`` with numbers.

    Parameters
    ----------
    formula : expression
    value : float
    settings : tuple of Quantity
        What the letters of the formula stand for.
    """

    formula: Expression
    value: float
    settings: tuple[Quantity, ...] = ()


@dataclass(frozen=True)
class Words:
    """A piece of a formula that is told in words, such as the rule of a fused function."""

    text: str


@dataclass(frozen=True)
class Sum:
    """``a + b + …``."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Rest:
    """The smaller terms of a long sum, added up."""

    count: int
    value: float


@dataclass(frozen=True)
class Negative:
    """``−a``."""

    body: Expression


@dataclass(frozen=True)
class Product:
    """``a · b · …``."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class MatrixProduct:
    """``A B``: a product of whole matrices; with a sign, such as the ``∗`` of a convolution."""

    left: Expression
    right: Expression
    sign: str = ""


@dataclass(frozen=True)
class Transposed:
    """``Aᵀ``."""

    body: Expression


@dataclass(frozen=True)
class Quotient:
    """``a / b``."""

    above: Expression
    below: Expression


@dataclass(frozen=True)
class Power:
    """``aᵇ``."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Root:
    """``√a``."""

    body: Expression


@dataclass(frozen=True)
class Sigma:
    """``Σ a``, over all entries or those that `over` says."""

    body: Expression
    over: str = ""


@dataclass(frozen=True)
class Indicator:
    """``[a > b]``: 1 if it is so, else 0."""

    left: Expression
    sign: str
    right: Expression


@dataclass(frozen=True)
class Call:
    """``name(a, b, …)``, with the function that computes it from numbers."""

    name: str
    arguments: tuple[Expression, ...]
    function: Callable[..., Any]


Expression: TypeAlias = (
    Quantity
    | Constant
    | Words
    | Sum
    | Rest
    | Negative
    | Product
    | MatrixProduct
    | Transposed
    | Quotient
    | Power
    | Root
    | Sigma
    | Indicator
    | Call
)

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "≠": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "≤": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "≥": lambda a, b: a >= b,
}


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the parts that an expression is made of."""
    match expression:
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Negative(body) | Transposed(body) | Root(body) | Sigma(body):
            return (body,)
        case MatrixProduct(a, b, _) | Quotient(a, b) | Power(a, b) | Indicator(a, _, b):
            return (a, b)
        case Call(_, arguments):
            return arguments
    return ()


def quantities_in(expression: Expression) -> Iterator[Quantity]:
    """Yield the leaves that are quantities, from left to right."""
    if isinstance(expression, Quantity):
        yield expression
    for part in children(expression):
        yield from quantities_in(part)


def without_index(expression: Expression) -> Expression:
    """Return a formula of entries as one of whole arrays: ``w`` for ``w[3]``."""
    match expression:
        case Quantity(symbol=symbol) if symbol is not None:
            return Quantity(symbol, expression.value if expression.variable is None else None)
        case Product(factors):
            return Product(tuple(map(without_index, factors)))
        case Quotient(above, below):
            return Quotient(without_index(above), without_index(below))
        case Negative(body):
            return Negative(without_index(body))
    return expression


def evaluate(expression: Expression) -> float:
    """Compute an expression from the numbers of its leaves, in float64."""
    with np.errstate(all="ignore"):
        return float(_evaluate(expression))


def _evaluate(expression: Expression) -> Any:
    match expression:
        case Quantity(value=value) if value is not None:
            return np.float64(value)
        case Constant(value=value) | Rest(_, value):
            return np.float64(value)
        case Sum(terms):
            return np.sum([_evaluate(term) for term in terms])
        case Negative(body):
            return -_evaluate(body)
        case Product(factors):
            result = np.float64(1.0)
            for factor in factors:
                result = result * _evaluate(factor)
            return result
        case Quotient(above, below):
            return _evaluate(above) / _evaluate(below)
        case Power(base, exponent):
            return _evaluate(base) ** _evaluate(exponent)
        case Root(body):
            return np.sqrt(_evaluate(body))
        case Indicator(left, sign, right):
            return np.float64(_COMPARISONS[sign](_evaluate(left), _evaluate(right)))
        case Call(_, arguments, function):
            return function(*(_evaluate(argument) for argument in arguments))
    raise TypeError(f"{type(expression).__name__} stands for whole arrays and has no one number")
