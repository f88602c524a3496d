"""Cases of remainders and whole quotients: both signs of either side, no jump within reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case


def _pairs() -> list[Case]:
    x = np.array([[2.3, -1.7, 0.4], [5.1, -3.3, 7.7]])
    y = np.array([0.9, -1.2, 2.5])
    return [
        case(x, y),
        case(x, np.array(-0.8)),
        case(x.T, 1.5),
        case(7.25, y),
        case(np.array(4.6), np.array([[1.1], [-2.7]])),
        case(np.array([9.5, 11.5]), 3),
        case(np.zeros((0, 3)), y),
    ]


CASES: dict[str, list[Case]] = {
    "remainder": _pairs(),
    "fmod": _pairs(),
    "floor_divide": _pairs(),
}

WITHOUT = {"floor_divide": "PyTorch does not differentiate a whole quotient"}


def _remainder(x: Any, y: Any) -> Any:
    import torch

    return torch.remainder(*(torch.as_tensor(v, dtype=torch.float64) for v in (x, y)))


def _fmod(x: Any, y: Any) -> Any:
    import torch

    return torch.fmod(*(torch.as_tensor(v, dtype=torch.float64) for v in (x, y)))


TORCH: dict[str, Callable[..., Any]] = {"remainder": _remainder, "fmod": _fmod}
