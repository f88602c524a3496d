"""NumPy's functions with options that the functions here do without.

Each takes NumPy's arguments under NumPy's names and puts the result together from composites.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import float_dtype
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.ops.operands import shape_of
from pellucid.primitives.declaration import Axis, Recorded, Value
from pellucid.primitives.reductions import normal_axis

__all__ = [
    "argsort",
    "at_least_1d",
    "at_least_2d",
    "average",
    "column_stack",
    "einsum",
    "fmax",
    "fmin",
    "full_like",
    "hstack",
    "norm",
    "numbers",
    "pad",
    "reshape",
    "take",
    "trace",
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
    if not isinstance(x, Recorded):
        return np.atleast_1d(x)
    return x if shape_of(x) else p.reshape(x, shape=(1,))


def at_least_2d(x: Value) -> Value:
    """Return a number or a vector as a matrix of one row."""
    if not isinstance(x, Recorded):
        return np.atleast_2d(x)
    return x if len(shape_of(x)) > 1 else p.reshape(x, shape=(1, -1))


def _as_column(x: Value) -> Value:
    return x if len(shape_of(x)) > 1 else p.reshape(x, shape=(-1, 1))


def _joined(arrays: list[Value], axis: int, dtype: Any, casting: str) -> Value:
    if casting != "same_kind":
        raise UnsupportedError(f"joining Tensors does not take casting={casting!r}; leave it out")
    found = ops.concatenate(arrays, axis)
    return found if dtype is None else p.cast(found, dtype=float_dtype(dtype))


def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Value:
    """Record ``np.vstack``."""
    return _joined([at_least_2d(x) for x in tup], 0, dtype, casting)


def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Value:
    """Record ``np.hstack``: vectors along their only axis, all else along the second."""
    arrays = [at_least_1d(x) for x in tup]
    return _joined(arrays, 0 if len(shape_of(arrays[0])) == 1 else 1, dtype, casting)


def column_stack(tup: Any) -> Value:
    """Record ``np.column_stack``: vectors become columns."""
    return ops.concatenate([_as_column(x) for x in tup], 1)


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


def take(a: Value, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Value:
    """Record ``np.take``; mode "wrap" goes round, "clip" stays at the ends."""
    places = np.asarray(numbers(indices))
    if mode != "raise":
        shape = shape_of(a)
        length = int(np.prod(shape)) if axis is None else shape[normal_axis(axis, len(shape))]
        places = places % length if mode == "wrap" else np.clip(places, 0, length - 1)
    return ops.take(a, places, axis)


def trace(a: Value, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
    """Record ``np.trace`` of any diagonal of any two axes."""
    rank = len(shape_of(a))
    if rank < 2:
        raise ShapeError(f"the trace needs a matrix, got shape {shape_of(a)}")
    if (normal_axis(axis1, rank), normal_axis(axis2, rank)) != (0, 1):
        a = ops.moveaxis(a, (axis1, axis2), (0, 1))
    if offset:
        rows, columns = slice(max(0, -offset), None), slice(max(0, offset), None)
        a = p.getitem(a, index=(rows, columns))
    return ops.trace(a)


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


# --- products and means ---------------------------------------------------------------------------


def average(a: Value, axis: Axis = None, weights: Any = None, *, keepdims: bool = False) -> Value:
    """Record ``np.average``."""
    found = ops.average(a, axis, weights)
    if keepdims:
        folded = np.sum(np.empty(shape_of(a)), axis=axis, keepdims=True).shape
        found = p.reshape(found, shape=folded)
    return found


def einsum(*operands: Any) -> Value:
    """Record ``np.einsum`` with its subscripts as a string."""
    if not isinstance(operands[0], str):
        raise UnsupportedError(
            "np.einsum on a Tensor needs its subscripts as a string first: np.einsum('ij,jk', x, y)"
        )
    return ops.einsum(*operands)


def norm(x: Value, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Value:
    """Record ``np.linalg.norm`` of vectors, and the Frobenius norm of matrices."""
    matrix = (axis is None and x.ndim == 2) or (isinstance(axis, tuple) and len(axis) == 2)
    if matrix and ord not in (None, "fro"):
        raise UnsupportedError(
            f"np.linalg.norm(x, {ord!r}) of a matrix (an operator norm) is not recorded; "
            "give an axis for the norms of rows or columns, or flatten x first"
        )
    return ops.norm(x, ord, axis, keepdims)


# --- NumPy's rule for NaN -------------------------------------------------------------------------


def fmax(x: Value, y: Value) -> Value:
    """Record ``np.fmax``: the larger one, and of a number and NaN the number."""
    return p.where(p.isnan(x), y, p.where(p.isnan(y), x, ops.maximum(x, y)))


def fmin(x: Value, y: Value) -> Value:
    """Record ``np.fmin``: the smaller one, and of a number and NaN the number."""
    return p.where(p.isnan(x), y, p.where(p.isnan(y), x, ops.minimum(x, y)))
