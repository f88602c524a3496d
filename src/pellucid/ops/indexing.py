"""Composites that pick entries out, and add them back in."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DTypeError, ShapeError
from pellucid.ops.operands import composite, plain_index, shape_of, typed
from pellucid.primitives.declaration import Operand, Value
from pellucid.primitives.reductions import normal_axis

__all__ = ["scatter_add", "take", "take_along_axis"]


@composite
def take(x: Operand, indices: Any, axis: int | None = None) -> Value:
    """Entries at `indices` along `axis`; None takes from the flattened array."""
    if axis is None:
        x, axis = p.reshape(x, shape=(-1,)), 0
    before = (slice(None),) * normal_axis(axis, len(shape_of(x)))
    places = np.asarray(indices)
    if places.dtype == bool:
        places = places.astype(int)  # as NumPy's take counts them: no mask
    if places.dtype.kind not in "iu" and places.size:
        raise DTypeError(f"take needs whole numbers as indices, got {places.dtype}")
    return p.getitem(x, index=(*before, places.astype(int, copy=False)))


@composite
def take_along_axis(x: Operand, indices: Array, axis: int | None = -1) -> Value:
    """Entries picked along `axis` by an array of indices with as many axes as `x`.

    ``result[i, j] = x[i, indices[i, j]]`` for the last axis of a matrix; None flattens `x` first.
    """
    if axis is None:
        x, axis = p.reshape(x, shape=(-1,)), 0
    shape = shape_of(x)
    if len(shape) != np.ndim(indices):
        raise ShapeError(
            f"take_along_axis needs indices with as many axes as x, got {np.shape(indices)} for "
            f"{shape}"
        )
    axis = normal_axis(axis, len(shape))
    grids = list(np.ogrid[tuple(slice(n) for n in shape)])
    grids[axis] = np.asarray(indices)
    return p.getitem(x, index=tuple(grids))


@composite
def scatter_add(x: Operand, index: Any, values: Operand) -> Value:
    """A copy of `x` with `values` added at `index`; entries that are hit twice add up.

    Examples
    --------
    >>> scatter_add(np.zeros(3), np.array([0, 2, 2]), np.ones(3))
    array([1., 0., 2.])
    """
    shape = shape_of(x)
    index = plain_index(index)
    picked = np.broadcast_to(0, shape)[index].shape
    _, values = typed([x, values])
    full = p.broadcast_to(values, shape=picked)
    return p.add(x, p.scatter(full, index=index, shape=shape))
