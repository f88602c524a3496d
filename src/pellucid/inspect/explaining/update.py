"""The update: the optimizer's formula with the numbers put in, parameter by parameter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.inspect.explaining.expressions import (
    Constant,
    Expression,
    Index,
    children,
)
from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.nodes import (
    Block,
    Cell,
    Equation,
    Named,
    Paragraph,
    Section,
    Table,
)
from pellucid.inspect.explaining.numbers import written
from pellucid.inspect.explaining.reading import Reading
from pellucid.inspect.explaining.scene import MOST_SHOWN, MOST_WORKED, Scene
from pellucid.inspect.explaining.writing.plain import PlainFormulas
from pellucid.program import Instruction, Variable

__all__ = ["explain_update"]

_ROWS = 6


def explain_update(reading: Reading, focus: Focus) -> Section:
    """Return a section for each parameter."""
    section = Section("Update", phase="update")
    optimizers = reading.program.optimizers
    if optimizers:
        section.blocks += _rule(type(optimizers[0]).__name__)
    for group in _by_parameter(reading):
        new = group[-1].output
        parameter = _updated(group[-1])
        assert parameter is not None  # that is where groups end
        inner = Section(parameter.path, parameter.path.rpartition(".")[0], "update")
        scene = Scene(reading, focus)
        inner.blocks = _of_parameter(scene, group, parameter, new)
        section.blocks.append(inner)
    _tell_settings(section)
    return section


def _tell_settings(section: Section) -> None:
    """Say what the letters of the formulas stand for: once if they are the same for all."""
    inner = [block for block in section.blocks if isinstance(block, Section)]
    told = [_settings(part.blocks) for part in inner]
    if told and all(setting == told[0] for setting in told):
        first = section.blocks.index(inner[0])
        section.blocks[first:first] = told[0]
        return
    for part, setting in zip(inner, told, strict=True):
        part.blocks[1:1] = setting


def _rule(name: str) -> list[Block]:
    return [
        Paragraph(
            f"{name} changes every parameter by itself, from its gradient. "
            "A prime marks what it is after the step."
        )
    ]


def _by_parameter(reading: Reading) -> Iterator[list[Instruction]]:
    """Yield the instructions that update one parameter each; its new value is the last result."""
    group: list[Instruction] = []
    for instruction in reading.program.of_phase("update"):
        group.append(instruction)
        if _updated(instruction) is not None:
            yield group
            group = []


def _updated(instruction: Instruction) -> Variable | None:
    for variable in instruction.outputs:
        if variable.replaces is not None and variable.replaces.role == "parameter":
            return variable.replaces
    return None


def _of_parameter(
    scene: Scene, group: list[Instruction], parameter: Variable, new: Variable
) -> list[Block]:
    kept = [v for i in group for v in i.outputs if not scene.reading.is_inlined(v)]
    formulas: list[Block] = [scene.equation(variable) for variable in kept]
    blocks = [*formulas]
    index = scene.focus.of(parameter)
    whole = parameter.value.size * len(kept) <= MOST_WORKED
    for variable in kept:
        if whole:
            blocks += scene.workings(variable)
        elif variable.shape == parameter.shape:
            blocks += scene.workings(variable, [index])
        else:
            blocks += scene.workings(variable)
    if not whole or len(kept) > 1:
        blocks.append(_table(scene, kept, parameter, new, index))
    return blocks


def _settings(formulas: list[Block]) -> list[Block]:
    """Return a line on what the letters of an optimizer's formula stand for."""
    given: dict[str, float] = {}
    derived: dict[str, float] = {}
    for formula in formulas:
        if isinstance(formula, Equation):
            _collect(formula.right, given, derived)
    if not given:
        return []
    text = f"with {_listed(given)}"
    derived = {name: value for name, value in derived.items() if name not in given}
    return [Paragraph(text + (f"; so {_listed(derived)}" if derived else ""))]


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} = {written(value, 6)}" for name, value in values.items())


def _collect(expression: Expression, given: dict[str, float], derived: dict[str, float]) -> None:
    if isinstance(expression, Constant):
        plain = PlainFormulas(6)
        for quantity in expression.settings:
            given.setdefault(plain.write(quantity), quantity.value or 0.0)
        derived.setdefault(plain.write(expression.formula), expression.value)
        return
    for part in children(expression):
        _collect(part, given, derived)


def _table(
    scene: Scene, kept: list[Variable], parameter: Variable, new: Variable, index: Index
) -> Table:
    """Return old and new values side by side: all, or those of the largest gradients."""
    gradient = scene.reading.gradient(parameter)
    columns = [parameter]
    if gradient is not None:
        columns.append(gradient)
    columns += [v for v in kept if v.shape == parameter.shape and v is not new]
    columns.append(new)
    if parameter.value.size <= MOST_SHOWN // 2:
        places = list(np.ndindex(*parameter.shape))
        caption = ""
    else:
        change = np.abs(new.value - parameter.value)
        order = np.argsort(-change, axis=None, kind="stable")[:_ROWS]
        places = [tuple(int(i) for i in np.unravel_index(n, change.shape)) for n in order]
        if index not in places:
            places.insert(0, index)
        caption = f"the largest changes of {parameter.value.size:,}"
    rows: list[tuple[Cell, ...]] = []
    for place in places:
        leaves = [scene.names.leaf(column, place) for column in columns]
        rows.append((Named(leaves[0]), *leaves))
    headers: tuple[str | Named, ...] = ("", *(Named(scene.whole(column)) for column in columns))
    return Table(headers, tuple(rows), caption)
