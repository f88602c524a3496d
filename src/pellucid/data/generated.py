"""Data sets made of a formula and a seed: no files, any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.data.arrays import from_arrays
from pellucid.data.dataset import Dataset
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.random import Seed, generator

__all__ = ["blobs", "circles", "gate", "gaussian_quantiles", "moons", "spirals"]

_GATES: dict[str, tuple[int, int, int, int]] = {
    "xor": (0, 1, 1, 0),
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
}


def gate(name: str) -> Callable[..., Dataset]:
    """Return the loader of a logic gate: "xor", "and" or "or"."""

    def load_gate(*, samples: int = 4, noise: float = 0.0, rng: Seed = 0) -> Dataset:
        """Load the four corners of the unit square in the order 00, 01, 10, 11.

        Parameters
        ----------
        samples : int
            How many points; beyond 4 the corners are repeated in turn.
        noise : float
            Standard deviation of normal noise added to the points.
        rng : int, numpy.random.Generator or None
            Where the noise comes from.

        Returns
        -------
        Dataset
            Without a test part: the four points are all there is.
        """
        _check(samples, 4, noise)
        corner = np.arange(samples) % 4
        x = np.stack([corner // 2, corner % 2], axis=1).astype(np.float64)  # (N, 2)
        y = np.array(_GATES[name])[corner]
        x += noise * generator(rng).standard_normal(x.shape)
        return _dataset(name, x, y, f"the logical {name} of two bits", 0.0, 0.0, rng)

    return load_gate


def moons(
    *,
    samples: int = 1000,
    noise: float = 0.1,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    rng: Seed = 0,
) -> Dataset:
    """Load two interleaving half circles of radius 1.

    Class 0 is (cos t, sin t), class 1 is (1 − cos t, ½ − sin t), with t from 0 to π.

    Parameters
    ----------
    samples : int
        How many points, over all classes and parts.
    noise : float
        Standard deviation of normal noise added to the points.
    test_fraction, validation : float
        Shares set aside, 0 for none.
    rng : int, numpy.random.Generator or None
        Where noise and splits come from.
    """
    _check(samples, 2, noise)
    draw = generator(rng)
    y = np.arange(samples) % 2
    t = np.pi * draw.random(samples)
    x = np.where(
        y[:, None] == 0,
        np.stack([np.cos(t), np.sin(t)], axis=1),
        np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1),
    )  # (N, 2)
    x += noise * draw.standard_normal(x.shape)
    return _dataset("moons", x, y, "two half moons", test_fraction, validation, draw)


def circles(
    *,
    samples: int = 1000,
    noise: float = 0.05,
    factor: float = 0.5,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    rng: Seed = 0,
) -> Dataset:
    """Load a circle of radius 1 (class 0) around one of radius `factor` (class 1).

    Parameters
    ----------
    samples, noise, test_fraction, validation, rng
        As in `moons`.
    factor : float
        The inner radius, between 0 and 1.
    """
    _check(samples, 2, noise)
    if not 0 <= factor < 1:
        raise DataError(f"factor, the inner radius, lies between 0 and 1, got {factor!r}")
    draw = generator(rng)
    y = np.arange(samples) % 2
    t = 2 * np.pi * draw.random(samples)
    radius = np.where(y == 0, 1.0, factor)
    x = radius[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1)  # (N, 2)
    x += noise * draw.standard_normal(x.shape)
    return _dataset("circles", x, y, "a circle in a circle", test_fraction, validation, draw)


def spirals(
    *,
    samples: int = 1000,
    classes: int = 3,
    noise: float = 0.2,
    turns: float = 0.6,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    rng: Seed = 0,
) -> Dataset:
    """Load spiral arms that start in the origin, one for each class.

    Arm k is r·(sin t, cos t) with r from 0 to 1 and t = 2π(k / classes + turns · r) + noise, after
    the case study of CS231n (Karpathy, 2015).

    Parameters
    ----------
    samples, test_fraction, validation, rng
        As in `moons`.
    classes : int
        How many arms, 2 or more.
    noise : float
        Standard deviation of normal noise added to the angle t, in radians.
    turns : float
        How often an arm winds around the origin.
    """
    _check(samples, classes, noise, classes)
    draw = generator(rng)
    y = np.arange(samples) % classes
    r = draw.random(samples)
    t = 2 * np.pi * (y / classes + turns * r) + noise * draw.standard_normal(samples)
    x = r[:, None] * np.stack([np.sin(t), np.cos(t)], axis=1)  # (N, 2)
    return _dataset("spirals", x, y, f"{classes} spiral arms", test_fraction, validation, draw)


def blobs(
    *,
    samples: int = 1000,
    classes: int = 3,
    features: int = 2,
    spread: float = 1.0,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    rng: Seed = 0,
) -> Dataset:
    """Load round normal clouds, one for each class.

    Each centre is uniform in [−10, 10] in every direction.

    Parameters
    ----------
    samples, test_fraction, validation, rng
        As in `moons`.
    classes, features : int
        How many clouds (2 or more), in how many dimensions.
    spread : float
        Standard deviation of each cloud.
    """
    _check(samples, classes, spread, classes, features)
    draw = generator(rng)
    y = np.arange(samples) % classes
    centers = draw.uniform(-10, 10, (classes, features))
    x = centers[y] + spread * draw.standard_normal((samples, features))
    return _dataset("blobs", x, y, f"{classes} round clouds", test_fraction, validation, draw)


def gaussian_quantiles(
    *,
    samples: int = 1000,
    classes: int = 3,
    features: int = 2,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    rng: Seed = 0,
) -> Dataset:
    """Load one standard normal cloud, cut into classes by distance from its centre.

    The classes are equally large shells, class 0 innermost.

    Parameters
    ----------
    samples, test_fraction, validation, rng
        As in `moons`.
    classes, features : int
        How many shells (2 or more), in how many dimensions.
    """
    _check(samples, classes, 0.0, classes, features)
    draw = generator(rng)
    x = draw.standard_normal((samples, features))
    rank = np.argsort(np.argsort((x**2).sum(axis=1), kind="stable"), kind="stable")
    y = rank * classes // samples
    about = f"a normal cloud in {classes} shells"
    return _dataset("gaussian-quantiles", x, y, about, test_fraction, validation, draw)


def _check(samples: int, least: int, noise: float, classes: int = 2, features: int = 1) -> None:
    for name, value, bound in (
        ("classes", classes, 2),
        ("features", features, 1),
        ("samples", samples, least),
    ):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < bound:
            raise DataError(f"{name} is a whole number ≥ {bound}, got {value!r}")
    if not (np.isfinite(noise) and noise >= 0):
        raise DataError(f"noise is a finite number ≥ 0, got {noise!r}")


def _dataset(
    name: str,
    x: Array,
    y: Array,
    description: str,
    test_fraction: float,
    validation: float,
    rng: Seed,
) -> Dataset:
    return from_arrays(
        name,
        (x, y),
        task="classification",
        test_fraction=test_fraction,
        validation_fraction=validation,
        scale="none",
        class_names=[str(label) for label in range(int(y.max()) + 1)],
        feature_names=[f"x{i}" for i in range(x.shape[1])],
        target_name="class",
        description=description,
        rng=rng,
    )
