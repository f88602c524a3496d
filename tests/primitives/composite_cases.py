"""Cases of every composite: calls that run on the composite and on NumPy's own function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from primitives.cases import positive, spaced


@dataclass(frozen=True)
class Call:
    """One call: `write(function, *arrays)`, where all arrays are differentiated.

    `smooth` tells whether finite differences can be taken: no kink nor tie within reach.
    """

    write: Callable[..., Any]
    arrays: tuple[Any, ...]
    smooth: bool = True


def call(write: Callable[..., Any], *arrays: Any, smooth: bool = True) -> Call:
    """Write a case as ``call(lambda f, x: f(x, axis=0), array)``."""
    return Call(write, arrays, smooth)


def outputs(result: Any) -> list[Any]:
    """Results of a call as a list: `split` and `rfft_parts` have several."""
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _plain(f: Any, *arrays: Any) -> Any:
    return f(*arrays)


def _with(*args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Call with one array, then these arguments."""
    return lambda f, x: f(x, *args, **kwargs)


def _pairs_with_broadcasting() -> list[Call]:
    return [
        call(_plain, spaced(2, 3), spaced(2, 3, seed=1)),
        call(_plain, spaced(3, 1), spaced(1, 4, seed=1)),
        call(_plain, spaced(), spaced(2, seed=1)),
        call(lambda f, x: f(x, 0.25), spaced(2, 3)),
        call(lambda f, x: f(0, x), spaced(3)),
        call(_plain, spaced(0, 2), spaced(2, seed=1)),
        call(_plain, np.array([1.0, 2.0]), np.array([1.0, 3.0]), smooth=False),
    ]


def _entrywise(make: Any) -> list[Call]:
    return [call(_plain, make(2, 3)), call(_plain, make()), call(_plain, make(0, 2))]


def _inside_one(*shape: int) -> Any:
    return spaced(*shape) * 0.45


_AXES: list[dict[str, Any]] = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 1), "keepdims": True},
    {"axis": None, "keepdims": True},
]


def _averages(**options: Any) -> list[Call]:
    cases = [call(_with(**axes, **options), spaced(2, 3, 2)) for axes in _AXES]
    return [*cases, call(_with(axis=1, **options), spaced(0, 3)), call(_with(**options), spaced(4))]


_PICKED = np.array([[2, 0], [1, 1], [0, 2]])

