"""NumPy's functions with options that the functions here do without.

Each takes NumPy's arguments under NumPy's names and puts the result together from composites.
"""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import float_dtype
from pellucid.errors import UnsupportedError
from pellucid.ops.operands import shape_of, typed
from pellucid.primitives.declaration import Recorded, Value
from pellucid.primitives.reductions import normal_axis

__all__ = [
    "argsort",
    "at_least_1d",
    "at_least_2d",
    "column_stack",
    "einsum",
    "full_like",
    "hstack",
    "linspace",
    "numbers",
    "pad",
    "reshape",
    "unique",
    "vstack",
]


def numbers(x: Any) -> Any:
    """Return `x` with the plain numbers of Tensors in their place, in lists and dicts too."""
    if isinstance(x, Recorded):
        return x.data
    if isinstance(x, dict):
        return {name: numbers(value) for name, value in x.items()}
    return type(x)(numbers(value) for value in x) if type(x) in (list, tuple) else x


# --- shape ----------------------------------------------------------------------------------------


def reshape(a: Value, shape: Any, order: str = "C") -> Value:
    """Record ``np.reshape`` and ``np.ravel``; order "F" counts the first axis fastest."""
    if order == "C":
        return ops.reshape(a, shape)
    if order != "F":
        raise UnsupportedError(
            f"reshape of a Tensor in order {order!r} depends on how it lies in memory; "
            "use order 'C' or 'F'"
        )
    lengths = tuple(int(n) for n in np.atleast_1d(shape))
    return ops.transpose(ops.reshape(ops.transpose(a), lengths[::-1]))


def at_least_1d(x: Value) -> Value:
    """Return a number as a vector of one entry."""
    value: Any = x if isinstance(x, Recorded) else np.asarray(x)
    return value if shape_of(value) else ops.reshape(value, (1,))


def at_least_2d(x: Value) -> Value:
    """Return a number or a vector as a matrix of one row."""
    value: Any = x if isinstance(x, Recorded) else np.asarray(x)
    return value if len(shape_of(value)) > 1 else ops.reshape(value, (1, -1))


def _as_column(x: Value) -> Value:
    return x if len(shape_of(x)) > 1 else p.reshape(x, shape=(-1, 1))


def _joined(arrays: list[Value], axis: int, dtype: Any, casting: str) -> Value:
    if casting != "same_kind":
        raise UnsupportedError(f"joining Tensors does not take casting={casting!r}; leave it out")
    found = ops.concatenate(arrays, axis)
    return found if dtype is None else p.cast(found, dtype=float_dtype(dtype))


def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Value:
    """Record ``np.vstack``."""
    return _joined([at_least_2d(x) for x in typed(list(tup))], 0, dtype, casting)


def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Value:
    """Record ``np.hstack``: vectors along their only axis, all else along the second."""
    arrays = [at_least_1d(x) for x in typed(list(tup))]
    return _joined(arrays, 0 if len(shape_of(arrays[0])) == 1 else 1, dtype, casting)


def column_stack(tup: Any) -> Value:
    """Record ``np.column_stack``: vectors become columns."""
    return ops.concatenate([_as_column(x) for x in typed(list(tup))], 1)


def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    """Record ``np.full_like`` of a recorded value; a plain one fills a plain array."""
    if not isinstance(fill_value, Recorded):
        return np.full_like(numbers(a), fill_value, dtype=dtype, shape=shape)
    value: Any = fill_value
    like = np.empty_like(numbers(a), dtype=dtype, shape=shape)
    return p.broadcast_to(p.cast(value, dtype=float_dtype(like.dtype)), shape=like.shape)


def linspace(
    start: Value,
    stop: Value,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    *,
    axis: int = 0,
) -> Any:
    """Record ``np.linspace`` between recorded ends."""
    places = np.linspace(0.0, 1.0, num, endpoint)
    distance = p.subtract(stop, start)
    spread = places.astype(distance.dtype).reshape(-1, *(1 for _ in shape_of(distance)))
    found = ops.moveaxis(p.add(start, p.multiply(distance, spread)), 0, axis)
    found = found if dtype is None else p.cast(found, dtype=float_dtype(dtype))
    if not retstep:
        return found
    return found, p.divide(distance, num - 1 if endpoint else num)


_PAD_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def pad(
    array: Value, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0.0
) -> Value:
    """Record ``np.pad`` with a constant border, or with entries of the array itself."""
    if np.ndim(constant_values):
        raise UnsupportedError("np.pad on a Tensor takes one constant value for all sides")
    if isinstance(constant_values, Recorded):
        raise UnsupportedError(
            "the border that np.pad puts around a Tensor is a constant without a gradient; "
            "join a border that is a Tensor with np.concatenate"
        )
    if mode not in _PAD_MODES:
        raise UnsupportedError(
            f"np.pad on a Tensor does not take mode={mode!r}; it takes {', '.join(_PAD_MODES)}"
        )
    if isinstance(pad_width, dict):
        rank = len(shape_of(array))
        widths: list[Any] = [(0, 0)] * rank
        for axis, width in pad_width.items():
            widths[normal_axis(axis, rank)] = (width, width) if np.ndim(width) == 0 else width
        pad_width = widths
    return ops.pad(array, pad_width, mode, constant_values)


# --- picking --------------------------------------------------------------------------------------


def argsort(a: Value, axis: int | None = -1) -> Any:
    """Return the plain indices of ``np.argsort``."""
    return p.argsort(ops.flatten(a), axis=0) if axis is None else p.argsort(a, axis=axis)


def unique(
    ar: Value,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    **options: Any,
) -> Any:
    """Record ``np.unique``: of equal entries, the first one has the gradient."""
    data: Any = numbers(ar)
    if axis is None:
        ar = ops.flatten(ar)
    distinct: Any = np.unique
    _, first, *others = distinct(data, True, return_inverse, return_counts, axis=axis, **options)
    found = p.getitem(ar, index=first) if axis is None else ops.take(ar, first, axis)
    if not (return_index or others):
        return found
    return (found, *((first,) if return_index else ()), *others)


# --- products -------------------------------------------------------------------------------------


def einsum(*operands: Any) -> Value:
    """Record ``np.einsum``; axes that are numbered instead of named by letters get letters."""
    if isinstance(operands[0], str):
        return ops.einsum(*operands)
    arrays, axes = operands[0:-1:2], list(operands[1::2])
    if len(operands) % 2:
        axes.append(operands[-1])
    terms = ["".join("..." if n is Ellipsis else _LETTERS[n] for n in term) for term in axes]
    left = ",".join(terms[: len(arrays)])
    return ops.einsum(f"{left}->{terms[-1]}" if len(operands) % 2 else left, *arrays)


_LETTERS = string.ascii_uppercase + string.ascii_lowercase
"""In the order in which NumPy sorts them."""
