"""Nothing overflows, warns or turns to NaN at ±1000 in either type, unless mathematics says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.engine import ENGINE
from helpers.gradients import leaf
from primitives.cases import Case, is_variable
from primitives.families import CASES, FAMILIES, FAMILY_CASES

from pellucid.tensor import Tensor

WIDE = np.array([-1000.0, -999.5, -88.0, -30.0, -1e-3, 0.0, 1e-3, 30.0, 88.0, 999.5, 1000.0])
POSITIVE = np.array([1e-3, 0.5, 1.0, 30.0, 999.5, 1000.0])
TABLE = np.stack([WIDE, WIDE[::-1], np.full(len(WIDE), 1000.0), np.full(len(WIDE), -1000.0)])
OVERFLOWING = {
    "exp": "e¹⁰⁰⁰ is beyond float64; infinity is the right answer",
    "exp2": "2¹⁰⁰⁰ is beyond float32, 2²⁰⁰⁰ beyond float64",
    "expm1": "e¹⁰⁰⁰ − 1 likewise",
}

_TWO = {"axis": -1, "keepdims": False}
EXTREMES: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    **{
        name: [((WIDE,), {})]
        for name in ("negative", "absolute", "identity", "sign", "floor", "ceil", "rint", "step")
    },
    **{
        name: [((WIDE,), {})]
        for name in ("square", "sin", "cos", "tanh", "sigmoid", "relu", "softplus", "erf")
    },
    **{
        name: [((POSITIVE,), {})]
        for name in ("log", "log1p", "log2", "log10", "sqrt", "reciprocal")
    },
    **{
        name: [((WIDE, WIDE[::-1]), {}), ((WIDE, 1000.0), {}), ((-1000.0, WIDE), {})]
        for name in ("add", "subtract", "multiply", "maximum", "minimum", "logaddexp")
    },
    "divide": [((WIDE, 1000.0), {}), ((1000.0, POSITIVE), {}), ((-1000.0, -POSITIVE), {})],
    "power": [((WIDE, 3), {}), ((POSITIVE, -2.0), {}), ((1.0, WIDE), {}), ((POSITIVE, 0.5), {})],
    "where": [((WIDE > 0, WIDE, 1000.0), {})],
    "clip": [((WIDE,), {"low": -1000.0, "high": 999.5})],
    "cast": [((WIDE,), {"dtype": np.dtype(np.float32)})],
    **{name: [((TABLE,), _TWO)] for name in ("sum", "max", "min", "logsumexp")},
    "prod": [((np.array([[-1000.0, 1000.0, 0.0], [1000.0, -999.5, 30.0]]),), _TWO)],
    "log_softmax": [((TABLE,), {"axis": -1}), ((TABLE,), {"axis": 0})],
    "cumsum": [((TABLE,), {"axis": -1})],
    "matmul": [((TABLE, TABLE.T), {})],
    "linear": [((TABLE, TABLE.T, TABLE[:, 0]), {})],
    "einsum": [((TABLE, TABLE.T), {"subscripts": "ij,jk->k"})],
}
MOVING = {
    "reshape",
    "transpose",
    "broadcast_to",
    "flip",
    "pad",
    "concatenate",
    "getitem",
    "scatter",
    *(name for family in FAMILIES for name in getattr(family, "MOVING", ())),
}
"""These only move entries about."""


def _times_a_thousand(case: Case) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Inputs of a case, the differentiated ones a thousand times as large."""
    return tuple(1000 * x if is_variable(x) else x for x in case.inputs), case.attributes


for _family in FAMILIES:
    EXTREMES |= getattr(_family, "EXTREMES", {})
EXTREMES |= {
    name: [
        _times_a_thousand(case)
        for case in cases
        if case.variables and all(np.size(x) for x in case.inputs)
    ]
    for name, cases in FAMILY_CASES.items()
    if name not in EXTREMES and name not in MOVING and ENGINE[name].differentiable
}


def test_every_differentiable_primitive_is_looked_at() -> None:
    known = set(EXTREMES) | set(OVERFLOWING) | MOVING
    assert known == {name for name, p in ENGINE.items() if p.differentiable}


@pytest.mark.parametrize("name", EXTREMES)
def test_finite_at_a_thousand(name: str) -> None:
    for inputs, attributes in EXTREMES[name]:
        results = []
        for dtype in (np.float32, np.float64):
            values = [
                leaf(x.astype(dtype)) if isinstance(x, np.ndarray) and x.dtype == float else x
                for x in inputs
            ]
            result = ENGINE[name](*values, **attributes)
            result.backward(np.ones_like(result.data))
            leaves = [x.grad for x in values if isinstance(x, Tensor)]
            results.append([result.data, *leaves])
            for array in results[-1]:
                assert array is not None
                assert np.isfinite(array).all()
                if name != "cast":
                    assert array.dtype == dtype
        for narrow, wide in zip(*results, strict=True):
            # sums of products of a thousand and its opposite leave float32's rounding of 10⁶
            scale = max(1.0, float(np.abs(wide).max()))
            np.testing.assert_allclose(narrow, wide, rtol=1e-3, atol=2e-6 * scale)


@pytest.mark.parametrize("name", OVERFLOWING)
def test_overflow_is_infinity(name: str) -> None:
    with np.errstate(over="ignore"):
        for dtype in (np.float32, np.float64):
            x = leaf(np.array([-2000.0, 2000.0], dtype))
            y = ENGINE[name](x)
            np.testing.assert_array_equal(y.data, [-1.0 if name == "expm1" else 0.0, np.inf])
            y.backward(np.ones_like(y.data))
            np.testing.assert_array_equal(x.grad, [0.0, np.inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturation(dtype: Any) -> None:
    far = np.array([-1000.0, 1000.0], dtype)
    expected = {
        "tanh": ([-1, 1], [0, 0]),
        "sigmoid": ([0, 1], [0, 0]),
        "softplus": ([0, 1000], [0, 1]),
        "erf": ([-1, 1], [0, 0]),
        "relu": ([0, 1000], [0, 1]),
    }
    for name, (value, slope) in expected.items():
        x = leaf(far)
        y = ENGINE[name](x)
        y.backward(np.ones_like(far))
        tiny = float(np.finfo(dtype).tiny)
        np.testing.assert_allclose(y.data, value, rtol=0, atol=tiny, err_msg=name)
        np.testing.assert_allclose(x.grad, slope, rtol=0, atol=tiny, err_msg=name)


def test_moving_entries_has_cases() -> None:
    assert set(CASES) >= MOVING
