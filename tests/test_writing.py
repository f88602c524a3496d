"""Functions that fill arrays are differentiated, against finite differences, twice over.

The functions stand here as learners write them; NumPy runs them on plain arrays as they are.
"""

from __future__ import annotations

import math
import threading
from math import exp
from typing import Any

import numpy as np
import pytest
from helpers.gradients import leaf

import pellucid as pl
from pellucid.errors import UnsupportedError
from pellucid.writable import Writable
from pellucid.writing import writes_into_arrays

W = np.array([0.5, 1.2, -0.7])


def entries(w: Any) -> Any:
    o = np.zeros(2)
    o[0] = w[0] ** 2
    o[1] = w[1] * w[2]
    return o.sum()


def recurrence(w: Any) -> Any:
    h = np.zeros((4, 3))
    h[0] = np.tanh(w)
    for t in range(1, 4):
        h[t] = np.tanh(h[t - 1] * w + h[t - 1].sum())
    return np.sum(h**2)


def mask(w: Any) -> Any:
    z = w * 2
    z[z < 0] = 0.1
    return np.sum(z**3)


def accumulator(w: Any) -> Any:
    total = np.zeros(3)
    for i in range(3):
        total += w * w[i]
    return np.sum(total**2)


def array_of_numbers(w: Any) -> Any:
    a = np.array([[w[0], w[1] * w[2]], [1.0, w[2]]])
    return np.sum(a @ a)


def mathematics(w: Any) -> Any:
    return math.exp(w[0]) * exp(w[1]) + math.sqrt(w[0]) + math.pow(w[1], 2)


def like(w: Any) -> Any:
    o = np.empty_like(w)
    for i in range(3):
        o[i] = w[i] ** 2
        o[i] += w[0]
    return np.dot(o, w)


def filled(w: Any) -> Any:
    o = np.full(3, w[0])
    o[1:] *= w[1:]
    p = np.zeros(3)
    p.fill(w[1])
    return np.sum(o * o * p)


def views(w: Any) -> Any:
    M = np.zeros((2, 3))
    row = M[0]
    row[:] = w
    M.T[1] = w[:2]
    flat = M.reshape(-1)
    flat[5] = w[0] * 2
    return np.sum(M**3)


def seen_through_a_view(w: Any) -> Any:
    o = np.zeros(3)
    view = o[:2]
    o[0] = w[0]
    before = view.sum()
    o[0] = w[1] * 3
    return before * view[0]


def copied(w: Any) -> Any:
    o = np.ones(3) * w
    kept, flat = o.copy(), o.flatten()
    o[0] = 7.0
    flat[1] = 5.0
    return np.sum(kept * o) + np.sum(flat)


def twice_the_same_place(w: Any) -> Any:
    o = np.zeros(3)
    o[[0, 0, 2]] = w
    return np.sum(o**2 * np.arange(1, 4))


def list_of_losses(w: Any) -> Any:
    losses = []
    for i in range(3):
        losses.append((w[i] - 1) ** 2)
    return np.mean(losses) + np.sum([w[0] * w[1], w[2]])


def helper(a: Any, i: int) -> Any:
    a[i] = a[i - 1] * 2 if i else a[i]
    return a


def by_a_helper(w: Any) -> Any:
    a = np.ones(3) * w
    for i in range(3):
        a = helper(a, i)
    return a.sum() * w[0]


def into_the_argument(w: Any) -> Any:
    w[0] = 3.0
    w[1] *= 2
    return np.sum(w**2)


def plain_numbers_beside(w: Any) -> Any:
    c = np.zeros((3, 3))
    inverse = np.linalg.inv(np.eye(3) + c)
    c[np.diag_indices(3)] = w
    count = np.zeros(3, int)
    count[1] += 2
    return np.trace(c @ c @ inverse) * count[1]


def generator(w: Any) -> Any:
    return np.fromiter((x**2 for x in w), float).sum()


class Layer:
    def forward(self, w: Any) -> Any:
        self.out = np.zeros(3)
        for i in range(3):
            self.out[i] = np.tanh(w[i])
        return self.out


layer = Layer()


def object_with_methods(w: Any) -> Any:
    return np.sum(layer.forward(w) ** 2)


