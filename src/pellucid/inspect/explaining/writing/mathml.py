"""Formulas as MathML, which browsers typeset without any script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pellucid.inspect.explaining.expressions import Call, Expression, Sum, Symbol
from pellucid.inspect.explaining.writing.formulas import ATOM, FormulaWriter

__all__ = ["MathFormulas"]


def row(*parts: str) -> str:
    """Return parts that belong together."""
    return f"<mrow>{''.join(parts)}</mrow>"


def _fitted(opening: str, inside: str, closing: str) -> tuple[str, str, str]:
    """Put brackets around a formula, which only grow around fractions and roots."""
    grows = "true" if "<mfrac" in inside or "<msqrt" in inside else "false"
    return (
        f'<mo form="prefix" stretchy="{grows}">{opening}</mo>',
        inside,
        f'<mo form="postfix" stretchy="{grows}">{closing}</mo>',
    )


def operator(sign: str) -> str:
    """Return a sign with space around it."""
    return f'<mo form="infix">{escape(sign)}</mo>'


class MathFormulas(FormulaWriter):
    """Writes presentation MathML (MathML Core)."""

    def numeral(self, text: str) -> str:
        """Return the number, with a power of ten as such."""
        mantissa, e, exponent = text.partition("e")
        if e:
            size = str(int(exponent.replace("−", "-"))).replace("-", "−")
            power = f"<msup><mn>10</mn><mn>{size}</mn></msup>"
            return row(self.numeral(mantissa), "<mo>·</mo>", power)
        if text.startswith("−"):
            return row('<mo form="prefix">−</mo>', f"<mn>{text[1:]}</mn>")
        return f"<mn>{text}</mn>"

    def symbol(self, symbol: Symbol) -> str:
        """Return a letter with what stands below and above it."""
        text = self._name(symbol.name)
        below = ""
        if symbol.sub:
            below = self._below(symbol.sub)
        above = f"<mtext>({symbol.mark})</mtext>" if symbol.mark > 1 else ""
        above += "<mo>′</mo>" if symbol.new else ""
        if below and above:
            text = f"<msubsup>{text}{below}{row(above)}</msubsup>"
        elif below:
            text = f"<msub>{text}{below}</msub>"
        elif above:
            text = f"<msup>{text}{row(above)}</msup>"
        if symbol.gradient:
            d = '<mo form="prefix" rspace="0">∂</mo>'
            text = f"<mfrac>{row(d, '<mi>L</mi>')}{row(d, text)}</mfrac>"
            if symbol.part:
                text = f"<msup>{text}<mtext>({symbol.part})</mtext></msup>"
        return text

    def _below(self, sub: str) -> str:
        """Return a subscript: a number, a small formula such as t−1, or a word."""
        if len(sub) > 3 or len(sub) == 2:
            return self._name(sub)
        parts = (
            f"<mn>{c}</mn>" if c.isdigit() else f"<mi>{c}</mi>" if c.isalpha() else f"<mo>{c}</mo>"
            for c in sub
        )
        return row(*parts) if len(sub) > 1 else "".join(parts)

    def _name(self, name: str) -> str:
        # Not <mtext>, which counts as space: operators beside it would lose theirs.
        return f"<mi>{escape(name.replace(' ', chr(0xA0)))}</mi>"

    def indexed(self, text: str, index: Sequence[int]) -> str:
        """Return an entry: the index in brackets."""
        inside = "<mo>,</mo>".join(f"<mn>{i}</mn>" for i in index)
        return row(text, '<mo stretchy="false">[</mo>', inside, '<mo stretchy="false">]</mo>')

    def words(self, text: str) -> str:
        """Return the words, upright."""
        return f"<mtext>{escape(text)}</mtext>"

    def rest(self, count: int, total: str) -> str:
        """Return the smaller terms of a long sum."""
        return row(f"<mtext>{count} more:&#160;</mtext>", total)

    def minus(self) -> str:
        """Return a minus sign."""
        return '<mo form="prefix">−</mo>'

    def joined(self, sign: str, text: str) -> str:
        """Return a further term, after its sign."""
        return operator(sign) + text

    def times(self, factors: Sequence[str]) -> str:
        """Return a product with dots."""
        return row("<mo>·</mo>".join(factors))

    def side_by_side(self, factors: Sequence[str], sign: str) -> str:
        """Return matrices next to each other."""
        between = operator(sign) if sign else '<mspace width="0.2em"></mspace>'
        return row(between.join(factors))

    def transposition(self) -> str:
        """Return a T for the exponent."""
        return "<mtext>T</mtext>"

    def grouped(self, text: str) -> str:
        """Return it in parentheses."""
        return row(*_fitted("(", text, ")"))

    def bracketed(self, text: str) -> str:
        """Return it in brackets."""
        return row(*_fitted("[", text, "]"))

    def compared(self, left: str, sign: str, right: str) -> str:
        """Return a comparison."""
        return row(left, operator(sign), right)

    def _quotient(self, above: Expression, below: Expression, numbers: bool) -> tuple[str, int]:
        return self.fraction(self._bare(above, numbers), self._bare(below, numbers)), ATOM

    def pieces(self, expression: Expression, *, numbers: bool = False) -> list[str]:
        """Return a long sum term by term, also one that is the argument of a function."""
        match expression:
            case Call(name, (Sum(terms),)) if len(terms) > 2 and name != "| |":
                first, *rest = self._terms(terms, numbers)
                opened = row(self._name(name), '<mo form="prefix" stretchy="false">(</mo>', first)
                closed = row(rest[-1], '<mo form="postfix" stretchy="false">)</mo>')
                return [opened, *rest[:-1], closed]
        return super().pieces(expression, numbers=numbers)

    def fraction(self, above: str, below: str) -> str:
        """Return a fraction."""
        return f"<mfrac>{row(above)}{row(below)}</mfrac>"

    def raised(self, base: str, exponent: str) -> str:
        """Return a power."""
        return f"<msup>{row(base)}{row(exponent)}</msup>"

    def root(self, text: str, binding: int) -> str:
        """Return a root."""
        return f"<msqrt>{text}</msqrt>"

    def sigma(self, text: str, over: str) -> str:
        """Return a sum over many."""
        sign = "<mo>∑</mo>"
        if over:
            sign = f"<munder>{sign}{self._name(over)}</munder>"
        return row(sign, text)

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return a function of its arguments."""
        inside = operator(",").join(arguments)
        if " " in name and name != "| |":
            return row(self.words(f"{name}\u00a0"), arguments[0])
        if name == "| |":
            return row('<mo form="prefix">|</mo>', inside, '<mo form="postfix">|</mo>')
        return row(self._name(name), self.grouped(inside))
