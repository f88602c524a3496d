"""Matrix products, arranged so that they always reach the fast path of the BLAS."""

from __future__ import annotations

import math

import numpy as np

from pellucid.dtypes import Array

__all__ = ["linear", "matmul"]


def _dense(x: Array) -> Array:
    """Copy an array with repeated (zero-stride) axes: NumPy multiplies those without the BLAS."""
    return np.ascontiguousarray(x) if 0 in x.strides and x.size > 1 else x


def matmul(x: Array, y: Array) -> Array:
    """Matrix product of `x` (..., n, k) and `y` (..., k, m).

    A batch times one matrix is computed as a single tall product, which the BLAS does several
    times faster than many small ones.
    """
    x, y = _dense(x), _dense(y)
    if y.ndim == 2 and x.ndim > 2:
        # (..., n, k) -> (n₁·…·n, k) -> (..., n, m)
        rows = math.prod(x.shape[:-1])
        tall: Array = np.matmul(x.reshape(rows, x.shape[-1]), y)
        return tall.reshape(*x.shape[:-1], y.shape[-1])
    return np.matmul(x, y)


def linear(x: Array, weight: Array, bias: Array) -> Array:
    """Affine map x @ weight + bias of the last axis, the bias added in place."""
    x = np.asanyarray(x)
    result = matmul(x, weight)
    if result.dtype == np.result_type(result, bias):
        result += bias
        return result
    return result + bias