CASES: dict[str, list[Call]] = {
    "arctanh": _entrywise(_inside_one),
    "average": [
        call(_with(), spaced(2, 3)),
        call(_with(axis=0), spaced(2, 3)),
        call(_with(axis=0, weights=[1.0, 3.0]), spaced(2, 2)),
        call(_with(axis=-1, weights=[1.0, 3.0, 2.0]), spaced(3, 3)),
        call(lambda f, x, w: f(x, weights=w), spaced(2, 3), positive(2, 3, seed=1)),
        call(lambda f, x, w: f(x, axis=1, weights=w), spaced(2, 3), positive(2, 3, seed=1)),
        call(lambda f, x, w: f(x, axis=1, weights=w), spaced(2, 3, 2), positive(3, seed=1)),
    ],
    "clip": [
        call(_with(-0.5, 0.5), spaced(2, 3)),
        call(_with(None, 0.5), spaced(3)),
        call(_with(-0.5, None), spaced(0)),
        call(_with(np.array([-1.0, 0.0, 0.5], np.float32), 1.0), spaced(2, 3)),
    ],
    "concatenate": [
        call(lambda f, x, y: f([x, y]), spaced(2, 3), spaced(1, 3, seed=1)),
        call(lambda f, x, y: f((x, y), axis=-1), spaced(2, 1), spaced(2, 2, seed=1)),
        call(lambda f, x, y: f([x, y], axis=None), spaced(2, 3), spaced(2, seed=1)),
        call(lambda f, x: f([x, x]), spaced(2)),
        call(lambda f, x: f([x, np.ones((1, 2), np.float32)]), spaced(0, 2)),
    ],
    "cosh": _entrywise(spaced),
    "cumsum": [
        call(_with(), spaced(2, 3)),
        call(_with(axis=0), spaced(2, 3)),
        call(_with(axis=-1), spaced(2, 0)),
    ],
    "dot": [
        call(_plain, spaced(2, 3), spaced(3, 2, seed=1)),
        call(_plain, spaced(3), spaced(3, seed=1)),
        call(_plain, spaced(2, 3), spaced(3, seed=1)),
        call(_plain, spaced(3), spaced(3, 2, seed=1)),
        call(_plain, spaced(), spaced(2, 3, seed=1)),
        call(lambda f, x: f(2.0, x), spaced(3)),
        call(_plain, spaced(2, 1, 3), spaced(3, seed=1)),
        call(_plain, spaced(2, 3), spaced(2, 3, 2, seed=1)),
        call(_plain, spaced(0, 3), spaced(3, 2, seed=1)),
    ],
    "einsum": [
        call(lambda f, x, y: f("ij,jk", x, y), spaced(2, 3), spaced(3, 2, seed=1)),
        call(lambda f, x, y: f("...ij,jk->...ik", x, y), spaced(2, 2, 3), spaced(3, 2, seed=1)),
        call(lambda f, x, y: f("i...,i...->...", x, y), spaced(2, 3), spaced(2, 3, seed=1)),
        call(lambda f, x: f("ba", x), spaced(2, 3)),
        call(lambda f, x: f("...ii->...i", x), spaced(2, 3, 3)),
        call(lambda f, x: f("i i", x), spaced(3, 3)),
        call(lambda f, x, y: f("...j,...j", x, y), spaced(2, 1, 3), spaced(4, 3, seed=1)),
        call(lambda f, x, y: f("ij,jk->ik", x, y), spaced(2, 1), spaced(3, 2, seed=1)),
    ],
    "expand_dims": [
        call(_with(0), spaced(2, 3)),
        call(_with(-1), spaced(2)),
        call(_with((0, 2)), spaced(2, 3)),
        call(_with(0), spaced()),
    ],
    "fft_parts": [
        call(_plain, spaced(2, 5)),
        call(_plain, spaced(2, 4), spaced(2, 4, seed=1)),
        call(lambda f, x, y: f(x, y, axis=0), spaced(3, 2), spaced(3, 2, seed=1)),
        call(_plain, spaced(1), spaced(1, seed=1)),
        call(_plain, spaced(0, 3)),
    ],
    "flatten": [call(_plain, spaced(2, 3)), call(_plain, spaced()), call(_plain, spaced(0, 2))],
    "ifft_parts": [
        call(_plain, spaced(2, 5)),
        call(_plain, spaced(2, 4), spaced(2, 4, seed=1)),
        call(lambda f, x, y: f(x, y, axis=1), spaced(2, 3, 2), spaced(2, 3, 2, seed=1)),
    ],
    "inner": [
        call(_plain, spaced(3), spaced(3, seed=1)),
        call(_plain, spaced(2, 3), spaced(4, 3, seed=1)),
        call(_plain, spaced(), spaced(2, seed=1)),
    ],
    "irfft_parts": [
        call(_plain, spaced(2, 4), spaced(2, 4, seed=1)),
        call(lambda f, x, y: f(x, y, n=5), spaced(2, 3), spaced(2, 3, seed=1)),
        call(lambda f, x, y: f(x, y, n=3), spaced(2, 4), spaced(2, 4, seed=1)),
        call(lambda f, x, y: f(x, y, n=10), spaced(2, 4), spaced(2, 4, seed=1)),
        call(lambda f, x, y: f(x, y, axis=0), spaced(4, 2), spaced(4, 2, seed=1)),
        call(lambda f, x, y: f(x, y, n=1), spaced(1), spaced(1, seed=1)),
    ],
    "matmul": [
        call(_plain, spaced(2, 3), spaced(3, 2, seed=1)),
        call(_plain, spaced(3), spaced(3, seed=1)),
        call(_plain, spaced(3), spaced(2, 3, 2, seed=1)),
        call(_plain, spaced(2, 2, 3), spaced(3, seed=1)),
        call(_plain, spaced(2, 3, 4), spaced(4, 2, seed=1)),
        call(_plain, spaced(0), spaced(0, seed=1)),
        call(lambda f, x: f(x, [[1.0], [2.0]]), spaced(3, 2)),
    ],
    "maximum": _pairs_with_broadcasting(),
    "mean": _averages(),
    "minimum": _pairs_with_broadcasting(),
    "moveaxis": [
        call(_with(0, -1), spaced(2, 3, 2)),
        call(_with(-1, 0), spaced(2, 3, 2)),
        call(_with([0, 1], [1, 0]), spaced(2, 3)),
    ],
    "norm": [
        call(_with(), spaced(2, 3)),
        call(_with(axis=1), spaced(2, 3)),
        call(_with(axis=(0, 1)), spaced(2, 3, 2)),
        call(_with(ord=2, axis=0, keepdims=True), spaced(2, 3)),
        call(_with(ord=1), spaced(4)),
        call(_with(ord=math.inf, axis=-1), spaced(2, 3)),
        call(_with(ord=-math.inf), spaced(3)),
        call(_with(ord=3, axis=0), spaced(2, 3)),
        call(_with(ord=1.5), spaced(3)),
        call(_with(ord=0), spaced(3)),
        call(_with(axis=1), spaced(0, 2)),
    ],
    "outer": [
        call(_plain, spaced(2), spaced(3, seed=1)),
        call(_plain, spaced(2, 2), spaced(2, seed=1)),
        call(_plain, spaced(0), spaced(2, seed=1)),
    ],
    "pad": [
        call(_with(1), spaced(2, 3)),
        call(_with((1, 2)), spaced(3)),
        call(_with(((0, 1), (2, 0)), constant_values=1.5), spaced(2, 3)),
        call(_with(2, mode="edge"), spaced(3)),
        call(_with(((1, 0), (2, 2)), mode="reflect"), spaced(2, 3)),
        call(_with(1, mode="symmetric"), spaced(2, 3)),
        call(_with(((0, 0), (4, 1)), mode="wrap"), spaced(2, 3)),
    ],
    "repeat": [
        call(_with(2), spaced(2, 3)),
        call(_with(2, axis=0), spaced(2, 3)),
        call(_with([1, 0, 3], axis=-1), spaced(2, 3)),
    ],
    "reshape": [
        call(_with((3, 2)), spaced(2, 3)),
        call(_with(-1), spaced(2, 3)),
        call(_with([2, -1]), spaced(4)),
        call(_with(np.int64(6)), spaced(2, 3)),
    ],
    "rfft_parts": [
        call(_plain, spaced(2, 5)),
        call(_plain, spaced(8)),
        call(_with(n=3), spaced(2, 5)),
        call(_with(n=7), spaced(2, 5)),
        call(_with(axis=0), spaced(4, 3)),
        call(_with(axis=1), spaced(2, 3, 2)),
        call(_plain, spaced(1)),
        call(_plain, spaced(0, 3)),
    ],
    "roll": [
        call(_with(1), spaced(2, 3)),
        call(_with(-2, axis=1), spaced(2, 3)),
        call(_with((1, 2), axis=(0, 1)), spaced(2, 3)),
    ],
    "scatter_add": [
        call(lambda f, x, v: f(x, np.array([0, 2, 2]), v), spaced(3), spaced(3, seed=1)),
        call(lambda f, x, v: f(x, slice(1, 3), v), spaced(3, 2), spaced(2, seed=1)),
        call(lambda f, x: f(x, (np.array([0, 0]), np.array([1, 1])), 1.5), spaced(2, 2)),
        call(lambda f, x, v: f(x, np.array([True, False]), v), spaced(2, 2), spaced(seed=1)),
    ],
    "sinh": _entrywise(spaced),
    "softmax": [
        call(_plain, spaced(2, 3)),
        call(_with(axis=0), spaced(2, 3)),
        call(_with(axis=1), spaced(2, 3, 2)),
        call(_plain, spaced(1, 1)),
        call(_plain, np.array([1000.0, 1000.0, -1000.0])),
    ],
    "sort": [
        call(_with(), spaced(2, 3)),
        call(_with(axis=0), spaced(3, 2)),
        call(_with(axis=None), spaced(2, 3)),
        call(_with(), np.array([2.0, 1.0, 2.0]), smooth=False),
    ],
    "split": [
        call(_with(2), spaced(4, 2)),
        call(_with([1, 3], axis=1), spaced(2, 4)),
        call(_with(3, axis=-1), spaced(2, 3)),
    ],
    "squeeze": [
        call(_with(), spaced(1, 3, 1)),
        call(_with(axis=0), spaced(1, 3, 1)),
        call(_with(axis=(0, -1)), spaced(1, 3, 1)),
        call(_with(), spaced(1, 1)),
    ],
    "stack": [
        call(lambda f, x, y: f([x, y]), spaced(2, 3), spaced(2, 3, seed=1)),
        call(lambda f, x, y: f([x, y], axis=-1), spaced(2), spaced(2, seed=1)),
        call(lambda f, x, y: f((x, y), axis=1), spaced(2, 3), spaced(2, 3, seed=1)),
        call(lambda f, x, y: f([x, y, 1.0]), spaced(), spaced(seed=1)),
    ],
    "std": [
        *_averages(),
        call(_with(ddof=1), spaced(4)),
        call(_with(ddof=1, axis=0), spaced(3, 2)),
    ],
    "swapaxes": [call(_with(0, -1), spaced(2, 3, 2)), call(_with(0, 0), spaced(2))],
    "take": [
        call(_with([0, -1, 0]), spaced(2, 3)),
        call(_with(np.array([[0, 1], [1, 1]]), axis=1), spaced(2, 3)),
        call(_with(1, axis=0), spaced(2, 3)),
    ],
    "take_along_axis": [
        call(_with(_PICKED, 1), spaced(3, 3)),
        call(_with(_PICKED, 0), spaced(3, 2)),
        call(_with(np.array([[1]]), 1), spaced(3, 2)),
        call(_with(np.array([[1], [0], [0]]), -1), spaced(1, 2)),
    ],
    "tan": _entrywise(_inside_one),
    "tensordot": [
        call(_plain, spaced(2, 3), spaced(2, 3, seed=1)),
        call(lambda f, x, y: f(x, y, 1), spaced(2, 3), spaced(3, 2, seed=1)),
        call(lambda f, x, y: f(x, y, 0), spaced(2), spaced(3, seed=1)),
        call(lambda f, x, y: f(x, y, ([0, -1], [2, 0])), spaced(2, 4, 3), spaced(3, 1, 2, seed=1)),
        call(lambda f, x, y: f(x, y, (1, 0)), spaced(2, 0), spaced(0, 3, seed=1)),
    ],
    "tile": [
        call(_with(2), spaced(2, 3)),
        call(_with((2, 1)), spaced(3)),
        call(_with((2, 1, 2)), spaced(2, 2)),
        call(_with(np.int64(2)), spaced(2)),
    ],
    "trace": [
        call(_plain, spaced(3, 3)),
        call(_plain, spaced(2, 3)),
        call(_plain, spaced(2, 2, 3)),
    ],
    "transpose": [
        call(_plain, spaced(2, 3)),
        call(_with((1, 2, 0)), spaced(2, 3, 2)),
        call(_with((-1, 0, 1)), spaced(2, 3, 2)),
    ],
    "var": [
        *_averages(),
        call(_with(ddof=1), spaced(4)),
        call(_with(ddof=2, axis=0), spaced(3, 2)),
    ],
    "vdot": [
        call(_plain, spaced(3), spaced(3, seed=1)),
        call(_plain, spaced(2, 3), spaced(2, 3, seed=1)),
    ],
    "where": [
        call(lambda f, x, y: f(x > 0, x, y), spaced(2, 3), spaced(2, 3, seed=1)),
        call(lambda f, x: f(x > 0, x, 0.5), spaced(2, 3)),
        call(lambda f, x, y: f([True, False, True], x, y), spaced(2, 1), spaced(3, seed=1)),
    ],
}


