"""Recurrences over a whole sequence, each one call instead of a dozen for every step.

The derivative runs back through time (BPTT; Werbos, 1990). Its parts that do not depend on the
gradient are computed for all steps at once, so that a step back costs one product and few sums.
The VJPs are written so that they can be differentiated, as all are, but with operators and NumPy's
functions, which a Tensor understands: on plain arrays these cost half of what the call of a
primitive does, which counts within a loop over steps.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives.declaration import PerArgument, Primitive, Recorded, Value
from pellucid.primitives.elementwise import sigmoid

__all__ = ["SharedSweep", "gru_sequence", "lstm_sequence", "rnn_sequence"]


class _Kept:
    """Arrays that were computed along with a result, for as long as the result lives."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[Array], Array]] = {}

    def put(self, result: Array, extra: Array) -> None:
        key = id(result)
        self._kept[key] = (weakref.ref(result, lambda _: self._kept.pop(key, None)), extra)

    def get(self, result: Value) -> Array | None:
        owner, extra = self._kept.get(id(result), (None, None))
        return extra if owner is not None and owner() is result else None


_GATES = _Kept()


class SharedSweep:
    """Runs the way back once for the gradients by all inputs of one call.

    The tape asks for the gradient by each input in turn; all come out of the same sweep. The last
    sweep is remembered until the gradient that it started from is gone.

    Parameters
    ----------
    sweep : callable
        ``sweep(g, y, *inputs, gates, **attributes)``: a gradient for each input. `gates` is left
        out where a recurrence keeps none, and None where they are not known any more.
    kept : _Kept, optional
        Where the forward pass left the gates of a result.
    """

    def __init__(self, sweep: Callable[..., tuple[Value, ...]], kept: _Kept | None = None) -> None:
        self.sweep = sweep
        self.kept = kept
        self._last: tuple[Any, Any, tuple[Value, ...]] | None = None

    def __call__(self, i: int, g: Value, y: Value, *inputs: Value, **attributes: Any) -> Value:
        """Return the gradient by input `i`, from the last sweep if it started from the same `g`."""
        if any(isinstance(x, Recorded) for x in (g, y, *inputs)):
            return self.run(g, y, *inputs, **attributes)[i]
        last = self._last
        if last is None or last[0]() is not g or last[1]() is not y:
            found = self.run(g, y, *inputs, **attributes)
            last = self._last = (weakref.ref(g, self._forget), weakref.ref(y), found)
        return last[2][i]

    def run(self, g: Value, y: Value, *inputs: Value, **attributes: Any) -> tuple[Value, ...]:
        """Return the gradients by all inputs."""
        if self.kept is not None:
            attributes["gates"] = self.kept.get(y)
        return self.sweep(g, y, *inputs, **attributes)

    def _forget(self, _: object) -> None:
        self._last = None


def _columns(x: Value, k: int, size: int) -> Value:
    """Return the values of gate `k`: (..., gates·H) -> (..., H)."""
    return x[..., k * size : (k + 1) * size]


def _before(states: Value, first: Value) -> Value:
    """Return the state that each step started from: (T, N, H)."""
    return np.concatenate([first[None], states[:-1]]) if len(states) else states


def _joined(steps: list[Value], like: Value) -> Value:
    """Join gradients of single steps, latest first, to one of the shape of `like`."""
    return np.stack(steps[::-1]) if steps else like * 0.0


def _weight_slope(before: Value, slopes: Value) -> Value:
    """Sum of hₜ₋₁ᵀ dzₜ over all steps and samples, as one product of tall matrices."""
    rows, columns = np.reshape(before, (-1, before.shape[-1])), slopes.shape[-1]
    return np.transpose(rows) @ np.reshape(slopes, (-1, columns))


# --- simple recurrence ----------------------------------------------------------------------------


def _rnn_back(
    g: Value, y: Value, z: Value, u: Value, h: Value, *, activation: str = "tanh"
) -> tuple[Value, ...]:
    slope = 1 - np.square(y) if activation == "tanh" else np.greater(y, 0).astype(z.dtype)
    back = np.transpose(u)
    dh = h * 0.0
    steps: list[Value] = []
    for t in reversed(range(z.shape[0])):
        dh = g[t] + dh
        dz = dh * slope[t]
        dh = dz @ back
        steps.append(dz)
    dz = _joined(steps, z)
    return dz, _weight_slope(_before(y, h), dz), dh


rnn_sequence: Primitive = Primitive(
    "rnn_sequence",
    "hₜ = φ(zₜ + hₜ₋₁ U)",
    reference.rnn_sequence,
    source="rnn_sequence({0}, {1}, {2}, activation={activation})",
    vjps=PerArgument(SharedSweep(_rnn_back)),
    about="z (T, N, H) from the inputs, U (H, H), h₀ (N, H) → states (T, N, H); φ is tanh or relu. "
    "Elman (1990).",
)


# --- LSTM -----------------------------------------------------------------------------------------


def _lstm_forward(z: Array, u: Array, h: Array, c: Array) -> Array:
    states, gates = reference.lstm_sequence_and_gates(z, u, h, c)
    _GATES.put(states, gates)
    return states


