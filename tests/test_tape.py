"""The tape: depth, accumulation, freeing, what backward promises about gradients."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest
from helpers.gradients import leaf

import pellucid as pl
from pellucid import ops, tape
from pellucid import primitives as p
from pellucid.errors import GradientError, ShapeError
from pellucid.tensor import Tensor


def chain(length: int) -> tuple[Tensor, Tensor]:
    x = leaf(np.array(1.0))
    y = x
    for _ in range(length):
        y = p.add(y, 1.0)
    return x, y


def test_a_hundred_thousand_calls_deep() -> None:
    x, y = chain(100_000)
    y.backward()
    assert y.item() == 100_001
    assert x.grad == 1
    ghost = weakref.ref(y)
    del y
    assert ghost() is None


def test_a_derivative_that_is_recorded_can_be_deep_too() -> None:
    x = leaf(np.array(0.5))
    y = x
    for _ in range(5_000):
        y = p.sin(y)
    (slope,) = pl.gradients(y, [x], create_graph=True)
    (curvature,) = pl.gradients(slope, [x])
    assert np.isfinite(curvature)
    del y, slope


@pytest.mark.slow
def test_a_million_calls_deep() -> None:
    x, y = chain(1_000_000)
    y.backward()
    assert x.grad == 1
    del y


def test_a_wide_graph() -> None:
    x = leaf(np.array(2.0))
    total = ops.stack([x * float(i) for i in range(2_000)]).sum()
    total.backward()
    assert x.grad == sum(range(2_000))


def test_a_value_used_twice_receives_both_gradients() -> None:
    x = leaf(np.array([1.0, 3.0]))
    (x * x + x).sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 7])


def test_a_diamond() -> None:
    x = leaf(np.array(3.0))
    y = x * 2
    left, right = y * y, y + 1
    (left * right + y).backward()
    # f = 4x²(2x + 1) + 2x, f′ = 24x² + 8x + 2
    assert x.grad == 24 * 9 + 24 + 2


def test_many_diamonds_are_walked_once() -> None:
    x = leaf(np.array(1.0))
    y = x
    for _ in range(60):  # 2⁶⁰ paths
        y = (y + y) * 0.5
    y.backward()
    assert x.grad == 1


def test_an_intermediate_value_that_was_used_later_too() -> None:
    x = leaf(np.array(2.0))
    y = x * x
    a = y * 3
    b = p.exp(y * 0.0)
    (a * b + y).backward()
    assert x.grad == pytest.approx(2 * 2 * 3 + 4)


def test_repeated_backward_accumulates() -> None:
    x = leaf(np.array([1.0, 2.0], np.float32))
    y = (x * x).sum()
    y.backward()
    first = x.grad
    y.backward()
    np.testing.assert_array_equal(x.grad, [4, 8])
    assert first is not None
    np.testing.assert_array_equal(first, [2, 4])  # rebound, not written into
    x.zero_grad()
    assert x.grad is None


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_gradients_are_plain_arrays(shape: tuple[int, ...]) -> None:
    x = leaf(np.ones(shape, np.float32))
    for _ in range(2):
        (x * x).sum().backward()
        assert type(x.grad) is np.ndarray
        assert x.grad.shape == shape
        assert x.grad.dtype == np.float32
    for found in (pl.gradients((x * x).sum(), [x])[0], pl.grad(lambda t: (t * t).sum())(x.data)):
        assert type(found) is np.ndarray
        assert found.shape == shape


def test_backward_of_a_leaf() -> None:
    x = leaf(np.array(2.0))
    x.backward()
    assert x.grad == 1
    start = np.array(5.0)
    x.backward(start)
    assert x.grad == 6
    assert start == 5


def test_backward_needs_a_single_number() -> None:
    x = leaf(np.ones(3))
    with pytest.raises(GradientError, match=r"shape \(3,\).*sum or average"):
        (x * 2).backward()
    with pytest.raises(ShapeError, match=r"\(2,\).*\(3,\)"):
        (x * 2).backward(np.ones(2))
    (x * 2).backward([1, 2, 3])
    np.testing.assert_array_equal(x.grad, [2, 4, 6])
    (x * 2).backward(pl.tensor([1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(x.grad, [4, 4, 6])


def test_a_value_of_one_entry_is_a_single_number() -> None:
    x = leaf(np.ones((1, 1)))
    (x * 3).backward()
    np.testing.assert_array_equal(x.grad, [[3]])


def test_backward_without_history() -> None:
    with pytest.raises(GradientError, match="no history"):
        (pl.tensor([1.0]) * 2).backward()
    x = leaf(np.ones(1))
    with pl.no_grad():
        y = x * 2
    with pytest.raises(GradientError, match=r"no_grad\(\)"):
        y.backward()
    assert x.grad is None


# --- who owns the gradients -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        lambda x, y: (x + y).sum(),
        lambda x, y: (x + y + x).sum(),
        lambda x, y: ops.concatenate([x, y]).sum(),
        lambda x, y: ops.stack([x, y]).sum(),
        lambda x, y: (p.identity(x) + p.identity(y)).sum(),
        lambda x, y: (x.T + y.T).sum(),
        lambda x, y: (x.reshape(4) + y.reshape(4)).sum(),
        lambda x, y: (x[::-1] + y[:, ::-1]).sum(),
        lambda x, y: ops.einsum("ij->ji", x).sum() + y.sum(),
        lambda x, y: p.where(np.eye(2, dtype=bool), x, y).sum(),
        lambda x, y: ops.maximum(x, y).sum(),
        lambda x, y: (x - y).sum(),
    ],
)
def test_leaves_own_their_gradients(loss: Any) -> None:
    x, y = leaf(np.ones((2, 2))), leaf(np.full((2, 2), 3.0))
    loss(x, y).backward()
    assert x.grad is not None
    assert y.grad is not None
    assert x.grad.flags.owndata
    assert y.grad.flags.owndata
    assert x.grad.flags.writeable
    assert not np.shares_memory(x.grad, y.grad)
    assert not np.shares_memory(x.grad, x.data)
    before = y.grad.copy()
    x.grad[...] = 100
    np.testing.assert_array_equal(y.grad, before)


def test_the_starting_gradient_is_not_taken_over() -> None:
    start = np.ones(3)
    x, y = leaf(np.zeros(3)), leaf(np.zeros(3))
    (x + y).backward(start)
    assert x.grad is not None
    x.grad[0] = 7
    np.testing.assert_array_equal(start, np.ones(3))
    np.testing.assert_array_equal(y.grad, np.ones(3))


def test_only_leaves_that_want_one_get_a_gradient() -> None:
    x, constant = leaf(np.ones(2)), pl.tensor([1.0, 2.0], np.float64)
    y = x * constant
    y.sum().backward()
    assert y.grad is None
    assert constant.grad is None
    np.testing.assert_array_equal(x.grad, [1, 2])


def test_a_gradient_has_the_type_of_its_value() -> None:
    narrow, wide = leaf(np.ones(2, np.float32)), leaf(np.ones(2))
    (narrow * wide).sum().backward()
    assert narrow.grad is not None
    assert wide.grad is not None
    assert (narrow.grad.dtype, wide.grad.dtype) == (np.float32, np.float64)


# --- recording on and off -------------------------------------------------------------------------


def test_no_grad_and_enable_grad() -> None:
    x = leaf(np.ones(2))
    assert tape.is_recording()
    with pl.no_grad():
        assert not tape.is_recording()
        assert not (x * 2).requires_grad
        assert (x * 2).producer is None
        with pl.enable_grad():
            assert (x * 2).requires_grad
        assert not tape.is_recording()
    assert (x * 2).requires_grad


def test_no_grad_as_decorator() -> None:
    x = leaf(np.ones(2))

    @pl.no_grad()
    def evaluated(factor: float) -> Tensor:
        """Docstring."""
        return x * factor

    for _ in range(2):  # a decorated function can be called again
        assert not evaluated(2.0).requires_grad
    assert tape.is_recording()
    assert evaluated.__name__ == "evaluated"
    assert pl.enable_grad()(lambda: (x * 2).requires_grad)()


def test_recording_is_back_after_an_error() -> None:
    with pytest.raises(KeyError), pl.no_grad():
        raise KeyError
    assert tape.is_recording()


def test_recording_is_switched_for_one_thread_only() -> None:
    seen: list[bool] = []
    inside, looked = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait(10)
        seen.append(tape.is_recording())
        looked.set()

    thread = threading.Thread(target=other)
    thread.start()
    with pl.no_grad():
        inside.set()
        assert looked.wait(10)
    thread.join()
    assert seen == [True]


def test_threads_can_differentiate_at_once() -> None:
    results: list[float] = []

    def work(k: int) -> None:
        x = leaf(np.array(float(k)))
        y = x
        for _ in range(200):
            y = y + x
        y.backward()
        results.append(float(x.grad))  # type: ignore[arg-type]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [201.0] * 4


def test_detach() -> None:
    x = leaf(np.array([2.0]))
    y = x * 3
    cut = y.detach()
    assert cut.producer is None
    assert not cut.requires_grad
    assert np.shares_memory(cut.data, y.data)
    (cut * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [6])


def test_nothing_is_recorded_without_need() -> None:
    assert (pl.tensor([1.0]) * 2).producer is None
    assert not isinstance(p.exp(np.ones(2)), Tensor)


# --- freeing --------------------------------------------------------------------------------------


def test_the_graph_is_freed_with_the_loss_without_the_collector() -> None:
    gc.disable()
    try:
        x = leaf(np.ones(3))
        hidden = p.exp(x * 2)
        ghosts = [weakref.ref(hidden)]
        loss = (hidden * hidden).sum()
        ghosts.append(weakref.ref(loss))
        del hidden
        loss.backward()
        assert ghosts[0]() is not None
        del loss
        assert [g() for g in ghosts] == [None, None]
    finally:
        gc.enable()


def test_a_recorded_gradient_is_freed_too() -> None:
    gc.disable()
    try:
        x = leaf(np.ones(3))
        y = (x**3).sum()
        (slope,) = pl.gradients(y, [x], create_graph=True)
        penalty = (slope * slope).sum()
        penalty.backward()
        ghosts = [weakref.ref(v) for v in (y, slope, penalty)]
        del y, slope, penalty
        assert [g() for g in ghosts] == [None] * 3
    finally:
        gc.enable()


# --- walking it -----------------------------------------------------------------------------------


def test_visit_sees_each_value_with_its_complete_gradient_newest_first() -> None:
    x = leaf(np.array(3.0))
    y = x * x
    z = y + y
    seen: list[tuple[str, float]] = []

    def visit(value: Any, gradient: Any) -> None:
        seen.append((value.producer.primitive.name, float(gradient)))

    found = tape.backpropagate(z, np.ones_like(z.data), visit=visit)
    assert seen == [("add", 1.0), ("multiply", 2.0)]
    assert [float(g) for _, g in found.values()] == [12.0]


def test_producers_say_what_they_are() -> None:
    y = leaf(np.ones(2)) * 2
    assert y.producer is not None
    assert "multiply of 2 inputs" in repr(y.producer)
    assert y.producer.attributes == {}
