"""Cases of inverse trigonometric functions, roots of squares, and remainders."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, _binary, _unary, case, positive, spaced

from pellucid.kernels import reference


def _inside(*shape: int, seed: int = 0) -> np.ndarray:
    return np.asarray(spaced(*shape, seed=seed) * 0.45)


def _above_one(*shape: int, seed: int = 0) -> np.ndarray:
    return np.asarray(positive(*shape, seed=seed) + 1)


def _divisors(*shape: int, seed: int = 0) -> np.ndarray:
    return spaced(*shape, low=2.2, high=3.4, seed=seed)


CASES: dict[str, list[Case]] = {
    "arcsin": _unary(_inside),
    "arccos": _unary(_inside),
    "arctan": _unary(),
    "arctan2": [*_binary(), case(np.zeros(2), np.zeros(2), smooth=False)],
    "arcsinh": _unary(),
    "arccosh": _unary(_above_one),
    "hypot": [*_binary(), case(np.zeros(2), np.zeros(2), smooth=False)],
    "cbrt": _unary(),
    "sinc": [
        *[case(x.inputs[0], order=n) for n in (0, 1, 2) for x in _unary()[:3]],
        case(np.array([0.0, 1e-9, -1e-3, 0.49, 0.51, 1.0, -2.0, 3.7]), order=0),
        case(np.array([0.0, 0.74, 0.76, 1.24, 1.26]), order=3),
        case(spaced(0, 2), order=1),
    ],
    "trunc": _unary(),
    "floor_divide": _binary(spaced, _divisors)[:6],
    "remainder": [
        *_binary(spaced, _divisors)[:6],
        case(spaced(2, 3), 0.7),
        case(1.25, -_divisors(3)),
    ],
    "fmod": [*_binary(spaced, _divisors)[:6], case(spaced(2, 3), 0.7), case(1.25, -_divisors(3))],
    "signbit": [
        case(np.array([1.0, -1.0, 0.0, -0.0])),
        case(spaced(2, 3)),
        case(spaced()),
        case(spaced(0)),
    ],
}


def _signs(x: Any) -> Any:
    return np.reshape([math.copysign(1, v) < 0 for v in np.ravel(x)], np.shape(x)).astype(bool)


ORACLES = {"signbit": _signs}


def _torch() -> dict[str, Callable[..., Any]]:
    def pair(name: str) -> Callable[..., Any]:
        def function(x: Any, y: Any) -> Any:
            import torch

            x, y = (torch.as_tensor(v, dtype=torch.float64) for v in (x, y))
            return getattr(torch, name)(x, y)

        return function

    def single(name: str) -> Callable[..., Any]:
        def function(x: Any) -> Any:
            import torch

            return getattr(torch, name)(x)

        return function

    names = {"arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh"}
    names |= {"arctan": "atan", "trunc": "trunc"}
    pairs = {"remainder": "remainder", "fmod": "fmod"}
    return {
        **{ours: single(theirs) for ours, theirs in names.items()},
        **{ours: pair(theirs) for ours, theirs in pairs.items()},
    }


TORCH: dict[str, Callable[..., Any]] = _torch()

WITHOUT = {
    "arctan2": "PyTorch's gradient at the origin is NaN; compared in tests/test_numpy_functions.py",
    "hypot": "PyTorch's gradient at the origin is NaN; compared in tests/test_numpy_functions.py",
    "cbrt": "PyTorch has none",
    "sinc": "PyTorch has no derivatives of it by order; compared in tests/test_numpy_functions.py",
    "floor_divide": "PyTorch's has no gradient",
}

NAMESPACE: dict[str, Any] = {"sinc": reference.sinc}

_FAR = np.array([-1000.0, -30.0, -1e-3, 0.0, 1e-3, 88.0, 1000.0])
EXTREMES: dict[str, Any] = {
    "arcsin": [((np.array([-0.999, 0.0, 0.999]),), {})],
    "arccos": [((np.array([-0.999, 0.0, 0.999]),), {})],
    "arccosh": [((np.array([1.001, 30.0, 1000.0]),), {})],
    "cbrt": [((np.array([-1000.0, -1e-3, 1e-3, 1000.0]),), {})],
    "arctan2": [((_FAR, _FAR[::-1].copy()), {}), ((_FAR, 1000.0), {})],
    "hypot": [((_FAR, _FAR[::-1].copy()), {}), ((1000.0, _FAR), {})],
    **{name: [((_FAR,), {})] for name in ("arctan", "arcsinh", "trunc")},
    "sinc": [((_FAR,), {"order": 0})],
    "remainder": [((_FAR, 7.0), {})],
    "fmod": [((_FAR, 7.0), {})],
    "floor_divide": [((_FAR, 7.0), {})],
}
