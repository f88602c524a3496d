"""Maxima of windows, which tap they come from, and moving entries to and from that tap."""

from __future__ import annotations

import math

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels.reference.windows import Sizes, along_axis, tap_slices, window_counts

__all__ = ["max_taps", "max_windows", "pick_taps", "place_taps"]

# Where no entry belongs to two windows, a value is written or a zero. Multiplying the bits with 0
# or 1 writes both in one pass, five times as fast as `where`, and leaves ∞ and NaN what they are.
_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def max_windows(x: Array, *, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """Maximum of each window of x (..., *lengths); a window with a NaN has the maximum NaN.

    One axis after the other: of a 3×3 window 2 + 2 comparisons instead of 8. Rows come first,
    because their entries lie next to each other.
    """
    x = np.asanyarray(x)
    rank = len(kernel)
    counts = window_counts(x.shape[x.ndim - rank :], kernel, stride, dilation)
    for i in range(rank):
        places = along_axis(i, rank, counts[i], kernel[i], stride[i], dilation[i])
        rows = [x[where] for where in places]
        best: Array = rows[0].copy() if len(rows) == 1 else np.maximum(rows[0], rows[1])
        for row in rows[2:]:
            np.maximum(best, row, out=best)
        x = best
    return x


def max_taps(x: Array, *, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """Number of the tap, in row-major order, that holds each window's maximum.

    Of equal maxima the first counts, of several NaN the last, both as in PyTorch.
    """
    x = np.asanyarray(x)
    best = max_windows(x, kernel=kernel, stride=stride, dilation=dilation)
    counts = best.shape[best.ndim - len(kernel) :]
    taps: Array = np.zeros_like(best, dtype=np.uint8 if math.prod(kernel) < 256 else np.int64)
    places = list(tap_slices(counts, kernel, stride, dilation))
    missing: Array = np.ones_like(best, dtype=bool)
    for where in places[:-1]:  # the first equal entry stops the counting; else it is the last
        missing &= x[where] != best
        taps += missing
    if np.isnan(best).any():
        for t, where in enumerate(places):
            np.copyto(taps, t, where=np.isnan(x[where]))
    return taps


def place_taps(
    values: Array, *, taps: Array, kernel: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes
) -> Array:
    """Add one value per window, at its tap, into zeros of `shape`."""
    values = np.asanyarray(values)
    counts = values.shape[values.ndim - len(kernel) :]
    result: Array = np.zeros_like(values, shape=shape)
    zero = values.dtype.type(0)
    apart = all(d * (k - 1) < s for k, s, d in zip(kernel, stride, dilation, strict=True))
    bits = _BITS.get(values.dtype.itemsize) if apart else None
    for t, where in enumerate(tap_slices(counts, kernel, stride, dilation)):
        if bits is not None:
            np.multiply(values.view(bits), taps == t, out=result.view(bits)[where])
        else:
            result[where] += np.where(taps == t, values, zero)
    return result


def pick_taps(x: Array, *, taps: Array, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """One entry per window of x (..., *lengths): the one under its tap."""
    x = np.asanyarray(x)
    result: Array = np.empty_like(x, shape=taps.shape)
    counts = taps.shape[taps.ndim - len(kernel) :]
    for t, where in enumerate(tap_slices(counts, kernel, stride, dilation)):
        np.copyto(result, x[where], where=taps == t)
    return result
