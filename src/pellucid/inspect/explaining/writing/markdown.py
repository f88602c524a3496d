"""An explanation as Markdown, with formulas in LaTeX between ``$$``."""

from __future__ import annotations

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
from pellucid.inspect.explaining.numbers import sparkline, written
from pellucid.inspect.explaining.writing.latex import LatexFormulas, latex_text

__all__ = ["MarkdownWriter"]

_DEEPEST = 6  # levels of headings in Markdown
_WIDEST = 16  # a larger matrix of an image is left to the HTML page


class MarkdownWriter:
    """Writes a tree of sections as Markdown.

    Parameters
    ----------
    digits : int
        Significant digits of a number.
    """

    def __init__(self, digits: int = 4) -> None:
        self.digits = digits
        self.formulas = LatexFormulas(digits)

    def page(self, root: Section) -> str:
        """Return the whole explanation."""
        lines = [f"# {_escaped(root.title)}", ""]
        for block in root.blocks:
            lines += self._block(block, 2)
        return "\n".join(lines).rstrip("\n") + "\n"

    def _block(self, block: Block, depth: int) -> list[str]:
        match block:
            case Section(title=title, blocks=blocks):
                lines = [f"{'#' * min(depth, _DEEPEST)} {_escaped(title)}", ""]
                for inner in blocks:
                    lines += self._block(inner, depth + 1)
                return lines
            case Paragraph(text):
                return [_escaped(text), ""]
            case Equation(left, right, note):
                told = rf"\qquad\text{{({latex_text(note)})}}" if note else ""
                return self._display(
                    f"{self.formulas.write(left)} = {self.formulas.write(right)}{told}"
                )
            case Working():
                return self._working(block)
            case Matrix():
                return self._matrix(block)
            case Table():
                return self._table(block)
            case Summary():
                return self._summary(block)
        raise TypeError(f"no way to write {type(block).__name__}")

    def _display(self, formula: str) -> list[str]:
        return ["$$", formula, "$$", ""]

    def _working(self, block: Working) -> list[str]:
        write = self.formulas.write
        left = write(block.left)
        parts = [write(block.right)] if block.symbols else []
        parts.append(write(block.right, numbers=True))
        result = write(block.result, numbers=True)
        parts = [part for part in dict.fromkeys(parts) if part != left]
        if parts[-1:] != [result]:
            parts.append(result)
        if len(parts) == 1 or sum(map(len, parts)) < 120:
            return self._display(" = ".join([left, *parts]))
        rows = [rf"{left} &= {parts[0]}", *(f"&= {part}" for part in parts[1:])]
        return self._display("\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}")

    def _matrix(self, block: Matrix) -> list[str]:
        label = self.formulas.write(block.label)
        values = [[self.formulas.number(q.value or 0.0) for q in row] for row in block.rows]
        if len(values) > _WIDEST or len(values[0]) > _WIDEST:
            numbers = [q.value or 0.0 for row in block.rows for q in row]
            low, high = (written(f(numbers), self.digits) for f in (min, max))
            size = f"{len(values)} × {len(values[0])}"
            return [f"${label}$: {size} numbers from {low} to {high}", ""]
        body = " \\\\\n".join(" & ".join(row) for row in values)
        return self._display(f"{label} = \\begin{{bmatrix}}\n{body}\n\\end{{bmatrix}}")

    def _table(self, block: Table) -> list[str]:
        numeric = [
            any(not isinstance(row[k], (str, Named)) for row in block.rows)
            for k in range(len(block.headers))
        ]
        header = " | ".join(self._cell(cell) for cell in block.headers)
        ruler = " | ".join("---:" if right else ":---" for right in numeric)
        lines = [f"| {header} |", f"| {ruler} |"]
        for number, row in enumerate(block.rows):
            cells = [self._cell(cell) for cell in row]
            if block.total and number == len(block.rows) - 1:
                cells = [f"**{cell}**" if cell and "$" not in cell else cell for cell in cells]
            lines.append(f"| {' | '.join(cells)} |")
        caption = ["", f"*{_escaped(block.caption)}*"] if block.caption else []
        return [*lines, *caption, ""]

    def _cell(self, cell: object) -> str:
        if isinstance(cell, str):
            return _escaped(cell)
        if isinstance(cell, Named):
            return f"${_in_table(self.formulas.write(cell.symbol))}$"
        return f"${_in_table(self.formulas.write(cell, numbers=True))}$"  # type: ignore[arg-type]

    def _summary(self, block: Summary) -> list[str]:
        shape = " × ".join(map(str, block.variable.shape))
        figures = ", ".join(
            f"{name} ${self.formulas.number(q.value or 0.0)}$" for name, q in block.statistics
        )
        largest = ", ".join(
            f"${self.formulas.write(q)} = {self.formulas.number(q.value or 0.0)}$"
            for q in block.largest
        )
        label = self.formulas.write(block.label)
        bars = sparkline(block.counts).replace(" ", "\u2007")
        return [f"${label}$: {shape}, {figures}; `{bars}`; largest: {largest}", ""]


_MEANING = frozenset("\\`*_|$<>[]#~")


def _escaped(text: str) -> str:
    """Return prose in which no character means anything: no emphasis, formula, link or tag."""
    return "".join(f"\\{c}" if c in _MEANING else c for c in text)


def _in_table(formula: str) -> str:
    return formula.replace("|", r"\vert ")
