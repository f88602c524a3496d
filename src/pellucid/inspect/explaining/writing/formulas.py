"""What the writers of formulas share: which parts need parentheses, and when."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from pellucid.inspect.explaining.expressions import (
    Call,
    Constant,
    Expression,
    Indicator,
    MatrixProduct,
    Negative,
    Power,
    Product,
    Quantity,
    Quotient,
    Rest,
    Root,
    Sigma,
    Sum,
    Symbol,
    Transposed,
    Words,
)
from pellucid.inspect.explaining.numbers import written

__all__ = ["FormulaWriter"]

ATOM, POWER, PRODUCT, QUOTIENT, NEGATIVE, SUM, LOOSE = 7, 6, 5, 4, 3, 2, 1


class FormulaWriter(ABC):
    """Writes an expression with its symbols, or with its numbers.

    Parameters
    ----------
    digits : int
        Significant digits of a number.
    """

    def __init__(self, digits: int = 4) -> None:
        self.digits = digits

    def write(self, expression: Expression, *, numbers: bool = False) -> str:
        """Return the whole expression."""
        return self._write(expression, numbers)[0]

    def number(self, value: float) -> str:
        """Return one number."""
        return self.numeral(written(value, self.digits))

    def _write(self, expression: Expression, numbers: bool) -> tuple[str, int]:
        """Return the text, and how tightly it holds together."""
        match expression:
            case Quantity():
                return self._leaf(expression, numbers)
            case Constant(formula=formula, value=value):
                if numbers:
                    return self._signed(value)
                return self._write(formula, False)
            case Rest(count, value):
                return self.grouped(self.rest(count, self.number(value))), ATOM
            case Words(text):
                return self.words(text), ATOM
            case Sum(terms):
                return self._sum(terms, numbers)
            case Negative(body):
                inside = self._inside(body, PRODUCT, numbers)
                if inside == self.numeral("0"):
                    return inside, ATOM
                return self.minus() + inside, NEGATIVE
            case Product(factors):
                return self._product(factors, numbers), PRODUCT
            case MatrixProduct(left, right, sign):
                parts = [self._inside(part, POWER, numbers) for part in (left, right)]
                return self.side_by_side(parts, sign), PRODUCT
            case Transposed(body):
                return self.raised(self._inside(body, ATOM, numbers), self.transposition()), POWER
            case Quotient(above, below):
                return self._quotient(above, below, numbers)
            case Power(base, exponent):
                power = self.raised(
                    self._inside(base, ATOM, numbers), self._bare(exponent, numbers)
                )
                return power, POWER
            case Root(body):
                return self.root(*self._write(body, numbers)), ATOM
            case Sigma(body, over):
                return self.sigma(self._inside(body, PRODUCT, numbers), over), PRODUCT
            case Indicator(left, sign, right):
                inside = self.compared(self._bare(left, numbers), sign, self._bare(right, numbers))
                return self.bracketed(inside), ATOM
            case Call(name, arguments):
                return self.call(name, [self._bare(a, numbers) for a in arguments]), ATOM
        raise TypeError(f"no way to write {type(expression).__name__}")

    def _bare(self, expression: Expression, numbers: bool) -> str:
        return self._write(expression, numbers)[0]

    def _inside(self, expression: Expression, binding: int, numbers: bool) -> str:
        text, holds = self._write(expression, numbers)
        return text if holds >= binding else self.grouped(text)

    def _leaf(self, quantity: Quantity, numbers: bool) -> tuple[str, int]:
        if quantity.symbol is None or (numbers and quantity.value is not None):
            return self._signed(quantity.value if quantity.value is not None else 0.0)
        text = self.symbol(quantity.symbol)
        index = quantity.shown if quantity.shown is not None else quantity.index
        if index:
            return self.indexed(text, index), POWER if quantity.symbol.gradient else ATOM
        # A fraction such as ∂L/∂z is a thing of its own in a product, but not under a power.
        whole = not quantity.symbol.gradient and " " not in quantity.symbol.name
        return text, ATOM if whole else POWER

    def _signed(self, value: float) -> tuple[str, int]:
        negative = value < 0 or str(value).startswith("-")
        text = written(value, self.digits)
        return self.numeral(text), NEGATIVE if negative and text != "0" else ATOM

    def _sum(self, terms: Sequence[Expression], numbers: bool) -> tuple[str, int]:
        if not terms:
            return self.numeral("0"), ATOM
        pieces = self._terms(terms, numbers)
        return "".join(pieces), SUM if len(pieces) > 1 else LOOSE + 1

    def _terms(self, terms: Sequence[Expression], numbers: bool) -> list[str]:
        """Return the terms of a sum, each with the sign before it."""
        pieces = []
        for position, term in enumerate(terms):
            text, holds = self._write(term, numbers)
            if position and isinstance(term, Negative):
                pieces.append(self.joined("−", self._inside(term.body, PRODUCT, numbers)))
            elif position and holds == NEGATIVE:  # a negative number: "− 0.3" instead of "+ (−0.3)"
                pieces.append(self.joined("−", self.without_sign(term)))
            else:
                text = text if holds > SUM else self.grouped(text)
                pieces.append(self.joined("+", text) if position else text)
        return pieces

    def without_sign(self, term: Expression) -> str:
        """Return the magnitude of a negative number."""
        value = term.value if isinstance(term, (Quantity, Constant)) else None
        assert value is not None
        return self.number(-value)

    def pieces(self, expression: Expression, *, numbers: bool = False) -> list[str]:
        """Return a long sum term by term, so that a line may break between them."""
        if not isinstance(expression, Sum) or len(expression.terms) < 2:
            return [self.write(expression, numbers=numbers)]
        return self._terms(expression.terms, numbers)

    def _product(self, factors: Sequence[Expression], numbers: bool) -> str:
        return self.times([self._inside(factor, PRODUCT, numbers) for factor in factors])

    def _quotient(self, above: Expression, below: Expression, numbers: bool) -> tuple[str, int]:
        return (
            self.fraction(
                self._inside(above, PRODUCT, numbers), self._inside(below, POWER, numbers)
            ),
            QUOTIENT,
        )

    # --- what each way of writing does in its own way ---------------------------------------------

    @abstractmethod
    def numeral(self, text: str) -> str:
        """Return the text of a number."""

    @abstractmethod
    def symbol(self, symbol: Symbol) -> str:
        """Return a symbol."""

    @abstractmethod
    def indexed(self, text: str, index: Sequence[int]) -> str:
        """Return an entry of an array."""

    @abstractmethod
    def words(self, text: str) -> str:
        """Return a piece of prose."""

    @abstractmethod
    def rest(self, count: int, total: str) -> str:
        """Return the smaller terms of a long sum."""

    @abstractmethod
    def minus(self) -> str:
        """Return the sign of a negative expression."""

    @abstractmethod
    def joined(self, sign: str, text: str) -> str:
        """Return a further term of a sum, after its sign."""

    @abstractmethod
    def times(self, factors: Sequence[str]) -> str:
        """Return a product of numbers."""

    @abstractmethod
    def side_by_side(self, factors: Sequence[str], sign: str) -> str:
        """Return a product of matrices."""

    @abstractmethod
    def transposition(self) -> str:
        """Return what is raised to say that a matrix is transposed."""

    @abstractmethod
    def grouped(self, text: str) -> str:
        """Return it in parentheses."""

    @abstractmethod
    def bracketed(self, text: str) -> str:
        """Return it in square brackets."""

    @abstractmethod
    def compared(self, left: str, sign: str, right: str) -> str:
        """Return a comparison."""

    @abstractmethod
    def fraction(self, above: str, below: str) -> str:
        """Return a quotient."""

    @abstractmethod
    def raised(self, base: str, exponent: str) -> str:
        """Return a power."""

    @abstractmethod
    def root(self, text: str, binding: int) -> str:
        """Return a square root."""

    @abstractmethod
    def sigma(self, text: str, over: str) -> str:
        """Return a sum over many."""

    @abstractmethod
    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return a function of its arguments."""
