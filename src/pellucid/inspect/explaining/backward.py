"""The way back: layer by layer, the chain rule with its factors as numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.inspect.explaining.expressions import Quantity
from pellucid.inspect.explaining.families import BACKWARD
from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.forward import with_own_steps
from pellucid.inspect.explaining.nodes import Block, Equation, Paragraph, Section
from pellucid.inspect.explaining.numbers import written
from pellucid.inspect.explaining.reading import LayerCall, Reading
from pellucid.inspect.explaining.scene import Scene
from pellucid.inspect.explaining.titles import title_of
from pellucid.inspect.explaining.writing.plain import PlainFormulas
from pellucid.program import Instruction, Variable

__all__ = ["explain_back_through", "explain_backward"]


def explain_backward(reading: Reading, focus: Focus) -> Section:
    """Return the sections of all layers, from the last to the first."""
    section = Section("Backward", phase="backward")
    start = _start(reading, focus)
    section.blocks = [*start, *_inside(reading, focus, reading.root)]
    return section


def _start(reading: Reading, focus: Focus) -> list[Block]:
    """Return the way back through the loss, to what the network returned."""
    loss = [i for i in reading.program.of_phase("loss") if id(i) in reading.back]
    if not loss:
        return []
    section = Section("the loss", phase="backward")
    scene = Scene(reading, focus)
    section.blocks.append(
        Paragraph(
            "The way back starts with ∂L/∂L = 1. Each step multiplies what arrives with the "
            "derivative of one operation."
        )
    )
    for instruction in reversed(loss):
        section.blocks += explain_back_through(scene, instruction)
    return [section]


def _inside(reading: Reading, focus: Focus, call: LayerCall) -> list[Block]:
    scene = Scene(reading, focus, call)
    return with_own_steps(call, _pieces(reading, focus, call, scene), "backward")


def _pieces(
    reading: Reading, focus: Focus, call: LayerCall, scene: Scene
) -> Iterator[Section | list[Block]]:
    """Yield a section for each layer inside a call, and the blocks of each step of its own."""
    for item in reversed(call.items):
        if isinstance(item, LayerCall):
            inner = Section(title_of(item), item.path, "backward")
            inner.blocks = _inside(reading, focus, item)
            if inner.blocks:
                inner.digest = _digest(reading, item)
                yield inner
        else:
            yield explain_back_through(scene, item)


def _digest(reading: Reading, call: LayerCall) -> str:
    """Return how large the gradients of a layer's weights are."""
    gradients = [
        gradient.value
        for instruction in call.instructions()
        for variable in instruction.inputs
        if variable.role == "parameter" and (gradient := reading.gradient(variable)) is not None
    ]
    if not gradients:
        return ""
    flat = np.concatenate([g.reshape(-1).astype(np.float64) for g in gradients])
    return f"gradients of weights: rms {written(float(np.sqrt(np.mean(flat**2))), 3):>9}"


def explain_back_through(scene: Scene, instruction: Instruction) -> list[Block]:
    """Return the way back through one instruction of the forward pass or the loss."""
    reading = scene.reading
    blocks: list[Block] = []
    blocks += _passed_on(scene, instruction)
    for step in reading.back.get(id(instruction), []):
        explainer = BACKWARD.get(step.operation.name)
        if explainer is not None:
            blocks += explainer(scene, step)
            continue
        for variable in step.outputs:
            shown = not reading.is_inlined(variable) and reading.counts(variable)
            if shown and not _only_reshaped(scene, step):
                blocks += _step(scene, variable)
    return blocks


def _only_reshaped(scene: Scene, step: Instruction) -> bool:
    """Tell whether a step gives what came under the same name, in another shape."""
    movement = scene.reading.movement(step)
    if movement is None or len(movement.sources) != 1:
        return False
    return scene.names.symbol(movement.sources[0]) == scene.names.symbol(step.output)


def _step(scene: Scene, variable: Variable) -> list[Block]:
    """Return a gradient, with a word on those that are a sum over several uses of a value."""
    made, of = variable.made_by, variable.gradient_of
    if made is None or of is None or made.operation.name != "add":
        return scene.step(variable)
    reading = scene.reading
    numbers = [number for whole, number in reading.contributions.values() if whole is of]
    if not numbers:
        return scene.step(variable)
    text = "It was used more than once; what comes back from all uses adds up:"
    for part in made.inputs:
        if reading.values_of(part) and not scene.names.knows_gradient(part):
            # What another use passed on unchanged, which has a name only where it was used.
            numbers.append(max(numbers) + 1)
            scene.names.call_it(part, scene.names.gradient_by(of, numbers[-1]))
            text = (
                f"It is used again further on, and {PlainFormulas().write(scene.whole(part))} came "
                "back from there; the parts add up:"
            )
    return [Paragraph(text), *scene.step(variable)]


def _passed_on(scene: Scene, instruction: Instruction) -> list[Block]:
    """Tell of gradients that are passed on as they are: of a sum, of a copy."""
    reading = scene.reading
    arrived = reading.gradient(instruction.output)
    if arrived is None:
        return []
    blocks: list[Block] = []
    for variable in instruction.inputs:
        gradient = reading.gradient(variable)
        if gradient is arrived and not reading.is_inlined(variable):
            left = scene.whole(gradient)
            by = scene.names.gradient_by(variable)
            if left.symbol != by:
                blocks.append(Equation(Quantity(by), left, "passed on as it is"))
    return blocks
