"""Gaussian noise: values are blurred in training, so that none is relied on to the last digit."""

from __future__ import annotations

import math

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.nn.dropout import _check_probability
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.ops import composite
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["GaussianDropout", "GaussianNoise", "gaussian_dropout", "gaussian_noise"]


def _check_std(std: float) -> float:
    if not 0 <= std < math.inf:
        raise DataError(f"the standard deviation of noise is a number ≥ 0, got {std}")
    return float(std)


@composite
def gaussian_noise(x: Value, std: float = 0.1, training: bool = True, rng: Seed = None) -> Value:
    """Add normal random numbers.

    x + std · n, n ~ Normal(0, 1)

    Parameters
    ----------
    x : array or Tensor
    std : float
        Standard deviation of the noise.
    training : bool
        Whether anything is added.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from.
    """
    x = floats(x)
    spread = _check_std(std)
    if not training or spread == 0:
        return x
    noise = generator(rng).standard_normal(x.shape, dtype=np.float32)
    return p.add(x, np.multiply(noise, spread, dtype=x.dtype))


@composite
def gaussian_dropout(
    x: Value, p_drop: float = 0.5, training: bool = True, rng: Seed = None
) -> Value:
    """Multiply each value with a normal random number of mean 1.

    x · (1 + √(p / (1 − p)) · n), n ~ Normal(0, 1)

    Mean and variance are those of dropout with the same p. Srivastava et al. (2014), section 10.

    Parameters
    ----------
    x : array or Tensor
    p_drop : float
        From 0 to below 1.
    training : bool
        Whether anything is multiplied.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from.
    """
    x = floats(x)
    probability = _check_probability(p_drop)
    if not training or probability == 0:
        return x
    noise = generator(rng).standard_normal(x.shape, dtype=np.float32)
    factor = np.multiply(noise, math.sqrt(probability / (1 - probability)), dtype=x.dtype)
    factor += 1
    return p.multiply(x, factor)


class GaussianNoise(Module):
    """Adds normal random numbers in training; does nothing in evaluation.

    x + std · n, n ~ Normal(0, 1)

    On inputs it makes a network look past small differences, and an autoencoder a denoising one.
    Sietsma & Dow (1991); Bishop (1995) shows that it acts like a penalty on steep functions.

    Parameters
    ----------
    std : float
        Standard deviation of the noise.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from; None is the default generator.
    """

    transparent = True

    def __init__(self, std: float = 0.1, rng: Seed = None) -> None:
        super().__init__()
        self.std = _check_std(std)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Value) -> Value:
        """Return `x` with noise in training, and `x` itself in evaluation."""
        return gaussian_noise(x, self.std, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the standard deviation."""
        return f"std={self.std:g}"


class GaussianDropout(Module):
    """Multiplies with normal random numbers of mean 1 in training; does nothing in evaluation.

    x · (1 + √(p / (1 − p)) · n), n ~ Normal(0, 1)

    Srivastava et al. (2014), section 10.

    Parameters
    ----------
    p : float
        From 0 to below 1; the noise has the variance that dropout with this p has.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from; None is the default generator.
    """

    transparent = True

    def __init__(self, p: float = 0.5, rng: Seed = None) -> None:
        super().__init__()
        self.p = _check_probability(p)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Value) -> Value:
        """Return `x` times noise in training, and `x` itself in evaluation."""
        return gaussian_dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p:g}"
