"""Cases of the primitives that move whole rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference

_REPEATED = np.array([2, 0, 2, 2])
_GRID = np.array([[1, 0, 1], [3, 3, 1]], np.int32)
_NONE = np.zeros(0, np.int64)
_ONE = np.array(1)

CASES: dict[str, list[Case]] = {
    "take_rows": [
        case(spaced(4, 3), rows=_REPEATED),
        case(spaced(4, 3), rows=_GRID),
        case(spaced(3, 4).T, rows=_GRID),
        case(spaced(4, 2, 3), rows=_GRID),
        case(spaced(4), rows=_REPEATED),
        case(spaced(4, 3), rows=_ONE),
        case(spaced(4, 3), rows=_NONE),
        case(spaced(4, 0), rows=_REPEATED),
        case(spaced(3, 2), rows=np.array([0, 1, 2], np.uint8)),
    ],
    "add_rows": [
        case(spaced(4, 3), rows=_REPEATED, count=4),
        case(spaced(2, 3, 2), rows=_GRID, count=5),
        case(spaced(2, 2, 3).T, rows=_GRID.T, count=4),
        case(spaced(2, 3, 2, 2), rows=_GRID, count=4),
        case(spaced(4), rows=_REPEATED, count=3),
        case(spaced(3), rows=_ONE, count=2),
        case(spaced(0, 3), rows=_NONE, count=2),
        case(spaced(4, 0), rows=_REPEATED, count=3),
    ],
}


def _take(x: Any, rows: np.ndarray) -> Any:
    import torch

    return x[torch.tensor(rows.astype(np.int64))]


def _add(x: Any, rows: np.ndarray, count: int) -> Any:
    import torch

    flat = torch.tensor(rows.astype(np.int64)).reshape(-1)
    rest = x.shape[rows.ndim :]
    zeros = torch.zeros((count, *rest), dtype=x.dtype)
    return zeros.index_add(0, flat, x.reshape(len(flat), *rest))


TORCH: dict[str, Callable[..., Any]] = {"take_rows": _take, "add_rows": _add}

NAMESPACE: dict[str, Any] = {
    "add_rows": reference.add_rows,
    "int32": np.int32,
    "uint8": np.uint8,
}

MOVING = {"take_rows", "add_rows"}
"""These only move and add up entries."""
