"""A recorded number as a plain one: on purpose it is given, on the way to elsewhere refused."""

from __future__ import annotations

import array
import functools
import math
from collections.abc import Callable
from math import exp
from math import sqrt as root
from typing import Any

import numpy as np
import pytest
from helpers.gradients import leaf

import pellucid as pl
from pellucid.errors import UnsupportedError


def recorded() -> Any:
    return leaf(np.array([1.5, 2.0]))[0] ** 2


def _entry(t: Any, o: Any) -> None:
    o[0] = t


def _last(t: Any, o: Any) -> None:
    o[np.int64(-1)] = t * 2


def _two(t: Any, o: Any) -> None:
    o[0], o[1] = t, 1.0


def _added(t: Any, o: Any) -> None:
    o[0] += t


def _whole(t: Any, o: Any) -> None:
    o.astype(int)[0] = t


def _looped(t: Any, o: Any) -> None:
    for i in range(2):
        o[i] = t


@pytest.mark.parametrize("write", [_entry, _last, _two, _added, _whole, _looped])
def test_a_plain_array_does_not_take_in_a_recorded_number(write: Callable[..., None]) -> None:
    plain = np.zeros(2)
    with pytest.raises((UnsupportedError, ValueError)) as caught:
        write(recorded(), plain)
    reason = caught.value if isinstance(caught.value, UnsupportedError) else caught.value.__cause__
    assert isinstance(reason, UnsupportedError)  # NumPy puts an error of its own in front
    assert "a[i] = float(x)" in str(reason)
    assert "np.stack" in str(reason)
    np.testing.assert_array_equal(plain, 0)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda t: math.exp(t), "np.exp(x)"),
        (lambda t: 1 + exp(t) * 2, "np.exp(x)"),
        (lambda t: root(t), "np.sqrt(x)"),
        (lambda t: math.pow(t, 2), "np.power(x)"),
        (lambda t: math.fsum([t, t]), "np.sum(x)"),
        (lambda t: math.floor(t), "np.floor(x)"),
        (lambda t: math.hypot(1.0, t), "np.hypot(x)"),
        (lambda t: [math.exp(x) for x in [t]], "np.exp(x)"),
        (lambda t: list(map(math.exp, [t])), "float(x)"),
        (lambda t: functools.reduce(math.pow, [t, t]), "float(x)"),
        (lambda t: math.exp(*[t]), "float(x)"),
        (lambda t: array.array("d", [t]), "float(x)"),
        (lambda t: (math
                    .exp(t)), "np.exp(x)"),
    ],
)  # fmt: skip
def test_compiled_functions_do_not_take_a_recorded_number(write: Any, says: str) -> None:
    with pytest.raises(UnsupportedError, match="would lose the gradient") as caught:
        write(recorded())
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "write",
    [
        lambda t: np.zeros(2).fill(t),
        lambda t: np.fromiter([t, t], float),
        lambda t: np.full(3, t),
        lambda t: np.array([t, t]),
        lambda t: np.array([[t]]),
        lambda t: np.zeros(2).put(0, t),
        lambda t: np.arange(t),
        lambda t: np.array([t, None]),
        lambda t: np.asarray([t], dtype=object),
    ],
)
def test_arrays_are_not_made_of_recorded_numbers(write: Any) -> None:
    with pytest.raises((UnsupportedError, ValueError)) as caught:
        write(recorded())
    assert isinstance(caught.value, UnsupportedError) or isinstance(
        caught.value.__cause__, UnsupportedError
    )


alias = float


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda t: float(t), 2.25),
        (lambda t: alias(t), 2.25),
        (lambda t: int(t), 2),
        (lambda t: bool(t), True),
        (lambda t: complex(t), 2.25 + 0j),
        (lambda t: f"{t:.2f}", "2.25"),
        (lambda t: "%.1f %d" % (t, t), "2.2 2"),  # noqa: UP031
        (lambda t: "{:.3f}".format(t), "2.250"),  # noqa: UP032
        (lambda t: list(map(float, [t])), [2.25]),
        (lambda t: [float(x) for x in [t]], [2.25]),
        (lambda t: sum(map(float, [t, t])), 4.5),
        (lambda t: math.sqrt(float(t)), 1.5),
        (lambda t: round(float(t), 1), 2.2),
        (lambda t: {"loss": float(t)}, {"loss": 2.25}),
        (lambda t: float(
            t
        ), 2.25),
        (lambda t: math.sqrt(t.detach()), 1.5),
        (lambda t: t.item(), 2.25),
    ],
)  # fmt: skip
def test_asked_for_on_purpose_it_is_given(write: Any, expected: Any) -> None:
    assert write(recorded()) == expected


