"""What a traced step is made of: variables, and the instructions that compute them."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from pellucid.dtypes import Array
from pellucid.primitives import Primitive

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = [
    "Instruction",
    "Operation",
    "Phase",
    "Role",
    "SourceLine",
    "Variable",
    "map_leaves",
    "variables_in",
]

Phase: TypeAlias = Literal["forward", "loss", "backward", "update"]

Role: TypeAlias = Literal[
    "input", "target", "weight", "parameter", "buffer", "state", "constant", "value"
]
"""What a variable is: where its numbers come from, or ``"value"`` if an instruction makes them."""

PHASES: tuple[Phase, ...] = ("forward", "loss", "backward", "update")


class SourceLine(NamedTuple):
    """A line of code: file and number."""

    file: str
    number: int

    @property
    def text(self) -> str:
        """What stands in it; empty where the source cannot be read."""
        return linecache.getline(self.file, self.number).strip()

    def __str__(self) -> str:
        return f"line {self.number}: {self.text}" if self.text else f"line {self.number}"


@dataclass(eq=False)
class Variable:
    """An array of a traced step.

    Attributes
    ----------
    name : str
        As the printed program calls it, such as ``"W1"`` or ``"dz2"``; unique.
    value : ndarray
        Its numbers in the step that was traced.
    role : str
        Where the numbers come from; ``"value"`` if `made_by` computes them.
    path : str
        The path of the parameter or buffer, or of the module that made it.
    made_by : Instruction or None
    gradient_of : Variable or None
        The variable that this is the complete gradient of the loss by.
    replaces : Variable or None
        For an updated parameter, buffer or state: what it was before the step.
    called : str
        What the code of a traced function calls it, "" if it has no name there.
    symbol : str
        What the model calls it in a formula, such as "μ"; "" if it does not say.
    """

    value: Array
    role: Role = "value"
    name: str = ""
    path: str = ""
    made_by: Instruction | None = None
    gradient_of: Variable | None = None
    replaces: Variable | None = None
    called: str = ""
    symbol: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return self.value.dtype

    def __repr__(self) -> str:
        return f"<{self.role} {self.name or '?'} {self.shape} {self.dtype}>"


@dataclass(frozen=True)
class Operation:
    """What an instruction calls.

    Parameters
    ----------
    name : str
        Unique name: of the primitive, or of NumPy's function such as ``"np.multiply"``.
    function : callable
        The function on plain arrays.
    primitive : Primitive or None
        The library's record, if it is one of its primitives.
    draws : bool
        Whether it takes numbers from a random generator; its first argument is the generator.
    """

    name: str
    function: Callable[..., Any]
    primitive: Primitive | None = None
    draws: bool = False

    @property
    def formula(self) -> str:
        """The mathematics, as shown to people; empty for NumPy's own functions."""
        return self.primitive.formula if self.primitive is not None else ""


@dataclass(eq=False)
class Instruction:
    """One call of a traced step.

    Attributes
    ----------
    operation : Operation
    arguments, keywords
        What it is called with: trees of tuples, lists and dicts whose leaves are Variables,
        named numbers and plain values.
    outputs : tuple of Variable
        What it computes.
    phase : "forward", "loss", "backward" or "update"
    path : str
        The module that it belongs to, "" if it is outside of all; of an instruction of the
        backward phase, the module whose result is differentiated.
    module : Module or None
        That module.
    origin : Instruction or None
        For the backward phase: the instruction of the forward pass or loss that it differentiates.
    step : int
        Which update of several in one program it belongs to, from 0 (a GAN's step has two).
    line : SourceLine or None
        Of a traced function: the line of its code that made the call.
    """

    operation: Operation
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    outputs: tuple[Variable, ...]
    phase: Phase
    path: str = ""
    module: Module | None = None
    origin: Instruction | None = None
    step: int = 0
    index: int = field(default=-1)
    line: SourceLine | None = None

    @property
    def inputs(self) -> tuple[Variable, ...]:
        """The variables that it reads, in the order of its arguments."""
        return tuple(variables_in((self.arguments, dict(self.keywords))))

    @property
    def output(self) -> Variable:
        """The variable that it computes, the first of several."""
        return self.outputs[0]

    def __repr__(self) -> str:
        names = ", ".join(variable.name or "?" for variable in self.inputs)
        made = ", ".join(variable.name or "?" for variable in self.outputs)
        where = f" in {self.path}" if self.path else ""
        return f"<{self.phase}{where}: {made} = {self.operation.name}({names})>"


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return the tree of tuples, lists, dicts and slices with `function` of each leaf."""
    if isinstance(tree, tuple):
        return tuple(map_leaves(function, part) for part in tree)
    if isinstance(tree, list):
        return [map_leaves(function, part) for part in tree]
    if isinstance(tree, dict):
        return {name: map_leaves(function, part) for name, part in tree.items()}
    if isinstance(tree, slice):
        parts = (tree.start, tree.stop, tree.step)
        return slice(*(map_leaves(function, part) for part in parts))
    return function(tree)


def variables_in(tree: Any) -> Iterator[Variable]:
    """Yield the variables among the leaves of a tree, from left to right."""
    if isinstance(tree, Variable):
        yield tree
    elif isinstance(tree, (tuple, list)):
        for part in tree:
            yield from variables_in(part)
    elif isinstance(tree, dict):
        for part in tree.values():
            yield from variables_in(part)
    elif isinstance(tree, slice):
        yield from variables_in((tree.start, tree.stop, tree.step))
