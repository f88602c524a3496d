"""Rotary positions: queries and keys are turned by an angle that grows with their position."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value

__all__ = ["RotaryPositions"]


@lru_cache(maxsize=32)
def _turns(
    length: int, offset: int, width: int, base: float, halves: bool, dtype: str
) -> tuple[Array, Array]:
    """Return cosines and sines of shape (length, width), the angle of a pair in both its places."""
    pair = np.arange(width // 2)
    angles = np.arange(offset, offset + length)[:, None] * base ** (-2.0 * pair / width)
    both = np.concatenate([angles, angles], axis=1) if halves else np.repeat(angles, 2, axis=1)
    return np.cos(both).astype(dtype), np.sin(both).astype(dtype)


@lru_cache(maxsize=32)
def _quarter_turn(width: int, halves: bool, dtype: str) -> Array:
    """Return the matrix that turns each pair by 90°: (a, b) becomes (−b, a)."""
    turn = np.zeros((width, width), dtype)
    first = np.arange(width // 2) if halves else np.arange(0, width, 2)
    second = first + (width // 2 if halves else 1)
    turn[second, first], turn[first, second] = -1, 1
    return turn


class RotaryPositions(Module):
    """Turns pairs of features by an angle that grows with the position (RoPE).

    (a, b) at position t becomes (a cos tθᵢ − b sin tθᵢ, a sin tθᵢ + b cos tθᵢ), θᵢ = base^(−2i/d)

    Applied to queries and keys alike, so that their scalar product depends on the distance of two
    positions, and not on where they are. Su et al. (2021).

    Parameters
    ----------
    width : int
        d, the width of a head; even.
    base : float
        The longest wavelength is about 2π · base positions.
    pairs : {"adjacent", "halves"}
        Which features turn together: 2i and 2i + 1 as in the paper, or i and i + d/2 as in
        GPT-NeoX and the published Llama weights of some libraries.

    Examples
    --------
    >>> import numpy as np
    >>> RotaryPositions(2)(np.array([[1.0, 0.0], [1.0, 0.0]])).round(3)  # by 0 and by 1 radian
    array([[1.   , 0.   ],
           [0.54 , 0.841]])
    """

    def __init__(self, width: int, *, base: float = 10_000.0, pairs: str = "adjacent") -> None:
        super().__init__()
        if width < 2 or width % 2:
            raise DataError(f"rotary positions turn pairs of features: the width {width} is odd")
        if pairs not in ("adjacent", "halves"):
            raise DataError(f"pairs is 'adjacent' or 'halves', got {pairs!r}")
        self.width = width
        self.base = float(base)
        self.pairs = pairs

    def forward(self, x: Any, offset: int = 0) -> Value:
        """Return `x` turned.

        Parameters
        ----------
        x : array or Tensor
            Queries or keys, of shape (..., T, d).
        offset : int
            Position of the first of them.
        """
        x = floats(x)
        if len(x.shape) < 2 or x.shape[-1] != self.width:
            raise ShapeError(f"expected shape (..., length, {self.width}), got {x.shape}")
        halves, dtype = self.pairs == "halves", x.dtype.name
        cosines, sines = _turns(x.shape[-2], offset, self.width, self.base, halves, dtype)
        turned = p.matmul(x, _quarter_turn(self.width, halves, dtype))
        return p.add(p.multiply(x, cosines), p.multiply(turned, sines))

    def extra_repr(self) -> str:
        """Return the width, and the options that are not at their defaults."""
        parts = [str(self.width)]
        if self.base != 10_000:
            parts.append(f"base={self.base:g}")
        if self.pairs != "adjacent":
            parts.append(f"pairs='{self.pairs}'")
        return ", ".join(parts)
