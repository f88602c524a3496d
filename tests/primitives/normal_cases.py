"""Cases of the normal distribution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference

_UNARY = [
    case(spaced(2, 3)),
    case(spaced()),
    case(spaced(3, 1, 2, low=-5, high=5, seed=1)),
    case(spaced(3, 2, seed=2).T),
    case(spaced(0)),
    case(spaced(2, 0, 3)),
    case(np.array([0.0, 20.0, -20.0])),
]

CASES: dict[str, list[Case]] = {"normal_cdf": _UNARY, "normal_pdf": _UNARY}


def _cdf(x: Any) -> Any:
    import torch

    return torch.special.ndtr(x)


def _pdf(x: Any) -> Any:
    import torch

    return torch.distributions.Normal(0.0, 1.0).log_prob(x).exp()


TORCH: dict[str, Callable[..., Any]] = {"normal_cdf": _cdf, "normal_pdf": _pdf}

NAMESPACE: dict[str, Any] = {
    name: getattr(reference, name) for name in ("normal_cdf", "normal_pdf")
}

_WIDE = np.array([-1000.0, -88.0, -30.0, -1e-3, 0.0, 1e-3, 30.0, 88.0, 1000.0])
EXTREMES: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "normal_cdf": [((_WIDE,), {})],
    "normal_pdf": [((_WIDE,), {})],
}
"""Calls at ±1000, where nothing may overflow."""
