"""What all composites share: their type, and how operands that are lists get one."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, cast, overload

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, refuse_no_numbers
from pellucid.primitives.declaration import ArrayLike, Operand, Recorded, Value

if TYPE_CHECKING:
    from pellucid.tensor import Tensor

__all__ = [
    "Composite",
    "composite",
    "lengths",
    "meet",
    "misfit",
    "plain_index",
    "shape_of",
    "typed",
    "whole_numbers_as_floats",
]

P = ParamSpec("P")


class Composite(Protocol[P]):
    """A function whose result is a Tensor exactly when its first argument is one."""

    __name__: str

    @overload
    def __call__(self, x: Tensor, /, *args: P.args, **kwargs: P.kwargs) -> Tensor: ...
    @overload
    def __call__(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Array: ...
    @overload
    def __call__(self, x: Operand, /, *args: P.args, **kwargs: P.kwargs) -> Tensor | Array: ...


def composite(function: Callable[Concatenate[Any, P], Value]) -> Composite[P]:
    """Give `function` its type: Tensor in, Tensor out; array in, array out."""
    return cast("Composite[P]", function)


def shape_of(x: Value) -> tuple[int, ...]:
    """Shape of a value, an array, a list or a number."""
    return x.shape if hasattr(x, "shape") else np.shape(x)


def meet(x: Value, y: Value) -> tuple[Value, Value]:
    """Turn a list that meets a Tensor or an array into an array of the other's type."""
    if isinstance(x, (list, tuple)) and hasattr(y, "dtype"):
        x = _as_numbers(x, y.dtype)
    if isinstance(y, (list, tuple)) and hasattr(x, "dtype"):
        y = _as_numbers(y, x.dtype)
    return x, y


def typed(values: Sequence[Value]) -> Sequence[Value]:
    """Give numbers and lists among `values` the type of the first array or Tensor."""
    like = next((v for v in values if isinstance(v, (Recorded, np.ndarray))), None)
    if like is None:
        return values
    found = like.data.dtype if isinstance(like, Recorded) else like.dtype
    return [v if isinstance(v, (Recorded, np.ndarray)) else _as_numbers(v, found) for v in values]


def _as_numbers(values: Any, like: np.dtype[Any]) -> Array:
    """Return a number or a list as an array, of the type of the floats that it meets."""
    array = np.asarray(values)
    refuse_no_numbers("a function", array.dtype)
    return array.astype(like) if like.kind == "f" else array


def lengths(shape: Any) -> tuple[int, ...]:
    """Return a shape, given as one length or as several, as a tuple of Python ints."""
    if isinstance(shape, (tuple, list, np.ndarray)):
        return tuple(operator.index(n) for n in shape)
    return (operator.index(shape),)


def whole_numbers_as_floats(
    inputs: tuple[Any, ...], values: list[Any]
) -> tuple[tuple[Any, ...], list[Any]]:
    """Let arrays of whole numbers take the type of the floats they meet, as dtypes.py says."""
    floats = [
        v.dtype for v in values if getattr(v, "dtype", None) is not None and v.dtype.kind == "f"
    ]
    if not floats:
        return inputs, values
    widest = np.result_type(*floats)
    whole = [isinstance(v, np.ndarray) and v.dtype.kind in "iu" for v in values]
    values = [v.astype(widest) if w else v for v, w in zip(values, whole, strict=True)]
    inputs = tuple(v if w else x for x, v, w in zip(inputs, values, whole, strict=True))
    return inputs, values


def misfit(primitive: p.Primitive, shapes: list[tuple[int, ...]], error: ValueError) -> str:
    """Say why a primitive refused its inputs: which lengths differ, if it is about lengths."""
    listed = " and ".join(str(shape) for shape in shapes)
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        if not primitive.broadcasts or primitive is p.matmul:
            return f"{primitive.name} of {listed}: {error}"
        columns = itertools.zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1)
        for axis, lengths in enumerate(columns, start=1):
            differing = sorted(set(lengths) - {1})
            if len(differing) > 1:
                return (
                    f"cannot {primitive.name} shapes {listed}: axis {-axis} has lengths "
                    f"{' and '.join(map(str, differing))}, which must be equal, or one of them 1"
                )
    return f"{primitive.name} of {listed}: {error}"


def plain_index(index: Any) -> Any:
    """Replace Tensors in an index by their numbers, and lists by arrays."""
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)
    if isinstance(index, Recorded):
        return index.data
    return np.asarray(index) if isinstance(index, list) else index
