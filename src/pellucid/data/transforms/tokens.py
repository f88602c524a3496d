"""Rows of tokens with some left out or exchanged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.transform import SampleTransform, check_share
from pellucid.dtypes import Array

__all__ = ["TokenDropout", "TokenSwap"]


@dataclass(frozen=True)
class TokenDropout(SampleTransform):
    """Replace some tokens by the unknown one; padding stays.

    Parameters
    ----------
    share : float
        With which probability each token is replaced.
    unknown : int
        The token that takes its place.
    padding : int
        The token that is left alone.
    probability : float
        The share of texts that are changed.
    """

    share: float = 0.1
    unknown: int = 1
    padding: int = 0

    layout = "tokens"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("share", self.share)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the texts with tokens replaced."""
        dropped = (rng.random(x.shape) < self.share) & (x != self.padding)
        return np.where(dropped, x.dtype.type(self.unknown), x)


@dataclass(frozen=True)
class TokenSwap(SampleTransform):
    """Exchange some tokens with their neighbours; padding stays.

    Each text is cut into pairs of neighbours, from its first or its second token on.

    Parameters
    ----------
    share : float
        With which probability the tokens of a pair change places.
    padding : int
        The token that is left alone.
    probability : float
        The share of texts that are changed.
    """

    share: float = 0.1
    padding: int = 0

    layout = "tokens"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("share", self.share)

    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return the texts with tokens exchanged."""
        count, steps = x.shape
        first = np.arange(steps - 1)
        offset = rng.integers(0, 2, (count, 1))
        swap = ((first - offset) % 2 == 0) & (rng.random((count, max(steps - 1, 0))) < self.share)
        swap &= (x[:, :-1] != self.padding) & (x[:, 1:] != self.padding)
        places = np.tile(np.arange(steps), (count, 1))
        places[:, :-1] += swap
        places[:, 1:] -= swap
        return np.take_along_axis(x, places, axis=1)
