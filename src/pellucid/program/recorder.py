"""The recorder: writes down every call that a training step makes, with its numbers.

The step itself runs as it always does, on the same functions and with the same bits. Its arrays are
:class:`~pellucid.program.traced_array.TracedArray`, and each call of a primitive, of a kernel or of
a function of NumPy that meets one becomes an instruction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.primitives import Primitive
from pellucid.program.instruction import (
    Instruction,
    Operation,
    Phase,
    Role,
    Variable,
    map_leaves,
)
from pellucid.program.named_number import NamedFloat, NamedInt
from pellucid.program.traced_array import (
    ARRAY_METHODS,
    TracedArray,
    TracedGenerator,
    astype,
)

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.optim import Optimizer

__all__ = ["Recorder"]

# A constant of more numbers than this becomes a variable with a name, not part of an expression.
_INLINE_NUMBERS = 1


class Recorder:
    """Collects the instructions of one step.

    Attributes
    ----------
    instructions : list of Instruction
        In the order of the calls.
    phase, step
        What the calls now belong to.
    """

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.phase: Phase = "forward"
        self.step = 0
        self._modules: list[tuple[str, Module]] = []
        self._has_run = False
        self._origin: Instruction | None = None
        # Plain arrays are known by the memory they look at, because functions such as np.asarray
        # take the traced view off. They are kept alive, so that no memory is used twice.
        self._known: dict[tuple[Any, ...], Variable] = {}
        self._kept: list[Array] = []
        self._started: dict[Role, list[Variable]] = {}
        self._operations: dict[Any, Operation] = {}
        self.steps: list[Optimizer] = []
        self.aliases: list[tuple[Variable, Variable]] = []
        """(value, gradient) for values whose gradient is the same array as that of another."""

    # --- where we are -----------------------------------------------------------------------------

    def enter(self, path: str, module: Module) -> None:
        """Note that the calls to come belong to this module."""
        self._modules.append((path, module))

    def leave(self) -> None:
        """Note that the module entered last is done."""
        self._modules.pop()
        self._has_run = True

    def differentiating(self, value: Any, gradient: Any) -> None:
        """Note that the calls to come are the way back through the instruction that made `value`.

        `gradient` is the complete gradient of the loss by it.
        """
        variable = self.variable_of(value)
        self._origin = variable.made_by if variable is not None else None
        if variable is not None:
            self.is_gradient(variable, gradient)

    def is_gradient(self, variable: Variable, gradient: Any) -> None:
        """Note that `gradient` is the complete gradient of the loss by `variable`."""
        found = self.variable_of(gradient)
        if found is None:  # a gradient that depends on nothing, such as the 0 of a step function
            found = self._leaf(np.asarray(gradient).reshape(np.shape(gradient)))
            if not isinstance(found, Variable):
                return
        if found.gradient_of is None and found.role == "value":
            found.gradient_of = variable
            if found.made_by is not None and found.made_by.phase == "loss":
                found.made_by.phase = "backward"  # the 1 that the way back starts with
        elif found.gradient_of is not variable:
            self.aliases.append((variable, found))

    def done_differentiating(self) -> None:
        """Note that the calls to come are no longer those of the way back."""
        self._origin = None

    # --- arrays and variables ---------------------------------------------------------------------

    def new(self, value: Array, role: Role, path: str = "", name: str = "") -> TracedArray:
        """Return a traced array of the numbers of `value`, under a variable of its own."""
        variable = Variable(value, role, name, path)
        self._started.setdefault(role, []).append(variable)
        return self.wrapped(value, variable)

    def traced(self, array: Array) -> TracedArray:
        """Return an array as one that is traced: a constant, if it is not known yet."""
        if isinstance(array, TracedArray):
            return array
        variable = self.variable_of(array) or Variable(np.array(array, order="K"), "constant")
        return self.wrapped(array, variable)

    def started(self, role: Role) -> list[Variable]:
        """Return the variables of this role that the step started from."""
        return self._started.get(role, [])

    def wrapped(self, plain: Array, variable: Variable) -> TracedArray:
        """Return a traced view of a plain array that the program knows as `variable`."""
        traced = plain.view(TracedArray)
        traced.variable, traced.recorder = variable, self
        self._kept.append(plain)
        if plain.size:
            self._known[_memory(plain)] = variable
        return traced

    def variable_of(self, value: Any) -> Variable | None:
        """Return the variable that an array is known as, None if it is not."""
        if isinstance(value, TracedArray) and value.variable is not None:
            return value.variable
        if isinstance(value, np.ndarray) and value.size:
            return self._known.get(_memory(value))
        return None

    def knows(self, tree: Any) -> bool:
        """Tell whether a tree of arguments has an array in it that the program knows."""
        if isinstance(tree, (tuple, list)):
            return any(self.knows(part) for part in tree)
        if isinstance(tree, dict):
            return any(self.knows(part) for part in tree.values())
        if isinstance(tree, slice):
            return self.knows((tree.start, tree.stop, tree.step))
        return isinstance(tree, TracedArray) or self.variable_of(tree) is not None

    def plain(self, tree: Any) -> Any:
        """Return a tree of arguments as they are without tracing."""
        return map_leaves(_plain_leaf, tree)

    def _leaf(self, value: Any) -> Any:
        """Return an argument as an instruction keeps it: arrays as variables."""
        if isinstance(value, (NamedFloat, NamedInt)):
            return value
        if isinstance(value, np.ndarray):
            variable = self.variable_of(value)
            if variable is not None:
                return variable
            if value.size <= _INLINE_NUMBERS and value.ndim == 0:
                return value[()]
            constant = np.array(value, order="K")
            self.wrapped(value.view(np.ndarray), known := Variable(constant, "constant"))
            return known
        return value

    # --- calls ------------------------------------------------------------------------------------

    def call(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        primitive: Primitive | None = None,
        name: str = "",
        draws: str = "",
    ) -> Any:
        """Compute one call on plain arrays, write it down, and return its results traced.

        An empty list among the keywords is one that the function leaves results in: they are
        results of the instruction too.
        """
        kwargs = {key: value for key, value in kwargs.items() if value is not np._NoValue}
        shown = {key: value for key, value in kwargs.items() if not _collects(value)}
        lists = {key: value for key, value in kwargs.items() if _collects(value)}
        plain_lists: dict[str, list[Any]] = {key: [] for key in lists}
        result = function(*self.plain(args), **self.plain(shown), **plain_lists)
        collected = [value for values in plain_lists.values() for value in values]
        outputs = list(result) if isinstance(result, tuple) else [result]
        if not all(isinstance(x, (np.ndarray, np.generic)) for x in outputs):
            return result  # a shape, a type: nothing that later numbers come from
        arrays = [np.asarray(x) for x in [*outputs, *collected]]
        traced = self._write(
            self._operation(function, primitive, name, bool(draws), draws),
            args,
            shown | {key: [] for key in lists},
            arrays,
        )
        rest = iter(traced[len(outputs) :])
        for key, values in lists.items():
            values[:] = [next(rest) for _ in plain_lists[key]]
        return tuple(traced[: len(outputs)]) if isinstance(result, tuple) else traced[0]

    def call_into(
        self, target: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Any
    ) -> Any:
        """Write down a call that writes into an array: the array has a new variable then."""
        arguments = tuple(map_leaves(self._leaf, args))
        keywords = {key: map_leaves(self._leaf, value) for key, value in kwargs.items()}
        result = np.asarray(function(*self.plain(args), **self.plain(kwargs)))
        memory = target.view(np.ndarray)
        old = self.variable_of(target)
        if old is not None and np.shares_memory(old.value, memory):
            old.value = old.value.copy()
        new = Variable(result)
        self._add(self._operation(function, None, "", False, ""), arguments, keywords, [new])
        if result.dtype != memory.dtype:
            cast = self._operation(astype, None, "", False, "")
            raw, new = new, Variable(result.astype(memory.dtype))
            self._add(cast, (raw, memory.dtype), {}, [new])
        if result.shape != memory.shape:
            wide = self._operation(np.broadcast_to, None, "", False, "")
            raw, new = new, Variable(np.array(np.broadcast_to(new.value, memory.shape)))
            self._add(wide, (raw, memory.shape), {}, [new])
        memory[...] = new.value
        self._kept.append(memory)
        self._known[_memory(memory)] = new
        if isinstance(target, TracedArray):
            target.variable = new
        return target

    def _write(
        self, operation: Operation, args: Any, kwargs: dict[str, Any], results: list[Array]
    ) -> list[TracedArray]:
        arguments = tuple(map_leaves(self._leaf, args))
        keywords = {key: map_leaves(self._leaf, value) for key, value in kwargs.items()}
        made: list[Variable] = []
        traced: list[TracedArray] = []
        for result in results:
            same = self.variable_of(result)
            if same is not None:  # the call returned what it got
                traced.append(self.wrapped(result, same))
                continue
            variable = Variable(result)
            made.append(variable)
            traced.append(self.wrapped(result, variable))
        if made:
            self._add(operation, arguments, keywords, made)
        return traced

    def _add(
        self, operation: Operation, arguments: Any, keywords: Any, made: list[Variable]
    ) -> None:
        path, module = self._modules[-1] if self._modules else ("", None)
        if self._origin is not None:
            path, module = self._origin.path, self._origin.module
        phase = self.phase
        if phase == "forward" and not self._modules and self._has_run:
            phase = "loss"  # what is computed from outputs outside of every module
        instruction = Instruction(
            operation,
            arguments,
            keywords,
            tuple(made),
            phase,
            path,
            module,
            self._origin,
            self.step,
        )
        for variable in made:
            variable.made_by = instruction
            variable.path = path
        self.instructions.append(instruction)

    def _operation(
        self,
        function: Callable[..., Any],
        primitive: Primitive | None,
        name: str,
        draws: bool,
        draw: str,
    ) -> Operation:
        key = (id(function), name or draw, primitive)
        found = self._operations.get(key)
        if found is None:
            title = name or draw or (primitive.name if primitive else _name_of(function))
            found = self._operations[key] = Operation(title, function, primitive, draws)
        return found


def _plain_leaf(value: Any) -> Any:
    if isinstance(value, TracedArray):
        return value.view(np.ndarray)
    if isinstance(value, NamedFloat):
        return float(value)
    if isinstance(value, NamedInt):
        return int(value)
    return value.plain if isinstance(value, TracedGenerator) else value


def _collects(value: Any) -> bool:
    return isinstance(value, list) and not value


def _memory(array: Array) -> tuple[Any, ...]:
    """What two views of exactly the same numbers have in common."""
    return (
        array.__array_interface__["data"][0],
        array.shape,
        array.strides,
        array.dtype.str,
    )


def _name_of(function: Callable[..., Any]) -> str:
    """Return for example "np.add", "np.add.reduce" or the name of a kernel."""
    if function in ARRAY_METHODS:
        return ARRAY_METHODS[function]
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{function.__name__}"
    name = getattr(function, "__name__", type(function).__name__)
    module = getattr(function, "__module__", "") or ""
    if isinstance(function, np.ufunc) or module.split(".")[0] == "numpy":
        inner = module.split(".")[1:] if module.startswith("numpy.") else []
        prefix = "np.linalg." if inner == ["linalg"] else "np."
        return prefix + name
    return name
