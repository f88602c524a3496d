"""The doctor on a NumPy function of parameters."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4))
Y = RNG.normal(size=(20, 1))


def network(activation, targets=Y):
    def loss(p):
        hidden = activation(X @ p["W1"] + p["b1"])
        predicted = hidden @ p["W2"] + p["b2"]
        return np.mean((predicted - targets) ** 2)

    return loss


def relu(z):
    return np.maximum(0, z)


def columns(p):
    """The same with one sample a column."""
    hidden = np.tanh(p["W1"] @ X.T + p["b1"])
    return np.mean((p["W2"] @ hidden - Y.T) ** 2)


def deep(p):
    a = X
    for i in range(6):
        a = 1 / (1 + np.exp(-(a @ p[f"W{i}"])))
    return np.mean((a - Y) ** 2)


def certain(p):
    q = 1 / (1 + np.exp(-500 * (X @ p["w"])))
    return -np.mean(np.log(q))


def unused(p):
    return np.mean((X @ p["w"]) ** 2)


def parameters(size=0.5, **others):
    rng = np.random.default_rng(1)
    drawn = {
        "W1": size * rng.normal(size=(4, 6)),
        "b1": np.zeros(6),
        "W2": size * rng.normal(size=(6, 1)),
        "b2": np.zeros(1),
    }
    return drawn | others


def transposed(size=0.5):
    rng = np.random.default_rng(1)
    return {
        "W1": size * rng.normal(size=(6, 4)),
        "b1": np.zeros((6, 1)),
        "W2": size * rng.normal(size=(1, 6)),
    }


def stack():
    rng = np.random.default_rng(2)
    sizes = [4, 8, 8, 8, 8, 8, 1]
    return {f"W{i}": 0.3 * rng.normal(size=sizes[i : i + 2]) for i in range(6)}


HEALTHY = {
    "tanh": (network(np.tanh), parameters(), 0.1),
    "relu": (network(relu), parameters(), 0.1),
    "columns": (columns, transposed(), 0.1),
    "logistic, from zero": (
        lambda p: np.mean(np.log(1 + np.exp(-(X @ p["w"])))),
        {"w": np.zeros(4)},
        0.5,
    ),
}

AILING = {
    "all zero": (network(np.tanh), parameters(0.0), {}, "symmetric-units", "W1"),
    "all the same, columns": (
        columns,
        {name: np.full_like(value, 0.5) for name, value in transposed().items()},
        {},
        "symmetric-units",
        "W1",
    ),
    "saturated": (network(np.tanh), parameters(30.0), {}, "saturated-units", "hidden"),
    "dead": (network(relu), parameters(b1=np.full(6, -30.0)), {}, "dead-units", "hidden"),
    "fading": (deep, stack(), {}, "vanishing-gradient", "W0"),
    "log of 0": (certain, {"w": np.ones(4)}, {}, "non-finite", "log"),
    "unused": (unused, {"w": np.ones(4), "v": np.ones(3)}, {}, "untrained-parameter", "v"),
    "rate too high": (network(np.tanh), parameters(), {"lr": 50.0}, "divergence", ""),
    "rate too low": (network(np.tanh), parameters(), {"lr": 1e-6}, "learning-rate-too-low", ""),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_sound_functions_get_no_finding(name):
    function, start, rate = HEALTHY[name]
    assert pl.doctor(function, start, lr=rate).findings == ()


@pytest.mark.parametrize("name", AILING)
def test_what_is_wrong_is_found_first(name):
    function, start, options, code, where = AILING[name]
    found = pl.doctor(function, start, **options).findings[0]
    assert (found.code, found.layer) == (code, where)


def test_findings_name_the_line():
    message = pl.doctor(network(relu), parameters(b1=np.full(6, -30.0))).findings[0].message
    assert "return np.maximum(0, z)" in message


def test_parameters_stay_as_they_were():
    start = parameters()
    pl.doctor(network(np.tanh), start, lr=0.1)
    for name, value in parameters().items():
        np.testing.assert_array_equal(start[name], value)


@pytest.mark.parametrize(
    "option", [{"loss": "mse"}, {"experiments": "all"}, {"validation": (X, Y)}]
)
def test_options_of_networks_are_refused(option):
    with pytest.raises(DataError, match="has its data and its loss in itself"):
        pl.doctor(network(np.tanh), parameters(), **option)


@pytest.mark.parametrize("swapped", [False, True])
def test_every_prediction_beside_every_target(swapped):
    def loss(p):
        predicted = X @ p["w"]
        error = Y[:, 0] - predicted if swapped else predicted - Y[:, 0]
        return np.mean(error**2)

    (found,) = pl.doctor(loss, {"w": np.ones((4, 1))}).alarms
    assert (found.code, found.severity) == ("loss-broadcasts", "critical")
    assert "(20, 20)" in found.message
