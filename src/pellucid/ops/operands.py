"""What all composites share: their type, and how operands that are lists get one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, cast, overload

import numpy as np

from pellucid.dtypes import Array
from pellucid.primitives.declaration import ArrayLike, Operand, Recorded, Value

if TYPE_CHECKING:
    from pellucid.tensor import Tensor

__all__ = ["Composite", "composite", "lengths", "meet", "shape_of", "typed"]

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
        x = np.asarray(x, dtype=y.dtype if y.dtype.kind == "f" else None)
    if isinstance(y, (list, tuple)) and hasattr(x, "dtype"):
        y = np.asarray(y, dtype=x.dtype if x.dtype.kind == "f" else None)
    return x, y


def typed(values: Sequence[Value]) -> Sequence[Value]:
    """Give numbers and lists among `values` the type of the first array or Tensor."""
    like = next((v for v in values if isinstance(v, (Recorded, np.ndarray))), None)
    if like is None:
        return values
    found = like.data.dtype if isinstance(like, Recorded) else like.dtype
    dtype = found if found.kind == "f" else None
    return [
        v if isinstance(v, (Recorded, np.ndarray)) else np.asarray(v, dtype=dtype) for v in values
    ]


def lengths(shape: Any) -> tuple[int, ...]:
    """Return a shape, given as one length or as several, as a tuple of Python ints."""
    if isinstance(shape, (tuple, list, np.ndarray)):
        return tuple(operator.index(n) for n in shape)
    return (operator.index(shape),)
