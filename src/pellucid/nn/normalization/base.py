"""What the layers of this family share: sizes, options, parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.dtypes import Array, DTypeLike, as_array, float_dtype
from pellucid.errors import DataError
from pellucid.nn.inputs import floats
from pellucid.nn.lazy import LazyParameter, is_pending
from pellucid.nn.module import Module
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value
from pellucid.tensor import Parameter

__all__ = ["Normalization", "check_count", "check_eps"]


def check_count(name: str, size: Any) -> int:
    """Return a whole number ≥ 1."""
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise DataError(f"{name} is a whole number ≥ 1, got {size!r}")
    return int(size)


def check_eps(eps: Any) -> float:
    """Return the small number that keeps a variance of 0 from being divided by."""
    if not isinstance(eps, (int, float, np.floating)) or not 0 <= eps < math.inf:
        raise DataError(f"eps is a small number ≥ 0 that is added to the variance, got {eps!r}")
    return float(eps)


class Normalization(Module):
    """Base of the layers that standardise, then scale and shift by learnt numbers.

    Attributes
    ----------
    weight : Parameter or None
        What standardised values are multiplied with; starts as ones.
    bias : Parameter or None
        What is added to them; starts as zeros.
    """

    # Values leave with a scale of their own, whatever the layer before did, and then meet the
    # activation: it is the activation that the weights before should suit.
    transparent = True

    weight: Parameter | None
    bias: Parameter | None

    def _start(
        self,
        shape: tuple[int | None, ...],
        affine: bool,
        bias: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        """Make the parameters, or let them wait for their shape."""
        self._dtype = float_dtype(dtype)
        self.weight = self._parameter(shape, 1.0) if affine else None
        self.bias = self._parameter(shape, 0.0) if affine and bias else None

    def _parameter(self, shape: tuple[int | None, ...], value: float) -> Parameter:
        if None in shape:
            return LazyParameter(shape, self._dtype)
        return Parameter(np.full(tuple(n or 0 for n in shape), value, self._dtype))

    def _fill(self, shape: tuple[int, ...]) -> None:
        """Give parameters that waited for their shape their first numbers."""
        for parameter, value in ((self.weight, 1.0), (self.bias, 0.0)):
            if isinstance(parameter, LazyParameter) and is_pending(parameter):
                parameter.fill(np.full(shape, value, parameter.dtype))

    def _input(self, x: Any, like: Array | None = None) -> Value:
        """Return the input; raw data takes the type of the parameters, or of `like`."""
        if self.weight is not None:
            like = self.weight.data
        if isinstance(x, Recorded) or like is None:
            return floats(x)
        return as_array(x, like.dtype)