def test_what_has_no_history_is_a_number_like_any_other() -> None:
    plain = np.zeros(2)
    plain[0] = pl.tensor(np.array(3.0))
    with pl.no_grad():
        plain[1] = recorded()
    assert math.exp(pl.tensor(np.array(0.0))) == 1.0
    np.testing.assert_array_equal(plain, [3.0, 2.25])


def test_rounding_is_recorded_with_slope_zero() -> None:
    t = recorded()
    assert round(t, 1).data == 2.2
    assert round(t).data == 2.0
    assert round(t, 1).requires_grad


def test_numbers_that_were_computed_add_up_in_place() -> None:
    x = leaf(np.array([1.0, 2.0, 3.0]))
    total = x[0] ** 2
    first = total
    total += x[1] ** 2
    total *= x[2]
    total -= 1.0
    total **= 2
    assert first.data == 1.0
    total.backward()
    np.testing.assert_allclose(x.grad, [2 * 14 * 3 * 2, 2 * 14 * 3 * 4, 2 * 14 * 5])


@pytest.mark.parametrize("write", ["x += 1", "x **= 2", "x @= x", "x %= 2", "x[0] = 1"])
def test_arrays_are_refused_in_place_with_what_to_write(write: str) -> None:
    with pytest.raises(UnsupportedError, match="recorded value"):
        exec(write, {"x": leaf(np.eye(2)) * 1.0})


@pytest.mark.parametrize("method", ["fill", "sort", "put", "partition", "resize"])
def test_methods_that_write_say_what_to_write_instead(method: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"x\.{method}\(\) writes .* write x = np\."):
        getattr(leaf(np.ones(3)), method)(0)


def test_methods_that_a_tensor_lacks_say_what_to_use() -> None:
    x = leaf(np.ones(3))
    with pytest.raises(AttributeError, match=r"x\.data\.tobytes\(\)"):
        x.tobytes()
    with pytest.raises(AttributeError, match=r"x\.flatten\(\)"):
        _ = x.flat
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'nothing'"):
        _ = x.nothing
    assert not hasattr(x, "__array_interface__")


# --- complex numbers ------------------------------------------------------------------------------

COMPLEX = [
    lambda x: 1j * x,
    lambda x: x * 1j,
    lambda x: x + np.array([1j, 2.0]),
    lambda x: np.complex64(1j) * x,
    lambda x: x * [1j, 2.0],
    lambda x: x**0.5j,
    lambda x: 1j**x,
    lambda x: np.exp(1j * x),
    lambda x: x @ np.array([1j, 2.0]),
    lambda x: np.dot(np.eye(2) * 1j, x),
    lambda x: np.einsum("i,i", x, np.array([1j, 2.0])),
    lambda x: np.concatenate([x, [1j]]),
    lambda x: np.stack([x, np.array([1j, 2.0])]),
    lambda x: np.where([True, False], x, 1j),
    lambda x: np.pad(x, 1, constant_values=1j),
    lambda x: np.clip(x, 1j, None),
    lambda x: pl.scatter_add(x, 0, 1j),
    lambda x: x.astype(complex),
    lambda x: np.add(x, 1, dtype=complex),
    lambda x: x.backward(np.array([1j, 1.0])),
    lambda x: pl.tensor([1j]),
    lambda x: pl.grad(lambda z: np.sum(np.abs(np.exp(1j * z) + 1) ** 2))(np.array([0.5, 1.0])),
    lambda x: pl.grad(np.sum)(np.array([1j])),
]


@pytest.mark.parametrize("write", COMPLEX)
def test_complex_numbers_are_refused(write: Any) -> None:
    with pytest.raises(pl.errors.DTypeError, match="real and the imaginary part as two arrays"):
        write(leaf(np.array([0.5, 1.0])))


def test_complex_numbers_that_meet_no_tensor_are_nobodys_business() -> None:
    spectrum = np.abs(np.fft.fft(np.arange(4.0)))
    x = leaf(np.ones(4))
    np.sum(x * spectrum).backward()
    np.testing.assert_allclose(x.grad, spectrum)


def test_the_same_in_real_and_imaginary_parts() -> None:
    slope = pl.grad(lambda x: np.sum((np.cos(x) + 1) ** 2 + np.sin(x) ** 2))(np.array([0.5, 1.0]))
    np.testing.assert_allclose(slope, -2 * np.sin([0.5, 1.0]))


def test_roots_of_negative_numbers_are_nan_as_in_numpy() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.sqrt(leaf(np.array(-1.0))).data)
        assert np.isnan((leaf(np.array(-1.0)) ** 0.5).data)


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x * np.array([1.0, 2.0], object),
        lambda x: np.array([1.0, 2.0], object) @ x,
        lambda x: np.concatenate([x, np.array([None])]),
    ],
)
def test_arrays_of_objects_are_refused(write: Any) -> None:
    with pytest.raises(pl.errors.DTypeError, match="dtype object has no derivative"):
        write(leaf(np.array([0.5, 1.0])))
