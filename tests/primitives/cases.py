"""Cases of every primitive: inputs and attributes that vary shape, axis, dtype and size.

Floating-point arrays are differentiated; Python numbers, integers and booleans are constants.
Each array depends on its own arguments only, so that a new case leaves the others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """One call of a primitive or composite.

    Parameters
    ----------
    inputs : tuple
        By position.
    attributes : dict
        By keyword.
    smooth : bool
        Whether finite differences can be taken here: no kink nor tie within reach.
    """

    inputs: tuple[Any, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    smooth: bool = True

    @property
    def variables(self) -> list[int]:
        """Positions of the inputs that are differentiated."""
        return [i for i, x in enumerate(self.inputs) if is_variable(x)]

    def with_arrays(self, arrays: list[Any]) -> tuple[Any, ...]:
        """Inputs with `arrays` in the places of the differentiated ones."""
        inputs = list(self.inputs)
        for i, array in zip(self.variables, arrays, strict=True):
            inputs[i] = array
        return tuple(inputs)

    def as_dtype(self, dtype: Any) -> tuple[Any, ...]:
        """Inputs with the floating-point arrays in another type."""
        return tuple(x.astype(dtype) if is_variable(x) else x for x in self.inputs)


def is_variable(x: Any) -> bool:
    """Tell whether an input is differentiated."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def case(*inputs: Any, smooth: bool = True, **attributes: Any) -> Case:
    """Write a case as one writes the call."""
    return Case(inputs, attributes, smooth)


def spaced(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> np.ndarray:
    """Distinct numbers in random order, none within 0.01 of another or of a whole half.

    So no tie and no kink (at 0, ±½, ±1 …) is near enough to disturb a difference quotient.
    """
    n = int(np.prod(shape, dtype=int))
    edges = np.linspace(low, high, n + 1)
    values = edges[:-1] + (edges[1:] - edges[:-1]) * (0.31 + 0.07 * (seed % 5))
    near = np.abs(values * 2 - np.round(values * 2)) < 0.04
    values = np.where(near, values + 0.033, values)
    return np.random.default_rng(seed).permutation(values).reshape(shape)


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    """Distinct numbers from 0.4 to 2.6."""
    return spaced(*shape, low=0.4, high=2.6, seed=seed)


def _unary(make: Any = spaced) -> list[Case]:
    return [
        case(make(2, 3)),
        case(make()),
        case(make(3, 1, 2, seed=1)),
        case(make(3, 2, seed=2).T),  # not contiguous
        case(make(0)),
        case(make(2, 0, 3)),
    ]


def _binary(make: Any = spaced, other: Any = None) -> list[Case]:
    other = other or make
    return [
        case(make(2, 3), other(2, 3, seed=1)),
        case(make(3, 1), other(1, 4, seed=1)),
        case(make(), other(2, 3, seed=1)),
        case(make(2, 3), other(seed=1)),
        case(make(4), other(2, 1, 4, seed=1)),
        case(make(2, 3), other(1, seed=1)),
        case(make(2, 3), 1.25),
        case(1.25, other(3, seed=1)),
        case(make(3), 2),
        case(make(2, 3).T, other(2, seed=1)),
        case(make(0, 3), other(1, 3, seed=1)),
        case(make(2, 0), other(2, 1, seed=1)),
    ]


_LABELS = np.array([[0, 2], [1, 1]])
_MASK = np.array([[True, False, True], [False, False, True]])

ELEMENTWISE: dict[str, list[Case]] = {
    "add": _binary(),
    "subtract": _binary(),
    "multiply": _binary(),
    "divide": _binary(spaced, positive),
    "power": [
        *_binary(positive, spaced),
        case(spaced(2, 3), 3),
        case(spaced(2, 3), 3.0),
        case(spaced(3), -2.0),
        case(spaced(3), 1),
        case(spaced(3), 0),
        case(spaced(2, 2), np.array([[1, 2], [3, 4]])),
    ],
    "maximum": [*_binary(), case(spaced(2, 3), 0.25, tie_share=0.0)],
    "minimum": [*_binary(), case(spaced(2, 3), 0.25, tie_share=0.0)],
    "where": [
        case(_MASK, spaced(2, 3), spaced(2, 3, seed=1)),
        case(_MASK, spaced(3), spaced(2, 1, seed=1)),
        case(_MASK, spaced(2, 3), 0.0),
        case(_MASK, -1.5, spaced(seed=1)),
        case(np.array([True, False, True]), spaced(2, 1), spaced(1, seed=1)),
        case(np.array(True), spaced(2), spaced(2, seed=1)),
        case(np.zeros((0, 3), bool), spaced(0, 3), spaced(3, seed=1)),
        case(spaced(2, 3), spaced(2, 3, seed=1), spaced(2, 3, seed=2)),
    ],
    "clip": [
        case(spaced(2, 3), low=-0.5, high=0.5),
        case(spaced(2, 3), low=-0.5, high=None),
        case(spaced(3), low=None, high=1.0),
        case(spaced(3), low=-3, high=3),
        case(spaced(), low=-0.5, high=0.5),
        case(spaced(0, 2), low=-0.5, high=0.5),
    ],
    "negative": _unary(),
    "absolute": _unary(),
    "identity": _unary(),
    "cast": [
        case(spaced(2, 3), dtype=np.dtype(np.float64)),
        case(spaced(), dtype=np.dtype(np.float64)),
        case(spaced(2, 3), dtype=np.dtype(np.float32), smooth=False),
        case(spaced(0), dtype=np.dtype(np.float32), smooth=False),
    ],
    "sign": _unary(),
    "floor": _unary(),
    "ceil": _unary(),
    "rint": _unary(),
    "step": _unary(),
    "exp": _unary(),
    "expm1": _unary(),
    "exp2": _unary(),
    "log": _unary(positive),
    "log2": _unary(positive),
    "log10": _unary(positive),
    "logaddexp": [
        *_binary(),
        case(np.array([1.5, -0.5]), np.array([1.5, -0.5])),
    ],
    "log1p": _unary(positive),
    "sqrt": _unary(positive),
    "square": _unary(),
    "reciprocal": _unary(positive),
    "sin": _unary(),
    "cos": _unary(),
    "tanh": _unary(),
    "sigmoid": _unary(),
    "relu": _unary(),
    "softplus": _unary(),
    "erf": _unary(),
}

_AXES: list[dict[str, Any]] = [
    {"axis": None, "keepdims": False},
    {"axis": None, "keepdims": True},
    {"axis": 0, "keepdims": False},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2), "keepdims": False},
    {"axis": (-1, 0), "keepdims": False},
    {"axis": (1, -1), "keepdims": True},
    {"axis": (0, 1, 2), "keepdims": False},
]


