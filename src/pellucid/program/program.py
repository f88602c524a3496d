"""A program: one training step, written out as the list of its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from pellucid.dtypes import Array
from pellucid.program.instruction import PHASES, Instruction, Phase, Role, Variable
from pellucid.program.instrumentation import recording
from pellucid.program.naming import name_variables
from pellucid.program.own_code import OwnCode
from pellucid.program.recorder import Recorder
from pellucid.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

    from pellucid.nn import Module
    from pellucid.optim import Optimizer
    from pellucid.program.cost import Cost
    from pellucid.program.replay import Replay

__all__ = ["Program", "record"]


class Program:
    """The calls of one training step: forward, loss, backward and update.

    Attributes
    ----------
    instructions : tuple of Instruction
        In the order of their execution.
    variables : tuple of Variable
        All of them: first those that the step starts from, then those that it computes.
    inputs : dict of str to Variable
        What the step is given: ``"x"``, ``"y"``, and so on.
    results : dict of str to Variable
        What it is for: ``"output"``, ``"loss"``.
    models : tuple of (str, Module)
        The networks, with what their paths begin with.
    optimizers : tuple of Optimizer

    Examples
    --------
    >>> import numpy as np
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Sigmoid(), nn.Linear(3, 1, rng=1))
    >>> x, y = np.array([[0.0, 1.0]], np.float32), np.array([[1.0]], np.float32)
    >>> program = pl.trace(net, (x, y), loss="mean_squared_error")
    >>> [variable.name for variable in program.computed("forward")]
    ['z1', 'a1', 'z2']
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        inputs: Mapping[str, Variable],
        results: Mapping[str, Variable],
        models: Iterable[tuple[str, Module]],
        optimizers: Iterable[Optimizer] = (),
        title: str = "",
    ) -> None:
        self.instructions = tuple(instructions)
        self.inputs = dict(inputs)
        self.results = dict(results)
        self.models = tuple(models)
        self.optimizers = tuple(optimizers)
        self.title = title
        for index, instruction in enumerate(self.instructions):
            instruction.index = index
        self.variables = tuple(self._all_variables())

    def _all_variables(self) -> list[Variable]:
        found: dict[int, Variable] = {id(v): v for v in self.inputs.values()}
        for instruction in self.instructions:
            for variable in (*instruction.inputs, *instruction.outputs):
                found.setdefault(id(variable), variable)
        return sorted(found.values(), key=lambda variable: variable.made_by is not None)

    # --- looking it up ----------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.instructions)

    def __getitem__(self, name: str) -> Variable:
        """Return the variable of this name.

        Raises
        ------
        UnknownNameError
            If there is none; the nearest one is suggested.
        """
        from pellucid.errors import UnknownNameError

        for variable in self.variables:
            if variable.name == name:
                return variable
        raise UnknownNameError("variable", name, [variable.name for variable in self.variables])

    def of_phase(self, phase: Phase) -> tuple[Instruction, ...]:
        """Return the instructions of a phase."""
        return tuple(i for i in self.instructions if i.phase == phase)

    def of_module(self, path: str) -> tuple[Instruction, ...]:
        """Return the instructions of a module and of those inside it."""
        return tuple(
            i for i in self.instructions if i.path == path or i.path.startswith(f"{path}.")
        )

    def computed(self, phase: Phase) -> tuple[Variable, ...]:
        """Return the variables that the instructions of a phase compute."""
        return tuple(v for i in self.of_phase(phase) for v in i.outputs)

    def starting(self, *roles: Role) -> tuple[Variable, ...]:
        """Return the variables of these roles that the step starts from."""
        return tuple(v for v in self.variables if v.made_by is None and v.role in roles)

    def gradient(self, name: str) -> Variable | None:
        """Return the gradient of the loss by the variable of this name, None if it has none."""
        variable = self[name]
        for other in self.variables:
            if other.gradient_of is variable:
                return other
        return self._shared_gradients().get(id(variable))

    def _shared_gradients(self) -> dict[int, Variable]:
        return {id(value): gradient for value, gradient in self.aliases}

    aliases: Sequence[tuple[Variable, Variable]] = ()
    """(value, gradient) for values whose gradient is the same array as that of another value."""

    steps: Sequence[Optimizer] = ()
    """The optimizers, in the order of their updates."""

    own_code: Callable[..., Any] | None = None
    """The function of parameters that the step calls; None for a network."""

    again: Callable[[Mapping[str, Array]], Program]
    """Traces the same step anew, with other inputs and the parameters of now."""

    # --- using it ---------------------------------------------------------------------------------

    def source(self, *, forward_only: bool = False, data: str = "inline") -> str:
        """Return the step as a NumPy script that runs where Pellucid is not installed.

        It computes the same numbers, to the last bit.

        Parameters
        ----------
        forward_only : bool
            Only the network: a predictor, ``predict(x)``.
        data : "inline" or the name of a file
            Where the script takes its numbers from: they stand in it, large arrays in a compact
            form; or it loads them from this ``.npz`` file, which :meth:`save` writes.
        """
        from pellucid.program.script import script

        return script(self, forward_only=forward_only, data=data)

    def save(self, path: str | Path, *, forward_only: bool = False) -> list[Path]:
        """Write the script, and beside it an ``.npz`` file with its numbers if they are many.

        Returns
        -------
        list of Path
            The files.
        """
        from pellucid.program.script import save

        return save(self, path, forward_only=forward_only)

    def replay(self, batch: Any) -> float:
        """Train on a batch by running the instructions, without tape and with buffers made once.

        Parameters, buffers, random generators and optimizers of the traced networks change as they
        would in a step of training, bit for bit.

        Parameters
        ----------
        batch : tuple of array_like
            Of the shapes and types of the batch that was traced.

        Returns
        -------
        float
            The loss.

        Raises
        ------
        ShapeError, DTypeError
            If the batch is of another shape or type.
        UnsupportedError
            At the first call, if the step does something else for other numbers.
        """
        if self._replay is None:
            from pellucid.program.replay import Replay

            self._replay = Replay(self)
        return self._replay(batch)

    _replay: Replay | None = None

    def cost(self) -> Cost:
        """Return floating-point operations and bytes of each instruction."""
        from pellucid.program.cost import Cost

        return Cost.of(self)

    def graph(self, path: str | Path | None = None) -> str:
        """Return a drawing of the computation as SVG, with phases and shapes.

        Parameters
        ----------
        path : path, optional
            Where to write it.
        """
        from pellucid.program.drawing import draw

        return draw(self, path)

    def __str__(self) -> str:
        lines = [self.title]
        for phase in PHASES:
            instructions = self.of_phase(phase)
            if instructions:
                lines.append(f"{phase}: {len(instructions)} instructions")
            for i in instructions:
                made = ", ".join(v.name for v in i.outputs)
                shape = "×".join(map(str, i.output.shape)) or "1"
                used = ", ".join(v.name for v in i.inputs)
                lines.append(f"  {made} [{shape}] = {i.operation.name}({used})  {i.path}".rstrip())
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<program of {len(self)} instructions: {self.title}>"


