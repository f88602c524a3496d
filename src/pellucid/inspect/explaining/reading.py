"""Reading a program: which call of which layer an instruction belongs to, and who uses what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pellucid.inspect.explaining.elementwise import is_elementwise
from pellucid.inspect.explaining.movement import Movement, movement_of
from pellucid.nn import ModuleDict, ModuleList
from pellucid.program import Instruction, Program, Variable

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["LayerCall", "Reading"]

# An expression with more leaves than this is cut into steps of their own.
_MOST_LEAVES = 8

_RESHAPING = ("reshape", "np.reshape")


@dataclass(eq=False)
class LayerCall:
    """One call of a layer: what it computes itself and the calls inside it, in order.

    Attributes
    ----------
    path : str
    module : Module or None
    parent : LayerCall or None
    items : list of Instruction or LayerCall
    number : int
        Which call of this layer, from 1.
    """

    path: str
    module: Module | None
    parent: LayerCall | None = None
    items: list[Instruction | LayerCall] = field(default_factory=list)
    number: int = 1

    @property
    def own(self) -> list[Instruction]:
        """The instructions of the call itself."""
        return [item for item in self.items if isinstance(item, Instruction)]

    def walk(self) -> Iterator[LayerCall]:
        """Yield the call and those inside it."""
        yield self
        for item in self.items:
            if isinstance(item, LayerCall):
                yield from item.walk()

    def instructions(self) -> Iterator[Instruction]:
        """Yield the instructions of the call and of those inside it."""
        for item in self.items:
            if isinstance(item, LayerCall):
                yield from item.instructions()
            else:
                yield item


class Reading:
    """A program with what is needed to explain it.

    Attributes
    ----------
    program : Program
    root : LayerCall
        The forward pass.
    batch : int
        How many samples it ran on; 0 where that is not known, as in a function of parameters.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.batch = len(program.inputs["x"].value) if "x" in program.inputs else 0
        self._users: dict[int, list[Instruction]] = {}
        for instruction in program.instructions:
            for variable in instruction.inputs:
                self._users.setdefault(id(variable), []).append(instruction)
        self._gradients = {id(value): gradient for value, gradient in program.aliases}
        for variable in program.variables:
            if variable.gradient_of is not None:
                self._gradients[id(variable.gradient_of)] = variable
        self._movements: dict[int, Movement | None] = {}
        self._results = {id(variable) for variable in program.results.values()}
        self._of: dict[int, LayerCall] = {}
        self.root = self._calls()
        self.contributions = self._contributions()
        self._inlined: dict[int, bool] = {}
        self._leaves: dict[int, int] = {}
        self.back = self._backward_groups()

    # --- calls ------------------------------------------------------------------------------------

    def _calls(self) -> LayerCall:
        modules: dict[str, Module] = {}
        for start, model in self.program.models:
            for path, module in model.named_modules():
                modules[".".join(part for part in (start, path) if part)] = module
        single = len(self.program.models) == 1
        root = current = LayerCall("", self.program.models[0][1] if single else None)
        counts: dict[str, int] = {}
        for instruction in self.program.of_phase("forward"):
            path = instruction.path
            while current.parent is not None and not _within(path, current.path):
                current = current.parent
            for inner in _steps(current.path, path):
                if inner not in modules or isinstance(modules[inner], (ModuleList, ModuleDict)):
                    continue
                counts[inner] = counts.get(inner, 0) + 1
                call = LayerCall(inner, modules[inner], current, number=counts[inner])
                current.items.append(call)
                current = call
            current.items.append(instruction)
            self._of[id(instruction)] = current
        return root

    def _backward_groups(self) -> dict[int, list[Instruction]]:
        groups: dict[int, list[Instruction]] = {}
        for instruction in self.program.of_phase("backward"):
            if instruction.origin is not None:
                groups.setdefault(id(instruction.origin), []).append(instruction)
        return groups

    def _contributions(self) -> dict[int, tuple[Variable, int]]:
        """Return, for each part of a gradient that is a sum, what it is by and its number."""
        found: dict[int, tuple[Variable, int]] = {}

        def collect(instruction: Instruction, whole: Variable) -> None:
            for part in instruction.inputs:
                made = part.made_by
                if part.gradient_of is not None or made is None:
                    continue
                if made.operation.name == "add" and made.phase == "backward":
                    collect(made, whole)
                elif id(part) not in found:
                    number = 1 + sum(of is whole for of, _ in found.values())
                    found[id(part)] = whole, number

        for instruction in self.program.of_phase("backward"):
            whole = instruction.output.gradient_of
            if instruction.operation.name == "add" and whole is not None:
                collect(instruction, whole)
        return found

    # --- variables --------------------------------------------------------------------------------

    def result_of(self, call: LayerCall) -> Variable | None:
        """Return what a layer returned: the last of its values that is used outside of it."""
        inside = list(call.instructions())
        own = {id(instruction) for instruction in inside}
        last = None
        for instruction in reversed(inside):
            for variable in instruction.outputs:
                last = last or variable
                users = (u for u in self.users(variable) if u.phase in ("forward", "loss"))
                # What another call of the same layer reads is its memory, such as a running mean.
                outside = [u for u in users if not call.path or not _within(u.path, call.path)]
                if id(variable) in self._results or any(id(u) not in own for u in outside):
                    return variable
        return last

    def users(self, variable: Variable) -> list[Instruction]:
        """Return the instructions that read a variable."""
        return self._users.get(id(variable), [])

    def counts(self, variable: Variable) -> bool:
        """Tell whether anything depends on a variable."""
        return bool(
            self.users(variable)
            or self.values_of(variable)
            or variable.replaces is not None
            or id(variable) in self._results
        )

    def gradient(self, variable: Variable) -> Variable | None:
        """Return the gradient of the loss by a variable."""
        return self._gradients.get(id(variable))

    def movement(self, instruction: Instruction) -> Movement | None:
        """Return where the entries of a result are copied from, None if they are computed."""
        key = id(instruction)
        if key not in self._movements:
            self._movements[key] = movement_of(instruction)
        return self._movements[key]

    def is_transparent(self, instruction: Instruction) -> bool:
        """Tell whether a result can be written as an expression of the entries it comes from."""
        return is_elementwise(instruction) or self.movement(instruction) is not None

    def is_inlined(self, variable: Variable) -> bool:
        """Tell whether a variable is written as the expression that computes it, without a name."""
        key = id(variable)
        if key not in self._inlined:
            self._inlined[key] = False  # while it is being found out
            self._inlined[key] = self._may_be_inlined(variable)
        return self._inlined[key]

    def _may_be_inlined(self, variable: Variable) -> bool:
        made = variable.made_by
        if made is not None and made.operation.name == "np.ones_like":
            return True  # the 1 that the way back starts with
        if (
            made is None
            or id(variable) in self._results
            or variable.called
            or variable.symbol
            or not self._may_lose_its_name(variable)
            or variable.replaces is not None
            or (id(variable) in self.contributions and not is_elementwise(made))
            or not self.is_transparent(made)
            or (made.operation.name == "take_rows" and made.inputs[0].role != "parameter")
        ):
            return False
        users = self.users(variable)
        if not users:
            return False
        if made.phase in ("forward", "loss"):
            here = self._of.get(id(made))
            if made.line is not None and made.operation.name in _RESHAPING:
                return True  # the code's own array under another shape
            readers = [u for u in users if u.phase == made.phase]
            if len(readers) != 1 or any(self._of.get(id(u)) is not here for u in readers):
                return False
        elif any(u.phase != made.phase for u in users):
            return False
        return self.leaves(variable) <= _MOST_LEAVES

    def _may_lose_its_name(self, variable: Variable) -> bool:
        """Tell whether nothing that has a name of its own has this gradient."""
        return all(self.is_inlined(value) for value in self.values_of(variable))

    def values_of(self, gradient: Variable) -> list[Variable]:
        """Return the variables that this is the gradient by: several where it is passed on."""
        values = [value for value, other in self.program.aliases if other is gradient]
        return values if gradient.gradient_of is None else [gradient.gradient_of, *values]

    def leaves(self, variable: Variable) -> int:
        """Return how many leaves the expression of a variable has."""
        key = id(variable)
        if key not in self._leaves:
            self._leaves[key] = 1
            made = variable.made_by
            if made is not None:
                self._leaves[key] = max(
                    1, sum(self.leaves(v) if self.is_inlined(v) else 1 for v in made.inputs)
                )
        return self._leaves[key]


def _within(path: str, outer: str) -> bool:
    return not outer or path == outer or path.startswith(f"{outer}.")


def _steps(outer: str, inner: str) -> list[str]:
    """Return the paths that lead from one module to one inside it."""
    if outer == inner:
        return []
    rest = inner[len(outer) :].lstrip(".").split(".")
    return [".".join([*([outer] if outer else []), *rest[: i + 1]]) for i in range(len(rest))]
