"""Reference kernels against slow and simple versions in extended precision."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from primitives.cases import spaced
from primitives.families import FAMILY_CASES

from pellucid.kernels import reference

HERE = Path(__file__).parent
BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])
DENSE = np.concatenate([np.linspace(-40, 40, 801), np.linspace(-1, 1, 201), [-1e-9, 1e-9, 0.0]])
THROUGH_GRADIENTS = {
    "batch_moments", "batch_norm_slope", "batch_norm_sums", "gru_sequence_and_gates",
    "layer_norm_slope", "layer_norm_sums", "lstm_sequence_and_gates", "window_counts",
}  # fmt: skip
"""Parts of primitives, whose values and gradients are compared with PyTorch's."""


def test_every_kernel_is_tested() -> None:
    texts = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("test_*.py")))
    named = {name for name in reference.__all__ if f"reference.{name}(" in texts}
    compared = set(FAMILY_CASES)  # as primitives of the same name, with PyTorch
    assert set(reference.__all__) == named | compared & set(reference.__all__) | THROUGH_GRADIENTS


def ulps(found: Any, expected: Any, dtype: Any) -> float:
    """Largest error in units of the type's precision, relative to the right value."""
    right = np.asarray(expected, np.longdouble)
    size = np.maximum(np.abs(right), np.finfo(dtype).tiny)
    return float(np.max(np.abs(np.asarray(found, np.longdouble) - right) / size)) / float(
        np.finfo(dtype).eps
    )


@BOTH
def test_sigmoid(dtype: Any) -> None:
    x = DENSE.astype(dtype)
    found = reference.sigmoid(x)
    assert found.dtype == dtype
    assert ulps(found, 1 / (1 + np.exp(-x.astype(np.longdouble))), dtype) < 4
    far = reference.sigmoid(np.array([-np.inf, -1000, 1000, np.inf, np.nan], dtype))
    np.testing.assert_array_equal(far, [0, 0, 1, 1, np.nan])


@BOTH
def test_softplus(dtype: Any) -> None:
    x = DENSE.astype(dtype)
    found = reference.softplus(x)
    assert found.dtype == dtype
    assert ulps(found, np.log1p(np.exp(x.astype(np.longdouble))), dtype) < 4
    far = reference.softplus(np.array([-np.inf, -1000, 1000, np.inf, np.nan], dtype))
    np.testing.assert_array_equal(far, [0, 0, 1000, np.inf, np.nan])


@BOTH
def test_erf(dtype: Any) -> None:
    x = DENSE.astype(dtype)
    found = reference.erf(x)
    assert found.dtype == dtype
    assert ulps(found, [math.erf(v) for v in x], dtype) < 8
    far = reference.erf(np.array([-np.inf, -1000, 1000, np.inf, np.nan], dtype))
    np.testing.assert_array_equal(far, [-1, -1, 1, 1, np.nan])
    np.testing.assert_array_equal(np.diff(reference.erf(np.sort(x))) >= 0, True)


