"""Picking entries out of arrays, and adding them back in."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array, DTypeLike

__all__ = ["is_basic", "one_hot", "scatter", "spread"]

_BASIC = (int, np.integer, slice, type(None), type(Ellipsis))


def is_basic(index: Any) -> bool:
    """Tell whether `index` selects a regular block, so that no entry can be hit twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(isinstance(part, _BASIC) and not isinstance(part, bool) for part in parts)


def scatter(values: Array, *, index: Any, shape: tuple[int, ...]) -> Array:
    """Add `values` into zeros of `shape` at `index`; entries that are hit twice add up."""
    values = np.asanyarray(values)
    result: Array = np.zeros_like(values, shape=shape)
    if is_basic(index):
        result[index] = values
    else:
        np.add.at(result, index, values)
    return result


def spread(x: Any, *, shape: tuple[int, ...]) -> Array:
    """Repeat `x` along new or unit axes, in memory.

    A view with zero strides, as NumPy's ``broadcast_to`` gives, costs four times as much to set up
    for a small array, and would make a matrix product further on leave the BLAS.
    """
    x = np.asanyarray(x)
    result: Array = np.empty_like(x, shape=shape)
    result[...] = x
    return result


def one_hot(labels: Any, *, classes: int, dtype: DTypeLike = np.float32) -> Array:
    """Indicator rows: result[..., c] = 1 where the label is c, else 0."""
    labels = np.asanyarray(labels)
    result: Array = np.equal(labels[..., None], np.arange(classes)).astype(dtype)
    return result
