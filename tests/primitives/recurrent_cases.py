"""Cases of the recurrences over whole sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference


def _weights(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return spaced(rows, columns, low=-0.9, high=0.9, seed=seed)


def _sizes(gates: int, *, bias: bool = False, cell: bool = False) -> list[tuple[Any, ...]]:
    """Inputs of a recurrence for several lengths, batches and widths."""
    found = []
    for k, (steps, batch, size) in enumerate(
        [(4, 2, 3), (1, 2, 3), (3, 1, 2), (2, 3, 1), (0, 2, 3), (3, 0, 2)]
    ):
        inputs = [spaced(steps, batch, gates * size, seed=k), _weights(size, gates * size, k)]
        if bias:
            inputs.append(spaced(size, seed=k + 7))
        inputs.append(spaced(batch, size, low=-0.9, high=0.9, seed=k + 1))
        if cell:
            inputs.append(spaced(batch, size, seed=k + 2))
        found.append(tuple(inputs))
    return found


CASES: dict[str, list[Case]] = {
    "rnn_sequence": [
        *[case(*inputs, activation="tanh") for inputs in _sizes(1)],
        *[case(*inputs, activation="relu", smooth=False) for inputs in _sizes(1)],
        case(spaced(3, 2, 2, seed=4), _weights(2, 2) * 0.1, np.zeros((2, 2)), activation="relu"),
    ],
    "lstm_sequence": [case(*inputs) for inputs in _sizes(4, cell=True)],
    "gru_sequence": [case(*inputs) for inputs in _sizes(3, bias=True)],
}


def _rnn(z: Any, u: Any, h: Any, activation: str) -> Any:
    import torch

    states = []
    for row in z:
        h = getattr(torch, activation)(row + h @ u)
        states.append(h)
    return torch.stack(states) if states else z


def _lstm(z: Any, u: Any, h: Any, c: Any) -> Any:
    import torch

    size = h.shape[1]
    hidden, cells = [], []
    for row in z:
        i, f, g, o = torch.split(row + h @ u, size, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        hidden.append(h)
        cells.append(c)
    if not hidden:
        return z.reshape(2, 0, *h.shape)
    return torch.stack([torch.stack(hidden), torch.stack(cells)])


def _gru(z: Any, u: Any, b: Any, h: Any) -> Any:
    import torch

    size = h.shape[1]
    states = []
    for row in z:
        product = h @ u
        reset, keep = torch.sigmoid(row + product)[:, : 2 * size].split(size, dim=-1)
        new = torch.tanh(row[:, 2 * size :] + reset * (product[:, 2 * size :] + b))
        h = (1 - keep) * new + keep * h
        states.append(h)
    return torch.stack(states) if states else z[..., :size]


TORCH: dict[str, Callable[..., Any]] = {
    "rnn_sequence": _rnn,
    "lstm_sequence": _lstm,
    "gru_sequence": _gru,
}

NAMESPACE: dict[str, Any] = {
    "rnn_sequence": reference.rnn_sequence,
    "lstm_sequence": reference.lstm_sequence,
    "gru_sequence": reference.gru_sequence,
}
