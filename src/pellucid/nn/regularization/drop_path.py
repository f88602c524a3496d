"""Stochastic depth: whole blocks of a residual network are left out for some samples."""

from __future__ import annotations

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.nn.dropout import _check_probability
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.ops import composite
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["DropPath", "drop_path", "drop_path_rates"]


@composite
def drop_path(x: Value, p_drop: float = 0.1, training: bool = True, rng: Seed = None) -> Value:
    """Set whole samples to 0 with probability `p_drop`, and scale the others by 1 / (1 − p_drop).

    x · m / (1 − p), one m ~ Bernoulli(1 − p) for each sample

    At the end of a residual block it leaves the block out for that sample, y = x + 0. Huang et al.
    (2016).

    Parameters
    ----------
    x : array or Tensor
        Of shape (N, ...).
    p_drop : float
        Probability of dropping a sample, from 0 to below 1.
    training : bool
        Whether anything is dropped.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from.
    """
    x = floats(x)
    probability = _check_probability(p_drop)
    if not training or probability == 0 or not x.shape:
        return x
    form = (x.shape[0], *(1 for _ in x.shape[1:]))
    kept = generator(rng).random(form, dtype=np.float32) >= np.float32(probability)
    return p.multiply(x, np.multiply(kept, 1 / (1 - probability), dtype=x.dtype))


def drop_path_rates(largest: float, blocks: int) -> list[float]:
    """Return a probability for each of `blocks` blocks, rising in equal steps from 0.

    pᵢ = largest · i / (blocks − 1), i = 0 … blocks − 1

    Early blocks, on which all later ones build, are left out less often (Huang et al., 2016).

    Examples
    --------
    >>> drop_path_rates(0.2, 3)
    [0.0, 0.1, 0.2]
    """
    _check_probability(largest)
    if blocks < 0:
        raise DataError(f"the number of blocks is a whole number ≥ 0, got {blocks}")
    return [largest * i / max(1, blocks - 1) for i in range(blocks)]


class DropPath(Module):
    """Leaves out whole samples of a branch in training: stochastic depth.

    x · m / (1 − p), one m ~ Bernoulli(1 − p) for each sample

    Put it at the end of the block of a :class:`Residual`. Huang et al. (2016).

    Parameters
    ----------
    p : float
        Probability of dropping a sample, from 0 to below 1; see
        :func:`~pellucid.nn.functional.drop_path_rates` for those of a deep network.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from; None is the default generator.
    """

    transparent = True

    def __init__(self, p: float = 0.1, rng: Seed = None) -> None:
        super().__init__()
        self.p = _check_probability(p)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Value) -> Value:
        """Return `x` with some of its samples zero in training, and `x` itself in evaluation."""
        return drop_path(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p:g}"
