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
