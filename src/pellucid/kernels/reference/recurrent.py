"""Recurrences over a whole sequence, step after step in preallocated arrays.

Everything is time-major: `z` (T, N, gates·H) holds what the inputs contribute to the gates, so that
the rows of one step lie together, and the product with the input weights was done for all steps at
once. Each kernel returns the hidden states, and beside them the activations of the gates, which the
derivative needs again.

A logistic gate is computed as σ(x) = ½·tanh(x/2) + ½: one call of tanh then serves all gates of a
step, and no exponential can overflow.
"""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array

__all__ = [
    "gru_sequence",
    "gru_sequence_and_gates",
    "lstm_sequence",
    "lstm_sequence_and_gates",
    "rnn_sequence",
]


def _halves(like: Array, size: int, logistic: tuple[bool, ...]) -> tuple[Array, Array]:
    """Return rows (scale, shift) that make logistic units of tanh units, gate by gate."""
    scale = np.repeat(np.where(logistic, 0.5, 1.0), size).astype(like.dtype)
    return scale, 1 - scale


def rnn_sequence(z: Array, u: Array, h: Array, *, activation: str = "tanh") -> Array:
    """Hidden states hₜ = φ(zₜ + hₜ₋₁ U) of shape (T, N, H), with φ tanh or relu."""
    states: Array = np.empty_like(z, shape=(len(z), *h.shape))
    for t in range(len(z)):
        now = states[t]
        np.matmul(h, u, out=now)
        now += z[t]
        if activation == "tanh":
            np.tanh(now, out=now)
        else:
            np.maximum(now, 0, out=now)
        h = now
    return states


def lstm_sequence_and_gates(z: Array, u: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """States (2, T, N, H) of an LSTM, hidden and cell, and gates (T, N, 4H) in the order i f g o.

    i, f, o = σ(zₜ + hₜ₋₁ U), g = tanh(zₜ + hₜ₋₁ U), cₜ = f∘cₜ₋₁ + i∘g, hₜ = o∘tanh(cₜ)
    """
    size = h.shape[1]
    scale, shift = _halves(z, size, (True, True, False, True))
    gates = z * scale
    u = u * scale
    states: Array = np.empty_like(z, shape=(2, len(z), *h.shape))
    product: Array = np.empty_like(z, shape=z.shape[1:])
    part: Array = np.empty_like(h)
    for t in range(len(z)):
        a, now, cell = gates[t], states[0, t], states[1, t]
        np.matmul(h, u, out=product)
        a += product
        np.tanh(a, out=a)
        a *= scale
        a += shift
        np.multiply(a[:, size : 2 * size], c, out=cell)
        np.multiply(a[:, :size], a[:, 2 * size : 3 * size], out=part)
        cell += part
        np.tanh(cell, out=now)
        now *= a[:, 3 * size :]
        h, c = now, cell
    return states, gates


def lstm_sequence(z: Array, u: Array, h: Array, c: Array) -> Array:
    """States (2, T, N, H) of an LSTM, hidden and cell: see :func:`lstm_sequence_and_gates`."""
    return lstm_sequence_and_gates(z, u, h, c)[0]


def gru_sequence_and_gates(z: Array, u: Array, b: Array, h: Array) -> tuple[Array, Array]:
    """States (T, N, H) of a GRU, and (T, N, 4H): the gates r z n, and q = hₜ₋₁ Uₙ + b.

    r, z = σ(zₜ + hₜ₋₁ U), n = tanh(zₜ + r∘q), hₜ = (1 − z)∘n + z∘hₜ₋₁
    """
    size = h.shape[1]
    scale, _ = _halves(z, size, (True, True, False))
    states: Array = np.empty_like(z, shape=(len(z), *h.shape))
    gates: Array = np.empty_like(z, shape=(*z.shape[:2], 4 * size))
    gates[:, :, : 3 * size] = z * scale
    u = u * scale
    product: Array = np.empty_like(z, shape=z.shape[1:])
    for t in range(len(z)):
        a, now = gates[t], states[t]
        both, new, q = a[:, : 2 * size], a[:, 2 * size : 3 * size], a[:, 3 * size :]
        np.matmul(h, u, out=product)
        both += product[:, : 2 * size]
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        np.add(product[:, 2 * size :], b, out=q)
        np.multiply(both[:, :size], q, out=now)
        new += now
        np.tanh(new, out=new)
        np.subtract(h, new, out=now)  # hₜ = n + z∘(hₜ₋₁ − n)
        now *= both[:, size:]
        now += new
        h = now
    return states, gates


def gru_sequence(z: Array, u: Array, b: Array, h: Array) -> Array:
    """States (T, N, H) of a GRU: see :func:`gru_sequence_and_gates`."""
    return gru_sequence_and_gates(z, u, b, h)[0]
