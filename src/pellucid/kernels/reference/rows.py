"""Whole rows of a table, picked out and added back in."""

from __future__ import annotations

import math

import numpy as np

from pellucid.dtypes import Array

__all__ = ["add_rows", "take_rows"]


def take_rows(table: Array, *, rows: Array) -> Array:
    """Rows of a table, result[i, j] = table[rows[i, j]], as from ``table[rows]`` but faster."""
    return np.take(table, rows, axis=0)


def add_rows(values: Array, *, rows: Array, count: int) -> Array:
    """Add rows of values into `count` rows of zeros; rows that are hit twice add up.

    Values of the same row are brought next to each other by sorting and summed in one run, which
    is up to 7 times as fast as ``np.add.at`` (65 rows that are each hit a dozen times), and as fast
    at worst (50 rows of 16 numbers, hit twice).
    """
    values = np.asanyarray(values)
    shape = values.shape[rows.ndim :]
    total: Array = np.zeros_like(values, shape=(count, *shape))
    flat = rows.reshape(-1)
    if not flat.size:
        return total
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    first = np.concatenate(([0], np.flatnonzero(np.diff(ordered)) + 1))
    # (rows.size, …): each row of values flattened, so that whole rows move at once
    wide = values.reshape(flat.size, math.prod(shape))
    sums = np.add.reduceat(np.take(wide, order, axis=0), first, axis=0)
    total[ordered[first]] = sums.reshape(len(first), *shape)
    return total