def _reduction(make: Any = spaced, *, empty: bool) -> list[Case]:
    """Axes of every kind; `empty`: whether nothing at all can be reduced."""
    cases = [Case((make(2, 3, 2),), axes) for axes in _AXES]
    cases += [
        case(make(4, seed=1), axis=-1, keepdims=False),
        case(make(), axis=None, keepdims=False),
        case(make(1, seed=2), axis=0, keepdims=False),
        case(make(3, 2, seed=3).T, axis=0, keepdims=True),
        case(make(0, 3), axis=1, keepdims=False),
    ]
    if empty:
        cases += [
            case(make(0, 3), axis=0, keepdims=False),
            case(make(0), axis=None, keepdims=False),
        ]
    return cases


_WITH_ZERO = np.array([[0.0, 1.5, -0.7], [1.1, 0.6, 2.0]])
_WITH_ZEROS = np.array([[0.0, 1.5, 0.0], [1.1, 0.0, 2.0]])

REDUCTIONS: dict[str, list[Case]] = {
    "sum": _reduction(empty=True),
    "max": _reduction(empty=False),
    "min": _reduction(empty=False),
    "prod": [
        *_reduction(empty=True),
        case(_WITH_ZERO, axis=None, keepdims=False),
        case(_WITH_ZERO, axis=1, keepdims=False),
        case(_WITH_ZEROS, axis=0, keepdims=True),
        case(_WITH_ZEROS, axis=(0, 1), keepdims=False),
    ],
    "logsumexp": _reduction(empty=False),
    "log_softmax": [
        case(spaced(2, 3), axis=-1),
        case(spaced(2, 3), axis=0),
        case(spaced(2, 3, 2), axis=1),
        case(spaced(4), axis=0),
        case(np.array([[1.0, 1.0, 1.0]]), axis=-1),
        case(spaced(0, 3), axis=-1),
    ],
    "cumsum": [
        case(spaced(2, 3), axis=0),
        case(spaced(2, 3), axis=-1),
        case(spaced(2, 3, 2), axis=1),
        case(spaced(0, 2), axis=0),
    ],
}

COMPARISONS: dict[str, list[Case]] = {
    **{
        name: [
            case(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, np.nan])),
            case(spaced(2, 1), spaced(1, 3)),
            case(spaced(3), 0.0),
            case(0, np.array([-1, 0, 1])),
            case(spaced(0, 2), spaced(2)),
        ]
        for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    },
    **{
        name: [
            case(_MASK, _MASK[::-1]),
            case(_MASK, np.array([True, False, False])),
            case(np.array([0.0, 1.5]), np.array([1.0, 0.0])),
        ]
        for name in ("logical_and", "logical_or")
    },
    "logical_not": [case(_MASK), case(np.array([0.0, 1.5])), case(np.zeros(0, bool))],
    **{
        name: [case(np.array([1.0, np.nan, np.inf, -np.inf])), case(spaced(0)), case(spaced())]
        for name in ("isnan", "isinf", "isfinite")
    },
    **{
        name: [
            case(spaced(2, 3), axis=None),
            case(spaced(2, 3), axis=0),
            case(spaced(2, 3), axis=-1),
            case(np.array([2.0, 1.0, 2.0, 1.0]), axis=0),
            case(spaced(0, 3), axis=1),
        ]
        for name in ("argmax", "argmin")
    },
    "argsort": [
        case(spaced(2, 3), axis=-1),
        case(spaced(2, 3), axis=0),
        case(np.array([2.0, 1.0, 2.0, 1.0]), axis=-1),
        case(spaced(0, 3), axis=-1),
    ],
    "one_hot": [
        case(np.array([0, 2, 1]), classes=3, dtype=np.dtype(np.float32)),
        case(_LABELS, classes=4, dtype=np.dtype(np.float64)),
        case(np.array(1), classes=2, dtype=np.dtype(np.float32)),
        case(np.zeros(0, int), classes=2, dtype=np.dtype(np.float32)),
    ],
}
