"""Recurrences over a whole sequence, each one call instead of a dozen for every step.

The derivative runs back through time (BPTT; Werbos, 1990). Its parts that do not depend on the
gradient are computed for all steps at once, so that a step back costs one product and few sums.
The VJPs are written so that they can be differentiated, as all are, but with operators: on plain
arrays these cost half of what the call of a primitive does, which counts within a loop over steps.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives.comparison import greater
from pellucid.primitives.declaration import PerArgument, Primitive, Recorded, Value
from pellucid.primitives.elementwise import cast, sigmoid, square, tanh
from pellucid.primitives.linalg import matmul
from pellucid.primitives.reductions import sum
from pellucid.primitives.shape import concatenate, reshape, transpose

__all__ = ["gru_sequence", "lstm_sequence", "rnn_sequence"]


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


class _SharedSweep:
    """Runs the way back once for the gradients by all inputs of one call.

    The tape asks for the gradient by each input in turn; all come out of the same sweep. The last
    sweep is remembered until the gradient that it started from is gone.
    """

    def __init__(self, sweep: Callable[..., tuple[Value, ...]]) -> None:
        self._sweep = sweep
        self._last: tuple[Any, Any, tuple[Value, ...]] | None = None

    def __call__(self, i: int, g: Value, y: Value, *inputs: Value, **attributes: Any) -> Value:
        if any(isinstance(x, Recorded) for x in (g, y, *inputs)):
            return self._sweep(g, y, *inputs, **attributes)[i]
        last = self._last
        if last is None or last[0]() is not g or last[1]() is not y:
            found = self._sweep(g, y, *inputs, **attributes)
            last = self._last = (weakref.ref(g, self._forget), weakref.ref(y), found)
        return last[2][i]

    def _forget(self, _: object) -> None:
        self._last = None


def _columns(x: Value, k: int, size: int) -> Value:
    """Return the values of gate `k`: (..., gates·H) -> (..., H)."""
    return x[..., k * size : (k + 1) * size]


def _before(states: Value, first: Value) -> Value:
    """Return the state that each step started from: (T, N, H)."""
    start = reshape(first, shape=(1, *first.shape))
    return concatenate(start, states[:-1]) if states.shape[0] else states


def _joined(steps: list[Value], like: Value) -> Value:
    """Join gradients of single steps, latest first, to one of the shape of `like`."""
    if not steps:
        return like * 0.0
    rows = [reshape(step, shape=(1, *step.shape)) for step in reversed(steps)]
    return concatenate(*rows, axis=0)


def _rows(x: Value) -> Value:
    """Put all samples of all steps under each other: (T, N, H) -> (T·N, H)."""
    return reshape(x, shape=(x.shape[0] * x.shape[1], x.shape[2]))


def _weight_slope(before: Value, slopes: Value) -> Value:
    return matmul(transpose(_rows(before), axes=(1, 0)), _rows(slopes))


# --- simple recurrence ----------------------------------------------------------------------------


def _rnn_back(
    g: Value, y: Value, z: Value, u: Value, h: Value, *, activation: str = "tanh"
) -> tuple[Value, ...]:
    bent = activation == "tanh"
    slope = 1 - square(y) if bent else cast(greater(y, 0), dtype=z.dtype)
    back = transpose(u, axes=(1, 0))
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
    vjps=PerArgument(_SharedSweep(_rnn_back)),
    about="z (T, N, H) from the inputs, U (H, H), h₀ (N, H) → states (T, N, H); φ is tanh or relu. "
    "Elman (1990).",
)


# --- LSTM -----------------------------------------------------------------------------------------


def _lstm_forward(z: Array, u: Array, h: Array, c: Array) -> Array:
    states, gates = reference.lstm_sequence_and_gates(z, u, h, c)
    _GATES.put(states, gates)
    return states


def _lstm_gates(y: Value, z: Value, u: Value, before: Value) -> list[Value]:
    """Return i, f, g, o of all steps: as the forward pass kept them, or from its states."""
    size = u.shape[0]
    kept = _GATES.get(y)
    if kept is not None:
        return [_columns(kept, k, size) for k in range(4)]
    a = z + matmul(before, u)
    bends = (sigmoid, sigmoid, tanh, sigmoid)
    return [bend(_columns(a, k, size)) for k, bend in enumerate(bends)]


def _lstm_back(g: Value, y: Value, z: Value, u: Value, h: Value, c: Value) -> tuple[Value, ...]:
    hidden, cells = y[0], y[1]
    before, cells_before = _before(hidden, h), _before(cells, c)
    i, f, n, o = _lstm_gates(y, z, u, before)
    bent = tanh(cells)
    to_cell = o * (1 - square(bent))  # ∂h/∂c
    # ∂c/∂i, ∂c/∂f, ∂c/∂g and ∂h/∂o, by the values before the activation
    slope = concatenate(
        n * (i * (1 - i)),
        cells_before * (f * (1 - f)),
        i * (1 - square(n)),
        bent * (o * (1 - o)),
        axis=-1,
    )
    back = transpose(u, axes=(1, 0))
    dh, dc = h * 0.0, c * 0.0
    steps: list[Value] = []
    for t in reversed(range(z.shape[0])):
        dh = g[0, t] + dh
        dc = g[1, t] + dc + dh * to_cell[t]
        dz = concatenate(dc, dc, dc, dh, axis=-1) * slope[t]
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
    vjps=PerArgument(_SharedSweep(_lstm_back)),
    about="z (T, N, 4H) from the inputs, in the order i f g o, U (H, 4H), h₀ and c₀ (N, H) → "
    "hidden and cell states (2, T, N, H). Hochreiter & Schmidhuber (1997); Gers et al. (2000).",
)


# --- GRU ------------------------------------------------------------------------------------------


def _gru_forward(z: Array, u: Array, b: Array, h: Array) -> Array:
    states, gates = reference.gru_sequence_and_gates(z, u, b, h)
    _GATES.put(states, gates)
    return states


def _gru_gates(y: Value, z: Value, u: Value, b: Value, before: Value) -> list[Value]:
    """Return r, z, n and q of all steps: as the forward pass kept them, or from its states."""
    size = u.shape[0]
    kept = _GATES.get(y)
    if kept is not None:
        return [_columns(kept, k, size) for k in range(4)]
    product = matmul(before, u)
    r = sigmoid(_columns(z, 0, size) + _columns(product, 0, size))
    keep = sigmoid(_columns(z, 1, size) + _columns(product, 1, size))
    q = _columns(product, 2, size) + b
    return [r, keep, tanh(_columns(z, 2, size) + r * q), q]


def _gru_back(g: Value, y: Value, z: Value, u: Value, b: Value, h: Value) -> tuple[Value, ...]:
    before = _before(y, h)
    r, keep, n, q = _gru_gates(y, z, u, b, before)
    by_new = (1 - keep) * (1 - square(n))
    by_reset = by_new * q * (r * (1 - r))
    by_keep = (before - n) * (keep * (1 - keep))
    # ∂h by what enters the gates through z, and through the product with U: they differ in n only
    slope = concatenate(by_reset, by_keep, by_new * r, axis=-1)
    back = transpose(u, axes=(1, 0))
    dh = h * 0.0
    steps: list[Value] = []
    arrived: list[Value] = []
    for t in reversed(range(z.shape[0])):
        dh = g[t] + dh
        arrived.append(dh)
        dp = concatenate(dh, dh, dh, axis=-1) * slope[t]
        dh = dp @ back + dh * keep[t]
        steps.append(dp)
    size = u.shape[0]
    dp = _joined(steps, z)
    dn = _joined(arrived, y) * by_new
    dz = concatenate(dp[..., : 2 * size], dn, axis=-1)
    return dz, _weight_slope(before, dp), sum(_columns(dp, 2, size), axis=(0, 1)), dh


gru_sequence: Primitive = Primitive(
    "gru_sequence",
    "hₜ = (1 − z)∘n + z∘hₜ₋₁, n = tanh(… + r∘(hₜ₋₁ Uₙ + b)), with r, z from zₜ + hₜ₋₁ U",
    _gru_forward,
    source="gru_sequence({0}, {1}, {2}, {3})",
    vjps=PerArgument(_SharedSweep(_gru_back)),
    about="z (T, N, 3H) from the inputs, in the order r z n, U (H, 3H), b (H,), h₀ (N, H) → states "
    "(T, N, H). Cho et al. (2014), with the reset gate after the product.",
)
