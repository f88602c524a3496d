"""Initialisers that keep the variance of signals by counting inputs and outputs."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.nn.init.base import Initializer, Shape, Source, fans

__all__ = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LeCunNormal",
    "LeCunUniform",
]


@dataclass(frozen=True, repr=False)
class _Scaled(Initializer):
    """Zero mean, and a variance that depends on the fans."""

    @abstractmethod
    def variance(self, shape: Shape) -> float:
        """Return the variance for weights of this shape."""

    def _normal(self, shape: Shape, source: Source) -> Array:
        return source.normal(shape) * math.sqrt(self.variance(shape))

    def _uniform(self, shape: Shape, source: Source) -> Array:
        limit = math.sqrt(3 * self.variance(shape))  # U(−a, a) has variance a² / 3
        return source.uniform(shape, -limit, limit)


@dataclass(frozen=True, repr=False)
class _Glorot(_Scaled):
    gain: float = 1.0

    def variance(self, shape: Shape) -> float:
        """Return gain² · 2 / (fan_in + fan_out)."""
        return self.gain**2 * 2 / max(sum(fans(shape)), 1)

    def law(self) -> str:
        """Return the formula, without a gain of 1."""
        plain = self.formula.replace("gain² · ", "").replace("gain · ", "")
        return plain if self.gain == 1 else self.formula


class GlorotNormal(_Glorot):
    """Normal, for tanh, sigmoid and linear units: keeps variances both ways (Glorot, 2010)."""

    label = "Glorot normal"
    formula = "w ~ N(0, σ²), σ² = gain² · 2 / (fan_in + fan_out)"
    draw = _Scaled._normal


class GlorotUniform(_Glorot):
    """Uniform, for tanh, sigmoid and linear units: keeps variances both ways (Glorot, 2010)."""

    label = "Glorot uniform"
    formula = "w ~ U(−a, a), a = gain · √(6 / (fan_in + fan_out))"
    draw = _Scaled._uniform


@dataclass(frozen=True, repr=False)
class _He(_Scaled):
    negative_slope: float = 0.0
    mode: Literal["fan_in", "fan_out"] = "fan_in"

    def variance(self, shape: Shape) -> float:
        """Return 2 / ((1 + negative_slope²) · fan)."""
        if self.mode not in ("fan_in", "fan_out"):
            raise DataError(f"mode is 'fan_in' or 'fan_out', got {self.mode!r}")
        fan = fans(shape)[self.mode == "fan_out"]
        return 2 / ((1 + self.negative_slope**2) * max(fan, 1))

    def law(self) -> str:
        """Return the formula for this slope and mode."""
        slope = f"((1 + {self.negative_slope}²) · {self.mode})"
        return self.formula.replace("fan_in", slope if self.negative_slope else self.mode)


class HeNormal(_He):
    """Normal, for ReLU and its relatives, which lose half of the variance (He, 2015)."""

    label = "He normal"
    formula = "w ~ N(0, σ²), σ² = 2 / fan_in"
    draw = _Scaled._normal


class HeUniform(_He):
    """Uniform, for ReLU and its relatives, which lose half of the variance (He, 2015)."""

    label = "He uniform"
    formula = "w ~ U(−a, a), a = √(6 / fan_in)"
    draw = _Scaled._uniform


class _LeCun(_Scaled):
    def variance(self, shape: Shape) -> float:
        """Return 1 / fan_in."""
        return 1 / max(fans(shape)[0], 1)


class LeCunNormal(_LeCun):
    """Normal, keeps the variance of the inputs (LeCun, 1998); SELU needs it (Klambauer, 2017)."""

    label = "LeCun normal"
    formula = "w ~ N(0, σ²), σ² = 1 / fan_in"
    draw = _Scaled._normal


class LeCunUniform(_LeCun):
    """Uniform, keeps the variance of the inputs (LeCun, 1998)."""

    label = "LeCun uniform"
    formula = "w ~ U(−a, a), a = √(3 / fan_in)"
    draw = _Scaled._uniform
