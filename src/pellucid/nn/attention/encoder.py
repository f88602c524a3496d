"""Layers of self-attention: the encoder of a transformer, and with a causal mask, all of a GPT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike, float_dtype
from pellucid.errors import DataError
from pellucid.nn.activations import find_activation
from pellucid.nn.attention.cache import KeyValueCache
from pellucid.nn.attention.multi_head import HeadPositions, MultiHeadAttention
from pellucid.nn.containers import ModuleList, Sequential
from pellucid.nn.dropout import Dropout
from pellucid.nn.init import InitLike
from pellucid.nn.inputs import input_of
from pellucid.nn.linear import Linear
from pellucid.nn.module import Module
from pellucid.nn.normalization import LayerNorm
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["LayerOptions", "TransformerEncoder", "TransformerEncoderLayer"]


class LayerOptions(TypedDict, total=False):
    """The options that a stack passes on to each of its layers."""

    feedforward: int | None
    activation: str
    dropout: float
    inner_dropout: float | None
    norm_first: bool
    eps: float
    bias: bool
    num_kv_heads: int | None
    positions: HeadPositions
    weight_init: InitLike | None
    dtype: DTypeLike | None


def feed_forward(
    width: int,
    hidden: int | None,
    activation: str,
    dropout: float,
    bias: bool,
    weight_init: InitLike | None,
    dtype: DTypeLike | None,
    rng: Seed,
) -> Sequential:
    """Return two dense layers that each position passes by itself, by default 4 times as wide."""
    hidden = 4 * width if hidden is None else hidden
    entry = find_activation(activation)
    up = Linear(
        width, hidden * entry.inputs_per_output, bias, weight_init=weight_init, dtype=dtype, rng=rng
    )
    bend = entry.make().astype(float_dtype(dtype))
    down = Linear(hidden, width, bias, weight_init=weight_init, dtype=dtype, rng=rng)
    parts: list[tuple[str, Module]] = [("up", up), ("bend", bend), ("down", down)]
    if dropout:
        parts.insert(2, ("dropout", Dropout(dropout, rng)))
    return Sequential(*parts)


class TransformerEncoderLayer(Module):
    """Self-attention, then two dense layers, each around a shortcut with layer normalisation.

    After each part (as in 2017): x ← norm(x + attention(x)); x ← norm(x + feed_forward(x)).
    Before each part (`norm_first`): x ← x + attention(norm(x)); x ← x + feed_forward(norm(x)),
    which trains without a warm-up where many layers are stacked (Xiong et al., 2020).

    Vaswani et al. (2017). With ``causal=True`` it is the layer of a GPT.

    Parameters
    ----------
    embed_dim : int
        Width of inputs and outputs.
    num_heads : int
        Heads of attention.
    feedforward : int, optional
        Units between the two dense layers, by default 4 · embed_dim.
    activation : str
        Name of what bends them.
    dropout : float
        Probability of dropping in training: weights of attention, the results of both parts, and
        the units between the dense layers.
    inner_dropout : float, optional
        The same for the units between the dense layers alone, by default as `dropout`.
    norm_first : bool
        Whether normalisation comes before each part, instead of after it.
    eps : float
        Of the normalisations.
    bias : bool
        Whether dense layers, projections and normalisations have biases.
    causal : bool
        Hide the future from every position.
    num_kv_heads : int, optional
        See :class:`MultiHeadAttention`.
    positions : {"rotary", "alibi"}, RotaryPositions or None
        See :class:`MultiHeadAttention`.
    weight_init : Initializer, str or callable, optional
        What the matrices start as.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, activation="gelu", norm_first=True, rng=0)
    >>> layer(np.ones((2, 5, 8))).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        feedforward: int | None = None,
        *,
        activation: str = "relu",
        dropout: float = 0.1,
        inner_dropout: float | None = None,
        norm_first: bool = False,
        eps: float = 1e-5,
        bias: bool = True,
        causal: bool = False,
        num_kv_heads: int | None = None,
        positions: HeadPositions = None,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = None if rng is None else generator(rng)
        self.norm_first = norm_first
        self.attention_norm = LayerNorm(embed_dim, eps, bias=bias, dtype=dtype)
        self.attention = MultiHeadAttention(
            embed_dim,
            num_heads,
            num_kv_heads=num_kv_heads,
            bias=bias,
            dropout=dropout,
            causal=causal,
            positions=positions,
            weight_init=weight_init,
            dtype=dtype,
            rng=rng,
        )
        self.feed_forward_norm = LayerNorm(embed_dim, eps, bias=bias, dtype=dtype)
        inner = dropout if inner_dropout is None else inner_dropout
        self.feed_forward = feed_forward(
            embed_dim, feedforward, activation, inner, bias, weight_init, dtype, rng
        )
        self.dropout = Dropout(dropout, rng)

    def forward(
        self,
        x: Value,
        *,
        mask: Any = None,
        padding_mask: Any = None,
        cache: KeyValueCache | None = None,
    ) -> Value:
        """Return the new values of each position.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, T, embed_dim).
        mask, padding_mask, cache
            See :meth:`MultiHeadAttention.forward`.

        Returns
        -------
        Tensor
            Of shape (N, T, embed_dim).
        """
        x = input_of(x, self.attention.out.weight.dtype)
        before = self.attention_norm(x) if self.norm_first else x
        found = self.attention(before, mask=mask, padding_mask=padding_mask, cache=cache)
        x = p.add(x, self.dropout(found))
        if self.norm_first:
            return p.add(x, self.dropout(self.feed_forward(self.feed_forward_norm(x))))
        x = self.attention_norm(x)
        return self.feed_forward_norm(p.add(x, self.dropout(self.feed_forward(x))))

    def extra_repr(self) -> str:
        """Return where the normalisation is."""
        return "norm first" if self.norm_first else ""


