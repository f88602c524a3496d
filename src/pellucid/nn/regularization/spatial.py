"""Spatial dropout: whole channels are left out, because neighbouring pixels tell the same."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.nn.dropout import _check_probability
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.ops import composite
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["SpatialDropout1d", "SpatialDropout2d", "spatial_dropout"]


@composite
def spatial_dropout(
    x: Value, p_drop: float = 0.5, training: bool = True, rng: Seed = None
) -> Value:
    """Set whole channels to 0 with probability `p_drop`, and scale the others by 1 / (1 − p_drop).

    x · m / (1 − p), one m ~ Bernoulli(1 − p) for each channel of each sample

    Tompson et al. (2015).

    Parameters
    ----------
    x : array or Tensor
        Of shape (N, C, ...).
    p_drop : float
        Probability of dropping a channel, from 0 to below 1.
    training : bool
        Whether anything is dropped.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from.

    Raises
    ------
    ShapeError
        If `x` has no axes beside samples and channels.
    """
    x = floats(x)
    probability = _check_probability(p_drop)
    if len(x.shape) < 3:
        raise ShapeError(
            f"spatial dropout leaves out channels of inputs (N, C, ...), got shape {x.shape}; "
            "single features are left out by Dropout"
        )
    if not training or probability == 0:
        return x
    form = (*x.shape[:2], *(1 for _ in x.shape[2:]))
    kept = generator(rng).random(form, dtype=np.float32) >= np.float32(probability)
    return p.multiply(x, np.multiply(kept, 1 / (1 - probability), dtype=x.dtype))


class _SpatialDropout(Module):
    """What spatial dropout of any number of axes shares."""

    transparent = True
    layout: ClassVar[str] = ""
    rank: ClassVar[int] = 0

    def __init__(self, p: float = 0.5, rng: Seed = None) -> None:
        super().__init__()
        self.p = _check_probability(p)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Value) -> Value:
        """Return `x` with some of its channels zero in training, and `x` itself in evaluation."""
        x = floats(x)
        if len(x.shape) != self.rank:
            raise ShapeError(
                f"{type(self).__name__} expects inputs of shape {self.layout}, got {x.shape}"
            )
        return spatial_dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p:g}"


class SpatialDropout1d(_SpatialDropout):
    """Leaves out whole channels of signals (N, C, L) in training.

    x · m / (1 − p), one m ~ Bernoulli(1 − p) for each channel of each sample

    Tompson et al. (2015); PyTorch calls it Dropout1d.

    Parameters
    ----------
    p : float
        Probability of dropping a channel, from 0 to below 1.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from; None is the default generator.
    """

    layout: ClassVar[str] = "(N, C, L)"
    rank: ClassVar[int] = 3


class SpatialDropout2d(_SpatialDropout):
    """Leaves out whole channels of images (N, C, H, W) in training.

    x · m / (1 − p), one m ~ Bernoulli(1 − p) for each channel of each sample

    Tompson et al. (2015); PyTorch calls it Dropout2d.

    Parameters
    ----------
    p : float
        Probability of dropping a channel, from 0 to below 1.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from; None is the default generator.
    """

    layout: ClassVar[str] = "(N, C, H, W)"
    rank: ClassVar[int] = 4
