"""Dropout, Flatten, Lambda and Identity."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(p: float):
    x = np.ones((400, 500), np.float32)
    y = nn.Dropout(p, rng=0)(x)
    dropped = (y == 0).mean()
    assert abs(dropped - p) < 4 * np.sqrt(p * (1 - p) / x.size)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - p), rtol=1e-6)
    assert y.dtype == np.float32


def test_dropout_gradient_is_the_mask(check_derivatives):
    layer = nn.Dropout(0.3)
    x = pl.tensor(np.random.default_rng(0).standard_normal((5, 4)), requires_grad=True)
    pl.seed(1)
    y = layer(x)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, (y.data != 0) / 0.7)
    check_derivatives(lambda: nn.functional.dropout(np.tanh(x), 0.3, rng=1), x)


def test_dropout_is_silent_in_evaluation():
    layer = nn.Dropout(0.5).eval()
    x = pl.tensor([1.0, 2.0])
    state = pl.random.get_state()
    assert layer(x) is x
    assert nn.Dropout(0.0)(x) is x
    assert nn.functional.dropout(x, 0.5, training=False) is x
    assert pl.random.get_state() == state


def test_dropout_draws_from_its_generator():
    x = np.ones((3, 20), np.float32)
    pl.seed(5)
    default = nn.Dropout()
    first, second = default(x), default(x)
    assert (first != second).any()
    pl.seed(5)
    np.testing.assert_array_equal(copy.deepcopy(default)(x), first)
    np.testing.assert_array_equal(nn.Dropout(rng=9)(x), nn.Dropout(rng=9)(x))
    np.testing.assert_array_equal(
        nn.Dropout(rng=9)(x) != 0, np.random.default_rng(9).random((3, 20), np.float32) >= 0.5
    )


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_dropout_probability(p: float):
    with pytest.raises(DataError, match="from 0 to below 1"):
        nn.Dropout(p)


def test_dropout_repr():
    assert repr(nn.Dropout(0.25)) == "Dropout(p=0.25)"


@pytest.mark.parametrize(
    ("start", "shape", "expected"),
    [
        (1, (5, 2, 3, 4), (5, 24)),
        (2, (5, 2, 3, 4), (5, 2, 12)),
        (0, (5, 2), (10,)),
        (1, (5,), (5, 1)),
        (1, (0, 2, 3), (0, 6)),
        (1, (5, 0, 3), (5, 0)),
    ],
)
def test_flatten(start: int, shape: tuple[int, ...], expected: tuple[int, ...]):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    layer = nn.Flatten(start)
    np.testing.assert_array_equal(layer(x), x.reshape(expected))
    assert layer(pl.tensor(x)).shape == expected


def test_flatten_errors_and_repr():
    with pytest.raises(ShapeError, match="keeps the first 2 axes"):
        nn.Flatten(2)(np.ones(3))
    with pytest.raises(DataError, match="from the front"):
        nn.Flatten(-1)
    assert repr(nn.Flatten()) == "Flatten()"
    assert repr(nn.Flatten(2)) == "Flatten(start_axis=2)"


def test_flatten_gradient(check_derivatives):
    x = pl.tensor(np.random.default_rng(0).standard_normal((2, 3, 2)), requires_grad=True)
    check_derivatives(lambda: np.tanh(nn.Flatten()(x)), x)


def test_lambda_and_identity():
    x = pl.tensor([1.0, 2.0], requires_grad=True)
    assert nn.Identity()(x) is x
    nn.Lambda(np.square)(x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert repr(nn.Lambda(np.square)) == "Lambda(square)"
    with pytest.raises(DataError, match="takes a function"):
        nn.Lambda(3)
