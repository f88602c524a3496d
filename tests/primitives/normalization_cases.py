"""Cases of the primitives that normalise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, positive, spaced

from pellucid.kernels import reference

CASES: dict[str, list[Case]] = {
    "batch_norm": [
        case(spaced(4, 3), positive(3), spaced(3, seed=1)),
        case(spaced(4, 3), positive(3)),
        case(spaced(4, 3)),
        case(spaced(2, 3, 4), positive(3), spaced(3, seed=1), eps=0.1),
        case(spaced(2, 3, 2, 2), positive(3), spaced(3, seed=1)),
        case(spaced(1, 2, 3, 2, 2), eps=1e-3),
        case(spaced(2, 0, 3)),
    ],
    "layer_norm": [
        case(spaced(4, 3), positive(3), spaced(3, seed=1)),
        case(spaced(4, 3), positive(3)),
        case(spaced(4, 3)),
        case(spaced(5)),
        case(spaced(2, 3, 4), positive(4), spaced(4, seed=1), eps=0.1),
        case(spaced(2, 1, 2, 3), eps=1e-3),
        case(spaced(0, 3), positive(3), spaced(3, seed=1)),
    ],
}


def _batch(x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    import torch

    if not x.numel():
        return x * 1
    return torch.nn.functional.batch_norm(x, None, None, weight, bias, True, 0.0, eps)


def _layer(x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    import torch

    return torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias, eps)


TORCH: dict[str, Callable[..., Any]] = {"batch_norm": _batch, "layer_norm": _layer}

NAMESPACE: dict[str, Any] = {
    "batch_norm": reference.batch_norm,
    "layer_norm": reference.layer_norm,
}

_WIDE = np.array([-1000.0, -88.0, -1e-3, 0.0, 1e-3, 30.0, 999.5, 1000.0])
_TABLE = np.stack([_WIDE, _WIDE[::-1], np.full(8, 1000.0), np.full(8, -1000.0)])

EXTREMES: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "batch_norm": [((_TABLE,), {}), ((_TABLE.T, _TABLE[:, 0], _TABLE[:, 1]), {})],
    "layer_norm": [((_TABLE,), {}), ((_TABLE, _TABLE[0], _TABLE[1]), {})],
}
"""Inputs of ±1000 among which nothing may overflow or turn to NaN."""
