"""Names for the variables of a program, as people would choose them.

A network with few layers that have weights gets the names of the textbooks: ``W1, b1, z1, a1``, and
``dz1, dW1`` on the way back. In a deep one a name is made of the path of its module:
``blocks_0_attention_query_W``.
"""

from __future__ import annotations

import builtins
import itertools
import keyword
import re
from typing import TYPE_CHECKING

from pellucid.kernels import reference
from pellucid.primitives import PRIMITIVES
from pellucid.program.instruction import Instruction, Variable

if TYPE_CHECKING:
    from pellucid.program.program import Program

__all__ = ["name_variables"]

# Up to so many layers with weights are numbered; more are called by their paths.
_MOST_NUMBERED = 6

_PARAMETERS = {"weight": "W", "bias": "b"}
_STATES = {"first_moment": "m", "second_moment": "v", "velocity": "velocity"}

_STEMS = {
    "getitem": "part",
    "add": "total",
    "sum": "total",
    "reduce": "total",
    "subtract": "difference",
    "multiply": "product",
    "divide": "quotient",
    "max": "largest",
    "min": "smallest",
    "abs": "size",
    "absolute": "size",
    "round": "rounded",
    "spread": "repeated",
    "broadcast_to": "repeated",
}
"""What the result of a call is called where the name of the call would mislead."""

_AFFINE = {"linear", "matmul", "convolution", "convolution_bias", "convolution_transpose"}
_CALLED = re.compile(r"(?<![\w.])([a-z_]\w*)\(")

_RESERVED = frozenset(
    {"np", "lr", "step", "rng", "eps", "loss", "numbers", "predict"}
    | {*reference.__all__, *dir(builtins), *keyword.kwlist}
    | {name for primitive in PRIMITIVES.values() for name in _CALLED.findall(primitive.source)}
)
"""What a script calls functions and options by."""


class _Names:
    """Gives each name out once."""

    def __init__(self) -> None:
        self._taken: set[str] = set(_RESERVED)

    def take(self, name: str) -> str:
        """Return `name`, or the first of name_2, name_3 … that is free."""
        for candidate in itertools.chain([name], (f"{name}_{i}" for i in itertools.count(2))):
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate
        raise AssertionError

    def reserve(self, name: str) -> str:
        """Give out a name that is meant for this variable alone."""
        self._taken.add(name)
        return name


def name_variables(program: Program) -> None:
    """Give every variable of a program its name."""
    names = _Names()
    for name, variable in program.inputs.items():
        variable.name = names.take(name)
    loss = program.results.get("loss")
    if loss is not None:
        loss.name = names.reserve("loss")
    for variable in program.variables:
        if variable.symbol:
            variable.name = names.take(variable.name)
    prefixes = _prefixes(program)
    for variable in program.variables:
        if variable.called and not variable.name:
            variable.name = names.take(variable.called)
    for variable in program.starting("parameter", "buffer"):
        owner, _, attribute = variable.path.rpartition(".")
        variable.name = names.take(prefixes(owner, attribute))
    for variable in program.variables:
        if variable.role == "state" and variable.made_by is None:
            _name_state(variable, names, program)
    for variable in program.variables:
        if variable.replaces is not None and variable.replaces.role == "buffer":
            variable.name = names.take(f"{variable.replaces.name}_new")
    _name_forward(program, names, prefixes)
    _name_backward(program, names)
    for variable in program.variables:
        if not variable.name:
            stem = _stem(variable.made_by) if variable.made_by is not None else "constant"
            variable.name = names.take(stem)


# --- parameters and buffers -----------------------------------------------------------------------


