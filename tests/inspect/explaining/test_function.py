"""Explanations of a NumPy function of parameters."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.printed_arithmetic import check_tables, check_workings

import pellucid as pl
from pellucid.errors import DataError

X = np.array([[0, 1], [1, 1], [1, 0]])
Y = np.array([[1.0], [0.0], [1.0]])


def squared_error(p):
    hidden = np.tanh(X @ p["W1"] + p["b1"])
    out = hidden @ p["W2"]
    return 0.5 * np.mean((out - Y) ** 2)


def logistic(p):
    z = np.dot(X, p["w"])
    q = 1 / (1 + np.exp(-z))
    return -np.sum(Y[:, 0] * np.log(q) + (1 - Y[:, 0]) * np.log(1 - q))


def loop(p):
    total = 0.0
    for x, y in zip(X, Y, strict=True):
        a = np.tanh(np.dot(x, p["w"]))
        total = total + (a - y[0]) ** 2
    return total / 3


RNG = np.random.default_rng(0)
CASES = {
    "matrices": (
        squared_error,
        {"W1": RNG.normal(size=(2, 3)), "b1": np.zeros(3), "W2": RNG.normal(size=(3, 1))},
    ),
    "vectors": (logistic, {"w": np.array([0.3, -0.7])}),
    "a loop": (loop, {"w": np.array([0.3, -0.7])}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_of_the_function(name):
    function, parameters = CASES[name]
    explanation = pl.explain(function, parameters, optimizer="sgd", lr=0.5)
    value, gradient = pl.value_and_grad(function)(parameters)
    assert explanation.program.results["loss"].value == value
    for key, expected in gradient.items():
        np.testing.assert_array_equal(explanation.program.gradient(key).value, expected)
    shown = list(explanation.quantities())
    assert shown
    for quantity in shown:
        if quantity.variable is not None and quantity.index is not None and not quantity.statistic:
            assert quantity.value == float(quantity.variable.value[quantity.index])


@pytest.mark.parametrize("name", CASES)
def test_the_printed_arithmetic_holds(name):
    function, parameters = CASES[name]
    explanation = pl.explain(function, parameters, optimizer="sgd", lr=0.5)
    assert check_workings(explanation) > 3
    check_tables(explanation)


def test_values_and_lines_are_those_of_the_code():
    text = pl.explain(*CASES["matrices"]).text()
    assert 'hidden = np.tanh(X @ p["W1"] + p["b1"])' in text
    assert "out = hidden W₂" in text
    assert "∂L/∂W₂ = hiddenᵀ ∂L/∂out" in text
    assert "∂L/∂W₁ = Xᵀ ∂L/∂" in text


def test_a_value_has_one_name_in_all_sections():
    text = pl.explain(*CASES["a loop"]).text(full=True)
    forward, _, backward = text.partition("BACKWARD")
    for name in ("a⁽²⁾", "a⁽³⁾", "total⁽²⁾"):
        assert f"{name} = " in forward
        assert f"∂L/∂{name} = " in backward


@pytest.mark.parametrize("writer", ["html", "markdown"])
def test_it_is_written_in_every_form(writer):
    page = getattr(pl.explain(*CASES["vectors"]), writer)()
    assert "q = 1 / (1 + np.exp(-z))" in page


@pytest.mark.parametrize("option", [{"target": 1}, {"layer": "0"}, {"unit": 1}])
def test_options_of_networks_are_refused(option):
    with pytest.raises(DataError, match="function of parameters"):
        pl.explain(*CASES["vectors"], **option)
