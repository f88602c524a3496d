"""Cases of the softmax of attention, and of its gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference

_CAUSAL = np.tril(np.ones((3, 3), bool))
_PADDING = np.array([[True, False, True]])
_NOTHING = np.array([[True, True], [False, False]])

CASES: dict[str, list[Case]] = {
    "masked_softmax": [
        case(spaced(2, 3)),
        case(spaced(2, 3, 3), scale=0.5),
        case(spaced(2, 3, 3), scale=0.5, allowed=_CAUSAL),
        case(spaced(2, 2, 3), allowed=_PADDING),
        case(spaced(2, 2), scale=1.5, allowed=_NOTHING),
        case(spaced(3, 2).T, scale=2.0),
        case(spaced(4)),
        case(spaced(2, 1)),
        case(spaced(0, 3)),
        case(spaced(2, 0)),
    ],
    "masked_softmax_gradient": [
        case(spaced(2, 3), spaced(2, 3, seed=1)),
        case(spaced(2, 2, 3), spaced(2, 2, 3, seed=1), scale=0.5),
        case(spaced(3, 2).T, spaced(2, 3, seed=1), scale=2.0),
        case(spaced(4), spaced(4, seed=1)),
        case(spaced(0, 3), spaced(0, 3, seed=1)),
        case(spaced(2, 0), spaced(2, 0, seed=1)),
    ],
}


def _softmax(x: Any, allowed: np.ndarray | None = None, scale: float = 1.0) -> Any:
    import torch

    hidden = torch.zeros(x.shape, dtype=bool)
    if allowed is not None:
        hidden = ~torch.tensor(allowed).broadcast_to(x.shape)
    # Softmax by its definition, so that a row without anything allowed is 0 / 1.
    raised = torch.where(hidden, 0.0, torch.exp(scale * x))
    total = raised.sum(-1, keepdim=True)
    return raised / torch.where(total == 0, 1.0, total)


def _gradient(g: Any, y: Any, scale: float = 1.0) -> Any:
    return scale * y * (g - (g * y).sum(-1, keepdim=True))


TORCH: dict[str, Callable[..., Any]] = {
    "masked_softmax": _softmax,
    "masked_softmax_gradient": _gradient,
}

NAMESPACE: dict[str, Any] = {
    name: getattr(reference, name) for name in ("masked_softmax", "masked_softmax_gradient")
}

_WIDE = np.array([[-1000.0, -30.0, 0.0, 30.0, 1000.0], [1000.0] * 5, [-1000.0] * 5])
EXTREMES: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "masked_softmax": [
        ((_WIDE,), {"scale": 1.0}),
        ((_WIDE,), {"scale": 0.5, "allowed": np.array([True, False, True, True, False])}),
        ((_WIDE,), {"allowed": np.zeros(5, bool)}),
    ],
    "masked_softmax_gradient": [((_WIDE, _WIDE[::-1].copy()), {"scale": 0.5})],
}
"""Calls at ±1000, where nothing may overflow."""
