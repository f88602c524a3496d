"""Formulas as LaTeX, for Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.inspect.explaining.expressions import Expression, Symbol
from pellucid.inspect.explaining.writing.formulas import ATOM, FormulaWriter

__all__ = ["LatexFormulas", "latex_text"]

_GREEK = {
    "α": r"\alpha",
    "β": r"\beta",
    "γ": r"\gamma",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "η": r"\eta",
    "λ": r"\lambda",
    "μ": r"\mu",
    "ρ": r"\rho",
    "σ": r"\sigma",
    "φ": r"\varphi",
    "Φ": r"\Phi",
    "Σ": r"\textstyle\sum",
}
_SIGNS = {"≤": r"\le", "≥": r"\ge", "≠": r"\ne", "<": r"<", ">": r">", "=": "="}
_HATS = {"ŷ": "y", "x\u0302": "x"}
_ESCAPED = {c: f"\\{c}" for c in "_%#&{}$"} | {"\\": r"\backslash ", "…": r"\ldots "}
_FUNCTIONS = {
    "ln": r"\ln",
    "max": r"\max",
    "min": r"\min",
    "tanh": r"\tanh",
    "cosh": r"\cosh",
    "sinh": r"\sinh",
    "sin": r"\sin",
    "cos": r"\cos",
    "exp": r"\exp",
}


def latex_text(text: str) -> str:
    r"""Return prose as it may stand within ``\text{}``."""
    return "".join(_ESCAPED.get(c, c) for c in text)


class LatexFormulas(FormulaWriter):
    r"""Writes ``z_{1} = x\,W_{1} + b_{1}``."""

    def numeral(self, text: str) -> str:
        """Return the number, with a power of ten as such."""
        text = text.replace("−", "-").replace("∞", r"\infty")
        mantissa, e, exponent = text.partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text

    def symbol(self, symbol: Symbol) -> str:
        r"""Return ``W_{1}`` or ``\frac{\partial L}{\partial W_{1}}``."""
        text = self._name(symbol.name)
        if symbol.sub:
            text += f"_{{{self._below(symbol.sub)}}}"
        if symbol.mark > 1:
            text += f"^{{({symbol.mark})}}"
        if symbol.new:
            text = f"{{{text}}}'" if symbol.mark > 1 else f"{text}'"
        if symbol.gradient:
            part = f"^{{({symbol.part})}}" if symbol.part else ""
            text = rf"\frac{{\partial L}}{{\partial {text}}}{part}"
        return text

    def _below(self, sub: str) -> str:
        """Return a subscript: a number, a small formula such as t−1, or a word."""
        return sub.replace("−", "-") if len(sub) <= 3 else self._name(sub)

    def _name(self, name: str) -> str:
        if name in _HATS:
            return rf"\hat{{{_HATS[name]}}}"
        if len(name) == 1:
            return _GREEK.get(name, name)
        return rf"\text{{{latex_text(name)}}}"

    def indexed(self, text: str, index: Sequence[int]) -> str:
        """Return ``z_{1}[0, 2]``."""
        return f"{text}[{', '.join(map(str, index))}]"

    def words(self, text: str) -> str:
        """Return the words, upright."""
        return rf"\text{{{latex_text(text)}}}"

    def rest(self, count: int, total: str) -> str:
        """Return the smaller terms of a long sum."""
        return rf"\text{{{count} more: }}{total}"

    def minus(self) -> str:
        """Return a minus sign."""
        return "-"

    def joined(self, sign: str, text: str) -> str:
        """Return ``" + b"``."""
        return f" {'-' if sign == '−' else sign} {text}"

    def times(self, factors: Sequence[str]) -> str:
        """Return a product with dots."""
        return r" \cdot ".join(factors)

    def side_by_side(self, factors: Sequence[str], sign: str) -> str:
        """Return matrices next to each other."""
        return (
            (f" {sign} " if sign else r"\,")
            .join(factors)
            .replace("∗ᵀ", r"*^{\top}")
            .replace("∗", "*")
        )

    def transposition(self) -> str:
        """Return a T for the exponent."""
        return r"\top"

    def grouped(self, text: str) -> str:
        """Return it in parentheses that grow."""
        return rf"\left({text}\right)"

    def bracketed(self, text: str) -> str:
        """Return it in brackets that grow."""
        return rf"\left[{text}\right]"

    def compared(self, left: str, sign: str, right: str) -> str:
        """Return a comparison."""
        return f"{left} {_SIGNS[sign]} {right}"

    def _quotient(self, above: Expression, below: Expression, numbers: bool) -> tuple[str, int]:
        return self.fraction(self._bare(above, numbers), self._bare(below, numbers)), ATOM

    def fraction(self, above: str, below: str) -> str:
        """Return a fraction."""
        return rf"\frac{{{above}}}{{{below}}}"

    def raised(self, base: str, exponent: str) -> str:
        """Return a power."""
        return f"{{{base}}}^{{{exponent}}}"

    def root(self, text: str, binding: int) -> str:
        """Return a root."""
        return rf"\sqrt{{{text}}}"

    def sigma(self, text: str, over: str) -> str:
        """Return a sum over many."""
        return rf"\sum{f'_{{{over}}}' if over else ''} {text}"

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return a function of its arguments."""
        if " " in name and name != "| |":
            return rf"\text{{{latex_text(name)} }}{arguments[0]}"
        if name == "| |":
            return rf"\left|{arguments[0]}\right|"
        operator = (
            _FUNCTIONS.get(name) or _GREEK.get(name) or rf"\operatorname{{{latex_text(name)}}}"
        )
        return rf"{operator}\left({', '.join(arguments)}\right)"
