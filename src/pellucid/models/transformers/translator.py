"""The transformer of 2017: an encoder, and a decoder that writes while it looks at it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.nn import (
    Dropout,
    Embedding,
    KeyValueCache,
    Module,
    SinusoidalPositions,
    TransformerDecoder,
    TransformerEncoder,
)
from pellucid.nn.attention.encoder import LayerOptions
from pellucid.nn.embedding import ids_of
from pellucid.nn.init import Normal
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tape import no_grad

__all__ = ["Transformer"]


class Transformer(Module):
    """Turns token sequences into others of any length, as in translation.

    m = encoder(√d · E[source] + P); h = decoder(√d · E'[target before] + P, m); logits = h E'ᵀ

    Vaswani et al. (2017): normalisation after each part, ReLU, sinusoidal positions, and the
    decoder's embedding as output layer.

    Parameters
    ----------
    source_vocabulary, target_vocabulary : int
        How many tokens there are on each side. Token 0 is padding; of the target's tokens 1 stands
        at the start and 2 at the end.
    width : int
        d, the width of embeddings and of all layers.
    layers, heads : int
        How many layers the encoder has, and the decoder; and heads of attention in each.
    feedforward : int, optional
        Units of the dense layers, by default 4 · width.
    norm_first : bool
        Whether normalisation comes before each part, which trains without a warm-up.
    dropout : float
        Probability of dropping in training.
    max_length : int
        How many tokens are decoded at most where no length is given.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> net = Transformer(20, 10, width=16, layers=1, heads=2, rng=0)
    >>> source, target = [[5, 7, 9], [4, 3, 0]], [[4, 5, 2], [6, 2, 0]]
    >>> net(source, target).shape
    (2, 3, 10)
    >>> net.decode(source, 4).shape
    (2, 4)
    """

    padding, start, end = 0, 1, 2

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        *,
        width: int = 128,
        layers: int = 2,
        heads: int = 4,
        feedforward: int | None = None,
        norm_first: bool = False,
        dropout: float = 0.1,
        max_length: int = 50,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if target_vocabulary < 4:
            raise DataError(
                "the target's tokens are padding (0), start (1), end (2) and at least one more, "
                f"got target_vocabulary={target_vocabulary}"
            )
        rng = None if rng is None else generator(rng)
        self.max_length = int(max_length)
        # With a variance of 1/d, √d · E has the variance 1 of the waves, and h Eᵀ that of h.
        init = Normal(std=1 / math.sqrt(width))
        self.source = Embedding(
            source_vocabulary, width, padding_index=0, weight_init=init, dtype=dtype, rng=rng
        )
        self.target = Embedding(target_vocabulary, width, weight_init=init, dtype=dtype, rng=rng)
        self.positions = SinusoidalPositions(width, scale=math.sqrt(width))
        self.dropout = Dropout(dropout, rng)
        options: LayerOptions = {
            "feedforward": feedforward,
            "norm_first": norm_first,
            "dropout": dropout,
            "dtype": dtype,
        }
        self.encoder = TransformerEncoder(width, heads, layers, rng=rng, **options)
        self.decoder = TransformerDecoder(width, heads, layers, rng=rng, **options)

    def forward(self, source: Any, target: Any = None) -> Value:
        """Return the logits of each token of the target.

        Parameters
        ----------
        source : array of int
            Of shape (N, S), filled up with 0.
        target : array of int, optional
            Of shape (N, T), each with the end token 2, filled up with 0. Every token is predicted
            from the right ones before it (teacher forcing). Without a target the network goes on
            from its own choices, for `max_length` steps.

        Returns
        -------
        Tensor
            Of shape (N, T, target_vocabulary).
        """
        memory, real = self.encode(source)
        if target is None:
            chosen = self._choose(memory, real, self.max_length)
            return self._logits(self._shifted(chosen), memory, real)
        ids = ids_of(target, self.target.num_embeddings, "decoder")
        if ids.ndim != 2 or len(ids) != len(real):
            raise ShapeError(
                f"expected targets of shape ({len(real)}, length), one for each source, "
                f"got {ids.shape}"
            )
        return self._logits(self._shifted(ids), memory, real)

    def encode(self, source: Any) -> tuple[Value, Array]:
        """Return what the encoder makes of sources (N, S), and where they are not padding."""
        ids = ids_of(source, self.source.num_embeddings, "encoder")
        if ids.ndim != 2:
            raise ShapeError(f"expected sources of shape (samples, length), got {ids.shape}")
        real = np.not_equal(ids, self.padding)
        x = self.dropout(self.positions(self.source(ids)))
        return self.encoder(x, padding_mask=real), real

    def decode(self, source: Any, max_length: int | None = None) -> Array:
        """Return the targets, the most probable token at each step (greedy).

        Parameters
        ----------
        source : array of int
            Of shape (N, S).
        max_length : int, optional
            How many tokens at most, with the end token.

        Returns
        -------
        array of int
            Of shape (N, L), each row up to its end token, and 0 after it.
        """
        length = self.max_length if max_length is None else max_length
        if length < 1:
            raise DataError(f"max_length is at least 1, got {length}")
        training = self.training
        self.eval()
        try:
            with no_grad():
                return self._choose(*self.encode(source), length)
        finally:
            self.train(training)

    def _choose(self, memory: Value, real: Array, length: int) -> Array:
        """Take the most probable token at each step, until all sequences have ended."""
        token = np.full((len(real), 1), self.start)
        going = np.ones(len(real), bool)
        chosen = []
        with no_grad():
            fixed = memory.detach()
            caches = self.decoder.new_caches(length)
            for _ in range(length):
                logits = self._logits(token, fixed, real, caches)
                best = logits.data[:, -1].argmax(axis=-1)
                chosen.append(np.where(going, best, self.padding))
                going &= best != self.end
                token = best[:, None]
                if not going.any():
                    break
        return np.stack(chosen, axis=1)

    def _logits(
        self,
        before: Array,
        memory: Value,
        real: Array,
        caches: list[KeyValueCache] | None = None,
    ) -> Value:
        """Return the logits of the token after each of `before`."""
        offset = caches[0].length if caches else 0
        x = self.dropout(self.positions(self.target(before), offset))
        x = self.decoder(x, memory, memory_padding_mask=real, caches=caches)
        return self.target.unembed(x)

    def _shifted(self, ids: Array) -> Array:
        """Return what stands before each token: the start token, and all but the last."""
        return np.concatenate([np.full_like(ids[:, :1], self.start), ids[:, :-1]], axis=1)
