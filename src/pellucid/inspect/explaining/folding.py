"""Keeping the explanation of a deep network navigable: what is folded, and one layer alone."""

from __future__ import annotations

from pellucid.inspect.explaining.nodes import Block, Section, sections_of

__all__ = ["fold", "restricted"]

_MOST_OPEN = 20
"""A network of more layers than this is folded."""


def fold(root: Section) -> None:
    """Fold the layers of a deep network, so that an overview is left."""
    halves = [b for b in root.blocks if isinstance(b, Section) and not b.phase] or [root]
    for half in halves:
        inside = [s for s in sections_of(half) if s.path or s.between]
        if sum(s.phase == "forward" for s in inside) > _MOST_OPEN:
            for section in inside:
                section.folded = True


def restricted(root: Section, layer: str) -> Section:
    """Return the explanation with the sections of one layer only."""
    result = Section(f"{root.title}, layer {layer}")
    result.blocks = _headings(root, layer)
    return result


def _headings(outer: Section, layer: str) -> list[Block]:
    """Return the phases in which the layer is, of one step or of each half of it."""
    found: list[Block] = []
    for block in outer.blocks:
        if isinstance(block, Section):
            inner = _of_layer(block, layer) if block.phase else _headings(block, layer)
            if inner:
                found.append(Section(block.title, block.path, block.phase, inner, block.digest))
    return found


def _of_layer(section: Section, layer: str) -> list[Block]:
    found: list[Block] = []
    for block in section.blocks:
        if not isinstance(block, Section):
            continue
        if block.path == layer or block.path.startswith(f"{layer}."):
            found.append(block)
        else:
            found += _of_layer(block, layer)
    return found
