"""Series with noise, scaled, warped and sliced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.pixels import AddNoise
from pellucid.data.transforms.sampling import sample_series, spline_matrix
from pellucid.data.transforms.transform import SampleTransform, check_spread
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["Jitter", "MagnitudeWarp", "Scaling", "TimeWarp", "WindowSlice"]


class Jitter(AddNoise):
    """Add normal noise to every value of a series: x + ε, ε ~ N(0, σ²).

    Um et al. (2017), as the transforms below.

    Parameters
    ----------
    std : float
        σ.
    probability : float
        The share of series that are changed.
    """

    layout = "series"


@dataclass(frozen=True)
class Scaling(SampleTransform):
    """Multiply each column of a series by a number: f x, f ~ N(1, σ²).

    Parameters
    ----------
    std : float
        σ.
    probability : float
        The share of series that are changed.
    """

    std: float = 0.1

    layout = "series"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_spread("std", self.std)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the series scaled."""
        return x * rng.normal(1, self.std, (len(x), 1, x.shape[2])).astype(x.dtype)


@dataclass(frozen=True)
class MagnitudeWarp(SampleTransform):
    """Multiply each column of a series by a smooth curve around 1.

    The curve is a natural cubic spline through `knots` points, each drawn from N(1, σ²).

    Parameters
    ----------
    std : float
        σ.
    knots : int
        How many points, at equal distances from the first step to the last; 2 or more.
    probability : float
        The share of series that are changed.
    """

    std: float = 0.2
    knots: int = 4

    layout = "series"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_spread("std", self.std)
        _check_knots(self.knots)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the series warped in magnitude."""
        count, steps, columns = x.shape
        points = rng.normal(1, self.std, (count, self.knots, columns))
        return x * (spline_matrix(self.knots, steps) @ points).astype(x.dtype)


@dataclass(frozen=True)
class TimeWarp(SampleTransform):
    """Let time run faster and slower along a series, from its first step to its last.

    The logarithm of the speed is a natural cubic spline through `knots` points, each drawn from
    N(0, σ²); the values between two steps are interpolated.

    Parameters
    ----------
    std : float
        σ.
    knots : int
        How many points; 2 or more.
    probability : float
        The share of series that are changed.
    """

    std: float = 0.2
    knots: int = 4

    layout = "series"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_spread("std", self.std)
        _check_knots(self.knots)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the series warped in time."""
        count, steps, _ = x.shape
        if steps < 2:
            return x.copy()
        points = rng.normal(0, self.std, (count, self.knots))
        speed = np.exp(points @ spline_matrix(self.knots, steps - 1).T)  # (N, T − 1)
        passed = np.cumsum(speed, axis=1)
        places = np.concatenate([np.zeros((count, 1)), passed / passed[:, -1:]], axis=1)
        return sample_series(x, places * (steps - 1))


@dataclass(frozen=True)
class WindowSlice(SampleTransform):
    """Cut a part out of each series and stretch it to the whole length.

    Le Guennec, Malinowski & Tavenard (2016).

    Parameters
    ----------
    share : float
        How much of the series the part has, above 0 and at most 1.
    probability : float
        The share of series that are changed.
    """

    share: float = 0.9

    layout = "series"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.share <= 1:
            raise DataError(f"share is above 0 and at most 1, got {self.share!r}")

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the series sliced."""
        last = x.shape[1] - 1
        start = rng.uniform(0, last * (1 - self.share), len(x))
        return sample_series(x, start[:, None] + np.linspace(0, last * self.share, last + 1))


def _check_knots(knots: int) -> None:
    if isinstance(knots, bool) or knots < 2:
        raise DataError(f"knots is a whole number ≥ 2, got {knots!r}")
