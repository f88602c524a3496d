"""Windows that slide over the last axes of an array: taken out, added back in, summed, spread.

A window of ``kernel`` taps, ``dilation`` entries apart, moves in steps of ``stride``; each of the
three is a tuple with one number per axis it slides over, which are the last ones. Windows that
would reach over the end are left out. The loops run over the taps of a window, so that each pass is
one vectorised operation over all windows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.dtypes import Array

__all__ = [
    "add_windows",
    "along_axis",
    "extract_windows",
    "spread_windows",
    "sum_windows",
    "tap_slices",
    "window_counts",
]

Sizes = tuple[int, ...]


def window_counts(lengths: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """Number of windows along each axis: ⌊(length − dilation · (kernel − 1) − 1) / stride⌋ + 1."""
    return tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(lengths, kernel, stride, dilation, strict=True)
    )


def _tap(t: int, count: int, stride: int, dilation: int) -> slice:
    """The entries under tap `t` of each of `count` windows."""
    start = t * dilation
    return slice(start, start + (count - 1) * stride + 1 if count else start, stride)


def tap_slices(
    counts: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> Iterator[tuple[Any, ...]]:
    """For each tap, in row-major order, the index of where it lies in all windows."""
    for taps in itertools.product(*(range(k) for k in kernel)):
        yield (..., *map(_tap, taps, counts, stride, dilation))


def along_axis(
    i: int, rank: int, count: int, kernel: int, stride: int, dilation: int
) -> list[tuple[Any, ...]]:
    """For each tap along axis `i` of the last `rank`, the index of where it lies."""
    after = (slice(None),) * (rank - 1 - i)
    return [(..., _tap(t, count, stride, dilation), *after) for t in range(kernel)]


def extract_windows(x: Array, *, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """Copy all windows of x (..., *lengths) into an array (..., *kernel, *counts)."""
    x = np.asanyarray(x)
    rank = len(kernel)
    lead = x.shape[: x.ndim - rank]
    counts = window_counts(x.shape[x.ndim - rank :], kernel, stride, dilation)
    result: Array = np.empty_like(x, shape=(*lead, math.prod(kernel), *counts))
    rows = np.moveaxis(result, len(lead), 0)
    for row, where in zip(rows, tap_slices(counts, kernel, stride, dilation), strict=True):
        row[...] = x[where]
    return result.reshape(*lead, *kernel, *counts)


def add_windows(
    windows: Array, *, kernel: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes
) -> Array:
    """Add windows (..., *kernel, *counts) into zeros of `shape`, where they were taken from."""
    windows = np.asanyarray(windows)
    rank = len(kernel)
    lead, counts = windows.shape[: -2 * rank], windows.shape[-rank:]
    result: Array = np.zeros_like(windows, shape=shape)
    rows = np.moveaxis(windows.reshape(*lead, math.prod(kernel), *counts), len(lead), 0)
    for row, where in zip(rows, tap_slices(counts, kernel, stride, dilation), strict=True):
        result[where] += row
    return result


def sum_windows(x: Array, *, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """Sum of each window of x (..., *lengths), one axis after the other."""
    x = np.asanyarray(x)
    rank = len(kernel)
    counts = window_counts(x.shape[x.ndim - rank :], kernel, stride, dilation)
    for i in range(rank):
        places = along_axis(i, rank, counts[i], kernel[i], stride[i], dilation[i])
        total = x[places[0]].copy()
        for where in places[1:]:
            total += x[where]
        x = total
    return x


def spread_windows(
    sums: Array, *, kernel: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes
) -> Array:
    """Add each of `sums` (..., *counts) to every entry of its window, in zeros of `shape`."""
    result = np.asanyarray(sums)
    rank = len(kernel)
    for i in reversed(range(rank)):
        count = result.shape[result.ndim - rank + i]
        lengths = list(result.shape)
        lengths[result.ndim - rank + i] = shape[len(shape) - rank + i]
        wide: Array = np.zeros_like(result, shape=tuple(lengths))
        for where in along_axis(i, rank, count, kernel[i], stride[i], dilation[i]):
            wide[where] += result
        result = wide
    return result
