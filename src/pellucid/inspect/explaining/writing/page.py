"""An explanation as one HTML page: typeset formulas, tables of numbers, sections that fold."""

from __future__ import annotations

from html import escape

from pellucid.inspect.explaining.nodes import (
    Block,
    Equation,
    Matrix,
    Named,
    Paragraph,
    Section,
    Summary,
    Table,
    Working,
)
from pellucid.inspect.explaining.numbers import aligned, written
from pellucid.inspect.explaining.writing.mathml import MathFormulas
from pellucid.inspect.explaining.writing.style import STYLE

__all__ = ["HtmlWriter"]

_EQUALS = '<mo form="infix">=</mo>'
_FIGURE_SPACE, _POINT_SPACE = "\u2007", "\u2008"


class HtmlWriter:
    """Writes a tree of sections as HTML that needs nothing from elsewhere.

    Parameters
    ----------
    digits : int
        Significant digits of a number.
    """

    def __init__(self, digits: int = 4) -> None:
        self.digits = digits
        self.formulas = MathFormulas(digits)

    def page(self, root: Section) -> str:
        """Return a whole document."""
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(root.title)}</title>\n</head>\n<body>\n"
            f"{self.fragment(root)}\n</body>\n</html>\n"
        )

    def fragment(self, root: Section) -> str:
        """Return what stands in the body of a document, or in the output of a notebook."""
        parts = [f"<style>{STYLE}</style>", '<article class="pellucid-explain">']
        parts.append(f"<h1>{escape(root.title)}</h1>")
        parts.append(self._contents(root))
        for number, block in enumerate(root.blocks):
            parts.append(self._block(block, 2, f"s{number}"))
        parts.append("</article>")
        return "\n".join(part for part in parts if part)

    def _contents(self, root: Section) -> str:
        """Return links to the phases."""
        links = [
            f'<a href="#s{number}">{escape(block.title)}</a>'
            for number, block in enumerate(root.blocks)
            if isinstance(block, Section)
        ]
        return f"<nav>{' · '.join(links)}</nav>" if len(links) > 1 else ""

    # --- blocks -----------------------------------------------------------------------------------

    def _block(self, block: Block, depth: int, anchor: str = "") -> str:
        match block:
            case Section():
                return self._section(block, depth, anchor)
            case Paragraph(text):
                return f"<p>{escape(text)}</p>"
            case Equation(left, right, note):
                told = f'<span class="note">{escape(note)}</span>' if note else ""
                formula = self._equal(self.formulas.write(left), self.formulas.write(right))
                return f'<div class="formula">{_math(formula)}{told}</div>'
            case Working():
                return self._working(block)
            case Matrix():
                return self._matrix(block)
            case Table():
                return self._table(block)
            case Summary():
                return self._summary(block)
        raise TypeError(f"no way to write {type(block).__name__}")

    def _section(self, section: Section, depth: int, anchor: str) -> str:
        inside = "\n".join(self._block(block, depth + 1) for block in section.blocks)
        level = min(depth, 6)
        name = f' id="{anchor}"' if anchor else ""
        if depth == 2:
            return f"<section{name}>\n<h2>{escape(section.title)}</h2>\n{inside}\n</section>"
        digest = f'<span class="digest">{escape(" ".join(section.digest.split()))}</span>'
        head = f"<h{level}>{escape(section.title)}</h{level}>{digest if section.digest else ''}"
        opened = "" if section.folded else " open"
        return f"<details{opened}>\n<summary>{head}</summary>\n{inside}\n</details>"

    def _equal(self, *sides: str) -> str:
        return _EQUALS.join(f"<mrow>{side}</mrow>" for side in sides)

    def _working(self, block: Working) -> str:
        pieces = self.formulas.pieces
        left = [self.formulas.write(block.left)]
        sides = [pieces(block.right)] if block.symbols else []
        sides.append(pieces(block.right, numbers=True))
        sides.append([self.formulas.write(block.result, numbers=True)])
        shown = [left[0]]
        before = left
        for side in sides:
            if side != before and side != left:
                shown += [_EQUALS + side[0], *side[1:]]
            before = side
        maths = " ".join(_math(piece, block=False) for piece in shown)
        return f'<div class="working">{maths}</div>'

    # --- numbers ----------------------------------------------------------------------------------

    def _matrix(self, block: Matrix) -> str:
        label = _math(f"{self.formulas.write(block.label)}{_EQUALS}", block=False)
        columns = [
            aligned(
                [written(q.value or 0.0, self.digits) for q in column], _FIGURE_SPACE, _POINT_SPACE
            )
            for column in zip(*block.rows, strict=True)
        ]
        if block.shaded:
            return self._picture(block)
        rows = []
        for y in range(len(block.rows)):
            cells = "".join(
                f"<td{' class=marked' if (y, x) in block.marked else ''}>{column[y]}</td>"
                for x, column in enumerate(columns)
            )
            rows.append(f"<tr>{cells}</tr>")
        return f'<div class="matrix">{label}<table class="numbers">{"".join(rows)}</table></div>'

    def _picture(self, block: Matrix) -> str:
        """Return an image as a table of shaded cells, with the number in each one's tooltip."""
        values = [[q.value or 0.0 for q in row] for row in block.rows]
        low, high = min(map(min, values)), max(map(max, values))
        span = high - low or 1.0
        rows = []
        for y, row in enumerate(values):
            cells = "".join(
                f'<td style="--v:{(v - low) / span:.3f}" '
                f'title="[{y}, {x}] {written(v, self.digits)}"></td>'
                for x, v in enumerate(row)
            )
            rows.append(f"<tr>{cells}</tr>")
        label = _math(self.formulas.write(block.label), block=False)
        ends = f"{written(low, self.digits)} (light) to {written(high, self.digits)} (dark)"
        size = f"{len(values)} × {len(values[0])}"
        return (
            f'<figure><table class="picture">{"".join(rows)}</table>'
            f"<figcaption>{label}: {size}, {ends}</figcaption></figure>"
        )

    def _table(self, block: Table) -> str:
        columns: list[list[str]] = []
        for k in range(len(block.headers)):
            cells = [row[k] for row in block.rows]
            plain = [
                not isinstance(cell, (str, Named)) and self._simple(cell) is not None
                for cell in cells
            ]
            texts = [
                self._simple(cell) or ""
                for cell, is_plain in zip(cells, plain, strict=True)
                if is_plain
            ]
            digits = iter(aligned(texts, _FIGURE_SPACE, _POINT_SPACE))
            columns.append(
                [
                    f'<td class="number">{next(digits)}</td>' if is_plain else self._cell(cell)
                    for cell, is_plain in zip(cells, plain, strict=True)
                ]
            )
        head = "".join(f"<th>{self._header(header)}</th>" for header in block.headers)
        body = []
        last = len(block.rows) - 1
        for y in range(len(block.rows)):
            total = ' class="total"' if block.total and y == last else ""
            body.append(f"<tr{total}>{''.join(column[y] for column in columns)}</tr>")
        caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
        return (
            f'<div class="wide"><table class="terms">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(body)}</tbody></table></div>"
        )

    def _header(self, header: str | Named) -> str:
        if isinstance(header, Named):
            return _math(self.formulas.write(header.symbol), block=False)
        return escape(header)

    def _simple(self, cell: object) -> str | None:
        """Return a cell that is a single number, as text."""
        value = getattr(cell, "value", None)
        return None if value is None else written(value, self.digits)

    def _cell(self, cell: object) -> str:
        if isinstance(cell, str):
            return f"<td>{escape(cell)}</td>"
        if isinstance(cell, Named):
            return f"<td>{_math(self.formulas.write(cell.symbol), block=False)}</td>"
        formula = self.formulas.write(cell, numbers=True)  # type: ignore[arg-type]
        return f'<td class="number">{_math(formula, block=False)}</td>'

    def _summary(self, block: Summary) -> str:
        shape = " × ".join(map(str, block.variable.shape))
        figures = "".join(
            f"<td>{escape(name)}</td><td class=number>{written(q.value or 0.0, self.digits)}</td>"
            for name, q in block.statistics
        )
        write = self.formulas.write
        entries = [self._equal(write(q), write(q, numbers=True)) for q in block.largest]
        largest = "".join(f"<li>{_math(entry, block=False)}</li>" for entry in entries)
        label = _math(self.formulas.write(block.label), block=False)
        return (
            f'<div class="summary"><div>{label}: {shape}</div>{_bars(block)}'
            f'<table class="figures"><tr>{figures}</tr></table>'
            f'<ul class="largest"><li>largest:</li>{largest}</ul></div>'
        )


def _math(formula: str, *, block: bool = True) -> str:
    display = ' display="block"' if block else ""
    return f"<math{display}><mrow>{formula}</mrow></math>"


def _bars(block: Summary) -> str:
    """Return a histogram as a small drawing, in the colours of the sign."""
    counts = block.counts
    most = max(counts, default=0)
    if not most:
        return ""
    heights = [28 * count / most for count in counts]
    ends = {name: quantity.value or 0.0 for name, quantity in block.statistics}
    low, high = ends.get("min", 0.0), ends.get("max", 0.0)
    middles = [low + (high - low) * (k + 0.5) / len(counts) for k in range(len(counts))]
    bars = "".join(
        f'<rect class="{"below" if middle < 0 else "above"}" x="{5 * k}" y="{28 - height:.1f}" '
        f'width="4" height="{height:.1f}"/>'
        for k, (height, middle) in enumerate(zip(heights, middles, strict=True))
        if height
    )
    width = 5 * len(counts)
    return (
        f'<svg class="bars" viewBox="0 0 {width} 29" width="{width}" height="29" role="img" '
        f'aria-label="histogram">{bars}<line x1="0" y1="28.5" x2="{width}" y2="28.5"/></svg>'
    )
