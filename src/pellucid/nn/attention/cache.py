"""Keys and values of the positions so far, so that generation computes each of them once."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import GradientError, ShapeError
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["KeyValueCache"]


class KeyValueCache:
    """What one attention layer remembers of the positions before.

    Parameters
    ----------
    capacity : int
        The most positions that it holds.

    Attributes
    ----------
    length : int
        How many it holds.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.length = 0
        self._keys: Array | None = None
        self._values: Array | None = None

    def extend(self, keys: Value, values: Value) -> tuple[Array, Array]:
        """Add keys and values (N, heads, new, d), and return those of all positions so far.

        Raises
        ------
        ShapeError
            If there is no room for them.
        GradientError
            If they are being recorded: a cache is for generation, under ``no_grad``.
        """
        new_keys, new_values = _plain(keys), _plain(values)
        end = self.length + new_keys.shape[2]
        if end > self.capacity:
            raise ShapeError(
                f"the cache holds {self.length} of at most {self.capacity} positions, "
                f"{new_keys.shape[2]} more do not fit; start a new one with the last positions"
            )
        if self._keys is None or self._values is None:
            self._keys = self._room(new_keys)
            self._values = self._room(new_values)
        self._keys[:, :, self.length : end] = new_keys
        self._values[:, :, self.length : end] = new_values
        self.length = end
        return self._keys[:, :, :end], self._values[:, :, :end]

    def _room(self, like: Array) -> Array:
        samples, heads, _, width = like.shape
        return np.empty((samples, heads, self.capacity, width), like.dtype)

    def __repr__(self) -> str:
        return f"KeyValueCache({self.length} of {self.capacity} positions)"


def _plain(x: Any) -> Array:
    if isinstance(x, Recorded):
        if x.requires_grad:
            raise GradientError(
                "a cache keeps numbers without their history, so that nothing could be learnt "
                "through it; generate inside of `with pl.no_grad():`"
            )
        return x.data
    return np.asarray(x)
