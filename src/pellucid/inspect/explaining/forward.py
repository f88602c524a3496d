"""The forward pass: layer by layer, formula, numbers, result."""

from __future__ import annotations

from pellucid.inspect.explaining.families import FORWARD
from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.nodes import Block, Paragraph, Section
from pellucid.inspect.explaining.reading import LayerCall, Reading
from pellucid.inspect.explaining.scene import Scene
from pellucid.inspect.explaining.titles import digest_of, title_of
from pellucid.program import Instruction

__all__ = ["explain_forward"]


def explain_forward(reading: Reading, focus: Focus) -> Section:
    """Return the sections of all layers, in the order of their calls."""
    section = Section("Forward", phase="forward")
    section.blocks = _inside(reading, focus, reading.root)
    return section


def _inside(reading: Reading, focus: Focus, call: LayerCall) -> list[Block]:
    scene = Scene(reading, focus, call)
    blocks: list[Block] = _parameters(scene, call)
    line = None
    for item in call.items:
        if isinstance(item, LayerCall):
            inner = Section(title_of(item), item.path, "forward", digest=digest_of(reading, item))
            inner.blocks = _inside(reading, focus, item)
            blocks.append(inner)
        else:
            found = _of_instruction(scene, item)
            if found and item.line not in (line, None):
                line = item.line
                blocks.append(Paragraph(f"L{str(line)[1:]}"))
            blocks += found
    return blocks


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
