"""The softmax of attention and its gradient, computed in place in one buffer each."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array

__all__ = ["masked_softmax", "masked_softmax_gradient"]


def masked_softmax(x: Array, *, allowed: Array | None = None, scale: float = 1.0) -> Array:
    """Softmax of scale · x over the last axis, with weight 0 where `allowed` is False.

    A row in which nothing is allowed, or everything is −∞, is all zeros.
    """
    y = np.multiply(x, scale, dtype=x.dtype)
    if allowed is not None:
        np.copyto(y, -np.inf, where=np.logical_not(allowed))
    if not y.shape[-1]:
        return y
    # The lowest finite number instead of −∞, which minus itself would be NaN.
    largest = np.maximum(_row_max(y), np.finfo(y.dtype).min)
    with np.errstate(over="ignore"):  # e^−∞ = 0 is the right answer
        np.subtract(y, largest, out=y)
    np.exp(y, out=y)
    # Where anything is allowed, the largest entry alone contributes 1.
    total = np.maximum(np.einsum("...i->...", y)[..., None], 1)
    np.divide(y, total, out=y)
    return y


def _row_max(x: Array) -> Array:
    """Maximum over the last axis, kept: by halves, as NumPy is slow over short rows."""
    while x.shape[-1] > 8 and x.shape[-1] % 2 == 0:
        half = x.shape[-1] // 2
        x = np.maximum(x[..., :half], x[..., half:])
    return np.max(x, axis=-1, keepdims=True)


def masked_softmax_gradient(g: Array, y: Array, *, scale: float = 1.0) -> Array:
    """Gradient of the softmax y of scale · x: scale · y · (g − Σ g y), sums over the last axis."""
    along = np.einsum("...i,...i->...", g, y)[..., None]
    result = np.subtract(g, along)
    np.multiply(result, y, out=result)
    if scale != 1:
        np.multiply(result, scale, out=result)
    return result
