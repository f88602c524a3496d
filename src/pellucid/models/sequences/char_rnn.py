"""Character-level language model: a recurrent network that predicts the next token."""

from __future__ import annotations

from typing import Any

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import ShapeError
from pellucid.models.sequences.kinds import CellName, make_recurrent, one_stream
from pellucid.nn import Dropout, Embedding, Linear, Module
from pellucid.nn.embedding import ids_of
from pellucid.primitives.declaration import Value
from pellucid.random import Seed
from pellucid.tape import no_grad

__all__ = ["CharRNN"]


class CharRNN(Module):
    """Predicts the next token from all before it, which it remembers in a state.

    hₜ = recurrent(E[tokenₜ], hₜ₋₁), logitsₜ = hₜ W + b

    Mikolov et al. (2010); with LSTM layers and dropout between them Graves (2013).

    Parameters
    ----------
    vocabulary : int
        How many tokens there are.
    hidden : int
        Units of each recurrent layer.
    layers : int
        How many recurrent layers.
    cell : {"rnn", "lstm", "gru"}
        Their kind.
    embedding : int or None
        Length of the learnt vector of a token; None feeds indicator vectors (one-hot).
    dropout : float
        Probability of dropping a value after each recurrent layer, in training.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> import numpy as np
    >>> net = CharRNN(65, hidden=32, layers=2, cell="gru", rng=0)
    >>> net(np.zeros((2, 10), int)).shape
    (2, 10, 65)
    """

    def __init__(
        self,
        vocabulary: int,
        hidden: int = 128,
        layers: int = 2,
        *,
        cell: CellName = "lstm",
        embedding: int | None = 64,
        dropout: float = 0.0,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = one_stream(rng)
        self.vocabulary = int(vocabulary)
        self.embedding = None
        if embedding is not None:
            self.embedding = Embedding(vocabulary, embedding, dtype=dtype, rng=rng)
        size = self.vocabulary if embedding is None else embedding
        self.recurrent = make_recurrent(cell, size, hidden, layers, dropout, dtype=dtype, rng=rng)
        self.dropout = Dropout(dropout, rng)
        self.head = Linear(hidden, vocabulary, dtype=dtype, rng=rng)

    def forward(self, tokens: Any) -> Value:
        """Return the logits of the token after each.

        Parameters
        ----------
        tokens : array of int
            Of shape (N, T).

        Returns
        -------
        Tensor
            Of shape (N, T, vocabulary).
        """
        return self.advance(tokens)[0]

    def advance(self, tokens: Any, state: Any = None) -> tuple[Value, Any]:
        """Return the logits (N, T, vocabulary), and the state to go on from.

        With the state of one window as the start of the next, as in ``advance(window,
        nn.detach_state(state))``, the network remembers more than one window (truncated
        backpropagation through time).
        """
        output, state = self.recurrent(self._vectors(tokens), state)
        return self.head(self.dropout(output)), state

    def _vectors(self, tokens: Any) -> Value:
        ids = ids_of(tokens, self.vocabulary, "language model")
        if ids.ndim != 2:
            raise ShapeError(f"expected tokens of shape (samples, length), got {ids.shape}")
        if self.embedding is not None:
            return self.embedding(ids)
        return p.one_hot(ids, classes=self.vocabulary, dtype=self.head.weight.dtype)

    # --- generation -------------------------------------------------------------------------------

    def new_cache(self, batch: int = 1) -> Any:
        """Return the state before the first token, for :meth:`generate_step`."""
        return self.recurrent.zero_state(batch)

    def generate_step(self, tokens: Any, cache: Any) -> tuple[Any, Any]:
        """Return the logits of the token after these, and the state with these in it.

        Parameters
        ----------
        tokens : array of int
            Those that are not in the state yet, of shape (N, T).
        cache
            From :meth:`new_cache`, or from the last step.

        Returns
        -------
        logits : Tensor
            Of shape (N, vocabulary).
        cache
            The new state; the one given is left as it is.
        """
        with no_grad():
            output, state = self.recurrent(self._vectors(tokens), cache)
            last = p.getitem(output, index=(slice(None), output.shape[1] - 1))
            return self.head(self.dropout(last)), state
