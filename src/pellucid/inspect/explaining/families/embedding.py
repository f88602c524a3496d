"""Embeddings: a row of a table for every token."""

from __future__ import annotations

import numpy as np

from pellucid.inspect.explaining.expressions import Symbol
from pellucid.inspect.explaining.families.registry import forward
from pellucid.inspect.explaining.nodes import Block, Cell, Paragraph, Table
from pellucid.inspect.explaining.scene import Scene
from pellucid.inspect.explaining.titles import shape_text
from pellucid.program import Instruction, Variable

__all__: list[str] = []

_MOST_TOKENS = 8
_MOST_COLUMNS = 4


@forward("take_rows")
def look_up(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain which row each token picks."""
    table, y = instruction.arguments[0], instruction.output
    if table.role != "parameter":  # such as the states at the end of sequences of several lengths
        return [] if scene.reading.is_inlined(y) else scene.step(y)
    if scene.names.symbol(y) == scene.names.symbol(table):
        scene.names.call_it(y, Symbol("rows"))
    rows = instruction.keywords["rows"]
    tokens = rows.value if isinstance(rows, Variable) else np.asarray(rows)
    columns = min(_MOST_COLUMNS, table.shape[1])
    cells: list[tuple[Cell, ...]] = []
    for place in list(np.ndindex(*tokens.shape))[:_MOST_TOKENS]:
        token = int(tokens[place])
        at = place[1:] if scene.reading.batch == 1 and len(place) > 1 else place
        cells.append(
            (
                ", ".join(map(str, at)),
                str(token),
                *(scene.names.leaf(y, (*place, k)) for k in range(columns)),
                "…" if columns < table.shape[1] else "",
            )
        )
    symbol = scene.names.symbol(table)
    blocks: list[Block] = [
        scene.equation(y),
        Paragraph(
            f"Token k takes row k of the table {symbol.name}{symbol.sub} "
            f"({shape_text(table.shape)}); its entries are learned."
        ),
        Table(("position", "token", *(f"[{k}]" for k in range(columns)), ""), tuple(cells)),
    ]
    if tokens.size > _MOST_TOKENS:
        blocks.append(Paragraph(f"The first {_MOST_TOKENS} of {tokens.size} tokens."))
    if y.value.size > columns * len(cells):
        blocks.append(scene.summary(y))
    return blocks
