"""The cardinal sine and its derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels.reference.elementwise import floating

__all__ = ["sinc"]

_SERIES_TERMS = 24


def _near_zero(x: Array, order: int) -> Array:
    """The derivative of Σₖ (−1)ᵏ (πx)²ᵏ / (2k + 1)!, term by term."""
    total = np.zeros_like(x)
    for k in range((order + 1) // 2, (order + 1) // 2 + _SERIES_TERMS):
        power = 2 * k - order
        falling = math.perm(2 * k, order) / math.factorial(2 * k + 1)
        total += (-1) ** k * math.pi ** (2 * k) * falling * x**power
    return total


def sinc(x: Any, *, order: int = 0) -> Array:
    """sin(πx) / (πx), or its derivative of the given order; 1 at 0.

    Away from 0, x·f = sin(πx)/π differentiated n times gives
    x·f⁽ⁿ⁾ + n·f⁽ⁿ⁻¹⁾ = πⁿ⁻¹ sin(πx + nπ/2); that loses its digits near 0, where the power series
    does not.
    """
    x = floating(x)
    near = np.abs(x) < 0.5 + 0.25 * order
    far = np.where(near, x.dtype.type(1.0), x)
    wave = [np.sin(np.pi * far), np.cos(np.pi * far)]
    value = wave[0] / (np.pi * far)
    for n in range(1, order + 1):
        turned = wave[n % 2] * (1 if n % 4 < 2 else -1)  # sin(πx + nπ/2)
        value = (math.pi ** (n - 1) * turned - n * value) / far
    result = np.where(near, _near_zero(np.where(near, x, x.dtype.type(0.0)), order), value)
    return result.astype(x.dtype, copy=False)
