"""A transformer that reads a text, or any tokens, and names its class."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike, float_dtype
from pellucid.errors import DataError, ShapeError
from pellucid.models.transformers.positions import Positions, positions_of
from pellucid.nn import Dropout, Embedding, Linear, Module, TransformerEncoder
from pellucid.nn.embedding import ids_of
from pellucid.nn.init import Normal
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["TransformerClassifier"]

Pooling = Literal["mean", "cls"]


class TransformerClassifier(Module):
    """Reads tokens with attention in both directions, and gives one logit for each class.

    h = encoder(E[tokens] + P); logits = pool(h) W + b, where pool is the mean over the real tokens,
    or the values of one learnt token in front (CLS)

    The encoder of Vaswani et al. (2017) with normalisation first; the token in front is that of
    Devlin et al. (2019).

    Parameters
    ----------
    vocabulary : int
        How many tokens there are; `padding` is one of them.
    classes : int
        How many classes.
    length : int
        The most tokens of a text, for learnt positions.
    width : int
        Width of the embedding and of all layers.
    layers, heads : int
        How many layers, and heads of attention in each.
    feedforward : int, optional
        Units of the dense layers, by default 4 · width.
    pooling : {"mean", "cls"}
        What the classes are told from.
    positions : {"sinusoidal", "learned", "rotary", "alibi"}
        How it knows the order of tokens.
    dropout : float
        Probability of dropping in training.
    padding : int
        The token that fills up short texts; nothing attends to it.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> net = TransformerClassifier(100, 2, width=16, layers=1, heads=2, rng=0)
    >>> net([[5, 8, 3, 0], [7, 0, 0, 0]]).shape
    (2, 2)
    """

    def __init__(
        self,
        vocabulary: int,
        classes: int,
        *,
        length: int = 512,
        width: int = 64,
        layers: int = 2,
        heads: int = 4,
        feedforward: int | None = None,
        pooling: Pooling = "mean",
        positions: Positions = "sinusoidal",
        dropout: float = 0.1,
        padding: int = 0,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise DataError(f"pooling is 'mean' or 'cls', got {pooling!r}")
        rng = None if rng is None else generator(rng)
        self.padding, self.pooling = padding, pooling
        # Waves of size 1 are added: an embedding of the same size is not drowned by them.
        init = Normal(std=1.0 if positions == "sinusoidal" else 0.02)
        self.tokens = Embedding(
            vocabulary, width, padding_index=padding, weight_init=init, dtype=dtype, rng=rng
        )
        self.front = None
        if pooling == "cls":
            drawn = init((1, 1, width), generator(rng), float_dtype(dtype))
            self.front = Parameter(drawn)
        room = length + (self.front is not None)
        self.positions, inside = positions_of(positions, room, width, dtype, rng)
        self.dropout = Dropout(dropout, rng)
        self.encoder = TransformerEncoder(
            width,
            heads,
            layers,
            feedforward=feedforward,
            activation="gelu",
            norm_first=True,
            dropout=dropout,
            positions=inside,
            dtype=dtype,
            rng=rng,
        )
        self.head = Linear(width, classes, dtype=dtype, rng=rng)

    def forward(self, tokens: Any) -> Value:
        """Return one logit for each class.

        Parameters
        ----------
        tokens : array of int
            Of shape (N, T), filled up with `padding`.

        Returns
        -------
        Tensor
            Of shape (N, classes).
        """
        ids = ids_of(tokens, self.tokens.num_embeddings, "classifier")
        if ids.ndim != 2:
            raise ShapeError(f"expected tokens of shape (samples, length), got {ids.shape}")
        real = np.not_equal(ids, self.padding)
        x = self.tokens(ids)
        if self.front is not None:
            samples = len(ids)
            front = p.broadcast_to(self.front, shape=(samples, 1, x.shape[2]))
            x = p.concatenate(front, x, axis=1)
            real = np.concatenate([np.ones((samples, 1), bool), real], axis=1)
        if self.positions is not None:
            x = self.positions(x)
        x = self.encoder(self.dropout(x), padding_mask=real)
        return self.head(self._pool(x, real))

    def _pool(self, x: Value, real: Array) -> Value:
        """Return one vector for each sample, of shape (N, width)."""
        if self.pooling == "cls":
            return p.getitem(x, index=(slice(None), 0))
        share = real / np.maximum(1, real.sum(axis=1, keepdims=True))
        return p.sum(p.multiply(x, share.astype(x.dtype)[..., None]), axis=1)

    def extra_repr(self) -> str:
        """Return how the classes are told."""
        return f"pooling='{self.pooling}'"
