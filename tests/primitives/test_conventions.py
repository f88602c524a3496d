"""What happens where a derivative does not exist: kinks, ties, zeros. All of it by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import ShapeError


def slopes(function: Any, *arrays: Any) -> list[Any]:
    """Gradient of the sum of the results by each array."""
    leaves = [leaf(np.asarray(x, dtype=np.float64)) for x in arrays]
    function(*leaves).sum().backward()
    return [np.zeros_like(x.data) if x.grad is None else x.grad for x in leaves]


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (p.absolute, [-2, 0, 3], [-1, 0, 1]),
        (p.relu, [-1, 0, 2], [0, 0, 1]),
        (p.sign, [-1, 0, 2], [0, 0, 0]),
        (p.step, [-1, 0, 2], [0, 0, 0]),
        (p.floor, [-1, 0.5, 2], [0, 0, 0]),
        (lambda x: ops.clip(x, -1, 1), [-2, -1, 0, 1, 2], [0, 1, 1, 1, 0]),
        (lambda x: ops.maximum(0, x), [-1, 0, 2], [0, 0, 1]),
        (lambda x: ops.maximum(x, 0.0), [-1, 0, 2], [0, 0, 1]),
        (lambda x: ops.minimum(x, 1.0), [0, 1, 2], [1, 0, 0]),
        (lambda x: ops.maximum(x, x), [1, 2], [1, 1]),
        (lambda x: np.maximum(x, np.zeros(3)), [-1, 0, 2], [0, 0, 1]),
        (lambda x: p.max(x), [1, 3, 3, 3], [0, 1 / 3, 1 / 3, 1 / 3]),
        (lambda x: p.min(x), [1, 1, 3], [0.5, 0.5, 0]),
        (lambda x: p.max(x, axis=1), [[1, 1], [2, 5]], [[0.5, 0.5], [0, 1]]),
        (lambda x: p.prod(x), [2, 0, 5], [0, 10, 0]),
        (lambda x: p.prod(x), [0, 0, 5], [0, 0, 0]),
        (lambda x: p.prod(x, axis=1), [[0, 3], [2, 4]], [[3, 0], [4, 2]]),
        (lambda x: ops.norm(x), [0, 0, 0], [0, 0, 0]),
        (lambda x: ops.norm(x, axis=1), [[0, 0], [3, 4]], [[0, 0], [0.6, 0.8]]),
        (lambda x: ops.norm(x, 3), [0, 0], [0, 0]),
        (lambda x: ops.norm(x, 3), [0, 2], [0, 1]),
        (lambda x: ops.norm(x, 1), [0, -2], [0, -1]),
        (lambda x: ops.norm(x, math.inf), [2, -2, 1], [0.5, -0.5, 0]),
        (lambda x: ops.norm(x, -math.inf), [2, -2, 1], [0, 0, 1]),
        (lambda x: ops.norm(x, 0), [2, 0], [0, 0]),
        (lambda x: ops.std(x), [4, 4, 4], [0, 0, 0]),
        (lambda x: ops.std(x, axis=0), [[1, 5], [1, 7]], [[0, -0.5], [0, 0.5]]),
        (lambda x: x**0, [0, 2], [0, 0]),
        (lambda x: x**1, [0, 2], [1, 1]),
        (lambda x: x**2, [0, 2], [0, 4]),
        (lambda x: x**3.0, [0, -2], [0, 12]),
        (lambda x: p.power(x, 2.0), [0, -3], [0, -6]),
        (lambda x: p.power(0.0, x), [1, 2], [0, 0]),
        (lambda x: np.sort(x) * np.array([1, 2, 3]), [2, 2, 1], [2, 3, 1]),
        (lambda x: p.logaddexp(x, 1.0), [1, 1], [0.5, 0.5]),
        (lambda x: p.where(x > 0, x, 0.0), [-1, 0, 1], [0, 0, 1]),
    ],
)
def test_slopes_at_kinks(function: Any, x: Any, expected: Any) -> None:
    (found,) = slopes(function, x)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("extremum", [ops.maximum, ops.minimum, p.maximum, p.minimum, np.maximum])
def test_two_tensors_share_a_tie(extremum: Any) -> None:
    for found in slopes(extremum, [1.0, 2.0], [1.0, 2.0]):
        np.testing.assert_array_equal(found, [0.5, 0.5])


def test_a_tie_with_a_constant_tensor_belongs_to_the_constant() -> None:
    x = leaf(np.zeros(2))
    ops.maximum(x, pl.tensor(np.zeros(2))).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0])


def test_root_of_zero_has_an_infinite_slope() -> None:
    x = leaf(np.array([0.0, 4.0]))
    with np.errstate(divide="ignore"):
        p.sqrt(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [np.inf, 0.25])


def test_masked_entries_have_no_weight() -> None:
    masked = [[1.0, -np.inf, 1.0], [-np.inf, -np.inf, -np.inf]]
    (found,) = slopes(lambda x: p.logsumexp(x, axis=1), masked)
    np.testing.assert_allclose(found, [[0.5, 0, 0.5], [0, 0, 0]])
    value = p.logsumexp(np.array(masked), axis=1)
    np.testing.assert_allclose(value, [1 + np.log(2), -np.inf])
    np.testing.assert_array_equal(ops.softmax(np.array(masked[0])), [0.5, 0, 0.5])


def test_logsumexp_shares_among_equal_entries() -> None:
    (found,) = slopes(lambda x: p.logsumexp(x), [1000.0, 1000.0, 1000.0, 1000.0])
    np.testing.assert_allclose(found, [0.25] * 4, rtol=1e-12)


@pytest.mark.parametrize("axis", [0, -1, (0,), (-1,), (), None])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_of_a_single_number_is_the_number(axis: Any, keepdims: bool) -> None:
    def function(x: Any) -> Any:
        return p.logsumexp(x, axis=axis, keepdims=keepdims)

    x = leaf(np.array(1.5))
    assert function(x).shape == ()
    assert float(function(x).data) == 1.5
    check_gradients(lambda x: function(x) ** 2, [np.array(1.5)])


def test_logsumexp_of_a_single_number_has_no_other_axis() -> None:
    with pytest.raises(ShapeError, match="logsumexp"):
        p.logsumexp(leaf(np.array(1.5)), axis=1)


@pytest.mark.parametrize(("shape", "axis"), [((3, 0), -1), ((0, 3), 0), ((5, 0, 2), 1), ((0,), 0)])
@pytest.mark.parametrize("function", [ops.softmax, p.log_softmax, pl.nn.functional.log_softmax])
def test_softmax_of_nothing_is_empty(function: Any, shape: tuple[int, ...], axis: int) -> None:
    x = leaf(np.zeros(shape, np.float32))
    y = function(x, axis=axis)
    assert (y.shape, y.dtype) == (shape, np.float32)
    (first,) = pl.gradients((y**2).sum(), [x], create_graph=True)
    assert (first.shape, first.dtype) == (shape, np.float32)
    (second,) = pl.gradients((first**2).sum(), [x])
    assert second.shape == shape


def test_softmax_of_nothing_has_no_axis_beyond_its_own() -> None:
    with pytest.raises(ShapeError, match="log_softmax"):
        p.log_softmax(leaf(np.zeros((3, 0))), axis=2)


@pytest.mark.parametrize(("shape", "axis"), [((2, 0), 1), ((2, 0, 3), (0, 1)), ((0,), None)])
def test_logsumexp_of_nothing_is_that_of_a_sum_of_zero(shape: Any, axis: Any) -> None:
    x = leaf(np.zeros(shape))
    y = p.logsumexp(x, axis=axis)
    np.testing.assert_array_equal(y.data, np.full(np.zeros(shape).sum(axis=axis).shape, -np.inf))
    y.sum().backward()
    assert x.grad is not None and x.grad.shape == shape


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (p.relu, [-1.0, 0.0, 2.0], [0, 0, 0]),
        (p.absolute, [-1.0, 0.0, 2.0], [0, 0, 0]),
        (lambda x: x**2, [0.0, 1.0], [2, 2]),
        (lambda x: x**3, [0.0, 1.0], [0, 6]),
        (lambda x: x**1, [0.0, 1.0], [0, 0]),
        (lambda x: p.logsumexp(p.concatenate(x, -x, axis=0)), [0.0], [1.0]),
        (lambda x: p.logaddexp(x, 2.0), [2.0], [0.25]),
        (lambda x: ops.norm(x), [0.0], [0.0]),
    ],
)
def test_second_derivatives_at_kinks(function: Any, x: Any, expected: Any) -> None:
    # the Hessian of a sum of functions of one entry each is diagonal
    found = pl.hessian_vector_product(lambda t: function(t).sum(), np.asarray(x), np.ones(len(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_second_derivative_of_a_product_with_a_zero() -> None:
    # f = x y z at x = 0: the Hessian is [[0, z, y], [z, 0, 0], [y, 0, 0]]
    x = np.array([0.0, 2.0, 5.0])
    rows = [pl.hessian_vector_product(p.prod, x, e) for e in np.eye(3)]
    np.testing.assert_array_equal(rows, [[0, 5, 2], [5, 0, 0], [2, 0, 0]])


def test_getitem_adds_up_repeated_entries() -> None:
    (found,) = slopes(lambda x: x[np.array([0, 0, 2])], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(found, [2, 0, 1])


def test_getitem_with_tensors_and_lists_as_index() -> None:
    x = leaf(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(x[[0, 2]].data, [1, 3])
    np.testing.assert_array_equal(x[pl.tensor([2, 1])].data, [3, 2])
    np.testing.assert_array_equal(x[x > 1.5].data, [2, 3])
    np.testing.assert_array_equal(leaf(np.eye(2))[[0, 1], pl.tensor([0, 0])].data, [1, 0])


POWERS = [
    (0.0, 2.0), (0.0, 1.0), (0.0, 0.0), (0.0, -1.0), (0.0, 0.5), (0.0, -0.5), (-2.0, 3.0),
    (-2.0, -2.0), (-2.0, 0.0), (-1.5, 2.5), (3.0, 0.0), (3.0, -1.5), (np.inf, 0.0), (np.inf, -1.0),
]  # fmt: skip


@pytest.mark.parity
@pytest.mark.parametrize(("base", "exponent"), POWERS)
def test_powers_at_their_edges_are_those_of_pytorch(base: float, exponent: float) -> None:
    torch = pytest.importorskip("torch")
    pair = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (base, exponent)]
    theirs = [float(g) for g in torch.autograd.grad(pair[0] ** pair[1], pair)]
    x, y = leaf(np.array(base)), leaf(np.array(exponent))
    with np.errstate(all="ignore"):
        ours = [float(g) for g in pl.gradients(p.power(x, y), [x, y])]
    np.testing.assert_allclose(ours, theirs, rtol=1e-14)


@pytest.mark.parametrize(
    ("base", "exponent", "slopes"),
    [
        (0.0, 2.0, (0.0, 0.0)),
        (0.0, 1.0, (1.0, 0.0)),
        (0.0, 0.0, (0.0, 0.0)),
        (0.0, -1.0, (-np.inf, -np.inf)),
        (0.0, 0.5, (np.inf, 0.0)),
        (np.inf, 0.0, (0.0, np.inf)),
        (-2.0, 3.0, (12.0, np.nan)),
        (-2.0, -2.0, (0.25, np.nan)),
    ],
)
def test_powers_at_their_edges(base: float, exponent: float, slopes: tuple[float, float]) -> None:
    x, y = leaf(np.array(base)), leaf(np.array(exponent))
    with np.errstate(all="ignore"):
        found = pl.gradients(p.power(x, y), [x, y])
    np.testing.assert_array_equal(np.array(found), slopes)


def test_the_mixed_derivative_of_a_power_whose_exponent_is_zero() -> None:
    """∂²xʸ/∂x∂y = xʸ⁻¹ (1 + y ln x), which is 1/x at y = 0, from whichever side it is taken."""
    x, y = leaf(np.array([0.5, 2.0, 3.0])), leaf(np.zeros(3))
    by_x, by_y = pl.gradients(p.sum(p.power(x, y)), [x, y], create_graph=True)
    np.testing.assert_allclose(pl.gradients(p.sum(by_x), [y])[0], 1 / x.data)
    np.testing.assert_allclose(pl.gradients(p.sum(by_y), [x])[0], 1 / x.data)
