"""From a network that predicts the next token to the most probable sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives import Recorded

if TYPE_CHECKING:
    from pellucid.models.sequences.seq2seq import Seq2Seq

__all__ = ["Decoded", "beam_search", "greedy"]


@dataclass(frozen=True)
class Decoded:
    """Decoded sequences.

    Attributes
    ----------
    tokens : array of int (N, L)
        Each row up to its end token, and 0 after it.
    log_probability : array (N,)
        Sum of the log probabilities of these tokens.
    weights : array (N, L, S)
        What each of them attended to; zeros after the end.
    """

    tokens: Array
    log_probability: Array
    weights: Array


def _log_probabilities(logits: Any) -> Array:
    """Return those of the next token: (N, 1, V) -> (N, V)."""
    found: Array = reference.log_softmax(logits.data[:, 0], axis=-1)
    return found


def _rows(state: Any, rows: Array) -> Any:
    """Return the state (L, N, H), or each of its parts, of some of the samples."""
    if isinstance(state, tuple):
        return tuple(_rows(part, rows) for part in state)
    return (state.data if isinstance(state, Recorded) else state)[:, rows]


def greedy(net: Seq2Seq, source: Any, max_length: int) -> Decoded:
    """Take the most probable token at each step, until all sequences have ended."""
    memory, state = net.encode(source)
    batch = len(memory.mask)
    token = np.full((batch, 1), net.start)
    open_ = np.ones(batch, bool)
    total = np.zeros(batch, memory.outputs.dtype)
    tokens, looked = [], []
    for _ in range(max_length):
        logits, state, weights = net.decode_step(token, state, memory)
        scores = _log_probabilities(logits)
        best = scores.argmax(axis=1)
        total += np.where(open_, scores[np.arange(batch), best], 0)
        tokens.append(np.where(open_, best, net.padding))
        looked.append(weights.data[:, 0] * open_[:, None])
        open_ &= best != net.end
        token = best[:, None]
        if not open_.any():
            break
    return Decoded(np.stack(tokens, axis=1), total, np.stack(looked, axis=1))


def beam_search(net: Seq2Seq, source: Any, max_length: int, beam: int) -> Decoded:
    """Keep the `beam` most probable beginnings of each target at every step.

    Beginnings of all samples are one batch of N·beam rows. One that has ended stays as it is, and
    competes with those that go on (Graves, 2012).
    """
    memory, state = net.encode(source)
    batch, width = memory.mask.shape
    rows = np.repeat(np.arange(batch), beam)
    memory, state = memory.take(rows), _rows(state, rows)
    token = np.full((batch * beam, 1), net.start)
    # At first all beginnings of a sample are the same one: only the first counts.
    total = np.where(np.arange(batch * beam) % beam == 0, 0.0, -np.inf)
    open_ = np.ones(batch * beam, bool)
    tokens = np.zeros((batch * beam, 0), np.int64)
    looked = np.zeros((batch * beam, 0, width), memory.outputs.dtype)
    for _ in range(max_length):
        logits, state, weights = net.decode_step(token, state, memory)
        scores = _log_probabilities(logits)
        vocabulary = scores.shape[1]
        stay = np.full(vocabulary, -np.inf)
        stay[net.padding] = 0.0
        scores = np.where(open_[:, None], scores, stay) + total[:, None]
        # (N·beam, V) -> (N, beam·V): the best continuations of each sample
        table = scores.reshape(batch, beam * vocabulary)
        best = np.argsort(-table, axis=1, kind="stable")[:, :beam]
        parent = (best // vocabulary + np.arange(batch)[:, None] * beam).reshape(-1)
        chosen = (best % vocabulary).reshape(-1)
        total = np.take_along_axis(table, best, axis=1).reshape(-1)
        seen = (weights.data[:, 0] * open_[:, None])[parent]
        tokens = np.concatenate([tokens[parent], chosen[:, None]], axis=1)
        looked = np.concatenate([looked[parent], seen[:, None]], axis=1)
        open_ = open_[parent] & (chosen != net.end)
        state, token = _rows(state, parent), chosen[:, None]
        if not open_.any():
            break
    first = np.arange(batch) * beam  # the beginnings are in order of their probability
    return Decoded(tokens[first], total[first].astype(looked.dtype), looked[first])
