"""What an explanation is made of: a tree that text, HTML and Markdown are written from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from pellucid.inspect.explaining.expressions import (
    Expression,
    Quantity,
    quantities_in,
)

if TYPE_CHECKING:
    from pellucid.program import Variable

__all__ = [
    "Block",
    "Equation",
    "Matrix",
    "Named",
    "Paragraph",
    "Section",
    "Summary",
    "Table",
    "Working",
    "quantities_of",
    "sections_of",
]


@dataclass(frozen=True)
class Paragraph:
    """A sentence or a few."""

    text: str


@dataclass(frozen=True)
class Equation:
    """A formula, with symbols only."""

    left: Expression
    right: Expression
    note: str = ""


@dataclass(frozen=True)
class Working:
    """A formula with its numbers put in: ``z₁[0] = 0.5·0.1 + 0.3 = 0.35``.

    Parameters
    ----------
    left : expression
        What is computed, written with symbols.
    right : expression
        What it is computed from, written with numbers.
    result : Quantity
        What came out.
    symbols : bool
        Whether to write `right` with symbols first.
    """

    left: Expression
    right: Expression
    result: Quantity
    symbols: bool = False


@dataclass(frozen=True)
class Matrix:
    """Numbers in rows and columns.

    Parameters
    ----------
    label : expression
        What they are.
    rows : tuple of tuple of Quantity
    row_names, column_names : tuple of str
        May be empty.
    shaded : bool
        Whether a picture of the numbers helps: an image.
    marked : tuple of (int, int)
        Row and column of entries to point out.
    """

    label: Expression
    rows: tuple[tuple[Quantity, ...], ...]
    row_names: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()
    shaded: bool = False
    marked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Named:
    """A cell of a table that shows a symbol, not its number."""

    symbol: Expression


Cell: TypeAlias = "str | Named | Expression"


@dataclass(frozen=True)
class Table:
    """Named columns; numbers under each other."""

    headers: tuple[str | Named, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    total: bool = False
    """Whether the last row sums up those above it."""


@dataclass(frozen=True)
class Summary:
    """What a large array is like.

    Parameters
    ----------
    label : expression
    variable : Variable
    statistics : tuple of (str, Quantity)
        Minimum, mean, maximum, standard deviation.
    counts : tuple of int
        A histogram from the smallest to the largest entry.
    largest : tuple of Quantity
        The entries of largest magnitude.
    """

    label: Expression
    variable: Variable
    statistics: tuple[tuple[str, Quantity], ...]
    counts: tuple[int, ...]
    largest: tuple[Quantity, ...]


Block: TypeAlias = "Paragraph | Equation | Working | Matrix | Table | Summary | Section"


@dataclass
class Section:
    """A heading and what stands under it.

    Attributes
    ----------
    title : str
    path : str
        Of the layer that it is about; "" for a whole phase.
    blocks : list of blocks
    digest : str
        One line that stands for the section where it is folded.
    folded : bool
        Whether it starts folded.
    phase : str
        "forward", "loss", "backward" or "update".
    between : bool
        Whether it is what the network itself does between its layers.
    """

    title: str
    path: str = ""
    phase: str = ""
    blocks: list[Block] = field(default_factory=list)
    digest: str = ""
    folded: bool = False
    between: bool = False


def sections_of(section: Section) -> Iterator[Section]:
    """Yield a section and those inside it, in order."""
    yield section
    for block in section.blocks:
        if isinstance(block, Section):
            yield from sections_of(block)


def quantities_of(block: Block) -> Iterator[Quantity]:
    """Yield every number of a block, and of those inside it."""
    match block:
        case Section(blocks=blocks):
            for inner in blocks:
                yield from quantities_of(inner)
        case Working(_, right, result):
            yield from (q for q in quantities_in(right) if q.value is not None)
            yield result
        case Matrix(rows=rows):
            for row in rows:
                yield from row
        case Table(rows=rows):
            for cells in rows:
                for cell in cells:
                    if not isinstance(cell, (str, Named)):
                        yield from (q for q in quantities_in(cell) if q.value is not None)
        case Summary(statistics=statistics, largest=largest):
            yield from (quantity for _, quantity in statistics)
            yield from largest
