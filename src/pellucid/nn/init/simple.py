"""Initialisers that are the same for every shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.nn.init.base import Initializer, Shape, Source

__all__ = ["Constant", "Normal", "Ones", "TruncatedNormal", "Uniform", "Zeros"]


@dataclass(frozen=True, repr=False)
class Zeros(Initializer):
    """All zeros; the default of biases."""

    label = "zeros"
    formula = "w = 0"

    def draw(self, shape: Shape, source: Source) -> Array:
        """Return zeros."""
        return np.zeros(shape, source.dtype)


@dataclass(frozen=True, repr=False)
class Ones(Initializer):
    """All ones."""

    label = "ones"
    formula = "w = 1"

    def draw(self, shape: Shape, source: Source) -> Array:
        """Return ones."""
        return np.ones(shape, source.dtype)


@dataclass(frozen=True, repr=False)
class Constant(Initializer):
    """All equal to `value`."""

    label = "constant"
    formula = "w = value"
    value: float = 0.0

    def draw(self, shape: Shape, source: Source) -> Array:
        """Return an array filled with the value."""
        return np.full(shape, self.value, source.dtype)


@dataclass(frozen=True, repr=False)
class Uniform(Initializer):
    """Uniform between `low` and `high`."""

    label = "uniform"
    formula = "w ~ U(low, high)"
    low: float = -0.1
    high: float = 0.1

    def draw(self, shape: Shape, source: Source) -> Array:
        """Draw from U(low, high)."""
        return source.uniform(shape, self.low, self.high)


@dataclass(frozen=True, repr=False)
class Normal(Initializer):
    """Normal with mean `mean` and standard deviation `std`."""

    label = "normal"
    formula = "w ~ N(mean, std²)"
    std: float = 0.01
    mean: float = 0.0

    def draw(self, shape: Shape, source: Source) -> Array:
        """Draw from N(mean, std²)."""
        return source.normal(shape) * self.std + self.mean


@dataclass(frozen=True, repr=False)
class TruncatedNormal(Initializer):
    """Normal, with everything farther than `bound` standard deviations from the mean drawn again.

    For ``bound=2`` the standard deviation of what is left is 0.880·std.
    """

    label = "truncated normal"
    formula = "w ~ N(mean, std²), |w − mean| ≤ bound·std"
    std: float = 0.02
    mean: float = 0.0
    bound: float = 2.0

    def draw(self, shape: Shape, source: Source) -> Array:
        """Draw, and draw again what is too far out."""
        if self.bound < 0.1:  # nearly every number would be drawn again, many times
            raise DataError(f"the bound of a truncated normal is at least 0.1, got {self.bound}")
        z = np.asarray(source.normal(shape))
        while (outside := np.abs(z) > self.bound).any():
            z[outside] = source.normal((int(outside.sum()),))
        return z * self.std + self.mean
