"""Composites: against NumPy's own functions, and their gradients against finite differences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf, numbers
from primitives.cases import spaced
from primitives.composite_cases import CASES, MANY, REFERENCES, outputs

import pellucid as pl
from pellucid import ops
from pellucid.errors import PellucidError, ShapeError, UnsupportedError
from pellucid.tensor import Tensor

SMOOTH = [(name, i) for name, i in MANY if CASES[name][i].smooth]


def test_every_composite_has_cases_and_a_reference() -> None:
    assert set(CASES) == set(ops.__all__)
    assert set(REFERENCES) == set(ops.__all__)
    assert {name for name, _ in SMOOTH} == set(ops.__all__)


@pytest.mark.parametrize("name", ops.__all__)
def test_every_composite_says_what_it_does(name: str) -> None:
    assert len(str(getattr(ops, name).__doc__)) > 10


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "i"), MANY)
def test_values_are_those_of_numpy(name: str, i: int, dtype: Any) -> None:
    call = CASES[name][i]
    arrays = [x.astype(dtype) for x in call.arrays]
    expected = outputs(call.write(REFERENCES[name], *call.arrays))
    plain = outputs(call.write(getattr(ops, name), *arrays))
    leaves = [leaf(x) for x in arrays]
    found = outputs(call.write(getattr(ops, name), *leaves))
    tolerance = 1e-12 if dtype == np.float64 else 1e-5

    assert len(found) == len(plain) == len(expected)
    for recorded, array, right in zip(found, plain, expected, strict=True):
        assert isinstance(recorded, Tensor)
        assert not isinstance(array, Tensor)
        assert recorded.shape == np.shape(array) == np.shape(right)
        assert recorded.dtype == dtype
        np.testing.assert_allclose(recorded.data, right, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(array, right, rtol=tolerance, atol=tolerance)

    for recorded in found:
        recorded.backward(np.ones_like(recorded.data))
    for x in leaves:
        assert isinstance(x.grad, np.ndarray)
        assert x.grad.shape == x.shape
        assert x.grad.dtype == dtype


@pytest.mark.parametrize(("name", "i"), SMOOTH)
def test_gradients_of_first_and_second_order(name: str, i: int) -> None:
    call = CASES[name][i]

    def joined(*arrays: Any) -> Any:
        parts = outputs(call.write(getattr(ops, name), *arrays))
        return parts[0] if len(parts) == 1 else ops.concatenate([ops.flatten(x) for x in parts])

    check_gradients(joined, call.arrays)


def test_lists_and_numbers_are_taken_on_plain_arrays() -> None:
    assert ops.mean([1, 2, 6]) == 3
    assert ops.mean(np.array([True, False])) == 0.5
    np.testing.assert_allclose(ops.softmax([1, 1]), [0.5, 0.5])
    np.testing.assert_allclose(ops.softmax(np.array([2, 2])), [0.5, 0.5])
    np.testing.assert_array_equal(ops.stack([[1, 2], [3, 4]]), [[1, 2], [3, 4]])
    np.testing.assert_array_equal(ops.maximum([1, 5], 3), [3, 5])


@pytest.mark.parametrize(
    "write",
    [
        lambda x: ops.mean(x, 2),
        lambda x: ops.mean(x, -3),
        lambda x: ops.var(x, 2),
        lambda x: ops.std(x, (0, 2)),
        lambda x: ops.norm(x, axis=2),
        lambda x: ops.softmax(x, axis=2),
        lambda x: ops.cumsum(x, 2),
        lambda x: ops.sort(x, 2),
        lambda x: ops.squeeze(x, 2),
        lambda x: ops.expand_dims(x, 5),
        lambda x: ops.swapaxes(x, 0, 2),
        lambda x: ops.moveaxis(x, 0, 2),
        lambda x: ops.transpose(x, (0, 2)),
        lambda x: ops.split(x, 2, 2),
        lambda x: ops.take(x, [0], 2),
        lambda x: ops.repeat(x, 2, 2),
        lambda x: ops.roll(x, 1, 2),
        lambda x: ops.tensordot(x, x, ([2], [0])),
        lambda x: ops.concatenate([x, x], 2),
        lambda x: ops.stack([x, x], 5),
        lambda x: ops.take_along_axis(x, np.zeros((2, 2), int), 2),
    ],
)
def test_an_axis_that_does_not_exist(write: Any) -> None:
    for x in (np.eye(2), leaf(np.eye(2))):
        with pytest.raises((ShapeError, np.exceptions.AxisError)):
            write(x)
    with pytest.raises(ShapeError):  # on a Tensor always our own error
        write(leaf(np.eye(2)))


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda x: ops.mean(x[:0]), "no values"),
        (lambda x: ops.var(x, ddof=4), "ddof=4"),
        (lambda x: ops.norm(x, -1), "order -1"),
        (lambda x: ops.norm(x, "nuc"), "order 'nuc'"),
        (lambda x: x @ 2.0, "use [*] with a number"),
        (lambda x: x @ np.ones((3, 2)), "inner sizes 2 and 3"),
        (lambda x: ops.tensordot(x, np.ones((4, 1)), 2), "differ in length"),
        (lambda x: ops.tensordot(np.ones((2, 3)), leaf(np.ones((3, 2))), 2), "differ in length"),
        (lambda x: ops.squeeze(x, 0), "its length is not 1"),
        (lambda x: ops.stack([x, x[0]]), "one shape"),
        (lambda x: ops.stack([]), "one shape"),
        (lambda x: ops.split(x, 3), "3 equal parts"),
        (lambda x: ops.pad(x, -1), "whole numbers"),
        (lambda x: ops.average(x, weights=np.ones(3)), "weights"),
        (lambda x: ops.average(x, axis=0, weights=np.ones(3)), "3 weights"),
        (lambda x: ops.einsum("ij,jk", x), "describes 2 operands, got 1"),
        (lambda x: ops.einsum("ijk->i", x), "names 3 axes"),
        (lambda x: ops.einsum("i->i", x), "names 1 axes"),
        (lambda x: ops.reshape(x, (3, 2)), "size 4"),
        (lambda x: ops.trace(x[0]), "needs a matrix"),
        (lambda x: ops.transpose(x, (0,)), "needs them all"),
        (lambda x: ops.moveaxis(x, [0, 1], 0), "as many places"),
        (lambda x: ops.take_along_axis(x, np.array([0])), "as many axes"),
        (lambda x: ops.mean(x, (0, 0)), "named twice"),
        (lambda x: ops.mean(x, (0, -2)), "named twice"),
        (lambda x: x + np.ones(3), "lengths 2 and 3"),
        (lambda x: ops.concatenate([x, np.ones((1, 3))]), "concatenate"),
        (lambda x: ops.maximum(x, np.ones(3)), "maximum"),
    ],
)
def test_errors_say_what_is_wrong(write: Any, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        write(leaf(np.eye(2)))


def test_limits_of_clip_are_constants() -> None:
    limit = leaf(np.array(1.0))
    for write in (
        lambda: ops.clip(np.ones(3), limit, None),
        lambda: ops.clip(leaf(np.ones(3)), None, limit),
    ):
        with pytest.raises(UnsupportedError, match="limits of clip are constants"):
            write()


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (np.array([0, 1, 2]), np.array([1, 2, 3])),
        (np.array([[0], [2]], np.int8), None),
        (None, np.array(2, np.uint16)),
        ([0, 1, 2], 3),
        ([0.5, 0.5, 0.5], [2, 2, 2]),
        (np.array([False, True, False]), 2.5),
    ],
)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_limits_of_clip_take_the_type_of_the_tensor(low: Any, high: Any, dtype: Any) -> None:
    x = np.array([[-1.25, 1.5, 2.25], [0.75, 1.75, 5.5]], dtype)
    for write in (ops.clip, np.clip):
        y = write(leaf(x), low, high)
        listed = dtype == np.float16 and isinstance(low, list) and isinstance(low[0], float)
        assert y.dtype == (np.float32 if listed else dtype)  # lists of floats are float32
        np.testing.assert_array_equal(y.data, np.clip(x.astype(np.float64), low, high))
    if dtype == np.float64:
        check_gradients(lambda x: ops.clip(x, low, high) ** 3, [x])


def test_wider_limits_of_clip_win_and_plain_arrays_are_numpys() -> None:
    x = np.ones(3, np.float32)
    assert ops.clip(leaf(x), np.zeros(3), None).dtype == np.float64
    assert ops.clip(np.arange(3), 0.5, np.array([1.5, 1.5, 1.5])).tolist() == [0.5, 1.0, 1.5]


def test_numbers_take_the_type_of_the_tensor() -> None:
    x = leaf(np.array([1.0, 2.0], np.float32))
    wide = np.float64(0.5)
    for y in (
        ops.maximum(x, 0.5),
        ops.maximum(x, wide),
        ops.minimum([3.0, 4.0], x),
        ops.minimum([3, 4], x),
        ops.where(x > 1, x, wide),
        ops.where([True, False], 1.0, x),
        ops.clip(x, wide, None),
        ops.matmul([[1.0, 2.0]], x),
        ops.dot(x, [1.0, 2.0]),
        ops.inner(x, [1, 2]),
        ops.outer(x, [1, 2]),
        ops.vdot([1, 2], x),
        ops.scatter_add(x, [0], 1.0),
        ops.scatter_add(x, [0], wide),
        ops.concatenate([x, [1.0]]),
        ops.stack([x, [1, 2]]),
        ops.average(x, weights=[1.0, 2.0]),
        ops.pad(x, 1, constant_values=wide),
        ops.norm(x, 3),
        ops.einsum("i,i->", x, [1.0, 2.0]),
        x * np.arange(2),
        x @ np.eye(2, dtype=int),
        x ** np.array([1, 2]),
    ):
        assert isinstance(y, Tensor)
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad is not None
        assert x.grad.dtype == np.float32


def test_two_types_of_floats_meet_in_the_wider_one() -> None:
    x = leaf(np.ones(2, np.float32))
    y = x * np.ones(2)
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32


def test_concatenate_takes_a_tensor_apart() -> None:
    x = leaf(spaced(2, 3))
    found = ops.concatenate(x)
    np.testing.assert_array_equal(found.data, np.concatenate(x.data))
    np.testing.assert_array_equal(np.concatenate(x).data, np.concatenate(x.data))


def test_take_along_axis_of_the_flattened_array() -> None:
    x, order = spaced(2, 3), np.array([5, 0, 0])
    expected = np.take_along_axis(x, order, None)
    np.testing.assert_array_equal(ops.take_along_axis(x, order, None), expected)
    np.testing.assert_array_equal(np.take_along_axis(leaf(x), order, None).data, expected)


def test_scatter_add_loses_nothing() -> None:
    np.testing.assert_array_equal(ops.scatter_add(np.zeros(3, int), [0], 1.5), [1.5, 0, 0])
    added = ops.scatter_add(leaf(np.zeros(3)), pl.tensor([0, 0]), 1.5)
    np.testing.assert_array_equal(added.data, [3, 0, 0])


def test_hyperbolic_functions_are_accurate_near_zero() -> None:
    for name in ("sinh", "arctanh", "tan"):
        found = getattr(ops, name)(np.array(1e-12))
        np.testing.assert_allclose(found, 1e-12, rtol=1e-12)


def test_norm_of_order_zero_counts() -> None:
    assert numbers(ops.norm(leaf(np.array([0.0, 3.0, -1.0])), 0)) == 2
    assert math.isclose(float(ops.norm(np.array([3.0, 4.0]))), 5.0)


def test_every_error_is_ours() -> None:
    with pytest.raises(PellucidError):
        ops.reshape(leaf(spaced(2)), (3,))
    assert pl.errors.ShapeError is ShapeError