FUNCTIONS = [
    entries, recurrence, mask, accumulator, array_of_numbers, mathematics, like, filled, views,
    seen_through_a_view, copied, twice_the_same_place, list_of_losses, by_a_helper,
    into_the_argument, plain_numbers_beside, generator, object_with_methods,
]  # fmt: skip


def slopes(function: Any, at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    units = np.eye(at.size) * step
    return np.array([(function(at + e) - function(at - e)) / (2 * step) for e in units])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradients_of_functions_that_fill_arrays(function: Any) -> None:
    w = W.copy()
    value, gradient = pl.value_and_grad(function)(w)
    np.testing.assert_array_equal(w, W)
    np.testing.assert_allclose(value, function(W.copy()), rtol=1e-12)
    np.testing.assert_allclose(gradient, slopes(function, W), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_second_derivatives(function: Any) -> None:
    found = pl.hessian(function)(W)
    expected = slopes(lambda x: pl.grad(function)(x), W)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    vector = np.array([1.0, -2.0, 0.5])
    product = pl.hessian_vector_product(function, W, vector)
    np.testing.assert_allclose(product, found @ vector, rtol=1e-10, atol=1e-10)


def test_a_jacobian() -> None:
    def running(w: Any) -> Any:
        o = np.zeros(3)
        for i in range(3):
            o[i] = w[i] * (o[i - 1] if i else 1.0)
        return o

    expected = slopes(running, W).T
    np.testing.assert_allclose(pl.jacobian(running)(W), expected, rtol=1e-8, atol=1e-10)


def test_float32_stays_float32() -> None:
    def like_its_argument(w: Any) -> Any:
        o = np.zeros_like(w)
        o[1:] = w[:-1] ** 2
        return o.sum()

    value, gradient = pl.value_and_grad(like_its_argument)(W.astype(np.float32))
    assert value.dtype == gradient.dtype == np.float32


def test_a_network_beside_an_array_that_changes_later() -> None:
    """A Tensor from outside remembers the array as it was when they met."""
    factor = leaf(np.array([1.0, 2.0, 3.0]))

    def function(w: Any) -> Any:
        h = np.zeros(3)
        h[:] = w
        met = np.sum(factor * h)
        h[:] = 100.0
        return met

    np.testing.assert_array_equal(np.asarray(pl.grad(function)(W).data), [1.0, 2.0, 3.0])


def test_names_are_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    numpy_before, exp_before = np, exp

    def raises(w: Any) -> Any:
        o = np.zeros(1)
        o[0] = w[0]
        raise KeyError("mine")

    with pytest.raises(KeyError):
        pl.grad(raises)(W)
    pl.grad(entries)(W)
    assert np is numpy_before
    assert exp is exp_before
    assert type(np.zeros(2)) is np.ndarray


def test_other_threads_see_plain_numpy() -> None:
    seen: list[Any] = []

    def look() -> None:
        seen.append(type(np.zeros(2)))
        seen.append(math.exp(0.0))

    def function(w: Any) -> Any:
        o = np.zeros(2)
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        o[0] = w[0]
        return o.sum()

    np.testing.assert_array_equal(pl.grad(function)(W), [1, 0, 0])
    assert seen == [np.ndarray, 1.0]


def test_functions_that_write_into_nothing_are_run_as_they_are() -> None:
    def plain(w: Any) -> Any:
        assert not isinstance(w, Writable)
        return np.sum(np.exp(w) @ np.ones(3))

    assert not writes_into_arrays(plain)
    assert all(writes_into_arrays(f) for f in FUNCTIONS)
    np.testing.assert_allclose(pl.grad(plain)(W), np.exp(W))


def test_without_grad_the_refusal_says_what_to_write() -> None:
    w = leaf(W)
    with pytest.raises(ValueError, match="sequence") as caught:
        entries(w)
    assert isinstance(caught.value.__cause__, UnsupportedError)
    assert "pl.grad" in str(caught.value.__cause__)


def test_what_grad_cannot_record_is_refused_by_its_own_name() -> None:
    def hidden(w: Any) -> Any:
        import numpy as other

        o = other.zeros(2)
        o[0] = w[0]
        return o.sum()

    with pytest.raises(UnsupportedError, match="would lose its gradient"):
        pl.grad(hidden)(W)
