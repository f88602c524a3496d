"""Which query may attend to which key: masks of truth values, and biases that are added."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, as_array
from pellucid.errors import DTypeError, ShapeError
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["causal_mask", "padding_mask_of", "split_mask"]


@lru_cache(maxsize=64)
def causal_mask(queries: int, keys: int) -> Array:
    """Return the mask (queries, keys) that hides the future: query i sees the keys up to its own.

    The last query belongs to the last key: with fewer queries than keys, the queries are those of
    the last positions, as in generation with a cache. The array is shared and read-only.

    Examples
    --------
    >>> causal_mask(2, 3).astype(int)
    array([[1, 1, 0],
           [1, 1, 1]])
    """
    mask = np.tril(np.ones((queries, keys), bool), keys - queries)
    mask.flags.writeable = False
    return mask


def split_mask(mask: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[Any, Value]:
    """Return (allowed, bias) of a mask: truth values say what is allowed, floats are added.

    Parameters
    ----------
    mask : array, Tensor or None
        Broadcast against `shape`.
    shape : tuple of int
        Shape of the scores, (..., queries, keys).
    dtype : dtype
        Type of the scores.
    """
    if mask is None:
        return None, None
    if not isinstance(mask, Recorded):
        mask = as_array(mask)
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"a mask of shape {mask.shape} does not broadcast against the scores {shape} "
            "(..., queries, keys)"
        )
    if isinstance(mask, Recorded):
        return None, mask
    if mask.dtype.kind == "b":
        return mask, None
    if mask.dtype.kind == "f":
        return None, mask.astype(dtype, copy=False)
    raise DTypeError(
        f"a mask holds truth values (True = may attend) or floats (added), got {mask.dtype}; "
        "write mask.astype(bool) if 1 stands for 'may attend'"
    )


def both(allowed: Any, other: Any) -> Any:
    """Allow what two masks allow, either of which may be None."""
    if allowed is None or other is None:
        return other if allowed is None else allowed
    return np.logical_and(allowed, other)


def total(bias: Value, other: Value) -> Value:
    """Add two biases, either of which may be None."""
    if bias is None or other is None:
        return other if bias is None else bias
    return p.add(bias, other)


def padding_mask_of(mask: Any, samples: int, keys: int) -> Array:
    """Return a padding mask (samples, keys), True at real tokens, as (samples, 1, 1, keys).

    Raises
    ------
    ShapeError, DTypeError
        If it has another shape, or holds something else than truth values.
    """
    array = as_array(mask)
    if array.dtype.kind != "b":
        raise DTypeError(
            f"a padding mask holds truth values, True at real tokens, got {array.dtype}; "
            "for tokens padded with 0, write tokens != 0"
        )
    if array.shape != (samples, keys):
        raise ShapeError(
            f"expected a padding mask of shape (samples, keys) = {(samples, keys)}, "
            f"got {array.shape}"
        )
    return array[:, None, None, :]
