"""Reductions that NumPy lacks."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels.reference.elementwise import floating

__all__ = ["log_softmax", "logsumexp"]

Axis = int | tuple[int, ...] | None


def logsumexp(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Log of a sum of exponentials, m + log Σ e^(x−m) with m = max x, which never overflows."""
    x = floating(x)
    if not x.ndim and axis in (0, -1, (0,), (-1,)):  # NumPy lets a number be folded so
        axis = None
    largest = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    # A row of −∞ only (every class masked) has the sum 0 and the answer −∞, not NaN; so has an
    # empty one.
    largest = np.where(np.isfinite(largest), largest, 0)
    total = np.sum(np.exp(x - largest), axis=axis, keepdims=True)
    with np.errstate(divide="ignore"):
        result = np.log(total) + largest
    return result if keepdims else np.squeeze(result, axis=axis)


def log_softmax(x: Array, *, axis: int = -1) -> Array:
    """Log of the softmax, x − log Σ eˣ, over one axis."""
    x = floating(x)
    if not x.size:
        return x + np.add.reduce(
            x, axis=axis, keepdims=True
        )  # an axis that is not there is refused
    shifted: Array = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    shifted -= np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))
    return shifted
