"""Images made brighter or darker, with noise, or with a part cut out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.transform import SampleTransform, check_spread
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["AddNoise", "Cutout", "RandomBrightness", "RandomContrast", "boxes"]


def _per_sample(values: Array, x: Array) -> Array:
    """Return one number per sample in the dtype of `x`, to be combined with it."""
    return values.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - 1))


@dataclass(frozen=True)
class RandomBrightness(SampleTransform):
    """Add one number to all pixels of an image: x + δ, δ ~ U(−`amount`, `amount`).

    Parameters
    ----------
    amount : float
        In the unit of the pixels: of 0 … 1, or of standard deviations.
    probability : float
        The share of images that are changed.
    """

    amount: float = 0.2

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_spread("amount", self.amount)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images brighter or darker."""
        return x + _per_sample(rng.uniform(-self.amount, self.amount, len(x)), x)


@dataclass(frozen=True)
class RandomContrast(SampleTransform):
    """Stretch the pixels of an image about their mean: x̄ + f (x − x̄), f ~ U(1 − a, 1 + a).

    Parameters
    ----------
    amount : float
        a, between 0 and 1.
    probability : float
        The share of images that are changed.
    """

    amount: float = 0.2

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.amount <= 1:
            raise DataError(f"amount lies between 0 and 1, got {self.amount!r}")

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images with more or less contrast."""
        mean = x.mean(axis=(1, 2, 3), keepdims=True)
        factor = _per_sample(rng.uniform(1 - self.amount, 1 + self.amount, len(x)), x)
        return mean + factor * (x - mean)


@dataclass(frozen=True)
class AddNoise(SampleTransform):
    """Add normal noise to every number: x + ε, ε ~ N(0, σ²). For samples of any shape.

    Parameters
    ----------
    std : float
        σ.
    probability : float
        The share of samples that are changed.
    """

    std: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_spread("std", self.std)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the samples with noise."""
        noise = rng.standard_normal(x.shape, np.float64 if x.dtype == np.float64 else np.float32)
        return x + x.dtype.type(self.std) * noise.astype(x.dtype, copy=False)


@dataclass(frozen=True)
class Cutout(SampleTransform):
    """Blank a square of each image. Its centre may be any pixel, so that part may lie outside.

    DeVries & Taylor (2017).

    Parameters
    ----------
    size : int
        The side of the square, in pixels.
    fill : float
        What it is filled with; 0 is the mean of standardised images.
    probability : float
        The share of images that are changed.
    """

    size: int
    fill: float = 0.0

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.size, bool) or self.size < 1:
            raise DataError(f"size is a number of pixels, 1 or more, got {self.size!r}")

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images with a square blanked."""
        sides = np.full(len(x), self.size)
        inside = boxes(x.shape[2:], sides, sides, rng)  # (N, H, W)
        return np.where(inside[:, None], x.dtype.type(self.fill), x)


def boxes(shape: tuple[int, ...], heights: Array, widths: Array, rng: np.random.Generator) -> Array:
    """Return for each sample which pixels lie in a box about a random one; bool, (N, H, W)."""
    inside = []
    for pixels, sizes in zip(shape, (heights, widths), strict=True):
        first = rng.integers(0, pixels, len(sizes)) - sizes // 2
        place = np.arange(pixels)
        inside.append((place >= first[:, None]) & (place < (first + sizes)[:, None]))
    rows, columns = inside
    return rows[:, :, None] & columns[:, None, :]
