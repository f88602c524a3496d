"""Drawing the weights of a layer in such a way that the draw can be repeated.

Which initialiser suits a layer depends on the activation that follows, which is known only after
the layer was made, when a Sequential puts both in a row. The weights are then made again from the
same random numbers: nothing more is taken from the generator.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import ShapeError
from pellucid.random import Seed, generator

__all__ = ["WeightDraw"]


class WeightDraw:
    """Draws the weights of one layer, and draws them again if another initialiser is due.

    Parameters
    ----------
    initializer : callable
        ``(shape, rng, dtype) -> array``.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(self, initializer: Callable[..., Array], rng: Seed) -> None:
        self.initializer = initializer
        self._rng = rng
        self._start: np.random.Generator | None = None
        self._checksum: int | None = None

    def __call__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """Draw for the first time."""
        rng = generator(self._rng)
        self._start = copy.deepcopy(rng)
        weights = np.asarray(self.initializer(shape, rng, dtype))
        if weights.shape != shape:
            raise ShapeError(
                f"the initialiser {self} made shape {weights.shape} instead of {shape}"
            )
        weights = np.ascontiguousarray(weights, dtype)
        self._checksum = _checksum(weights)
        return weights

    def repeat(self, weights: Array, initializer: Callable[..., Array]) -> bool:
        """Write into `weights` what `initializer` makes of the random numbers of the first draw.

        Returns
        -------
        bool
            False, and nothing is written, if the weights are no longer those that were drawn: they
            were loaded, trained or set by hand.
        """
        if _checksum(weights) != self._checksum:
            return False
        if initializer != self.initializer:
            weights[...] = initializer(weights.shape, copy.deepcopy(self._start), weights.dtype)
            self.initializer = initializer
            self._checksum = _checksum(weights)
        return True

    def __str__(self) -> str:
        name = getattr(self.initializer, "__name__", None)
        return name or str(self.initializer)


def _checksum(weights: Array) -> int:
    return zlib.crc32(np.ascontiguousarray(weights).data)
