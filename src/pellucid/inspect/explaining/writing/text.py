"""An explanation for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

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
from pellucid.inspect.explaining.numbers import aligned, sparkline, written
from pellucid.inspect.explaining.writing.plain import PlainFormulas

__all__ = ["TextWriter"]

_SHADES = " ░▒▓█"
_RULES = {1: "═", 2: "─"}


class TextWriter:
    """Writes a tree of sections as lines of text.

    Parameters
    ----------
    digits : int
        Significant digits of a number.
    width : int
        Columns.
    full : bool
        Whether to write out folded sections.
    """

    def __init__(self, digits: int = 4, width: int = 80, *, full: bool = False) -> None:
        self.digits = digits
        self.width = max(40, width)
        self.full = full
        self.formulas = PlainFormulas(digits)

    def page(self, root: Section) -> str:
        """Return the whole explanation."""
        lines = [*textwrap.wrap(root.title, self.width), ""]
        folded = False
        for block in root.blocks:
            lines += self._block(block, 1)
            folded = folded or isinstance(block, Section)
        if not self.full and _has_folded(root):
            lines += textwrap.wrap(
                "Layers are folded: layer=PATH (--layer PATH) explains one, .html() holds them "
                "all, .text(full=True) writes them out.",
                self.width,
            )
        return "\n".join(_tidy(lines)).strip("\n") + "\n"

    # --- sections ---------------------------------------------------------------------------------

    def _section(self, section: Section, depth: int) -> list[str]:
        if section.folded and not self.full:
            inner = [b for b in section.blocks if isinstance(b, Section)]
            lines = [self._folded_line(section, depth)]
            for part in inner:
                lines += self._section(part, depth + 1)
            return lines
        title = section.title.upper() if depth == 1 else section.title
        titles = textwrap.wrap(title, self.width, subsequent_indent="  ") or [""]
        lines = ["", *titles, _RULES.get(depth, "┄") * max(3, *map(len, titles))]
        for block in section.blocks:
            lines += self._block(block, depth + 1)
        return lines

    def _folded_line(self, section: Section, depth: int) -> str:
        """Return one line for a folded section: its own name, indented, and its digest."""
        outer, _, own = section.path.rpartition(".")
        inner = own and outer and section.phase != "update"
        title = section.title.removeprefix(f"{outer}.") if inner else section.title
        title = "  " * max(0, depth - 2) + title
        if not section.digest:
            return title[: self.width]
        room = self.width - len(section.digest) - 2
        if len(title) > room:
            title = f"{title[: room - 1]}…"
        return f"{title.ljust(room)}  {section.digest}"

    def _block(self, block: Block, depth: int) -> list[str]:
        match block:
            case Section():
                return self._section(block, depth)
            case Paragraph(text):
                return [*textwrap.wrap(text, self.width), ""]
            case Equation(left, right, note):
                line = f"{self.formulas.write(left)} = {self.formulas.write(right)}"
                return ["", *self._equation(line, note), ""]
            case Working():
                return self._working(block)
            case Matrix():
                return self._matrix(block)
            case Table():
                return self._table(block)
            case Summary():
                return self._summary(block)
        raise TypeError(f"no way to write {type(block).__name__}")

    # --- formulas ---------------------------------------------------------------------------------

    def _working(self, block: Working) -> list[str]:
        left = self.formulas.write(block.left)
        middle = [self.formulas.write(block.right)] if block.symbols else []
        middle.append(self.formulas.write(block.right, numbers=True))
        result = self.formulas.write(block.result, numbers=True)
        parts = [part for part in dict.fromkeys(middle) if part != left]
        if parts[-1:] != [result]:
            parts.append(result)
        one = f"{left} = {' = '.join(parts)}"
        if len(one) + 4 <= self.width:
            return [f"    {one}"]
        indent = " " * (4 + min(len(left), 24)) + " "
        lines = []
        for number, part in enumerate(parts):
            start = f"    {left} = " if number == 0 else f"{indent}= "
            lines += self._wrapped(start + part, indent + "  ", start="")
        return lines

    def _equation(self, line: str, note: str) -> list[str]:
        """Return a formula with its note beside it, or under it where there is no room."""
        told = f"({note})" if note else ""
        if told and len(line) + len(told) + 6 <= self.width:
            return [f"  {line}    {told}"]
        below = textwrap.wrap(told, self.width, initial_indent="  ", subsequent_indent="   ")
        return [*self._wrapped(line, "  "), *below]

    def _wrapped(self, line: str, indent: str, start: str | None = None) -> list[str]:
        """Break a formula before its signs where it is too long."""
        line = (indent if start is None else start) + line
        lines = []
        inner = indent + "  " if start is None else indent
        while len(line) > self.width:
            cut = _best_break(line, len(inner) + 4, self.width)
            if cut is None:
                break
            lines.append(line[:cut].rstrip())
            line = inner + line[cut:].lstrip()
        return [*lines, line]

    # --- numbers ----------------------------------------------------------------------------------

    def _matrix(self, block: Matrix) -> list[str]:
        label = self.formulas.write(block.label)
        if block.shaded:
            return self._picture(block, label)
        columns = list(zip(*block.rows, strict=True))
        cells = [aligned([written(q.value or 0.0, self.digits) for q in c]) for c in columns]
        marked = set(block.marked)
        names = block.column_names
        widths = [
            max([len(column[0]), *([len(names[k])] if names else [])])
            for k, column in enumerate(cells)
        ]
        room = self.width - 10
        if sum(widths) + 2 * len(widths) > room and len(widths) > 1:
            return self._in_parts(block, label, widths, room)
        row_names = block.row_names or ("",) * len(block.rows)
        left = max(len(name) for name in row_names)
        gap = " " * left + (" " if left else "")
        lines = []
        if names:
            heads = (name.rjust(width) for name, width in zip(names, widths, strict=True))
            lines.append(f"    {gap}  {'  '.join(heads)}")
        tall = len(block.rows) > 1
        for y, name in enumerate(row_names):
            row = "  ".join(
                (f"[{cells[x][y].strip()}]" if (y, x) in marked else cells[x][y]).rjust(widths[x])
                for x in range(len(cells))
            )
            opening, closing = _brackets(y, len(block.rows))
            lines.append(f"    {name.rjust(left)}{' ' if left else ''}{opening} {row} {closing}")
        lines = [line.rstrip() for line in lines]
        if not tall and len(label) + len(lines[-1]) + 3 <= self.width and not names:
            return [f"    {label} = {lines[-1].strip()}", ""]
        return ["", f"    {label} =", *lines, ""]

    def _in_parts(self, block: Matrix, label: str, widths: list[int], room: int) -> list[str]:
        """Write a wide matrix as several, some columns each."""
        lines: list[str] = []
        start = 0
        while start < len(widths):
            stop, used = start, 0
            while stop < len(widths) and (stop == start or used + widths[stop] + 2 <= room):
                used += widths[stop] + 2
                stop += 1
            part = Matrix(
                block.label,
                tuple(row[start:stop] for row in block.rows),
                block.row_names,
                block.column_names[start:stop],
                False,
                tuple((y, x - start) for y, x in block.marked),
            )
            inner = self._matrix(part)
            inner = inner[2:] if inner and not inner[0] else inner
            if len(block.rows) == 1:
                inner = [line.replace(f"{label} = ", "") for line in inner]
            last = f"s {start} to {stop - 1}" if stop - start > 1 else f" {start}"
            name = f"{label}, column{last} ="
            lines += ["", f"    {name}", *(line for line in inner if line.strip() != f"{label} =")]
            start = stop
        return lines

    def _picture(self, block: Matrix, label: str) -> list[str]:
        values = [[q.value or 0.0 for q in row] for row in block.rows]
        low = min(min(row) for row in values)
        high = max(max(row) for row in values)
        span = high - low or 1.0
        wide = 2 if 2 * len(values[0]) + 4 <= self.width else 1
        lines = [
            "    " + "".join(wide * _SHADES[min(4, int(5 * (v - low) / span))] for v in row)
            for row in values
        ]
        size = f"{len(values)} × {len(values[0])}"
        figures = f"{written(low, self.digits)} (light) to {written(high, self.digits)} (dark)"
        return [f"  {label}: {size}, {figures}", *(line.rstrip() for line in lines), ""]

    def _table(self, block: Table) -> list[str]:
        columns = self._columns(block)
        lines: list[str] = []
        # The first column says what a row is: it stands in each part.
        first, *others = columns
        while others or not lines:
            count, used = 0, len(first[0]) + 4
            while count < len(others) and (
                count == 0 or used + 2 + len(others[count][0]) <= self.width
            ):
                used += 2 + len(others[count][0])
                count += 1
            part, others = [first, *others[:count]], others[count:]
            rows = ["    " + "  ".join(cells) for cells in zip(*part, strict=True)]
            ruler = "    " + "─" * (max(map(len, rows)) - 4)
            rows.insert(len(rows) - len(block.rows), ruler)
            if block.total:
                rows.insert(len(rows) - 1, ruler)
            lines += ["", *(row.rstrip() for row in rows)]
        caption = f"({block.caption})" if block.caption else ""
        lines += textwrap.wrap(
            caption, self.width, initial_indent="    ", subsequent_indent="     "
        )
        return [*lines, ""]

    def _columns(self, block: Table) -> list[list[str]]:
        """Return the columns of a table, each padded to one width, heads on top."""
        texts = [[self._cell(cell) for cell in row] for row in block.rows]
        heads = [[self._cell(header)] for header in block.headers]
        columns = []
        for k in range(len(heads)):
            column = [row[k] for row in texts]
            numeric = [not isinstance(row[k], (str, Named)) for row in block.rows]
            digits = iter(aligned([t for t, n in zip(column, numeric, strict=True) if n]))
            columns.append(
                (
                    [next(digits) if n else t for t, n in zip(column, numeric, strict=True)],
                    any(numeric),
                )
            )
        widths = [
            max(map(len, [*head, *column]))
            for head, (column, _) in zip(heads, columns, strict=True)
        ]
        if sum(widths) + 2 * len(widths) + 2 > self.width:
            heads = [head[0].split(" ") if len(head[0]) > 10 else head for head in heads]
        tall = max(map(len, heads))
        padded = []
        for head, (column, right) in zip(heads, columns, strict=True):
            cells = [*[""] * (tall - len(head)), *head, *column]
            width = max(map(len, cells))
            padded.append([c.rjust(width) if right else c.ljust(width) for c in cells])
        return padded

    def _cell(self, cell: object) -> str:
        if isinstance(cell, str):
            return cell
        if isinstance(cell, Named):
            return self.formulas.write(cell.symbol)
        return self.formulas.write(cell, numbers=True)  # type: ignore[arg-type]

    def _summary(self, block: Summary) -> list[str]:
        shape = " × ".join(map(str, block.variable.shape))
        label = self.formulas.write(block.label)
        figures = "  ".join(
            f"{name} {written(q.value or 0.0, self.digits)}" for name, q in block.statistics
        )
        lines = [f"    {label}: {shape}   {figures}"]
        if len(lines[0]) > self.width:
            lines = [f"    {label}: {shape}"]
            lines += textwrap.wrap(
                figures.replace(" ", "\u00a0").replace("\u00a0\u00a0", "  "),
                self.width,
                initial_indent="      ",
                subsequent_indent="      ",
            )
            lines = [line.replace("\u00a0", " ") for line in lines]
        if any(block.counts):
            low, high = block.statistics[0][1].value, block.statistics[2][1].value
            ends = [written(v or 0.0, 3) for v in (low, high)]
            lines.append(f"      {ends[0]} {sparkline(block.counts)} {ends[1]}")
        largest = ", ".join(
            f"{self.formulas.write(q)} = {written(q.value or 0.0, self.digits)}"
            for q in block.largest
        )
        lines += textwrap.wrap(
            f"largest: {largest}", self.width, initial_indent="      ", subsequent_indent="        "
        )
        return [*lines, ""]


def _brackets(row: int, rows: int) -> tuple[str, str]:
    """Return the pieces of the brackets around a matrix that stand beside a row."""
    if rows == 1:
        return "[", "]"
    if row == 0:
        return "⎡", "⎤"
    return ("⎣", "⎦") if row == rows - 1 else ("⎢", "⎥")


def _best_break(line: str, start: int, end: int) -> int | None:
    """Return where to break a formula: in as few brackets as may be, before a sum's sign first.

    Never within the index of an entry; between words where there is no sign.
    """
    places: list[tuple[int, int, int]] = []
    spaces: list[int] = []
    depth = indices = 0
    for k, character in enumerate(line[:end]):
        if character in "([":
            depth += 1
            # What follows a name is an index; a bracket of its own is a condition.
            indices += character == "[" and k > 0 and line[k - 1] not in " ·(−"
        elif character in ")]":
            depth -= 1
            indices -= character == "]" and indices > 0
        elif k > start and not indices:
            if character == " " and line[k + 1 : k + 2] in "+−=·/" and line[k + 2 : k + 3] == " ":
                places.append((2 * depth + (line[k + 1] in "·/"), -k, k))
            elif character == "·" and line[k - 1] != " ":
                places.append((2 * depth + 1, -k, k))
            elif character == " ":
                spaces.append(k)
    late = [place for place in places if place[2] > (start + end) // 2] or places
    if late:
        return min(late)[2]
    return spaces[-1] if spaces else None


def _has_folded(section: Section) -> bool:
    return section.folded or any(
        isinstance(block, Section) and _has_folded(block) for block in section.blocks
    )


def _tidy(lines: list[str]) -> Iterator[str]:
    """Leave out a second blank line."""
    blank = False
    for line in lines:
        line = line.rstrip()
        if line or not blank:
            yield line
        blank = not line