def record(
    step: Callable[..., Mapping[str, Any]],
    inputs: Mapping[str, tuple[Role, Array]],
    models: Sequence[tuple[str, Module]],
    optimizers: Sequence[Optimizer] = (),
    title: str = "",
    generators: Iterable[tuple[Any, str]] = (),
    own_code: Callable[..., Any] | None = None,
) -> Program:
    """Run a training step once and return what it did; everything is then as it was before.

    Parameters
    ----------
    step : callable
        Takes the inputs by name; computes, goes backward and updates as training does. Returns
        the values that it is for, such as ``{"output": outputs, "loss": loss}``.
    inputs : mapping of str to (role, ndarray)
    models : sequence of (str, Module)
        The networks, and what their paths begin with.
    optimizers : sequence of Optimizer
        Those that `step` calls.
    title : str
        What the program is about.
    generators : iterable of (object, str)
        Where random generators are kept beside those of the networks: object and attribute.
    own_code : callable, optional
        A user's function that `step` calls: its lines and its names become those of the program.
    """
    recorder = Recorder()
    given = {
        name: recorder.new(array.copy(order="C"), role, name=name)
        for name, (role, array) in inputs.items()
    }
    code = None if own_code is None else OwnCode(recorder, own_code)
    with recording(recorder, models, optimizers, generators):
        with nullcontext() if code is None else code.followed():
            results = step(**given)
        found = {
            name: recorder.variable_of(value.data if isinstance(value, Tensor) else value)
            for name, value in _each(results)
        }
        final = _final_buffers(recorder, models)
    known = {name: variable for name, variable in found.items() if variable is not None}
    for made, buffer in final:
        made.replaces = buffer
    instructions = _needed(recorder, list(known.values()))
    program = Program(
        instructions,
        {name: recorder.variable_of(array) for name, array in given.items()},  # type: ignore[misc]
        known,
        models,
        optimizers,
        title,
    )
    program.own_code = own_code
    if code is not None:
        code.name_data(program.starting("constant"))
    program.aliases = recorder.aliases
    program.steps = recorder.steps
    program.again = lambda arrays: record(
        step,
        {name: (role, arrays[name]) for name, (role, _) in inputs.items()},
        models,
        optimizers,
        title,
        generators,
        own_code,
    )
    name_variables(program)
    return program


def _each(results: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield results by name; of several outputs the first has the name, the others a number too."""
    for name, value in results.items():
        if not isinstance(value, (tuple, list)):
            yield name, value
            continue
        for number, part in enumerate(value, start=1):
            yield name if number == 1 else f"{name}_{number}", part


def _final_buffers(
    recorder: Recorder, models: Sequence[tuple[str, Module]]
) -> list[tuple[Variable, Variable]]:
    """Return (new, old) for the buffers that the step changed."""
    changed = []
    started = {v.path: v for v in recorder.started("buffer")}
    for start, model in models:
        for path, array in model.named_buffers():
            whole = f"{start}.{path}" if start else path
            now = recorder.variable_of(array)
            old = started.get(whole)
            if now is not None and old is not None and now is not old:
                changed.append((now, old))
    return changed


def _needed(recorder: Recorder, results: list[Variable]) -> list[Instruction]:
    """Leave out what nothing that is asked for depends on, but keep every draw in its place."""
    wanted = {id(v) for v in results}
    kept: list[Instruction] = []
    gradients = {id(gradient) for _, gradient in recorder.aliases}
    for instruction in reversed(recorder.instructions):
        if (
            instruction.operation.draws
            or any(id(v) in wanted or v.replaces is not None for v in instruction.outputs)
            or any(
                (v.gradient_of is not None and v.gradient_of.role == "parameter")
                or id(v) in gradients
                for v in instruction.outputs
            )
        ):
            kept.append(instruction)
            wanted.update(id(v) for v in instruction.inputs)
    return kept[::-1]
