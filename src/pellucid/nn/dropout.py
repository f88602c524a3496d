"""Dropout: a random part of the values is left out, so that none is relied on alone."""

from __future__ import annotations

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.ops import composite
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["Dropout", "dropout"]


def _check_probability(probability: float) -> float:
    if not 0 <= probability < 1:
        raise DataError(
            f"the probability p of dropping a value is from 0 to below 1, got {probability}"
        )
    return float(probability)


@composite
def dropout(x: Value, p_drop: float = 0.5, training: bool = True, rng: Seed = None) -> Value:
    """Set each value to 0 with probability `p_drop`, and scale the others by 1 / (1 − p_drop).

    x · m / (1 − p), m ~ Bernoulli(1 − p)

    The expected value stays the same, so that nothing needs scaling in evaluation, where `x` is
    returned as it is. Srivastava et al. (2014).

    Parameters
    ----------
    x : array or Tensor
    p_drop : float
        Probability of dropping a value, from 0 to below 1.
    training : bool
        Whether anything is dropped.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from.
    """
    x = floats(x)
    probability = _check_probability(p_drop)
    if not training or probability == 0:
        return x
    kept = generator(rng).random(x.shape, dtype=np.float32) >= np.float32(probability)
    return p.multiply(x, np.multiply(kept, 1 / (1 - probability), dtype=x.dtype))


class Dropout(Module):
    """Leaves out a random part of the values in training; does nothing in evaluation.

    x · m / (1 − p), m ~ Bernoulli(1 − p)

    Srivastava et al. (2014).

    Parameters
    ----------
    p : float
        Probability of dropping a value, from 0 to below 1.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from; None is the default generator.
    """

    transparent = True

    def __init__(self, p: float = 0.5, rng: Seed = None) -> None:
        super().__init__()
        self.p = _check_probability(p)
        # The default generator is looked up at each call, so that a copy of the layer uses it too.
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Value) -> Value:
        """Return `x` with some of its entries zero in training, and `x` itself in evaluation."""
        return dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p:g}"
