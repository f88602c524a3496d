"""A plane through many dimensions: the two directions in which samples differ most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.inspect.pictures.finite import check_finite

__all__ = ["Plane"]


@dataclass(frozen=True)
class Plane:
    """An affine plane: points `center` + u · `axes[0]` + v · `axes[1]`.

    Attributes
    ----------
    center : ndarray, shape (D,)
    axes : ndarray, shape (2, D)
        Of length 1, at right angles.
    share : float
        Which share of the samples' variance lies in the plane.
    """

    center: Array
    axes: Array
    share: float

    @classmethod
    def through(cls, samples: Array) -> Self:
        """Return the plane of the first two principal components (Pearson, 1901).

        Samples with two features span the plane themselves: their coordinates stay what they are.

        Raises
        ------
        ShapeError
            If the samples have a single feature.
        DataError
            If there are fewer than two samples; of two features one is enough.
        NonFiniteError
            If a number is NaN or infinite.
        """
        if not len(samples):
            raise DataError("there is no sample to draw")
        flat = samples.reshape(len(samples), -1).astype(np.float64)
        check_finite(flat, "the samples or of what a layer makes of them")
        if flat.shape[1] < 2:
            raise ShapeError("samples with a single feature span no plane; two are needed")
        if flat.shape[1] == 2:
            return cls(np.zeros(2), np.eye(2), 1.0)
        if len(flat) < 2:
            raise DataError("one sample spans no plane; give at least two")
        center = flat.mean(axis=0)
        _, lengths, directions = np.linalg.svd(flat - center, full_matrices=False)
        axes = directions[:2] if len(directions) > 1 else np.vstack([directions, 0 * directions])
        # A singular vector has no sign of its own: let its largest entry be positive.
        largest = np.argmax(np.abs(axes), axis=1)
        axes = axes * np.where(axes[np.arange(2), largest] < 0, -1.0, 1.0)[:, None]
        total = float(np.sum(lengths**2))
        return cls(center, axes, float(np.sum(lengths[:2] ** 2)) / total if total else 1.0)

    def coordinates(self, samples: Array) -> Array:
        """Return where samples lie, (N, 2), seen at right angles to the plane."""
        flat = samples.reshape(len(samples), -1).astype(np.float64)
        return (flat - self.center) @ self.axes.T

    def points(self, coordinates: Array) -> Array:
        """Return the points (N, D) with these coordinates (N, 2)."""
        return self.center + coordinates @ self.axes
