"""Classifies token sequences of different lengths, such as short texts."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import ShapeError, UnknownNameError
from pellucid.models.sequences.kinds import CellName, make_recurrent, one_stream
from pellucid.nn import Dropout, Embedding, LastStep, Linear, Module
from pellucid.nn.embedding import ids_of
from pellucid.primitives.declaration import Value
from pellucid.random import Seed

__all__ = ["RecurrentClassifier", "valid_lengths"]

_POOLINGS = ("last", "mean", "max")


def valid_lengths(ids: Array, padding: int) -> Array:
    """Return how long each row is up to its last entry that is not padding: (N, T) -> (N,)."""
    present = ids != padding
    steps = np.arange(1, ids.shape[1] + 1)
    lengths: Array = np.max(np.where(present, steps, 0), axis=1, initial=0)
    return lengths


class RecurrentClassifier(Module):
    """One answer for a sequence of tokens: an embedding, recurrent layers, and a dense layer.

    logits = pool(recurrent(E[tokens])) W + b

    Both directions read from the first to the last token that is not padding. The pool is the state
    at the end, or the mean or largest value of the outputs over all valid steps.

    Hochreiter & Schmidhuber (1997); both directions: Graves & Schmidhuber (2005).

    Parameters
    ----------
    vocabulary : int
        How many tokens there are, with that of padding.
    outputs : int
        Number of classes, or of values.
    hidden : int
        Units of each recurrent layer and direction.
    layers : int
        How many recurrent layers.
    cell : {"rnn", "lstm", "gru"}
        Their kind.
    embedding : int
        Length of the vector of a token.
    bidirectional : bool
        Whether they read in both directions.
    pooling : {"last", "mean", "max"}
        What the dense layer sees.
    dropout : float
        Probability of dropping a value after the embedding and after each recurrent layer.
    padding : int
        The token that fills up short sequences, at their end.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> net = RecurrentClassifier(100, 2, hidden=8, rng=0)
    >>> net([[5, 7, 9, 2], [8, 1, 0, 0]]).shape
    (2, 2)
    """

    def __init__(
        self,
        vocabulary: int,
        outputs: int,
        hidden: int = 64,
        layers: int = 1,
        *,
        cell: CellName = "gru",
        embedding: int = 64,
        bidirectional: bool = True,
        pooling: Literal["last", "mean", "max"] = "last",
        dropout: float = 0.0,
        padding: int = 0,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if pooling not in _POOLINGS:
            raise UnknownNameError("pooling", str(pooling), _POOLINGS)
        rng = one_stream(rng)
        self.padding = int(padding)
        self.pooling = pooling
        self.embedding = Embedding(
            vocabulary, embedding, padding_index=padding, dtype=dtype, rng=rng
        )
        self.recurrent = make_recurrent(
            cell,
            embedding,
            hidden,
            layers,
            dropout,
            bidirectional=bidirectional,
            dtype=dtype,
            rng=rng,
        )
        self.last = LastStep()
        self.dropout = Dropout(dropout, rng)
        self.head = Linear(self.recurrent.output_size, outputs, dtype=dtype, rng=rng)

    def forward(self, tokens: Any) -> Value:
        """Return the logits of the classes.

        Parameters
        ----------
        tokens : array of int
            Of shape (N, T), filled up with `padding` at the end.

        Returns
        -------
        Tensor
            Of shape (N, outputs).
        """
        ids = ids_of(tokens, self.embedding.num_embeddings, "classifier")
        if ids.ndim != 2:
            raise ShapeError(f"expected tokens of shape (samples, length), got {ids.shape}")
        lengths = valid_lengths(ids, self.padding)
        found = self.recurrent(self.dropout(self.embedding(ids)), lengths=lengths)
        pooled = self.last(found) if self.pooling == "last" else self._pool(found.output, lengths)
        return self.head(self.dropout(pooled))

    def _pool(self, output: Value, lengths: Array) -> Value:
        """Return the mean or the largest value over the valid steps: (N, T, D) -> (N, D)."""
        if self.pooling == "mean":  # behind the end the outputs are zeros
            count = np.maximum(lengths, 1).astype(output.dtype)[:, None]
            return p.divide(p.sum(output, axis=1), count)
        steps = np.arange(output.shape[1])
        inside = (steps < np.maximum(lengths, 1)[:, None])[:, :, None]
        lowest = float(np.finfo(output.dtype).min)
        return p.max(p.where(inside, output, lowest), axis=1)
