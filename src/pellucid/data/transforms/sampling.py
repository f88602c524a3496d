"""Images and series read between their points."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["Fill", "check_fill", "padded", "sample_images", "sample_series", "spline_matrix"]

Fill: TypeAlias = float | Literal["edge"]
"""What lies outside of an image: a number, or its nearest pixel."""


def check_fill(fill: Fill) -> None:
    """Raise unless `fill` is a finite number or "edge"."""
    if fill == "edge":
        return
    if not isinstance(fill, (int, float)) or not math.isfinite(fill):
        raise DataError(f"fill is a finite number or 'edge', got {fill!r}")


def padded(images: Array, pixels: int, fill: Fill) -> Array:
    """Return images with so many pixels more on each side."""
    widths = ((0, 0), (0, 0), (pixels, pixels), (pixels, pixels))
    if fill == "edge":
        return np.pad(images, widths, mode="edge")
    return np.pad(images, widths, constant_values=fill)


def sample_images(images: Array, matrices: Array, fill: Fill) -> Array:
    """Return images moved by linear maps about their centres, by bilinear interpolation.

    out(p) = in(A p), p the place relative to the centre, (row, column)

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
    matrices : ndarray, shape (N, 2, 2)
        A: from places of the result to places of the image, the inverse of the movement.
    fill : float or "edge"
        What lies outside.
    """
    count, _, height, width = images.shape
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.moveaxis(np.indices((height, width)), 0, -1) - centre  # (H, W, 2)
    places = np.einsum("nij,hwj->nihw", matrices, grid) + centre[:, None, None]  # (N, 2, H, W)
    # Rotations by a right angle shall hit the pixels, not miss them by a rounding error.
    near = np.rint(places)
    places = np.where(np.abs(places - near) < 1e-9, near, places)
    border = 0
    if fill != "edge":  # beyond one pixel of fill there is nothing else
        border = 1
        images = padded(images, border, fill)
    last = np.array([height, width])[:, None, None] - 1 + 2 * border
    places = np.clip(places + border, 0, last)
    low = np.minimum(places.astype(np.intp), np.maximum(last - 1, 0))  # (N, 2, H, W)
    share = (places - low).astype(images.dtype)[:, :, None]  # (N, 2, 1, H, W)
    high = np.minimum(low + 1, last)
    sample = np.arange(count)[:, None, None]

    def at(rows: Array, columns: Array) -> Array:
        return images[sample, :, rows, columns].transpose(0, 3, 1, 2)  # (N, H, W, C) → (N, C, H, W)

    top = _between(at(low[:, 0], low[:, 1]), at(low[:, 0], high[:, 1]), share[:, 1])
    bottom = _between(at(high[:, 0], low[:, 1]), at(high[:, 0], high[:, 1]), share[:, 1])
    return np.ascontiguousarray(_between(top, bottom, share[:, 0]))


def sample_series(series: Array, places: Array) -> Array:
    """Return series read at places between their steps, by linear interpolation.

    Parameters
    ----------
    series : ndarray, shape (N, T, F)
    places : ndarray, shape (N, S)
        Places from 0 to T − 1.

    Returns
    -------
    ndarray, shape (N, S, F)
    """
    last = series.shape[1] - 1
    places = np.clip(places, 0, last)
    low = np.minimum(places.astype(np.intp), max(last - 1, 0))
    share = (places - low).astype(series.dtype)[:, :, None]  # (N, S, 1)
    sample = np.arange(len(series))[:, None]
    return _between(series[sample, low], series[sample, np.minimum(low + 1, last)], share)


def spline_matrix(knots: int, steps: int) -> Array:
    """Return the matrix that makes a smooth curve of its values at equally spaced knots.

    The natural cubic spline: its second derivative m is continuous, and 0 at both ends, so that
    mᵢ₋₁ + 4 mᵢ + mᵢ₊₁ = 6 (vᵢ₋₁ − 2 vᵢ + vᵢ₊₁) for knots one apart.

    Returns
    -------
    ndarray, shape (steps, knots)

    Examples
    --------
    >>> spline_matrix(3, 5) @ np.array([0.0, 1.0, 2.0])  # a line stays a line
    array([0. , 0.5, 1. , 1.5, 2. ])
    """
    second = np.zeros((knots, knots))  # from values to second derivatives
    if knots > 2:
        inner = knots - 2
        left = 4 * np.eye(inner) + np.eye(inner, k=1) + np.eye(inner, k=-1)
        right = np.eye(inner, knots) - 2 * np.eye(inner, knots, k=1) + np.eye(inner, knots, k=2)
        second[1:-1] = np.linalg.solve(left, 6 * right)
    place = np.linspace(0, knots - 1, steps)
    low = np.minimum(place.astype(np.intp), knots - 2)
    b = (place - low)[:, None]
    a = 1 - b
    eye = np.eye(knots)
    curved = (a**3 - a) * second[low] + (b**3 - b) * second[low + 1]
    return a * eye[low] + b * eye[low + 1] + curved / 6


def _between(first: Array, second: Array, share: Array) -> Array:
    """Return the values a share of the way from the first to the second."""
    return first + (second - first) * share
