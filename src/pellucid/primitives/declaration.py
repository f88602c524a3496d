"""What a primitive is: one declaration that everything else is driven by.

A primitive knows its name, its formula, its forward function on plain arrays, one vector-Jacobian
product (VJP) per input, and how a call of it prints as NumPy source. The tape, broadcasting, higher
derivatives, tracing, explanations and the tests all read this table.

Called on plain arrays, a primitive *is* its forward function. Called with a recorded value, it lets
that value write the call down. A VJP is itself written in primitives: it runs on plain arrays in
ordinary training, and on recorded values when a derivative of a derivative is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

from pellucid.dtypes import Array

if TYPE_CHECKING:
    from pellucid.tensor import Tensor

__all__ = [
    "PRIMITIVES",
    "ArrayLike",
    "Axis",
    "BinaryPrimitive",
    "MaskPrimitive",
    "Operand",
    "PerArgument",
    "Primitive",
    "Recorded",
    "ReductionPrimitive",
    "UnaryPrimitive",
    "Value",
    "VariadicPrimitive",
    "Vjp",
]

ArrayLike: TypeAlias = "Array | np.generic | float | Sequence[Any]"
"""What NumPy takes for an array."""

Operand: TypeAlias = "Tensor | ArrayLike"
"""What may stand on the other side of a recorded value."""

Value: TypeAlias = Any
"""A recorded value or a plain array: the code does not care which."""

Axis: TypeAlias = "int | tuple[int, ...] | None"

Vjp: TypeAlias = Callable[..., Value]
"""``vjp(g, y, *inputs, **attributes)``: gradient of the loss with respect to one input, from the
gradient `g` with respect to the result `y`."""


class Recorded:
    """A value that writes down the primitives it takes part in."""

    __slots__ = ("__weakref__", "data", "grad", "name", "producer", "requires_grad")

    data: Array
    grad: Array | None
    requires_grad: bool
    producer: Any

    def record(
        self, primitive: Primitive, inputs: tuple[Value, ...], attributes: dict[str, Any]
    ) -> Value:
        """Compute one call of `primitive` and remember it."""
        raise NotImplementedError


class PerArgument:
    """The VJPs of a primitive of any number of inputs, from one rule ``vjp(i, g, y, *inputs)``."""

    __slots__ = ("rule",)

    def __init__(self, rule: Callable[..., Value]) -> None:
        self.rule = rule

    def __getitem__(self, i: int) -> Vjp:
        return partial(self.rule, i)


PRIMITIVES: dict[str, Primitive] = {}
"""Every primitive by name, in the order of declaration."""


class Primitive:
    """One differentiable function on arrays.

    Parameters
    ----------
    name : str
        Unique name.
    formula : str
        The mathematics, as shown to people.
    forward : callable
        The function on plain arrays: inputs by position, attributes by keyword.
    source : str
        How a call prints as NumPy: a format string over the inputs ``{0}``, ``{1}`` … and the
        attributes by name; ``{inputs}`` stands for all inputs, separated by commas.
    vjps : sequence of callables or PerArgument
        One per input. Empty for a function without
        derivative (a comparison, an argmax): its results are plain arrays.
    about : str
        What a reader should know: conventions at kinks and ties, and where the method comes from.
    broadcasts : bool
        Whether inputs are broadcast against each other; the tape then sums each gradient back to
        the shape of its input.
    numpy : sequence of callables
        The NumPy functions that this primitive stands in for on recorded values.
    """

    def __init__(
        self,
        name: str,
        formula: str,
        forward: Callable[..., Any],
        *,
        source: str,
        vjps: Sequence[Vjp] | PerArgument = (),
        about: str = "",
        broadcasts: bool = False,
        numpy: Sequence[Callable[..., Any]] = (),
    ) -> None:
        if name in PRIMITIVES:
            raise ValueError(f"a primitive called '{name}' is declared already")
        self.name = name
        self.formula = formula
        self.forward = forward
        self.source = source
        self.vjps = vjps
        self.differentiable = isinstance(vjps, PerArgument) or len(vjps) > 0
        self.about = about
        self.broadcasts = broadcasts
        self.numpy = tuple(numpy)
        self.__doc__ = f"{name}: {formula}\n\n{about}".rstrip()
        PRIMITIVES[name] = self

    def __call__(self, *inputs: Value, **attributes: Any) -> Value:
        for value in inputs:
            if isinstance(value, Recorded):
                return value.record(self, inputs, attributes)
        return self.forward(*inputs, **attributes)

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.formula}>"


class UnaryPrimitive(Primitive):
    """A primitive of one input."""

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Tensor, /, **attributes: Any) -> Tensor: ...
        @overload
        def __call__(self, x: ArrayLike, /, **attributes: Any) -> Array: ...
        def __call__(self, x: Operand, /, **attributes: Any) -> Tensor | Array: ...


class BinaryPrimitive(Primitive):
    """A primitive of two inputs, broadcast against each other."""

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Tensor, y: Operand, /, **attributes: Any) -> Tensor: ...
        @overload
        def __call__(self, x: Operand, y: Tensor, /, **attributes: Any) -> Tensor: ...
        @overload
        def __call__(self, x: ArrayLike, y: ArrayLike, /, **attributes: Any) -> Array: ...
        def __call__(self, x: Operand, y: Operand, /, **attributes: Any) -> Tensor | Array: ...


class ReductionPrimitive(Primitive):
    """A primitive of one input that folds some of its axes away."""

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Tensor, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor: ...
        @overload
        def __call__(self, x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Array: ...
        def __call__(
            self, x: Operand, /, *, axis: Axis = ..., keepdims: bool = ...
        ) -> Tensor | Array: ...


class VariadicPrimitive(Primitive):
    """A primitive of any number of inputs."""

    if TYPE_CHECKING:

        def __call__(self, *inputs: Operand, **attributes: Any) -> Any: ...


class MaskPrimitive(Primitive):
    """A function without derivative, whose results are plain arrays."""

    if TYPE_CHECKING:

        def __call__(self, *inputs: Operand, **attributes: Any) -> Array: ...
