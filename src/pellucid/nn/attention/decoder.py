"""Layers that attend to themselves and to a memory: the decoder of a transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.nn.attention.cache import KeyValueCache
from pellucid.nn.attention.encoder import (
    LayerOptions,
    check_layers,
    feed_forward,
    norm_of_stack,
)
from pellucid.nn.attention.multi_head import HeadPositions, MultiHeadAttention
from pellucid.nn.containers import ModuleList
from pellucid.nn.dropout import Dropout
from pellucid.nn.init import InitLike
from pellucid.nn.inputs import input_of
from pellucid.nn.module import Module
from pellucid.nn.normalization import LayerNorm
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["TransformerDecoder", "TransformerDecoderLayer"]


class TransformerDecoderLayer(Module):
    """Causal self-attention, attention to a memory, and two dense layers, each with a shortcut.

    x ← norm(x + attention(x)); x ← norm(x + cross_attention(x, memory));
    x ← norm(x + feed_forward(x)), or with `norm_first` x ← x + part(norm(x)) three times

    Vaswani et al. (2017).

    Parameters
    ----------
    embed_dim : int
        Width of inputs and outputs.
    num_heads : int
        Heads of both attentions.
    feedforward : int, optional
        Units between the two dense layers, by default 4 · embed_dim.
    memory_dim : int, optional
        Width of the memory, by default `embed_dim`.
    causal : bool
        Hide the future from every position.
    activation, dropout, inner_dropout, norm_first, eps, bias, num_kv_heads, weight_init, dtype, rng
        As of :class:`TransformerEncoderLayer`.
    positions : {"rotary", "alibi"}, RotaryPositions or None
        Of the self-attention; see :class:`MultiHeadAttention`.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, rng=0)
    >>> layer(np.ones((2, 3, 8)), np.ones((2, 5, 8))).shape
    (2, 3, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        feedforward: int | None = None,
        *,
        memory_dim: int | None = None,
        activation: str = "relu",
        dropout: float = 0.1,
        inner_dropout: float | None = None,
        norm_first: bool = False,
        eps: float = 1e-5,
        bias: bool = True,
        causal: bool = True,
        num_kv_heads: int | None = None,
        positions: HeadPositions = None,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = None if rng is None else generator(rng)
        self.norm_first = norm_first

        def attention(
            memory: int | None, causal: bool, positions: HeadPositions
        ) -> MultiHeadAttention:
            return MultiHeadAttention(
                embed_dim,
                num_heads,
                num_kv_heads=num_kv_heads,
                kdim=memory,
                vdim=memory,
                bias=bias,
                dropout=dropout,
                causal=causal,
                positions=positions,
                weight_init=weight_init,
                dtype=dtype,
                rng=rng,
            )

        self.attention_norm = LayerNorm(embed_dim, eps, bias=bias, dtype=dtype)
        self.attention = attention(None, causal, positions)
        self.cross_attention_norm = LayerNorm(embed_dim, eps, bias=bias, dtype=dtype)
        self.cross_attention = attention(memory_dim, False, None)
        self.feed_forward_norm = LayerNorm(embed_dim, eps, bias=bias, dtype=dtype)
        inner = dropout if inner_dropout is None else inner_dropout
        self.feed_forward = feed_forward(
            embed_dim, feedforward, activation, inner, bias, weight_init, dtype, rng
        )
        self.dropout = Dropout(dropout, rng)

    def forward(
        self,
        x: Value,
        memory: Value,
        *,
        mask: Any = None,
        padding_mask: Any = None,
        memory_mask: Any = None,
        memory_padding_mask: Any = None,
        cache: KeyValueCache | None = None,
    ) -> Value:
        """Return the new values of each position.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, T, embed_dim).
        memory : array or Tensor
            What an encoder made, of shape (N, S, memory_dim).
        mask, padding_mask, cache
            Of the self-attention; see :meth:`MultiHeadAttention.forward`.
        memory_mask, memory_padding_mask
            Of the attention to the memory, such as (T, S) and (N, S).

        Returns
        -------
        Tensor
            Of shape (N, T, embed_dim).
        """
        x = input_of(x, self.attention.out.weight.dtype)

        def attend(x: Value) -> Value:
            return self.attention(x, mask=mask, padding_mask=padding_mask, cache=cache)

        def attend_to_memory(x: Value) -> Value:
            return self.cross_attention(
                x, memory, mask=memory_mask, padding_mask=memory_padding_mask
            )

        for norm, part in (
            (self.attention_norm, attend),
            (self.cross_attention_norm, attend_to_memory),
            (self.feed_forward_norm, self.feed_forward),
        ):
            if self.norm_first:
                x = p.add(x, self.dropout(part(norm(x))))
            else:
                x = norm(p.add(x, self.dropout(part(x))))
        return x

    def extra_repr(self) -> str:
        """Return where the normalisation is."""
        return "norm first" if self.norm_first else ""


class TransformerDecoder(Module):
    """Decoder layers in a row, all of which attend to the same memory.

    Parameters
    ----------
    embed_dim : int
        Width of inputs and outputs.
    num_heads : int
        Heads of both attentions in each layer.
    num_layers : int
        How many layers.
    memory_dim : int, optional
        Width of the memory, by default `embed_dim`.
    causal : bool
        Hide the future from every position.
    final_norm : bool, optional
        Normalise the outputs once more; by default with `norm_first`, whose sums are not.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    **options
        As of :class:`TransformerDecoderLayer`.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> decoder = nn.TransformerDecoder(8, 2, 3, dropout=0.0, rng=0)
    >>> decoder(np.ones((2, 3, 8)), np.ones((2, 5, 8))).shape
    (2, 3, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        num_layers: int,
        *,
        memory_dim: int | None = None,
        causal: bool = True,
        final_norm: bool | None = None,
        rng: Seed = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__()
        check_layers(num_layers)
        rng = None if rng is None else generator(rng)
        self.layers = ModuleList(
            [
                TransformerDecoderLayer(
                    embed_dim, num_heads, memory_dim=memory_dim, causal=causal, rng=rng, **options
                )
                for _ in range(num_layers)
            ]
        )
        self.norm = norm_of_stack(embed_dim, final_norm, options)

    def forward(
        self,
        x: Value,
        memory: Value,
        *,
        mask: Any = None,
        padding_mask: Any = None,
        memory_mask: Any = None,
        memory_padding_mask: Any = None,
        caches: Sequence[KeyValueCache] | None = None,
    ) -> Value:
        """Return the new values of each position.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, T, embed_dim).
        memory : array or Tensor
            What an encoder made, of shape (N, S, memory_dim).
        mask, padding_mask, memory_mask, memory_padding_mask
            See :meth:`TransformerDecoderLayer.forward`.
        caches : sequence of KeyValueCache, optional
            One for each layer; see :meth:`new_caches`.

        Returns
        -------
        Tensor
            Of shape (N, T, embed_dim).
        """
        for i, layer in enumerate(self.layers):
            x = layer(
                x,
                memory,
                mask=mask,
                padding_mask=padding_mask,
                memory_mask=memory_mask,
                memory_padding_mask=memory_padding_mask,
                cache=None if caches is None else caches[i],
            )
        return x if self.norm is None else self.norm(x)

    def new_caches(self, capacity: int) -> list[KeyValueCache]:
        """Return an empty cache of so many positions for each layer."""
        return [KeyValueCache(capacity) for _ in self.layers]
