"""Finite differences against derivatives that are known."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.inspect.checking.differences import difference

FUNCTIONS = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "steep": (lambda x: np.tanh(50 * x), lambda x: 50 / np.cosh(50 * x) ** 2),
    "flat": (lambda x: 0 * x + 3.0, lambda x: 0 * x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_known_derivatives(name: str) -> None:
    function, slope = FUNCTIONS[name]
    x = np.array([-1.3, -0.02, 0.0, 0.4, 2.1])
    found = difference(
        lambda p: float(np.sum(function(p["x"]))), {"x": x}, rng=np.random.default_rng(0)
    )["x"]
    off = np.abs(found.values - slope(x))
    assert np.all(off <= 20 * found.errors + 1e-8 * (1 + np.abs(slope(x))))
    assert np.all(off <= 1e-5 * (1 + np.abs(slope(x))))


def test_kinks_are_noticed_where_they_are() -> None:
    x = np.array([-0.5, 0.0, 1e-4, 0.7])
    found = difference(
        lambda p: float(np.sum(np.abs(p["x"]))), {"x": x}, rng=np.random.default_rng(0)
    )["x"]
    assert found.kinks.tolist() == [False, True, False, False]
    assert found.low[1] == pytest.approx(-1, abs=1e-6)
    assert found.high[1] == pytest.approx(1, abs=1e-6)
    assert found.values[[0, 2, 3]] == pytest.approx([-1, 1, 1])


def test_the_parameters_are_put_back() -> None:
    x = np.array([0.1, 0.2])
    difference(lambda p: float(np.sum(p["x"] ** 2)), {"x": x}, rng=np.random.default_rng(0))
    assert x.tolist() == [0.1, 0.2]


SMOOTH = {
    "square at its minimum": (lambda x: np.sum(x**2), 0.0, 0.0),
    "steep square": (lambda x: 1e4 * np.sum(x**2) + 5, 0.0, 0.0),
    "cube at 0": (lambda x: np.sum(x**3) + 5, 0.0, 0.0),
    "fourth power at 0": (lambda x: 1e3 * np.sum(x**4) + 5, 0.0, 0.0),
    "maximum of a bell": (lambda x: np.exp(-(x**2)), 0.0, 0.0),
    "saddle": (lambda x: x**2 * (x - 1) ** 3 + 2, 1.0, 0.0),
    "on a large number": (lambda x: 1e6 + np.sin(x), 0.3, float(np.cos(0.3))),
    "a tiny slope on a large number": (lambda x: 1e6 + 1e-3 * np.sin(x), 0.3, 1e-3 * np.cos(0.3)),
    "what is left of large numbers": (lambda x: (1e6 + np.sin(x)) - 1e6, 0.3, float(np.cos(0.3))),
    "their minimum": (lambda x: (1e6 + x**2) - 1e6, 0.0, 0.0),
    "steps of rounding": (lambda x: (1e10 + 1e-3 * x) - 1e10, 0.3, 1e-3),
    "a tiny loss": (lambda x: 1e-12 * np.sin(x), 0.3, 1e-12 * np.cos(0.3)),
    "very curved": (lambda x: np.sin(1e4 * x), 0.3, 1e4 * np.cos(3e3)),
    "very curved at its minimum": (lambda x: 1 - np.cos(1e3 * x), 0.0, 0.0),
    "softplus": (lambda x: np.logaddexp(0, x), 0.0, 0.5),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_no_kink_where_the_loss_is_smooth(name: str) -> None:
    function, at, slope = SMOOTH[name]
    found = difference(
        lambda p: float(function(p["x"][0])), {"x": np.array([at])}, rng=np.random.default_rng(0)
    )["x"]
    assert not found.kinks.any()
    assert abs(found.values[0] - slope) <= 10 * found.errors[0] + 1e-12 * abs(slope)
    if name not in ("steps of rounding", "very curved at its minimum"):
        assert found.errors[0] <= 2e-3 * abs(slope) + 1e-6


KINKED = {
    "absolute value": (lambda x: abs(x), -1, 1),
    "on a large number": (lambda x: 1e5 + abs(x), -1, 1),
    "within a curvature": (lambda x: 1e3 * x**2 + 0.2 * abs(x), -0.2, 0.2),
    "ReLU": (lambda x: max(0.0, x) + 3 * x, 3, 4),
    "a small one": (lambda x: np.cos(x) + 1e-3 * abs(x), -1e-3, 1e-3),
    "tie of a maximum": (lambda x: max(np.exp(x), 1 - x), -1, 1),
}


@pytest.mark.parametrize("name", KINKED)
def test_kinks_within_curvature_and_on_large_numbers(name: str) -> None:
    function, low, high = KINKED[name]
    found = difference(
        lambda p: float(function(p["x"][0])), {"x": np.zeros(1)}, rng=np.random.default_rng(0)
    )["x"]
    assert found.kinks.tolist() == [True]
    assert found.low[0] == pytest.approx(low, abs=5e-3 * (high - low) + 1e-3 * abs(low))
    assert found.high[0] == pytest.approx(high, abs=5e-3 * (high - low) + 1e-3 * abs(high))
