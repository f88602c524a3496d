"""Turns one sequence into another: an encoder, attention, and a decoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.models.sequences.attention import Score, SequenceAttention
from pellucid.models.sequences.classifier import valid_lengths
from pellucid.models.sequences.decoding import Decoded, beam_search, greedy
from pellucid.models.sequences.kinds import CellName, make_recurrent, one_stream
from pellucid.nn import Dropout, Embedding, Linear, Module, ModuleList
from pellucid.nn.embedding import ids_of
from pellucid.primitives.declaration import Value
from pellucid.random import Seed
from pellucid.tape import no_grad

__all__ = ["Memory", "Seq2Seq"]


class Memory:
    """What the decoder knows of the sources: the encoder's outputs (N, S, M) and a mask (N, S)."""

    def __init__(self, outputs: Value, mask: Array) -> None:
        self.outputs = outputs
        self.mask = mask

    def take(self, rows: Array) -> Memory:
        """Return the memory of some of the samples."""
        return Memory(p.take_rows(self.outputs, rows=rows), self.mask[rows])


class Seq2Seq(Module):
    """Turns token sequences into others of any length, as in translation.

    m = encoder(E[source]); hₜ = decoder(E'[targetₜ₋₁], hₜ₋₁); contextₜ = attention(hₜ, m);
    logitsₜ = tanh([contextₜ, hₜ] W) V + b

    Sutskever et al. (2014); attention: Bahdanau et al. (2015), placed after the recurrence as by
    Luong et al. (2015), so that in training all steps of a target are computed at once.

    Parameters
    ----------
    source_vocabulary, target_vocabulary : int
        How many tokens there are on each side. Token 0 is padding; of the target's tokens 1 stands
        at the start and 2 at the end.
    hidden : int
        Units of each recurrent layer.
    layers : int
        How many recurrent layers the encoder has, and the decoder.
    cell : {"rnn", "lstm", "gru"}
        Their kind.
    embedding : int
        Length of the vector of a token.
    bidirectional : bool
        Whether the encoder reads in both directions.
    score : {"additive", "general", "dot"}
        The score of attention: see :class:`SequenceAttention`. The dot product needs an encoder
        that reads in one direction, whose outputs are as long as the decoder's.
    dropout : float
        Probability of dropping a value of embeddings, between layers and before the output.
    max_length : int
        How many tokens are decoded at most where no length is given.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> net = Seq2Seq(20, 10, hidden=16, embedding=8, rng=0)
    >>> source, target = [[5, 7, 9], [4, 3, 0]], [[4, 5, 2], [6, 2, 0]]
    >>> net(source, target).shape
    (2, 3, 10)
    >>> net.decode(source, 4).weights.shape
    (2, 4, 3)
    """

    padding, start, end = 0, 1, 2

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        hidden: int = 128,
        layers: int = 1,
        *,
        cell: CellName = "gru",
        embedding: int = 64,
        bidirectional: bool = True,
        score: Score = "additive",
        dropout: float = 0.0,
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
        rng = one_stream(rng)
        kind: dict[str, Any] = {"dtype": dtype, "rng": rng}
        self.max_length = int(max_length)
        self.source = Embedding(source_vocabulary, embedding, padding_index=self.padding, **kind)
        self.encoder = make_recurrent(
            cell, embedding, hidden, layers, dropout, bidirectional=bidirectional, **kind
        )
        memory = self.encoder.output_size
        parts = len(self.encoder.cells[0].state_names)
        self.bridges = ModuleList([Linear(memory, hidden, **kind) for _ in range(parts)])
        self.target = Embedding(target_vocabulary, embedding, padding_index=self.padding, **kind)
        self.decoder = make_recurrent(cell, embedding, hidden, layers, dropout, **kind)
        self.attention = SequenceAttention(hidden, memory, score, **kind)
        self.combine = Linear(memory + hidden, hidden, **kind)
        self.dropout = Dropout(dropout, rng)
        self.head = Linear(hidden, target_vocabulary, **kind)

    def forward(self, source: Any, target: Any = None) -> Value:
        """Return the logits of each token of the target.

        Parameters
        ----------
        source : array of int
            Of shape (N, S), filled up with 0 at the end.
        target : array of int, optional
            Of shape (N, T), each with the end token 2, filled up with 0. Every token is predicted
            from the right ones before it (teacher forcing). Without a target the network goes on
            from its own choices, for `max_length` steps.

        Returns
        -------
        Tensor
            Of shape (N, T, target_vocabulary).
        """
        if target is None:
            return self._own_choices(source)
        ids = ids_of(target, self.target.num_embeddings, "decoder")
        memory, state = self.encode(source)
        if ids.ndim != 2 or len(ids) != len(memory.mask):
            raise ShapeError(
                f"expected targets of shape ({len(memory.mask)}, length), one for each source, "
                f"got {ids.shape}"
            )
        before = np.concatenate([np.full_like(ids[:, :1], self.start), ids[:, :-1]], axis=1)
        return self.decode_step(before, state, memory)[0]

    def _own_choices(self, source: Any) -> Value:
        memory, state = self.encode(source)
        token = np.full((len(memory.mask), 1), self.start)
        steps = []
        for _ in range(self.max_length):
            logits, state, _ = self.decode_step(token, state, memory)
            token = logits.data.argmax(axis=-1)
            steps.append(logits)
        return p.concatenate(*steps, axis=1)

    # --- the two halves ---------------------------------------------------------------------------

    def encode(self, source: Any) -> tuple[Memory, Any]:
        """Return what is known of the sources (N, S), and the state that a decoder starts from."""
        ids = ids_of(source, self.source.num_embeddings, "encoder")
        if ids.ndim != 2 or not ids.shape[1]:
            raise ShapeError(f"expected sources of shape (samples, length), got {ids.shape}")
        lengths = np.maximum(valid_lengths(ids, self.padding), 1)
        outputs, state = self.encoder(self.dropout(self.source(ids)), lengths=lengths)
        parts = state if isinstance(state, tuple) else (state,)
        started = [
            p.tanh(bridge(self._by_layer(part)))
            for bridge, part in zip(self.bridges, parts, strict=True)
        ]
        mask = np.arange(ids.shape[1]) < lengths[:, None]
        return Memory(outputs, mask), tuple(started) if len(started) > 1 else started[0]

    def _by_layer(self, part: Value) -> Value:
        """Put both directions of each layer side by side: (L·D, N, H) -> (L, N, D·H)."""
        ways = self.encoder.directions
        if ways == 1:
            return part
        cells, batch, size = part.shape
        split = p.reshape(part, shape=(cells // ways, ways, batch, size))
        return p.reshape(
            p.transpose(split, axes=(0, 2, 1, 3)), shape=(cells // ways, batch, ways * size)
        )

    def decode_step(self, tokens: Any, state: Any, memory: Memory) -> tuple[Value, Any, Value]:
        """Return logits (N, T, V), the next state, and the weights of attention (N, T, S).

        Parameters
        ----------
        tokens : array of int
            The tokens before those that are predicted, of shape (N, T).
        state
            From :meth:`encode`, or from the last step.
        memory : Memory
            From :meth:`encode`.
        """
        hidden, state = self.decoder(self.dropout(self.target(tokens)), state)
        context, weights = self.attention(hidden, memory.outputs, memory.mask)
        joined = p.tanh(self.combine(p.concatenate(context, hidden, axis=-1)))
        return self.head(self.dropout(joined)), state, weights

    # --- decoding ---------------------------------------------------------------------------------

    def decode(self, source: Any, max_length: int | None = None, beam: int = 1) -> Decoded:
        """Return the most probable targets.

        Parameters
        ----------
        source : array of int
            Of shape (N, S).
        max_length : int, optional
            How many tokens at most, with the end token.
        beam : int
            How many beginnings are kept at each step; 1 takes the most probable token at each step
            (greedy).

        Returns
        -------
        Decoded
            Tokens (N, L), each row up to its end token and 0 after it; log probabilities (N,);
            weights of attention (N, L, S).
        """
        length = self.max_length if max_length is None else max_length
        if beam < 1 or length < 1:
            raise DataError(f"beam and max_length are at least 1, got {beam} and {length}")
        training = self.training
        self.eval()
        try:
            with no_grad():
                if beam == 1:
                    return greedy(self, source, length)
                return beam_search(self, source, length, beam)
        finally:
            self.train(training)