@pytest.mark.parametrize("kernel", [reference.sigmoid, reference.softplus, reference.erf])
def test_kinds_of_input(kernel: Any) -> None:
    before = np.array([1.0, 2.0])
    kernel(before)
    np.testing.assert_array_equal(before, [1, 2])
    assert kernel(np.array([0, 1])).dtype == np.float64
    assert kernel(np.float16(1.0)).dtype == np.float16
    assert float(kernel(0.5)) == float(kernel(np.array([0.5]))[0])
    assert kernel(np.zeros((0, 3))).shape == (0, 3)
    assert kernel(np.zeros((2, 3), order="F").T).shape == (3, 2)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 0), (0, 1, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp(axis: Any, keepdims: bool) -> None:
    x = spaced(2, 3, 4, low=-5, high=5)
    wide = x.astype(np.longdouble)
    expected = np.log(np.sum(np.exp(wide), axis=axis, keepdims=keepdims))
    found = reference.logsumexp(x, axis=axis, keepdims=keepdims)
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected.astype(float), rtol=1e-14)
    shifted = reference.logsumexp(x + 1000, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(shifted, (expected + 1000).astype(float), rtol=1e-14)


def test_logsumexp_of_infinities() -> None:
    assert reference.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
    assert reference.logsumexp(np.array([-np.inf, 3.0])) == 3
    assert reference.logsumexp(np.array([1, 1])) == pytest.approx(1 + math.log(2))
    assert reference.logsumexp(np.array([1.0], np.float32)).dtype == np.float32


@BOTH
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_log_softmax(dtype: Any, axis: int) -> None:
    x = spaced(4, 5, low=-8, high=8).astype(dtype)
    wide = x.astype(np.longdouble)
    expected = wide - np.log(np.sum(np.exp(wide), axis=axis, keepdims=True))
    found = reference.log_softmax(x, axis=axis)
    assert found.dtype == dtype
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(found, expected.astype(dtype), rtol=20 * eps, atol=2 * eps)
    np.testing.assert_allclose(np.exp(found).sum(axis), 1, rtol=20 * eps)
    np.testing.assert_array_equal(x, spaced(4, 5, low=-8, high=8).astype(dtype))


def _matmul_by_loops(x: Any, y: Any) -> Any:
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x = np.broadcast_to(x, (*batch, *x.shape[-2:]))
    y = np.broadcast_to(y, (*batch, *y.shape[-2:]))
    result = np.zeros((*batch, x.shape[-2], y.shape[-1]))
    for place in np.ndindex(*result.shape):
        *front, i, j = place
        result[place] = math.fsum(x[(*front, i)] * y[(*front, slice(None), j)])
    return result


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 2, 2, 3), (3, 1)),
        ((2, 3), (4, 3, 2)),
        ((4, 1, 3), (4, 3, 2)),
        ((1, 2, 3), (4, 3, 2)),
        ((2, 0), (0, 3)),
        ((2, 3, 0), (0, 4)),
        ((0, 2, 3), (3, 4)),
        ((2, 2, 3), (3, 0)),
    ],
)
def test_matmul(x: Any, y: Any) -> None:
    left, right = spaced(*x), spaced(*y, seed=1)
    expected = _matmul_by_loops(left, right)
    for a in (left, np.asfortranarray(left)):
        found = reference.matmul(a, right)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


def test_matmul_of_repeated_rows() -> None:
    rows = np.broadcast_to(spaced(3), (4, 3))
    expected = _matmul_by_loops(np.array(rows), spaced(3, 2, seed=1))
    np.testing.assert_allclose(reference.matmul(rows, spaced(3, 2, seed=1)), expected, rtol=1e-13)


@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3), (0, 3)])
def test_linear(shape: Any) -> None:
    x, weight, bias = spaced(*shape), spaced(3, 2, seed=1), spaced(2, seed=2)
    expected = _matmul_by_loops(x, weight) + bias
    np.testing.assert_allclose(reference.linear(x, weight, bias), expected, rtol=1e-13, atol=1e-13)
    narrow = [a.astype(np.float32) for a in (x, weight, bias)]
    assert reference.linear(*narrow).dtype == np.float32
    assert reference.linear(*narrow[:2], bias).dtype == np.float64
    np.testing.assert_array_equal(bias, spaced(2, seed=2))


def test_scatter() -> None:
    index = (np.array([0, 2, 2, 0]), np.array([1, 0, 0, 1]))
    found = reference.scatter(np.array([1.0, 2.0, 3.0, 4.0]), index=index, shape=(3, 2))
    np.testing.assert_array_equal(found, [[0, 5], [0, 0], [5, 0]])
    narrow = reference.scatter(np.ones(2, np.float32), index=slice(0, 4, 2), shape=(4,))
    np.testing.assert_array_equal(narrow, [1, 0, 1, 0])
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(
        reference.scatter(np.float64(2.0), index=(1, 0), shape=(2, 2)), [[0, 0], [2, 0]]
    )


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (1, True),
        (np.int64(1), True),
        (slice(None), True),
        (Ellipsis, True),
        (None, True),
        ((1, slice(2), None, ...), True),
        (True, False),
        (np.bool_(True), False),
        ([0, 0], False),
        (np.array([0, 0]), False),
        ((slice(None), np.array(1)), False),
        (np.array([True]), False),
    ],
)
def test_is_basic(index: Any, expected: bool) -> None:
    assert reference.is_basic(index) is expected


def test_spread() -> None:
    x = np.array([[1.0], [2.0]], np.float32)
    found = reference.spread(x, shape=(3, 2, 2))
    assert found.flags.owndata
    assert found.flags.writeable
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[[1, 1], [2, 2]]] * 3)
    assert reference.spread(2.0, shape=()).shape == ()
    with pytest.raises(ValueError, match="broadcast"):
        reference.spread(np.ones(3), shape=(2,))


def test_one_hot() -> None:
    found = reference.one_hot([2, 0], classes=3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[0, 0, 1], [1, 0, 0]])