def _halves(transform: Callable[..., Any]) -> Callable[..., Any]:
    """A transform of NumPy, its result in parts."""

    def parts(real: Any, imaginary: Any = None, **options: Any) -> Any:
        if imaginary is None:
            imaginary = np.zeros_like(real)
        found = transform(real + 1j * imaginary, **options)
        return found.real, found.imag

    return parts


def _rfft_parts(x: Any, n: Any = None, axis: int = -1) -> Any:
    found = np.fft.rfft(x, n, axis)
    return found.real, found.imag


def _irfft_parts(real: Any, imaginary: Any, n: Any = None, axis: int = -1) -> Any:
    return np.fft.irfft(real + 1j * imaginary, n, axis)


def _softmax(x: Any, axis: int = -1) -> Any:
    weights = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    flat = axis is None and ord is not None
    return np.linalg.norm(np.ravel(x) if flat else x, ord, axis, keepdims)


def _scatter_add(x: Any, index: Any, values: Any) -> Any:
    result = np.array(x)
    np.add.at(result, index, values)
    return result


REFERENCES: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in CASES
        if name not in ("flatten", "norm", "scatter_add", "softmax") and "fft" not in name
    },
    "fft_parts": _halves(np.fft.fft),
    "flatten": np.ravel,
    "ifft_parts": _halves(np.fft.ifft),
    "irfft_parts": _irfft_parts,
    "norm": _norm,
    "rfft_parts": _rfft_parts,
    "scatter_add": _scatter_add,
    "softmax": _softmax,
}
"""What computes the same on plain arrays, without Pellucid."""

MANY = [(name, i) for name, calls in CASES.items() for i in range(len(calls))]
