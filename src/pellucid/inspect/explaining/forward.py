"""The forward pass: layer by layer, formula, numbers, result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pellucid.inspect.explaining.families import FORWARD
from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.nodes import Block, Paragraph, Section
from pellucid.inspect.explaining.reading import LayerCall, Reading
from pellucid.inspect.explaining.scene import Scene
from pellucid.inspect.explaining.titles import digest_of, title_of
from pellucid.program import Instruction

__all__ = ["explain_forward", "with_own_steps"]


def explain_forward(reading: Reading, focus: Focus) -> Section:
    """Return the sections of all layers, in the order of their calls."""
    section = Section("Forward", phase="forward")
    section.blocks = _inside(reading, focus, reading.root)
    return section


def _inside(reading: Reading, focus: Focus, call: LayerCall) -> list[Block]:
    scene = Scene(reading, focus, call)
    blocks: list[Block] = _parameters(scene, call)
    blocks += with_own_steps(call, _pieces(reading, focus, call, scene), "forward")
    return blocks


def with_own_steps(
    call: LayerCall, pieces: Iterable[Section | list[Block]], phase: str
) -> list[Block]:
    """Return the sections of layers, and what the network does between them in ones of its own.

    What stands under the heading of a layer would be read as belonging to it.
    """
    blocks: list[Block] = []
    apart = not call.path and any(isinstance(item, LayerCall) for item in call.items)
    last: Section | None = None
    for piece in pieces:
        if isinstance(piece, Section):
            blocks.append(piece)
            last = None
        elif apart and piece:
            if last is None:
                kind = call.module and f"{type(call.module).__name__} itself"
                last = Section(kind or "between the networks", phase=phase, between=True)
                blocks.append(last)
            last.blocks += piece
        else:
            blocks += piece
    return blocks


def _pieces(
    reading: Reading, focus: Focus, call: LayerCall, scene: Scene
) -> Iterator[Section | list[Block]]:
    """Yield a section for each layer inside a call, and the blocks of each step of its own."""
    line = None
    for item in call.items:
        if isinstance(item, LayerCall):
            inner = Section(title_of(item), item.path, "forward", digest=digest_of(reading, item))
            inner.blocks = _inside(reading, focus, item)
            yield inner
        else:
            found = _of_instruction(scene, item)
            if found and item.line not in (line, None):
                line = item.line
                found = [Paragraph(f"L{str(line)[1:]}"), *found]
            yield found


def _parameters(scene: Scene, call: LayerCall) -> list[Block]:
    """Return the weights of a layer that is small enough to show them."""
    found = {
        id(variable): variable
        for instruction in call.own
        for variable in instruction.inputs
        if variable.role == "parameter"
    }
    grids = [scene.grid(variable) for variable in found.values()]
    return [grid for grid in grids if grid is not None]


def _of_instruction(scene: Scene, instruction: Instruction) -> list[Block]:
    explainer = FORWARD.get(instruction.operation.name)
    if explainer is not None:
        return explainer(scene, instruction)
    if all(scene.reading.is_inlined(variable) for variable in instruction.outputs):
        return []
    blocks: list[Block] = []
    for variable in instruction.outputs:
        counter = variable.replaces is not None and variable.dtype.kind in "iu"
        if scene.reading.counts(variable) and not counter:
            blocks += scene.step(variable)
    return blocks