def _lstm_gates(z: Value, u: Value, before: Value) -> list[Value]:
    """Return i, f, g, o of all steps from the states before them."""
    a, size = z + before @ u, u.shape[0]
    bends: list[Callable[[Value], Value]] = [sigmoid, sigmoid, np.tanh, sigmoid]
    return [bend(_columns(a, k, size)) for k, bend in enumerate(bends)]


def _lstm_back(
    g: Value, y: Value, z: Value, u: Value, h: Value, c: Value, *, gates: Value = None
) -> tuple[Value, ...]:
    hidden, cells = y[0], y[1]
    before, cells_before = _before(hidden, h), _before(cells, c)
    if gates is None:
        i, f, n, o = _lstm_gates(z, u, before)
    else:
        i, f, n, o = (_columns(gates, k, u.shape[0]) for k in range(4))
    bent = np.tanh(cells)
    to_cell = o * (1 - np.square(bent))  # ∂h/∂c
    # ∂c/∂i, ∂c/∂f, ∂c/∂g and ∂h/∂o, by the values before the activation
    by_i, by_f = n * (i * (1 - i)), cells_before * (f * (1 - f))
    by_n, by_o = i * (1 - np.square(n)), bent * (o * (1 - o))
    slope = np.concatenate([by_i, by_f, by_n, by_o], axis=-1)
    back = np.transpose(u)
    dh, dc = h * 0.0, c * 0.0
    steps: list[Value] = []
    for t in reversed(range(z.shape[0])):
        dh = g[0, t] + dh
        dc = g[1, t] + dc + dh * to_cell[t]
        dz = np.concatenate([dc, dc, dc, dh], axis=-1) * slope[t]
        dh = dz @ back
        dc = dc * f[t]
        steps.append(dz)
    dz = _joined(steps, z)
    return dz, _weight_slope(before, dz), dh, dc


lstm_sequence: Primitive = Primitive(
    "lstm_sequence",
    "cₜ = f∘cₜ₋₁ + i∘g, hₜ = o∘tanh(cₜ), with i, f, g, o from zₜ + hₜ₋₁ U",
    _lstm_forward,
    source="lstm_sequence({0}, {1}, {2}, {3})",
    vjps=PerArgument(SharedSweep(_lstm_back, _GATES)),
    about="z (T, N, 4H) from the inputs, in the order i f g o, U (H, 4H), h₀ and c₀ (N, H) → "
    "hidden and cell states (2, T, N, H). Hochreiter & Schmidhuber (1997); Gers et al. (2000).",
)


# --- GRU ------------------------------------------------------------------------------------------


def _gru_forward(z: Array, u: Array, b: Array, h: Array) -> Array:
    states, gates = reference.gru_sequence_and_gates(z, u, b, h)
    _GATES.put(states, gates)
    return states


def _gru_gates(z: Value, u: Value, b: Value, before: Value) -> list[Value]:
    """Return r, z, n and q of all steps from the states before them."""
    product, size = before @ u, u.shape[0]
    r = sigmoid(_columns(z, 0, size) + _columns(product, 0, size))
    keep = sigmoid(_columns(z, 1, size) + _columns(product, 1, size))
    q = _columns(product, 2, size) + b
    return [r, keep, np.tanh(_columns(z, 2, size) + r * q), q]


def _gru_back(
    g: Value, y: Value, z: Value, u: Value, b: Value, h: Value, *, gates: Value = None
) -> tuple[Value, ...]:
    size = u.shape[0]
    before = _before(y, h)
    if gates is None:
        r, keep, n, q = _gru_gates(z, u, b, before)
    else:
        r, keep, n, q = (_columns(gates, k, size) for k in range(4))
    by_new = (1 - keep) * (1 - np.square(n))
    by_reset = by_new * q * (r * (1 - r))
    by_keep = (before - n) * (keep * (1 - keep))
    # ∂h by what enters the gates through z, and through the product with U: they differ in n only
    slope = np.concatenate([by_reset, by_keep, by_new * r], axis=-1)
    back = np.transpose(u)
    dh = h * 0.0
    steps: list[Value] = []
    arrived: list[Value] = []
    for t in reversed(range(z.shape[0])):
        dh = g[t] + dh
        arrived.append(dh)
        dp = np.concatenate([dh, dh, dh], axis=-1) * slope[t]
        dh = dp @ back + dh * keep[t]
        steps.append(dp)
    dp = _joined(steps, z)
    dn = _joined(arrived, y) * by_new
    dz = np.concatenate([dp[..., : 2 * size], dn], axis=-1)
    return dz, _weight_slope(before, dp), np.sum(_columns(dp, 2, size), axis=(0, 1)), dh


gru_sequence: Primitive = Primitive(
    "gru_sequence",
    "hₜ = (1 − z)∘n + z∘hₜ₋₁, n = tanh(… + r∘(hₜ₋₁ Uₙ + b)), with r, z from zₜ + hₜ₋₁ U",
    _gru_forward,
    source="gru_sequence({0}, {1}, {2}, {3})",
    vjps=PerArgument(SharedSweep(_gru_back, _GATES)),
    about="z (T, N, 3H) from the inputs, in the order r z n, U (H, 3H), b (H,), h₀ (N, H) → states "
    "(T, N, H). Cho et al. (2014), with the reset gate after the product.",
)
