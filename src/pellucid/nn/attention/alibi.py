"""ALiBi: no positions at all, but scores that fall with the distance."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from pellucid.dtypes import Array, DTypeLike, float_dtype

__all__ = ["alibi_bias", "alibi_slopes"]


def alibi_slopes(num_heads: int) -> tuple[float, ...]:
    """Return the slope of each head: 2^(−8/n), 2^(−16/n), … 2⁻⁸ for n heads.

    Where n is no power of two: those of the next lower power, then every other one of twice as
    many. Press, Smith & Lewis (2022).

    Examples
    --------
    >>> alibi_slopes(4)
    (0.25, 0.0625, 0.015625, 0.00390625)
    """
    below = 2 ** int(math.log2(num_heads))
    slopes = [2 ** (-8 * (i + 1) / below) for i in range(below)]
    between = [2 ** (-8 * (i + 1) / (2 * below)) for i in range(0, 2 * below, 2)]
    return tuple((slopes + between)[:num_heads])


@lru_cache(maxsize=32)
def _bias(num_heads: int, queries: int, keys: int, dtype: str) -> Array:
    position = np.arange(keys - queries, keys)[:, None]
    distance = np.abs(position - np.arange(keys))
    slopes = np.array(alibi_slopes(num_heads))[:, None, None]
    bias = (slopes * -distance).astype(dtype)
    bias.flags.writeable = False
    return bias


def alibi_bias(num_heads: int, queries: int, keys: int, dtype: DTypeLike | None = None) -> Array:
    """Return what is added to the scores of attention: −slope · |distance|.

    The last query belongs to the last key, as in :func:`causal_mask`. Of shape (heads, queries,
    keys), shared and read-only. Press, Smith & Lewis (2022).

    Examples
    --------
    >>> alibi_bias(1, 2, 3)[0] * 256  # the slope of a single head is 1/256
    array([[-1.,  0., -1.],
           [-2., -1.,  0.]], dtype=float32)
    """
    return _bias(num_heads, queries, keys, float_dtype(dtype).name)
