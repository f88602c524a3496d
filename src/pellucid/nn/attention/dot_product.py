"""Scaled dot-product attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.nn.attention.masks import both, causal_mask, split_mask
from pellucid.nn.dropout import dropout as drop
from pellucid.nn.inputs import floats
from pellucid.primitives.declaration import Value
from pellucid.random import Seed

__all__ = ["attend", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Value,
    key: Value,
    value: Value,
    *,
    mask: Any = None,
    causal: bool = False,
    dropout: float = 0.0,
    scale: float | None = None,
    return_weights: bool = False,
    training: bool = True,
    rng: Seed = None,
) -> Any:
    """Mix the values, weighted by how well their keys fit each query.

    softmax(Q Kᵀ · scale + mask) V

    Parameters
    ----------
    query : array or Tensor
        Q, of shape (..., heads, T, d).
    key : array or Tensor
        K, of shape (..., heads, S, d). With fewer heads than Q has, each is shared by as many
        neighbouring heads of Q as come on one (grouped-query attention, Ainslie et al. 2023).
    value : array or Tensor
        V, of shape (..., heads, S, e), as many heads as K.
    mask : array or Tensor, optional
        Broadcast against (..., heads, T, S). Truth values: True where a query may attend. Floats:
        added to the scores; −∞ hides.
    causal : bool
        Hide the future as well: a query sees the keys up to its own position. The last query
        belongs to the last key, also where T ≠ S.
    dropout : float
        Probability of dropping a weight in training.
    scale : float, optional
        By default 1 / √d, which keeps the variance of the scores where it is at any width.
    return_weights : bool
        Return the weights (..., heads, T, S) as well, before dropout.
    training : bool
        Whether anything is dropped.
    rng : int, numpy.random.Generator or None
        Where the random numbers of dropout come from.

    Returns
    -------
    Tensor, or tuple of Tensor
        Of shape (..., heads, T, e). A query that may attend to nothing gets zeros.

    Raises
    ------
    ShapeError
        If lengths or widths differ where they must not, or the mask does not fit.

    Notes
    -----
    Vaswani et al. (2017).

    Examples
    --------
    >>> import numpy as np
    >>> q = k = np.zeros((1, 3, 2))  # all keys fit equally well
    >>> v = np.array([[[0.0], [3.0], [6.0]]])
    >>> scaled_dot_product_attention(q, k, v, causal=True)[0, :, 0]
    array([0. , 1.5, 3. ])
    """
    query, key, value = floats(query), floats(key), floats(value)
    check_shapes(query.shape, key.shape, value.shape)
    batch = np.broadcast_shapes(query.shape[:-3], key.shape[:-3])
    shape = (*batch, *query.shape[-3:-1], key.shape[-2])
    allowed, bias = split_mask(mask, shape, query.dtype)
    if causal:
        allowed = both(allowed, causal_mask(*shape[-2:]))
    mixed, weights = attend(
        query,
        key,
        value,
        allowed=allowed,
        bias=bias,
        scale=scale,
        dropout=dropout if training else 0.0,
        rng=rng,
    )
    return (mixed, weights) if return_weights else mixed


def attend(
    query: Value,
    key: Value,
    value: Value,
    *,
    allowed: Any = None,
    bias: Value = None,
    scale: float | None = None,
    dropout: float = 0.0,
    rng: Seed = None,
) -> tuple[Value, Value]:
    """Return (mixed values, weights), with the mask given as truth values and as a bias."""
    length, width = query.shape[-2:]
    heads, groups = (x.shape[-3] if len(x.shape) > 2 else 1 for x in (query, key))
    grouped = 1 < groups < heads
    scale = 1 / math.sqrt(max(1, width)) if scale is None else float(scale)
    if grouped:
        # (..., heads, T, d) -> (..., groups, heads/groups · T, d): one tall product each group
        query = p.reshape(query, shape=(*query.shape[:-3], groups, -1, width))
    scores = p.matmul(query, _swap_last(key))
    if grouped:
        scores = p.reshape(scores, shape=(*scores.shape[:-3], heads, length, key.shape[-2]))
    if bias is not None:
        scores, scale = p.add(p.multiply(scores, scale), bias), 1.0
    weights = p.masked_softmax(scores, allowed=allowed, scale=scale)
    kept = drop(weights, dropout, True, rng) if dropout else weights
    if grouped:
        kept = p.reshape(kept, shape=(*kept.shape[:-3], groups, -1, key.shape[-2]))
    mixed = p.matmul(kept, value)
    if grouped:
        mixed = p.reshape(mixed, shape=(*mixed.shape[:-3], heads, length, value.shape[-1]))
    return mixed, weights


def _swap_last(x: Value) -> Value:
    """Transpose the last two axes."""
    n = len(x.shape)
    return p.transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def check_shapes(query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...]) -> None:
    """Say what does not fit together."""
    for name, shape in (("query", query), ("key", key), ("value", value)):
        if len(shape) < 2:
            raise ShapeError(f"the {name} of attention has shape (..., length, width), got {shape}")
    if query[-1] != key[-1]:
        raise ShapeError(
            f"queries {query} are {query[-1]} wide and keys {key} are {key[-1]} wide; their scalar "
            "product needs equal widths"
        )
    if key[-2] != value[-2]:
        raise ShapeError(
            f"there are {key[-2]} keys {key} and {value[-2]} values {value}; each key has one value"
        )
    if len(query) > 2 and len(key) > 2:
        heads, groups = query[-3], key[-3]
        if groups not in (1, heads) and (groups == 0 or heads % groups):
            raise ShapeError(
                f"{heads} heads of queries {query} cannot share {groups} heads of keys {key}: "
                f"{heads} is not a multiple of {groups}"
            )
