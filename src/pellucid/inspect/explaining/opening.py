"""The start of an explanation: the sample, and how to read the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.nodes import Block, Matrix, Paragraph
from pellucid.inspect.explaining.reading import Reading
from pellucid.inspect.explaining.scene import Scene

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.program import Program

__all__ = ["class_name", "opening", "opening_of_function"]

_WIDEST_PICTURE = 32
_MOST_TOKENS = 16


def opening(reading: Reading, model: Module, class_names: Any, notes: list[str]) -> list[Block]:
    """Return what comes before the forward pass."""
    scene = Scene(reading, Focus(reading))
    count = reading.batch
    samples = "one sample" if count == 1 else f"{count} samples"
    kind = type(model).__name__
    mode = "training" if model.training else "evaluation"
    parameters = sum(p.data.size for p in model.parameters())
    blocks: list[Block] = [
        Paragraph(
            f"{samples.capitalize()} through {_article(kind)} {kind} of {parameters:,} "
            f"parameters, in {mode} mode. Indices count from 0"
            + ("; the axis of the sample is left out." if count == 1 else ".")
        ),
        *(Paragraph(note) for note in notes),
    ]
    if not scene.names.numbered and reading.program.of_phase("forward"):
        blocks.append(
            Paragraph(
                "Each layer calls what it takes x and what it returns y: the y of one layer is the "
                "x of the next."
            )
        )
    blocks += _tokens(scene, class_names) or _input(scene)
    target = reading.program.inputs.get("y")
    if target is not None:
        blocks += _target(scene, class_names)
    return blocks


def opening_of_function(program: Program) -> list[Block]:
    """Return what comes before the lines of a function of parameters."""
    _, network = program.models[0]
    parameters = sum(p.data.size for p in network.parameters())
    return [
        Paragraph(
            f"A function of {parameters:,} parameters, line by line, with the names that it gives "
            "its values. L is what it returns. Indices count from 0."
        )
    ]


def _tokens(scene: Scene, class_names: Any) -> list[Block]:
    """Return what the tokens of a text are, where the network predicts tokens."""
    x, y = (scene.reading.program.inputs.get(name) for name in "xy")
    if class_names is None or x is None or y is None:
        return []
    if x.dtype.kind not in "iu" or y.shape != x.shape or x.value.ndim != 2:
        return []
    blocks: list[Block] = []
    for symbol, variable in (("x", x), ("y", y)):
        # A space that does not break keeps the number and the text of a token together.
        names = [
            class_name(int(token), class_names).replace(" (", "\u00a0(")
            for token in variable.value[0]
        ]
        more = f" … ({len(names)} in all)" if len(names) > _MOST_TOKENS else ""
        blocks.append(Paragraph(f"{symbol}: {'  '.join(names[:_MOST_TOKENS])}{more}"))
    return blocks


def _input(scene: Scene) -> list[Block]:
    variable = scene.reading.program.inputs["x"]
    shape = variable.shape
    if len(shape) == 4 and scene.reading.batch == 1 and max(shape[-2:]) <= _WIDEST_PICTURE:
        return [scene.plane(variable, (0, 0), shaded=True)]
    side = round(shape[-1] ** 0.5)
    if len(shape) == 2 and shape[0] == 1 and side * side == shape[-1] and 5 <= side <= 28:
        rows = tuple(
            tuple(scene.names.leaf(variable, (0, y * side + x)) for x in range(side))
            for y in range(side)
        )
        return [Matrix(scene.whole(variable), rows, shaded=True)]
    if variable.value.size == 1:
        return [scene.plane(variable, (0,) * (len(shape) - 2))] if len(shape) > 1 else []
    return scene.result(variable)


def _target(scene: Scene, class_names: Any) -> list[Block]:
    variable = scene.reading.program.inputs["y"]
    if _tokens(scene, class_names):
        return []
    if variable.dtype.kind in "iu" and variable.value.ndim == 1:
        names = [class_name(int(label), class_names) for label in variable.value]
        return [Paragraph(f"True class: {', '.join(names[:8])}")]
    same = variable.value.size and np.array_equal(
        variable.value, scene.reading.program.inputs["x"].value
    )
    if same:
        return [Paragraph("The target y is the sample itself.")]
    if variable.value.size == 1:
        place = (0,) * variable.value.ndim
        leaf = scene.names.leaf(variable, place)
        return [Matrix(scene.whole(variable), ((leaf,),))]
    return scene.result(variable)


def class_name(label: int, class_names: Any) -> str:
    """Return ``"7 (seven)"``, or the number alone where it is the name."""
    if class_names is None or not 0 <= label < len(class_names):
        return str(label)
    name = str(class_names[label])
    return name if name == str(label) else f"{label} ({name})"


def _article(noun: str) -> str:
    """Return "a" or "an"; capitals such as MLP are read letter by letter."""
    vowels = "AEFHILMNORSX" if noun[:2].isupper() else "AEIOUaeiou"
    return "an" if noun[:1] in vowels else "a"
