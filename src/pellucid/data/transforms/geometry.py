"""Images shifted, cropped, flipped, turned and scaled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pellucid.data.transforms.sampling import Fill, check_fill, padded, sample_images
from pellucid.data.transforms.transform import SampleTransform, check_spread
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError

__all__ = ["RandomCrop", "RandomFlip", "RandomRotation", "RandomScale", "RandomShift"]

Axis: TypeAlias = Literal["horizontal", "vertical"]


def _windows(images: Array, pixels: int, fill: Fill, rng: np.random.Generator) -> Array:
    """Return images cut at random places from ones with a wider border."""
    height, width = images.shape[2:]
    views = sliding_window_view(padded(images, pixels, fill), (height, width), axis=(2, 3))
    top, left = rng.integers(0, 2 * pixels + 1, (2, len(images)))
    return views[np.arange(len(images)), :, top, left]


def _check_pixels(name: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise DataError(f"{name} is a whole number of pixels ≥ 0, got {value!r}")


@dataclass(frozen=True)
class RandomShift(SampleTransform):
    """Shift each image by whole pixels, rows and columns from −`pixels` to `pixels`.

    Parameters
    ----------
    pixels : int
        How far at most.
    fill : float or "edge"
        What comes in at the border: a number, or the nearest pixel.
    probability : float
        The share of images that are changed.
    """

    pixels: int
    fill: Fill = "edge"

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_pixels("pixels", self.pixels)
        check_fill(self.fill)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images shifted."""
        return _windows(x, self.pixels, self.fill, rng)


@dataclass(frozen=True)
class RandomCrop(SampleTransform):
    """Put a border of zeros around each image and cut one of its size out of that.

    The usual augmentation for CIFAR-10, with a border of 4 (Lin, Chen & Yan, 2013; He et al.,
    2016).

    Parameters
    ----------
    padding : int
        How wide the border is.
    fill : float or "edge"
        What it is made of; 0 is the mean colour of standardised images.
    probability : float
        The share of images that are changed.
    """

    padding: int = 4
    fill: Fill = 0.0

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_pixels("padding", self.padding)
        check_fill(self.fill)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images cropped."""
        return _windows(x, self.padding, self.fill, rng)


@dataclass(frozen=True)
class RandomFlip(SampleTransform):
    """Mirror half of the images.

    Parameters
    ----------
    axis : {"horizontal", "vertical"}
        Left for right, or top for bottom.
    probability : float
        The share of images that are mirrored.
    """

    axis: Axis = "horizontal"
    probability: float = field(default=0.5, kw_only=True)

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis not in ("horizontal", "vertical"):
            raise UnknownNameError("axis", self.axis, ("horizontal", "vertical"))

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images mirrored."""
        return x[..., ::-1].copy() if self.axis == "horizontal" else x[..., ::-1, :].copy()


@dataclass(frozen=True)
class RandomRotation(SampleTransform):
    """Turn each image about its centre by an angle from −`degrees` to `degrees`, bilinearly.

    Parameters
    ----------
    degrees : float
        How far at most, to the left and to the right.
    fill : float or "edge"
        What lies outside of the image.
    probability : float
        The share of images that are changed.
    """

    degrees: float
    fill: Fill = "edge"

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_spread("degrees", self.degrees)
        check_fill(self.fill)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images turned."""
        return rotated(x, rng.uniform(-self.degrees, self.degrees, len(x)), self.fill)


@dataclass(frozen=True)
class RandomScale(SampleTransform):
    """Make what is in each image larger or smaller by a factor from `low` to `high`, bilinearly.

    Parameters
    ----------
    low, high : float
        The factors; the image keeps its size.
    fill : float or "edge"
        What lies outside of the image.
    probability : float
        The share of images that are changed.
    """

    low: float = 0.9
    high: float = 1.1
    fill: Fill = "edge"

    layout = "images"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.low <= self.high < float("inf"):
            raise DataError(
                f"factors run from low to high, both above 0, got {self.low!r} to {self.high!r}"
            )
        check_fill(self.fill)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the images scaled."""
        factors = np.exp(rng.uniform(np.log(self.low), np.log(self.high), len(x)))
        return scaled(x, factors, self.fill)


def rotated(images: Array, degrees: Array, fill: Fill = "edge") -> Array:
    """Return images (N, C, H, W) turned to the left by an angle each."""
    angles = np.deg2rad(degrees)
    cosine, sine = np.cos(angles), np.sin(angles)
    # From places of the result back to the image; rows count downwards.
    matrices = np.array([[cosine, sine], [-sine, cosine]]).transpose(2, 0, 1)  # (N, 2, 2)
    return sample_images(images, matrices, fill)


def scaled(images: Array, factors: Array, fill: Fill = "edge") -> Array:
    """Return images (N, C, H, W) magnified by a factor each."""
    return sample_images(images, np.eye(2) / factors[:, None, None], fill)
