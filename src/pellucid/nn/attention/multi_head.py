"""Attention with several heads, each with projections of its own."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.nn.attention.alibi import alibi_bias
from pellucid.nn.attention.cache import KeyValueCache
from pellucid.nn.attention.dot_product import attend
from pellucid.nn.attention.masks import both, causal_mask, padding_mask_of, split_mask, total
from pellucid.nn.attention.rotary import RotaryPositions
from pellucid.nn.dropout import Dropout
from pellucid.nn.init import InitLike
from pellucid.nn.inputs import input_of
from pellucid.nn.linear import Linear
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["HeadPositions", "MultiHeadAttention"]

HeadPositions: TypeAlias = Literal["rotary", "alibi"] | RotaryPositions | None
"""How heads know positions: by turning queries and keys, by distance, or not at all."""


def _positions(positions: HeadPositions, head_dim: int) -> tuple[RotaryPositions | None, bool]:
    """Return the rotary layer, if there is one, and whether scores fall with the distance."""
    if positions is None or isinstance(positions, RotaryPositions):
        return positions, False
    if positions == "rotary":
        return RotaryPositions(head_dim), False
    if positions == "alibi":
        return None, True
    raise DataError(
        f"positions of attention are 'rotary', 'alibi', a RotaryPositions or None, got "
        f"{positions!r}"
    )


class MultiHeadAttention(Module):
    """Lets each position gather what it needs from the others, in several ways at once.

    head_h = softmax(Q_h K_hᵀ / √d) V_h, Q_h = x W^Q_h, K_h = y W^K_h, V_h = z W^V_h;
    the result is [head_1 … head_H] W^O

    With one input it is self-attention; with a second, the keys and values come from there
    (cross-attention). Vaswani et al. (2017).

    Parameters
    ----------
    embed_dim : int
        Width of the inputs that queries come from, and of the outputs.
    num_heads : int
        H; the heads share `embed_dim` equally, d = embed_dim / H.
    num_kv_heads : int, optional
        Heads of keys and values, each shared by H / num_kv_heads heads of queries: grouped-query
        attention (Ainslie et al., 2023), or multi-query with 1. By default as many as H.
    kdim, vdim : int, optional
        Width of the inputs that keys and values come from, by default `embed_dim`.
    bias : bool
        Whether the projections add biases.
    dropout : float
        Probability of dropping a weight in training.
    causal : bool
        Hide the future from every position.
    positions : {"rotary", "alibi"}, RotaryPositions or None
        Let the heads know positions: by :class:`RotaryPositions`, or by :func:`alibi_bias`.
    weight_init : Initializer, str or callable, optional
        What the projections start as, by default Glorot normal.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Attributes
    ----------
    query, key, value, out : Linear
        The projections.

    Raises
    ------
    DataError
        If heads do not divide the width, or groups the heads.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> attention = nn.MultiHeadAttention(8, 2, causal=True, rng=0)
    >>> x = np.ones((1, 3, 8))
    >>> y, weights = attention(x, return_weights=True)
    >>> y.shape, weights.shape
    ((1, 3, 8), (1, 2, 3, 3))
    >>> weights.data[0, 0].round(2)
    array([[1.  , 0.  , 0.  ],
           [0.5 , 0.5 , 0.  ],
           [0.33, 0.33, 0.33]], dtype=float32)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        *,
        num_kv_heads: int | None = None,
        kdim: int | None = None,
        vdim: int | None = None,
        bias: bool = True,
        dropout: float = 0.0,
        causal: bool = False,
        positions: HeadPositions = None,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        groups = num_heads if num_kv_heads is None else num_kv_heads
        if num_heads < 1 or embed_dim % num_heads:
            raise DataError(
                f"embed_dim (={embed_dim}) is shared equally by num_heads (={num_heads}): "
                "it must be a multiple of it"
            )
        if groups < 1 or num_heads % groups:
            raise DataError(
                f"num_heads (={num_heads}) must be a multiple of num_kv_heads (={groups})"
            )
        self.embed_dim, self.num_heads, self.num_kv_heads = embed_dim, num_heads, groups
        self.head_dim = embed_dim // num_heads
        self.causal = causal
        rng = None if rng is None else generator(rng)

        def project(inputs: int | None, outputs: int) -> Linear:
            size = embed_dim if inputs is None else inputs
            return Linear(size, outputs, bias, weight_init=weight_init, dtype=dtype, rng=rng)

        self.query = project(embed_dim, embed_dim)
        self.key = project(kdim, groups * self.head_dim)
        self.value = project(vdim, groups * self.head_dim)
        self.out = project(embed_dim, embed_dim)
        self.rotary, self.alibi = _positions(positions, self.head_dim)
        self.dropout = Dropout(dropout, rng)

    def forward(
        self,
        query: Value,
        key: Value = None,
        value: Value = None,
        *,
        mask: Any = None,
        padding_mask: Any = None,
        cache: KeyValueCache | None = None,
        return_weights: bool = False,
    ) -> Any:
        """Return what each query gathered.

        Parameters
        ----------
        query : array or Tensor
            Of shape (N, T, embed_dim).
        key : array or Tensor, optional
            Of shape (N, S, kdim), by default `query`.
        value : array or Tensor, optional
            Of shape (N, S, vdim), by default `key`.
        mask : array or Tensor, optional
            Of shape (T, S), (N, T, S) or (N, H, T, S), or with lengths of 1. Truth values: True
            where a query may attend; floats are added to the scores.
        padding_mask : array of bool, optional
            Of shape (N, S), True at real tokens and False at padding, such as ``tokens != 0``.
        cache : KeyValueCache, optional
            The positions before these: only the new ones are passed, and are added to it.
        return_weights : bool
            Return the weights (N, H, T, S) of each head as well, before dropout.

        Returns
        -------
        Tensor, or tuple of Tensor
            Of shape (N, T, embed_dim). A query that may attend to nothing gets the output bias.
        """
        key = query if key is None else key
        value = key if value is None else value
        queries = self._heads(self.query, query, "query", self.num_heads)
        keys = self._heads(self.key, key, "key", self.num_kv_heads)
        values = self._heads(self.value, value, "value", self.num_kv_heads)
        if keys.shape[::2] != values.shape[::2] or keys.shape[0] != queries.shape[0]:
            raise ShapeError(
                f"queries {query.shape}, keys {key.shape} and values {value.shape} must be of "
                "equally many samples, and there is one value for each key"
            )
        before = 0 if cache is None else cache.length
        if self.rotary is not None:
            queries, keys = self.rotary(queries, before), self.rotary(keys, before)
        if cache is not None:
            keys, values = cache.extend(keys, values)
        allowed, bias = self._mask(mask, padding_mask, queries, keys.shape[2])
        mixed, weights = attend(
            queries,
            keys,
            values,
            allowed=allowed,
            bias=bias,
            dropout=self.dropout.p if self.training else 0.0,
            rng=self.dropout.rng,
        )
        # (N, H, T, d) -> (N, T, H, d) -> (N, T, H · d)
        mixed = p.transpose(mixed, axes=(0, 2, 1, 3))
        y = self.out(p.reshape(mixed, shape=(*mixed.shape[:2], self.embed_dim)))
        return (y, weights) if return_weights else y

    def _heads(self, layer: Linear, x: Value, name: str, heads: int) -> Value:
        """Project, and give each head its own matrix: (N, T, …) -> (N, heads, T, d)."""
        x = input_of(x, layer.weight.dtype)
        if len(x.shape) != 3 or x.shape[2] != layer.in_features:
            raise ShapeError(
                f"expected a {name} of shape (samples, length, {layer.in_features}), got {x.shape}"
            )
        split = p.reshape(layer(x), shape=(*x.shape[:2], heads, self.head_dim))
        return p.transpose(split, axes=(0, 2, 1, 3))

    def _mask(self, mask: Any, padding_mask: Any, queries: Value, keys: int) -> tuple[Any, Value]:
        """Return where queries may attend, and what is added to the scores."""
        samples, heads, length, _ = queries.shape
        if mask is not None and len(mask.shape) == 3:
            mask = mask[:, None]  # (N, T, S) -> (N, 1, T, S)
        allowed, bias = split_mask(mask, (samples, heads, length, keys), queries.dtype)
        if self.causal:
            allowed = both(allowed, causal_mask(length, keys))
        if padding_mask is not None:
            allowed = both(allowed, padding_mask_of(padding_mask, samples, keys))
        if self.alibi:
            bias = total(bias, alibi_bias(heads, length, keys, queries.dtype))
        return allowed, bias

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not at their defaults."""
        parts = [f"{self.embed_dim}, {self.num_heads} heads of {self.head_dim}"]
        if self.num_kv_heads != self.num_heads:
            parts.append(f"{self.num_kv_heads} of keys and values")
        if self.causal:
            parts.append("causal")
        if self.alibi:
            parts.append("ALiBi")
        return ", ".join(parts)
