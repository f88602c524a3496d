"""Matrices of derivatives, against closed forms and central differences."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import GradientError, ShapeError


def test_of_a_linear_map_it_is_the_matrix():
    matrix = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    np.testing.assert_array_equal(pl.jacobian(lambda x: matrix @ x)(np.zeros(3)), matrix)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_shape_is_that_of_the_result_and_of_the_argument(shape):
    found = pl.jacobian(lambda x: np.sin(x) * np.ones((2, 1, 1)))(np.zeros(shape))
    assert found.shape == ((np.zeros(shape) * np.ones((2, 1, 1))).shape + shape)


def test_entries_are_the_slopes():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    found = pl.jacobian(lambda v: np.tanh(v @ w))(x)
    for index in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-6
        slope = (np.tanh((x + step) @ w) - np.tanh((x - step) @ w)) / 2e-6
        np.testing.assert_allclose(found[(..., *index)], slope, atol=1e-8)


def test_by_another_argument():
    a, b = np.array([2.0, 3.0]), np.array([5.0, 7.0])
    np.testing.assert_array_equal(pl.jacobian(lambda x, y: x * y, 1)(a, b), np.diag(a))


def test_hessian_of_a_quadratic_form():
    matrix = np.array([[2.0, 1.0], [1.0, -3.0]])
    found = pl.hessian(lambda x: 0.5 * np.dot(x, np.dot(matrix, x)))(np.array([0.3, -0.4]))
    np.testing.assert_allclose(found, matrix, atol=1e-15)


def test_hessian_agrees_with_its_product_with_a_vector():
    def f(x):
        return np.sum(np.exp(x) * x[::-1] ** 2)

    x, v = np.array([0.1, -0.7, 0.4]), np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(pl.hessian(f)(x) @ v, pl.hessian_vector_product(f, x, v), rtol=1e-13)


def test_it_can_be_differentiated_again():
    def trace_of_slopes(x):
        return np.trace(pl.jacobian(lambda v: v**3)(x))

    np.testing.assert_allclose(pl.grad(trace_of_slopes)(np.array([2.0, 3.0])), [12.0, 18.0])


def test_float32_stays_float32():
    assert pl.jacobian(np.sin)(np.ones(2, np.float32)).dtype == np.float32


def test_a_constant_has_slopes_of_zero():
    np.testing.assert_array_equal(pl.jacobian(lambda x: np.sign(x))(np.ones(2)), np.zeros((2, 2)))


def test_what_is_no_array_of_the_argument_is_refused():
    with pytest.raises(GradientError, match=r"np\.stack"):
        pl.jacobian(lambda x: (x, x))(np.ones(2))
    with pytest.raises(ShapeError, match="argument 1"):
        pl.jacobian(lambda x: x, 1)(np.ones(2))
