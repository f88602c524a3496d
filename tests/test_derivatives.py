"""Derivatives of functions: any order, any arguments, nested in one another."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import DTypeError, GradientError, PellucidError, ShapeError
from pellucid.tensor import Tensor


def test_grad_of_grad_of_grad() -> None:
    def function(x: Any) -> Any:
        return np.sin(x) * x**3

    x, sin, cos = 0.7, math.sin(0.7), math.cos(0.7)
    first = pl.grad(function)
    second = pl.grad(first)
    third = pl.grad(second)
    wide = np.float64(x)
    assert first(wide) == pytest.approx(cos * x**3 + 3 * sin * x**2, rel=1e-12)
    assert second(wide) == pytest.approx(-sin * x**3 + 6 * cos * x**2 + 6 * sin * x, rel=1e-12)
    right = -cos * x**3 - 9 * sin * x**2 + 18 * cos * x + 6 * sin
    assert third(wide) == pytest.approx(right, rel=1e-12)


def test_tenth_derivative_of_the_exponential() -> None:
    function: Any = np.exp
    for _ in range(10):
        function = pl.grad(function)
    assert function(np.float64(0.5)) == pytest.approx(math.exp(0.5), rel=1e-12)


# --- perturbation confusion -----------------------------------------------------------------------


def test_inner_derivative_sees_only_its_own_variable() -> None:
    # d/dx (x · d/dy (x + y)|y=1) = d/dx x = 1   (Siskind and Pearlmutter, 2005)
    outer = pl.grad(lambda x: x * pl.grad(lambda y: x + y)(1.0))
    assert outer(np.float64(3.0)) == 1


def test_inner_derivative_depends_on_the_outer_variable_by_closure() -> None:
    # d/dx (x · d/dy (x y)|y=2) = d/dx x² = 2x
    outer = pl.grad(lambda x: x * pl.grad(lambda y: x * y)(2.0))
    assert outer(np.float64(3.0)) == 6


def test_inner_derivative_at_the_outer_variable() -> None:
    # d/dx (x · d/dy (x y²)|y=x) = d/dx 2x³ = 6x²
    outer = pl.grad(lambda x: x * pl.grad(lambda y: x * y**2)(x))
    assert outer(np.float64(3.0)) == 54


def test_three_levels_by_closure() -> None:
    # d/dx [x · d/dy (y · d/dz (x y z³)|z=2)|y=5] = d/dx [x · d/dy 12 x y²] = d/dx 120 x² = 240 x
    def outer(x: Any) -> Any:
        def middle(y: Any) -> Any:
            return y * pl.grad(lambda z: x * y * z**3)(2.0)

        return x * pl.grad(middle)(5.0)

    assert pl.grad(outer)(np.float64(0.5)) == pytest.approx(120.0)


def test_the_value_is_differentiated_too() -> None:
    # d/dx [value · gradient] of x y³ at y = 2: d/dx (8x · 12x) = 192 x
    def outer(x: Any) -> Any:
        value, slope = pl.value_and_grad(lambda y: x * y**3)(2.0)
        return value * slope

    assert pl.grad(outer)(np.float64(1.0)) == pytest.approx(192.0)


def test_backward_through_a_derivative() -> None:
    x = leaf(np.array(3.0))
    inner = pl.grad(lambda y: x * y * y)(2.0)  # 4x
    assert isinstance(inner, Tensor)
    (inner * x).backward()
    assert x.grad == 24


# --- gradients ------------------------------------------------------------------------------------


def test_gradients_by_a_value_on_the_way() -> None:
    x = leaf(np.array(2.0))
    y = x * x
    z = y * y + x
    by_y, by_x = pl.gradients(z, [y, x])
    assert by_y == 2 * 4
    assert by_x == 4 * 8 + 1
    assert x.grad is None
    assert y.grad is None


def test_gradients_by_the_output_itself() -> None:
    x = leaf(np.array(2.0))
    y = x * 3
    assert pl.gradients(y, [y])[0] == 1
    assert [float(g) for g in pl.gradients(y, [y, x, y])] == [1, 3, 1]


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_unused_input_has_gradient_zero(create_graph: bool) -> None:
    x, unused = leaf(np.array(2.0)), leaf(np.ones((2, 3), np.float32))
    by_x, by_unused = pl.gradients(x * x, [x, unused], create_graph=create_graph)
    assert float(by_x) == 4
    assert isinstance(by_unused, Tensor) == create_graph
    assert by_unused.shape == (2, 3)
    assert by_unused.dtype == np.float32
    assert not np.asarray(by_unused.data).any()


def test_gradients_with_a_starting_gradient() -> None:
    x = leaf(np.array([1.0, 2.0]))
    (found,) = pl.gradients(x * x, [x], gradient=[1.0, 10.0])
    np.testing.assert_array_equal(found, [2, 40])
    with pytest.raises(GradientError, match="single number"):
        pl.gradients(x * x, [x])


def test_gradients_work_under_no_grad() -> None:
    x = leaf(np.array(2.0))
    y = x**3
    with pl.no_grad():
        (slope,) = pl.gradients(y, [x], create_graph=True)
        assert pl.grad(lambda t: t * t)(3.0) == 6
    assert pl.gradients(slope, [x])[0] == 12


def test_gradients_name_the_input_that_cannot_have_one() -> None:
    x = leaf(np.array(2.0))
    with pytest.raises(GradientError, match="input 1 "):
        pl.gradients(x * x, [x, pl.tensor(1.0)])
    with pytest.raises(GradientError, match="input 0 "):
        pl.gradients(x * x, [x.data])  # type: ignore[list-item]
    with pytest.raises(GradientError, match="no history"):
        pl.gradients(pl.tensor(1.0), [x])


# --- grad and value_and_grad ----------------------------------------------------------------------


def test_value_and_grad_over_dicts_and_lists() -> None:
    parameters = {
        "W": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "layers": [np.array([1.0]), (np.array(2.0), np.array([0.5, 0.5]))],
    }

    def loss(tree: Any, scale: float) -> Any:
        first, (second, third) = tree["layers"]
        return scale * (np.sum(tree["W"] ** 2) + first[0] * second + np.sum(third))

    value, slope = pl.value_and_grad(loss)(parameters, 2.0)
    assert value == 2 * (30 + 2 + 1)
    assert isinstance(slope["layers"], list)
    assert isinstance(slope["layers"][1], tuple)
    np.testing.assert_array_equal(slope["W"], 4 * parameters["W"])
    np.testing.assert_array_equal(slope["layers"][0], [4])
    np.testing.assert_array_equal(slope["layers"][1][0], 2)
    np.testing.assert_array_equal(slope["layers"][1][1], [2, 2])


def test_argnums() -> None:
    def function(x: Any, y: Any, *, power: int) -> Any:
        return x * y**power

    assert pl.grad(function)(2.0, 3.0, power=2) == 9
    assert pl.grad(function, 1)(2.0, 3.0, power=2) == 12
    by_both = pl.grad(function, (1, 0))(2.0, 3.0, power=2)
    assert isinstance(by_both, tuple)
    assert [float(g) for g in by_both] == [12, 9]
    value, (by_x,) = pl.value_and_grad(function, [0])(2.0, 3.0, power=1)
    assert (value, by_x) == (6, 3)


def test_results_are_plain_numbers() -> None:
    value, slope = pl.value_and_grad(lambda x: np.sum(x * x))(np.ones(2, np.float32))
    assert not isinstance(value, Tensor)
    assert value.dtype == np.float32
    assert type(slope) is np.ndarray
    assert slope.dtype == np.float32


def test_arguments_are_not_touched() -> None:
    x = leaf(np.array([1.0, 2.0]))
    pl.grad(lambda t: (t * t).sum())(x)
    assert x.grad is None
    array = np.array([1.0, 2.0])
    slope = pl.grad(lambda t: t.sum())(array)
    slope[0] = 9
    np.testing.assert_array_equal(array, [1, 2])


def test_the_wrapped_function_keeps_its_name() -> None:
    def loss(x: Any) -> Any:
        """Mean."""
        return x

    assert pl.grad(loss).__name__ == "loss"
    assert pl.value_and_grad(loss).__doc__ == "Mean."


def test_a_function_that_does_not_depend_on_its_argument() -> None:
    constant = pl.tensor(3.0)
    assert pl.grad(lambda x: x * 0 + constant)(2.0) == 0
    assert pl.grad(pl.grad(lambda x: 3.0 * x))(2.0) == 0
    np.testing.assert_array_equal(
        pl.hessian_vector_product(lambda x: p.relu(x).sum(), np.array([1.0, -1.0]), np.ones(2)),
        [0, 0],
    )


@pytest.mark.parametrize(
    ("write", "error", "says"),
    [
        (lambda: pl.grad(lambda x: float(x))(2.0), GradientError, "returned a float"),
        (lambda: pl.grad(lambda x: x.data)(2.0), GradientError, "returned a ndarray"),
        (lambda: pl.grad(lambda x: x * 2)(np.ones(2)), GradientError, "single number"),
        (lambda: pl.grad(lambda x: x)(3), DTypeError, "int64"),
        (lambda: pl.grad(lambda x: x)(np.array([True])), DTypeError, "bool"),
        (lambda: pl.grad(lambda x: x, 1)(2.0), PellucidError, "got 1 arguments"),
        (lambda: pl.grad(lambda x: x)("a"), DTypeError, "expected numbers"),
    ],
)
def test_errors(write: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        write()


# --- Hessians -------------------------------------------------------------------------------------

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
TARGETS = np.array([0, 1])


def network(flat: Any) -> Any:
    """Cross-entropy of a 3-4-2 network, as a function of all its 26 weights."""
    first = flat[:12].reshape(3, 4)
    second = flat[12:20].reshape(4, 2)
    hidden = np.tanh(X @ first + flat[20:24])
    logits = hidden @ second + flat[24:26]
    return -np.mean(p.log_softmax(logits, axis=-1)[np.arange(2), TARGETS])


def test_hessian_vector_product_against_the_whole_hessian() -> None:
    generator = np.random.default_rng(0)
    weights, vector = generator.normal(size=26), generator.normal(size=26)
    step = 1e-4
    gradient = pl.grad(network)
    columns = [
        (
            8 * (gradient(weights + step * e) - gradient(weights - step * e))
            - (gradient(weights + 2 * step * e) - gradient(weights - 2 * step * e))
        )
        / (12 * step)
        for e in np.eye(26)
    ]
    hessian = np.stack(columns)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-9)
    found = pl.hessian_vector_product(network, weights, vector)
    np.testing.assert_allclose(found, hessian @ vector, rtol=1e-8, atol=1e-9)


def test_hessian_vector_product_takes_what_is_like_an_array() -> None:
    def cube(x: Any) -> Any:
        return (x**3).sum()

    np.testing.assert_allclose(pl.hessian_vector_product(cube, [1.0, 2.0], [1.0, 1.0]), [6, 12])
    narrow = pl.hessian_vector_product(cube, np.ones(2, np.float32), np.ones(2))
    assert narrow.dtype == np.float32
    for vector in (np.ones(3), np.ones(1), 1.0):
        with pytest.raises(ShapeError):
            pl.hessian_vector_product(cube, np.ones(2), vector)


def test_third_order_through_a_network() -> None:
    weights = np.random.default_rng(1).normal(size=26)
    check_gradients(network, [weights], order=3)


def test_gradient_penalty() -> None:
    # the critic's gradient by its input is pushed to norm 1 (Gulrajani et al., 2017)
    def penalty(first: Any, second: Any) -> Any:
        points = leaf(X)
        scores = ops.matmul(p.tanh(ops.matmul(points, first)), second)
        (slope,) = pl.gradients(scores.sum(), [points], create_graph=True)
        return ops.mean(p.square(p.subtract(ops.norm(slope, axis=1), 1.0)))

    generator = np.random.default_rng(2)
    arrays = [generator.normal(size=(3, 4)), generator.normal(size=(4, 1))]
    # without a leaf among its weights nothing would be recorded beyond the points themselves
    check_gradients(penalty, arrays, order=1)
