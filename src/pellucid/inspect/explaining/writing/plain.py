"""Formulas in one line of plain characters, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.inspect.explaining.expressions import Symbol
from pellucid.inspect.explaining.numbers import subscript, superscript
from pellucid.inspect.explaining.writing.formulas import ATOM, FormulaWriter

__all__ = ["PlainFormulas"]

_RAISED = frozenset("0123456789-−ᵀt⁻")


class PlainFormulas(FormulaWriter):
    """Writes ``z₁ = x W₁ + b₁``."""

    def numeral(self, text: str) -> str:
        """Return the number as it is."""
        return text

    def symbol(self, symbol: Symbol) -> str:
        """Return ``W₁``, ``a₁⁽²⁾``, ``W₁′`` or ``∂L/∂W₁``."""
        text = symbol.name + subscript(symbol.sub)
        if symbol.mark > 1:
            text += superscript(f"({symbol.mark})")
        if symbol.new:
            text += "′"
        if symbol.gradient:
            text = f"∂L/∂{text}"
            if symbol.part:
                text += superscript(f"({symbol.part})")
        return text

    def indexed(self, text: str, index: Sequence[int]) -> str:
        """Return ``z₁[0, 2]``."""
        return f"{text}[{', '.join(map(str, index))}]"

    def words(self, text: str) -> str:
        """Return the words."""
        return text

    def rest(self, count: int, total: str) -> str:
        """Return the smaller terms of a long sum."""
        return f"{count} more: {total}"

    def minus(self) -> str:
        """Return a minus sign."""
        return "−"

    def joined(self, sign: str, text: str) -> str:
        """Return ``" + b"``."""
        return f" {sign} {text}"

    def times(self, factors: Sequence[str]) -> str:
        """Return ``a·b``, with more room beside the fractions of a chain rule."""
        return (" · " if any("∂" in factor for factor in factors) else "·").join(factors)

    def side_by_side(self, factors: Sequence[str], sign: str) -> str:
        """Return ``A B``."""
        return (f" {sign} " if sign else " ").join(factors)

    def transposition(self) -> str:
        """Return a raised T."""
        return "ᵀ"

    def grouped(self, text: str) -> str:
        """Return ``(a)``."""
        return f"({text})"

    def bracketed(self, text: str) -> str:
        """Return ``[a]``."""
        return f"[{text}]"

    def compared(self, left: str, sign: str, right: str) -> str:
        """Return ``a > b``."""
        return f"{left} {sign} {right}"

    def fraction(self, above: str, below: str) -> str:
        """Return ``a / b``."""
        return f"{above} / {below}"

    def raised(self, base: str, exponent: str) -> str:
        """Return ``a²``, or ``a^(b + c)`` where it cannot be raised."""
        if exponent == "ᵀ":
            return base + exponent
        if exponent and set(exponent) <= _RAISED:
            return base + superscript(exponent).replace("t", "ᵗ")
        simple = exponent.replace("−", "").replace(".", "").isalnum()
        return f"{base}^{exponent}" if simple else f"{base}^({exponent})"

    def root(self, text: str, binding: int) -> str:
        """Return ``√a``."""
        return f"√{text}" if binding == ATOM and "(" not in text else f"√({text})"

    def sigma(self, text: str, over: str) -> str:
        """Return ``Σ a``."""
        return f"Σ{subscript(over) if len(over) == 1 else ''} {text}"

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return ``name(a, b)``."""
        if " " in name and name != "| |":
            return f"{name} {arguments[0]}"
        if name == "| |":
            return f"|{arguments[0]}|"
        return f"{name}({', '.join(arguments)})"
