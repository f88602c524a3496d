"""Alpha dropout: what is left out becomes SELU's saturation value instead of 0."""

from __future__ import annotations

import math

import numpy as np

from pellucid import primitives as p
from pellucid.nn.dropout import _check_probability
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.ops import composite
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["AlphaDropout", "alpha_dropout"]

# SELU's limit for x → −∞, −λα (Klambauer et al., 2017).
_SATURATION = -1.0507009873554805 * 1.6732632423543772


@composite
def alpha_dropout(x: Value, p_drop: float = 0.5, training: bool = True, rng: Seed = None) -> Value:
    """Set each value to SELU's saturation −λα with probability `p_drop`, then restore the scale.

    a (x m + α′ (1 − m)) + b, m ~ Bernoulli(1 − p), α′ = −λα

    With a = 1 / √((1 − p)(1 + p α′²)) and b = −a p α′, values of mean 0 and variance 1 keep both,
    which is what self-normalising networks rest on. Klambauer et al. (2017).

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
    scale = 1 / math.sqrt((1 - probability) * (1 + probability * _SATURATION**2))
    shift = -scale * probability * _SATURATION
    constant = np.where(kept, shift, shift + scale * _SATURATION).astype(x.dtype)
    return p.add(p.multiply(x, np.multiply(kept, scale, dtype=x.dtype)), constant)


class AlphaDropout(Module):
    """Dropout for networks of SELU, which keeps mean and variance; does nothing in evaluation.

    a (x m + α′ (1 − m)) + b, m ~ Bernoulli(1 − p), α′ = −λα = −1.758

    Klambauer et al. (2017).

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
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Value) -> Value:
        """Return `x` with some of its entries saturated in training, else `x` itself."""
        return alpha_dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p:g}"