class _Prefixes:
    """What the names of a module's variables begin or end with."""

    def __init__(self, program: Program) -> None:
        owners: dict[str, None] = {}
        for variable in program.starting("parameter"):
            owners[variable.path.rpartition(".")[0]] = None
        kinds = {
            variable.path.rpartition(".")[2] for variable in program.starting("parameter", "buffer")
        }
        numbered = len(owners) <= _MOST_NUMBERED and kinds <= set(_PARAMETERS)
        self.numbers = {path: i for i, path in enumerate(owners, start=1)} if numbered else {}

    def __call__(self, path: str, attribute: str) -> str:
        short = _PARAMETERS.get(attribute, attribute)
        if path in self.numbers:
            return f"{short}{self.numbers[path]}"
        return f"{identifier(path)}_{short}" if path else short


def _prefixes(program: Program) -> _Prefixes:
    return _Prefixes(program)


def identifier(path: str) -> str:
    """Turn a path into a Python name: ``"0.block.1"`` into ``"layer0_block_1"``."""
    text = re.sub(r"\W+", "_", path)
    return f"layer{text}" if text[:1].isdigit() else text


def _name_state(variable: Variable, names: _Names, program: Program) -> None:
    parameter = next(
        (p.name for p in program.starting("parameter") if p.path == variable.path), "state"
    )
    variable.name = names.take(f"{_STATES.get(variable.name, variable.name)}_{parameter}")


# --- values ---------------------------------------------------------------------------------------


def _name_forward(program: Program, names: _Names, prefixes: _Prefixes) -> None:
    numbers = prefixes.numbers
    last_number: int | None = None
    outputs = _module_outputs(program)
    for instruction in program.instructions:
        if instruction.phase not in ("forward", "loss"):
            continue
        number = numbers.get(instruction.path)
        for position, variable in enumerate(instruction.outputs):
            if variable.name or variable.gradient_of is not None:
                continue
            if number is not None and instruction.operation.name in _AFFINE:
                last_number = number
                name = f"z{number}"
            elif (
                numbers
                and last_number is not None
                and id(variable) in outputs
                and instruction.phase == "forward"
            ):
                name = f"a{last_number}"
            elif numbers or instruction.phase == "loss" or instruction.line is not None:
                name = _stem(instruction)
            else:
                whole = identifier(instruction.path) if instruction.path else "net"
                name = whole if id(variable) in outputs else f"{whole}_{_stem(instruction)}"
            variable.name = names.take(name if position == 0 else f"{name}_{position + 1}")


def _module_outputs(program: Program) -> set[int]:
    """Return the identities of the variables that end the work of a module."""
    forward = program.of_phase("forward")
    return {
        id(instruction.output)
        for instruction, following in itertools.zip_longest(forward, forward[1:])
        if following is None or following.path != instruction.path
    }


def _stem(instruction: Instruction | None) -> str:
    if instruction is None:
        return "value"
    short = instruction.operation.name.rpartition(".")[2].strip("_")
    return _STEMS.get(short, short)


def _name_backward(program: Program, names: _Names) -> None:
    for variable in program.variables:
        if variable.gradient_of is not None and not variable.name and variable.gradient_of.name:
            variable.name = names.take(f"d{variable.gradient_of.name}")
    for instruction in program.instructions:
        if instruction.phase == "backward":
            for variable in instruction.outputs:
                if not variable.name:
                    variable.name = names.take(f"d_{_stem(instruction)}")
    _name_updates(program, names)


def _name_updates(program: Program, names: _Names) -> None:
    """Name what an update computes after the weights that it is for."""
    updates = program.of_phase("update")
    weights = ""
    for instruction in reversed(updates):
        for variable in instruction.outputs:
            if variable.replaces is not None and variable.replaces.role == "parameter":
                weights = variable.replaces.name
        for variable in instruction.outputs:
            if not variable.name and variable.replaces is None:
                variable.name = f"{_stem(instruction)}_{weights}"
    for instruction in reversed(updates):  # so that the last steps have names without numbers
        for variable in instruction.outputs:
            old = variable.replaces
            variable.name = names.take(variable.name if old is None else f"{old.name}_new")