class TransformerEncoder(Module):
    """Encoder layers in a row.

    Parameters
    ----------
    embed_dim : int
        Width of inputs and outputs.
    num_heads : int
        Heads of attention in each layer.
    num_layers : int
        How many layers.
    causal : bool
        Hide the future from every position.
    final_norm : bool, optional
        Normalise the outputs once more; by default with `norm_first`, whose sums are not.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    **options
        As of :class:`TransformerEncoderLayer`.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> encoder = nn.TransformerEncoder(8, 2, 3, dropout=0.0, norm_first=True, rng=0)
    >>> encoder(np.ones((2, 5, 8))).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        num_layers: int,
        *,
        causal: bool = False,
        final_norm: bool | None = None,
        rng: Seed = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__()
        check_layers(num_layers)
        rng = None if rng is None else generator(rng)
        self.layers = ModuleList(
            [
                TransformerEncoderLayer(embed_dim, num_heads, causal=causal, rng=rng, **options)
                for _ in range(num_layers)
            ]
        )
        self.norm = norm_of_stack(embed_dim, final_norm, options)

    def forward(
        self,
        x: Value,
        *,
        mask: Any = None,
        padding_mask: Any = None,
        caches: Sequence[KeyValueCache] | None = None,
    ) -> Value:
        """Return the new values of each position.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, T, embed_dim).
        mask, padding_mask
            See :meth:`MultiHeadAttention.forward`.
        caches : sequence of KeyValueCache, optional
            One for each layer; see :meth:`new_caches`.

        Returns
        -------
        Tensor
            Of shape (N, T, embed_dim).
        """
        for i, layer in enumerate(self.layers):
            cache = None if caches is None else caches[i]
            x = layer(x, mask=mask, padding_mask=padding_mask, cache=cache)
        return x if self.norm is None else self.norm(x)

    def new_caches(self, capacity: int) -> list[KeyValueCache]:
        """Return an empty cache of so many positions for each layer."""
        return [KeyValueCache(capacity) for _ in self.layers]


def check_layers(num_layers: int) -> None:
    """Refuse stacks without layers."""
    if num_layers < 1:
        raise DataError(f"a transformer has at least 1 layer, got {num_layers}")


def norm_of_stack(
    embed_dim: int, final_norm: bool | None, options: LayerOptions
) -> LayerNorm | None:
    """Return the normalisation after the last layer, if there is to be one."""
    if not (options.get("norm_first", False) if final_norm is None else final_norm):
        return None
    return LayerNorm(
        embed_dim,
        options.get("eps", 1e-5),
        bias=options.get("bias", True),
        dtype=options.get("dtype"),
    )
