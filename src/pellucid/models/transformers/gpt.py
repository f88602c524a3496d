"""GPT: a transformer that predicts the next token."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.models.transformers.positions import Positions, positions_of
from pellucid.nn import Dropout, Embedding, KeyValueCache, Linear, Module, TransformerEncoder
from pellucid.nn.init import Normal
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tape import no_grad

__all__ = ["GPT"]

_STD = 0.02


class GPT(Module):
    """Predicts the next token from those before it: causal attention, one layer after the other.

    x₀ = E[tokens] + P; xᵢ = xᵢ₋₁ + attention(norm(xᵢ₋₁)), then + feed_forward(norm(·));
    logits = norm(x_L) Eᵀ

    Radford et al. (2018, 2019), in the form of Karpathy's nanoGPT (2022): normalisation first,
    GELU, embedding and output tied, weights from N(0, 0.02²), and those that end in the sum of
    shortcuts from N(0, 0.02² / 2L), so that the sum does not grow with the number of layers.

    Parameters
    ----------
    vocabulary : int
        How many tokens there are.
    context : int
        The most tokens that it looks back on.
    width : int
        Width of the embedding and of all layers.
    layers : int
        How many layers.
    heads : int
        Heads of attention in each.
    dropout : float
        Probability of dropping in training: after the embedding, of the weights of attention, and
        of what each part adds.
    bias : bool
        Whether dense layers and normalisations have biases.
    positions : {"learned", "sinusoidal", "rotary", "alibi"}
        How it knows the order of tokens.
    num_kv_heads : int, optional
        Heads of keys and values, by default as many as `heads`.
    tied : bool
        Whether the output layer is the embedding, or has a matrix of its own.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> import numpy as np
    >>> net = GPT(65, context=64, width=32, layers=2, heads=2, rng=0)
    >>> net(np.zeros((1, 10), int)).shape
    (1, 10, 65)
    >>> f"{net.num_parameters():,}"
    '29,600'
    """

    def __init__(
        self,
        vocabulary: int,
        *,
        context: int = 64,
        width: int = 128,
        layers: int = 4,
        heads: int = 4,
        dropout: float = 0.0,
        bias: bool = True,
        positions: Positions = "learned",
        num_kv_heads: int | None = None,
        tied: bool = True,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if context < 1:
            raise DataError(f"the context is at least 1 token, got {context}")
        rng = None if rng is None else generator(rng)
        self.context = context
        init = Normal(std=_STD)
        self.tokens = Embedding(vocabulary, width, weight_init=init, dtype=dtype, rng=rng)
        self.positions, inside = positions_of(positions, context, width, dtype, rng)
        self.dropout = Dropout(dropout, rng)
        self.encoder = TransformerEncoder(
            width,
            heads,
            layers,
            causal=True,
            norm_first=True,
            activation="gelu",
            dropout=dropout,
            inner_dropout=0.0,
            bias=bias,
            positions=inside,
            num_kv_heads=num_kv_heads,
            weight_init=init,
            dtype=dtype,
            rng=rng,
        )
        for path, parameter in self.encoder.named_parameters():
            if path.endswith(("attention.out.weight", "feed_forward.down.weight")):
                parameter.data /= math.sqrt(2 * layers)
        self.head = None
        if not tied:
            self.head = Linear(width, vocabulary, False, weight_init=init, dtype=dtype, rng=rng)

    def forward(self, tokens: Any, *, caches: list[KeyValueCache] | None = None) -> Value:
        """Return the logits of the token after each.

        Parameters
        ----------
        tokens : array of int
            Of shape (N, T), T at most `context`.
        caches : list of KeyValueCache, optional
            What :meth:`new_cache` returned: the tokens before these are in it.

        Returns
        -------
        Tensor
            Of shape (N, T, vocabulary).
        """
        x = self._hidden(tokens, caches)
        return self.tokens.unembed(x) if self.head is None else self.head(x)

    def _hidden(self, tokens: Any, caches: list[KeyValueCache] | None) -> Value:
        before = caches[0].length if caches else 0
        shape = np.shape(tokens)
        if len(shape) != 2 or before + shape[1] > self.context:
            raise ShapeError(
                f"expected tokens of shape (samples, length), up to {self.context} in length, got "
                f"{shape}" + (f" after {before} in the cache" if before else "")
            )
        x = self.tokens(tokens)
        if self.positions is not None:
            x = self.positions(x, before)
        return self.encoder(self.dropout(x), caches=caches)

    # --- generation -------------------------------------------------------------------------------

    def new_cache(self, batch: int = 1) -> list[KeyValueCache]:
        """Return an empty cache, for :meth:`generate_step`; it takes any number of samples."""
        return self.encoder.new_caches(self.context)

    def generate_step(
        self, tokens: Any, cache: list[KeyValueCache]
    ) -> tuple[Any, list[KeyValueCache]]:
        """Return the logits of the token after these, and the cache with these in it.

        Parameters
        ----------
        tokens : array of int
            Those that are not in the cache yet, of shape (N, T).
        cache : list of KeyValueCache
            From :meth:`new_cache`, or from the last step. It is extended in place.

        Returns
        -------
        logits : Tensor
            Of shape (N, vocabulary).
        cache : list of KeyValueCache
        """
        with no_grad():
            last = p.getitem(self._hidden(tokens, cache), index=(slice(None), -1))
            return self.tokens.unembed(last) if self.head is None else self.head(last), cache

    # --- training ---------------------------------------------------------------------------------

    def parameter_groups(self, weight_decay: float = 0.1) -> list[dict[str, Any]]:
        """Return groups for an optimizer, with weight decay on matrices and none on vectors.

        Examples
        --------
        >>> from pellucid import optim
        >>> net = GPT(65, width=8, layers=1, heads=1)
        >>> optimizer = optim.AdamW(net.parameter_groups(0.1), lr=1e-3, betas=(0.9, 0.99))
        """
        matrices = [q for q in self.parameters() if q.data.ndim > 1]
        vectors = [q for q in self.parameters() if q.data.ndim < 2]
        return [
            {"params": matrices, "weight_decay": weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]

    def extra_repr(self) -> str:
        """Return the longest context, and whether the output layer is the embedding."""
        return f"context {self.context}" + (", tied output" if self.head is None else "")
