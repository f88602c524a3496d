"""Kernels of embeddings, attention and GELU against slow versions in extended precision."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pellucid.kernels import reference

BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])
TESTED = {
    "add_rows",
    "masked_softmax",
    "masked_softmax_gradient",
    "normal_cdf",
    "normal_pdf",
    "take_rows",
}


@BOTH
def test_normal_cdf(dtype: Any) -> None:
    x = np.concatenate([np.linspace(-14, 14, 40_001), [-1e-8, 0.0, 1e-8]]).astype(dtype)
    found = reference.normal_cdf(x)
    assert found.dtype == dtype
    right = np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in x.astype(float)])
    np.testing.assert_allclose(found, right, atol=4e-7 if dtype == np.float32 else 1e-15)
    if dtype == np.float32:  # also the tail is right in its leading digits
        normal = right > np.finfo(np.float32).tiny
        np.testing.assert_allclose(found[normal], right[normal], rtol=1e-5)
    far = reference.normal_cdf(np.array([-np.inf, -1e30, -1000, 1000, 1e30, np.inf, np.nan], dtype))
    np.testing.assert_array_equal(far, [0, 0, 0, 1, 1, 1, np.nan])
    assert reference.normal_cdf(np.zeros((), dtype)) == 0.5


@pytest.mark.parametrize("size", [0, 1, 32_767, 32_768, 32_769, 70_000])
def test_normal_cdf_is_the_same_in_every_block(size: int) -> None:
    x = np.random.default_rng(0).normal(size=size).astype(np.float32)
    found = reference.normal_cdf(x)
    np.testing.assert_array_equal(found[::-1], reference.normal_cdf(x[::-1]))
    for i in range(0, size, max(1, size // 7)):
        np.testing.assert_allclose(found[i], reference.normal_cdf(x[i : i + 1])[0], rtol=1e-6)


@BOTH
def test_normal_pdf(dtype: Any) -> None:
    x = np.linspace(-12, 12, 2001).astype(dtype)
    found = reference.normal_pdf(x)
    assert found.dtype == dtype
    right = np.exp(-np.square(x.astype(np.longdouble)) / 2) / np.sqrt(2 * np.longdouble(np.pi))
    np.testing.assert_allclose(found, right, rtol=2e-5 if dtype == np.float32 else 1e-13)
    far = reference.normal_pdf(np.array([-np.inf, -1e30, 1e30, np.inf, np.nan], dtype))
    np.testing.assert_array_equal(far, [0, 0, 0, 0, np.nan])


@BOTH
@pytest.mark.parametrize("width", [1, 2, 3, 8, 16, 24, 31, 64])
def test_masked_softmax(width: int, dtype: Any) -> None:
    rng = np.random.default_rng(width)
    x = (30 * rng.normal(size=(3, 5, width))).astype(dtype)
    allowed = rng.random((5, width)) < 0.6
    allowed[2] = False
    found = reference.masked_softmax(x, allowed=allowed, scale=0.5)
    assert found.dtype == dtype
    for n, i in np.ndindex(3, 5):
        scores = [0.5 * np.longdouble(v) for v in x[n, i]]
        raised = [np.exp(s - max(scores)) * a for s, a in zip(scores, allowed[i], strict=True)]
        right = np.array([r / (sum(raised) or 1) for r in raised], float)
        np.testing.assert_allclose(
            found[n, i], right, rtol=2e-5 if dtype == np.float32 else 1e-13, atol=1e-300
        )
    assert not found[:, 2].any()


@BOTH
def test_masked_softmax_of_extremes(dtype: Any) -> None:
    largest = np.finfo(dtype).max
    x = np.array([[1000, -1000], [-1000, -1000], [largest, -largest], [-np.inf, 0]], dtype)
    found = reference.masked_softmax(x)
    np.testing.assert_array_equal(found, [[1, 0], [0.5, 0.5], [1, 0], [0, 1]])
    nothing = reference.masked_softmax(np.full((1, 3), -np.inf, dtype))
    np.testing.assert_array_equal(nothing, [[0, 0, 0]])
    assert np.isnan(reference.masked_softmax(np.array([np.nan, 1], dtype))).all()


@BOTH
def test_masked_softmax_gradient(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    g = rng.normal(size=(4, 6)).astype(dtype)
    y = reference.masked_softmax(rng.normal(size=(4, 6)).astype(dtype))
    found = reference.masked_softmax_gradient(g, y, scale=0.5)
    assert found.dtype == dtype
    for i in range(4):
        jacobian = 0.5 * (np.diag(y[i]) - np.outer(y[i], y[i])).astype(float)
        np.testing.assert_allclose(found[i], jacobian @ g[i], atol=1e-6)


def test_inputs_are_left_as_they_are() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    before = x.copy()
    reference.masked_softmax(x, allowed=x > 0)
    reference.masked_softmax_gradient(x, x)
    reference.normal_cdf(x.astype(np.float32))
    reference.normal_pdf(x)
    reference.add_rows(x, rows=np.array([0, 1, 0]), count=2)
    np.testing.assert_array_equal(x, before)


def test_take_rows() -> None:
    table = np.arange(12.0).reshape(4, 3)
    rows = np.array([[3, 0], [0, 0]])
    np.testing.assert_array_equal(reference.take_rows(table, rows=rows), table[rows])
    with pytest.raises(IndexError):
        reference.take_rows(table, rows=np.array([4]))


def test_add_rows() -> None:
    values = np.arange(6.0).reshape(3, 2)
    found = reference.add_rows(values, rows=np.array([2, 0, 2]), count=4)
    np.testing.assert_array_equal(found, [[2, 3], [0, 0], [4, 6], [0, 0]])


def test_all_are_exported() -> None:
    assert set(reference.__all__) >= TESTED
