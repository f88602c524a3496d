"""The loss: what the network said, what was true, and what that costs."""

from __future__ import annotations

from typing import Any

from pellucid.inspect.explaining.families import FORWARD
from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.nodes import Section
from pellucid.inspect.explaining.reading import Reading
from pellucid.inspect.explaining.scene import Scene

__all__ = ["explain_loss"]


def explain_loss(reading: Reading, focus: Focus, name: str, class_names: Any = None) -> Section:
    """Return the section of the loss."""
    section = Section(f"Loss: {name}" if name else "Loss", phase="loss")
    scene = Scene(reading, focus)
    scene.class_names = class_names
    for instruction in reading.program.of_phase("loss"):
        explainer = FORWARD.get(instruction.operation.name)
        if explainer is not None:
            section.blocks += explainer(scene, instruction)
            continue
        for variable in instruction.outputs:
            if not scene.reading.is_inlined(variable):
                section.blocks += scene.step(variable)
    return section
