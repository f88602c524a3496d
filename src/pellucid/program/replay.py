"""Replaying a program: the same calls without the tape, into buffers that are made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DTypeError, ShapeError, UnsupportedError
from pellucid.program.instruction import Instruction, Variable, map_leaves
from pellucid.program.memory import Storage
from pellucid.program.named_number import NamedNumber
from pellucid.program.traced_array import TracedGenerator

if TYPE_CHECKING:
    from pellucid.program.program import Program

__all__ = ["Replay"]


class Replay:
    """Runs the instructions of a program on new batches.

    The instructions become the lines of one Python function, which is compiled once. A result of
    NumPy's arithmetic is written into a buffer; buffers are shared by results that are not needed
    at the same time, so that a step touches little memory and asks the system for none. Updates are
    the optimizers' own.

    Parameters
    ----------
    program : Program

    Raises
    ------
    UnsupportedError
        If the step would do something else for other numbers: where its Python code looks at the
        numbers themselves, the instructions of one batch are not those of the next.
    """

    def __init__(self, program: Program) -> None:
        _check_fixed(program)
        self.program = program
        writer = _Writer(program)
        self.code = writer.code()
        space = writer.space
        exec(compile(self.code, "<replay>", "exec"), space)
        self._step: Callable[..., Any] = space["step"]

    def __call__(self, batch: Any) -> float:
        """Train on one batch; return the loss."""
        arrays = _as_inputs(self.program, batch)
        with np.errstate(all="ignore"):
            return float(self._step(*arrays))


def _as_inputs(program: Program, batch: Any) -> list[Array]:
    """Return the arrays of a batch, which must be such as the program was traced with."""
    if hasattr(batch, "x") and hasattr(batch, "y"):
        batch = tuple(part for part in (batch.x, batch.y, batch.sample_weight) if part is not None)
    given = batch if isinstance(batch, (tuple, list)) else (batch,)
    wanted = program.inputs
    if len(given) != len(wanted):
        raise ShapeError(
            f"the program was traced with {len(wanted)} arrays ({', '.join(wanted)}), this batch "
            f"has {len(given)}"
        )
    arrays = []
    for (name, variable), value in zip(wanted.items(), given, strict=True):
        array = as_array(value)
        if array.dtype != variable.dtype:
            if array.dtype.kind != variable.dtype.kind:
                raise DTypeError(
                    f"{name} was {variable.dtype} when the program was traced, this batch has "
                    f"{array.dtype}"
                )
            array = array.astype(variable.dtype)
        if array.shape != variable.shape:
            raise ShapeError(
                f"{name} had shape {variable.shape} when the program was traced, this batch has "
                f"{array.shape}; trace a batch of this shape for a program of its own"
            )
        arrays.append(array)
    return arrays


# --- is it the same step for other numbers? -------------------------------------------------------


def _check_fixed(program: Program) -> None:
    """Trace the step again, with other numbers, and demand the same instructions."""
    arrays = {name: np.roll(v.value, 1, axis=0) for name, v in program.inputs.items()}
    parameters = [p for _, model in program.models for p in model.parameters()]
    saved = [parameter.data for parameter in parameters]
    try:
        for parameter in parameters:
            parameter.data = parameter.data * 1.01
        other = program.again(arrays)
    finally:
        for parameter, data in zip(parameters, saved, strict=True):
            parameter.data = data
    if len(other) != len(program):
        raise _changes(None)
    for mine, theirs in zip(program.instructions, other.instructions, strict=True):
        if mine.phase != "update" and _signature(mine) != _signature(theirs):
            raise _changes(mine)


def _changes(instruction: Instruction | None) -> UnsupportedError:
    where = ""
    if instruction is not None and instruction.path:
        where = f" in '{instruction.path}' ({type(instruction.module).__name__})"
    elif instruction is not None:
        where = f" at {instruction.output.name}"
    return UnsupportedError(
        f"this step cannot be replayed: its Python code{where} looks at the numbers themselves, so "
        "that other numbers take another way; train it step by step"
    )


def _signature(instruction: Instruction) -> Any:
    """What must be the same for all batches: the operation and all that is no variable."""

    def plain(value: Any) -> Any:
        if isinstance(value, Variable):
            constant = value.role == "constant"
            return value.value.tobytes() if constant else (value.shape, value.dtype.str)
        if isinstance(value, (np.ndarray, np.generic)):
            return np.asarray(value).tobytes()
        return type(value).__name__ if isinstance(value, TracedGenerator) else repr(value)

    tree = (instruction.arguments, dict(instruction.keywords))
    return instruction.operation.name, map_leaves(plain, tree)


# --- the function ---------------------------------------------------------------------------------


class _Writer:
    """Writes the function; its constants and callables are in `space`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.space: dict[str, Any] = {"np": np}
        self.names: dict[int, str] = {}
        self.lines: list[str] = []
        self.storage = Storage(program)
        self.parameters = {
            (f"{start}.{path}" if start else path): parameter
            for start, model in program.models
            for path, parameter in model.named_parameters()
        }

    def bind(self, value: Any, stem: str) -> str:
        """Give a constant a name that the function knows it by."""
        name = f"{stem}{len(self.space)}"
        self.space[name] = value
        return name

    def name(self, variable: Variable) -> str:
        """Return the name of a variable in the function."""
        return self.names.setdefault(id(variable), f"v{len(self.names)}")

    def code(self) -> str:
        """Return the source of the function."""
        arguments = ", ".join(self.name(v) for v in self.program.inputs.values())
        for variable in self.program.starting("parameter", "buffer", "constant"):
            self._start(variable)
        step = 0
        for instruction in self.program.instructions:
            if instruction.phase == "update":
                if instruction.step == step:
                    self._update(step)
                    step += 1
                continue
            self.storage.before(instruction)
            self._write(instruction)
            self.storage.after(instruction)
        self._finish()
        body = "\n".join(f"    {line}" for line in self.lines)
        return f"def step({arguments}):\n{body}\n"

    def _start(self, variable: Variable) -> None:
        name = self.name(variable)
        if variable.role == "constant":
            self.space[name] = variable.value
        elif variable.role == "parameter":
            parameter = self.bind(self.parameters[variable.path], "p")
            self.lines.append(f"{name} = {parameter}.data")
        else:
            owner, attribute = self._owner(variable.path)
            self.lines.append(f"{name} = {self.bind(owner, 'm')}.{attribute}")

    def _owner(self, path: str) -> tuple[Any, str]:
        """Return the module that a buffer belongs to, and its attribute."""
        inner, _, attribute = path.rpartition(".")
        for start, model in self.program.models:
            for where, module in model.named_modules():
                if (f"{start}.{where}" if start and where else start or where) == inner:
                    return module, attribute
        raise KeyError(path)

    def _update(self, step: int) -> None:
        """Hand the gradients to the optimizer, and let it step."""
        optimizer = self.program.steps[step]
        mine = {id(p) for group in optimizer.groups for p in group["params"]}
        gradients = self._gradients()
        renewed = {
            v.replaces.path: v
            for i in self.program.of_phase("update")
            if i.step == step
            for v in i.outputs
            if v.replaces is not None and v.path in self.parameters
        }
        bound = []
        for path, new in renewed.items():
            parameter = self.parameters[path]
            old = new.replaces
            if id(parameter) in mine and old is not None and id(old) in gradients:
                name = self.bind(parameter, "p")
                bound.append((name, new))
                self.lines.append(f"{name}.grad = {self.name(gradients[id(old)])}")
        self.lines.append(f"{self.bind(optimizer, 'o')}.step()")
        for name, new in bound:
            self.lines += [f"{name}.grad = None", f"{self.name(new)} = {name}.data"]

    def _gradients(self) -> dict[int, Variable]:
        found = {id(value): gradient for value, gradient in self.program.aliases}
        for variable in self.program.variables:
            if variable.gradient_of is not None:
                found[id(variable.gradient_of)] = variable
        return found

    def _finish(self) -> None:
        for variable in self.program.variables:
            old = variable.replaces
            if old is not None and old.role == "buffer":
                owner, attribute = self._owner(old.path)
                self.lines.append(
                    f"{self.bind(owner, 'm')}.{attribute}[...] = {self.name(variable)}"
                )
        loss = self.program.results.get("loss")
        self.lines.append(f"return {self.name(loss)}" if loss is not None else "return np.nan")

    # --- one instruction --------------------------------------------------------------------------

    def _write(self, instruction: Instruction) -> None:
        operation, inputs = instruction.operation, instruction.arguments
        out = self.storage.buffer(instruction)
        if out is not None:
            self.lines += self._into(instruction, self.bind(out, "b"))
            return
        function = operation.function
        if operation.draws:
            generator, *inputs_rest = inputs
            name = operation.name.rpartition(".")[2]
            function = getattr(generator.plain, name)
            inputs = tuple(inputs_rest)
        call = f"{self.bind(function, 'f')}({self._arguments(inputs, instruction.keywords)})"
        targets = [self.name(v) for v in instruction.outputs]
        collected = [key for key, value in instruction.keywords.items() if value == []]
        if collected:
            boxes = ", ".join(f"{key}=box" for key in collected)
            call = call[:-1] + f"{', ' if not call.endswith('(') else ''}{boxes})"
            self.lines += ["box = []", f"{targets[0]} = {call}", f"{', '.join(targets[1:])} = box"]
        elif isinstance(instruction.output.value, np.ndarray) and len(targets) == 1:
            self.lines.append(f"{targets[0]} = {call}")
        else:
            self.lines.append(f"{', '.join(targets)} = {call}")

    def _into(self, instruction: Instruction, buffer: str) -> list[str]:
        """Return the lines that compute an instruction into a buffer."""
        name, inputs = instruction.operation.name, instruction.arguments
        target = self.name(instruction.output)
        given = [self._leaf(x) for x in inputs]
        if name == "linear":
            return [
                f"{target} = np.matmul({given[0]}, {given[1]}, out={buffer})",
                f"{target} += {given[2]}",
            ]
        if name == "matmul":
            return [f"{target} = np.matmul({given[0]}, {given[1]}, out={buffer})"]
        if name == "relu":
            return [f"{target} = np.maximum({given[0]}, 0, out={buffer})"]
        if name == "sigmoid":
            return [
                f"{target} = np.negative({given[0]}, out={buffer})",
                f"np.exp({target}, out={target})",
                f"{target} += 1",
                f"np.reciprocal({target}, out={target})",
            ]
        if name == "sum":
            options = self._keywords(instruction.keywords)
            return [f"{target} = np.add.reduce({given[0]}, {options}, out={buffer})"]
        function = self.bind(instruction.operation.function, "f")
        return [f"{target} = {function}({', '.join(given)}, out={buffer})"]

    def _arguments(self, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> str:
        shown = {key: value for key, value in keywords.items() if value != []}
        parts = [self._leaf(x) for x in inputs]
        return ", ".join([*parts, *([self._keywords(shown)] if shown else [])])

    def _keywords(self, keywords: Mapping[str, Any]) -> str:
        return ", ".join(f"{key}={self._leaf(value)}" for key, value in keywords.items())

    def _leaf(self, value: Any) -> str:
        if isinstance(value, Variable):
            return self.name(value)
        if isinstance(value, NamedNumber):
            return repr(float(value))  # type: ignore[arg-type]
        if isinstance(value, tuple):
            return f"({', '.join(self._leaf(part) for part in value)},)" if value else "()"
        if isinstance(value, slice):
            ends = (self._leaf(x) for x in (value.start, value.stop, value.step))
            return f"slice({', '.join(ends)})"
        if value is None or isinstance(value, (bool, int, str)):
            return repr(value)
        return self.bind(value, "c")
