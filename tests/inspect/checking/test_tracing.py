"""Code that fills arrays is recorded as it stands, with the right gradient."""

from __future__ import annotations

import math

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import UnsupportedError
from pellucid.inspect.checking.tracing import trace_loss

X = np.random.default_rng(0).normal(size=(4, 3))


def filled(p):
    h = np.zeros((5, 2))
    for t in range(4):
        h[t + 1] = np.tanh(X[t] @ p["W"] + 0.5 * h[t])
    return np.sum(h**2)


def added_up(p):
    out = np.zeros((3, 2))
    for i in range(2):
        out += X[i : i + 3] @ p["W"]
    out[0] *= 2.0
    return np.mean(out**3)


def through_a_view(p):
    out = np.zeros((2, 4, 2))
    out[1][...] = X @ p["W"]
    out[1][2] = 0.0
    return np.sum(out**2)


def as_a_float(p):
    total = 0.0
    for row in X @ p["W"]:
        total += math.exp(float(row[0])) + row[1].item() ** 2
    return float(total)


def float_as_a_type(p):
    z = X @ p["W"]
    assert isinstance(0.5, float)
    assert not isinstance(1, float)
    return np.sum(z * (z > 0).astype(float) + np.zeros(2, dtype=float))


def joined_lists(p):
    rows = [np.sin(x @ p["W"]) for x in X]
    return np.sum(np.array(rows) ** 2) + np.mean([r[0] for r in rows])


def labels(p):
    scores = X @ p["W"]
    y = np.zeros((4, 2))
    y[np.arange(4), [0, 1, 1, 0]] = 1
    e = np.exp(scores)
    return -np.sum(y * np.log(e / e.sum(axis=1, keepdims=True)))


@pytest.mark.parametrize(
    "function",
    [filled, added_up, through_a_view, as_a_float, float_as_a_type, joined_lists, labels],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_gradients_of_code_that_fills_arrays(function) -> None:
    W = np.random.default_rng(1).normal(size=(3, 2))
    trace = trace_loss(function, {"W": W})
    assert trace.output.item() == pytest.approx(float(function({"W": W})), rel=1e-13)
    (slope,) = pl.gradients(trace.output, [trace.parameters["W"]])
    h = 1e-6
    for i in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[i] += h
        down[i] -= h
        difference = (float(function({"W": up})) - float(function({"W": down}))) / (2 * h)
        assert slope[i] == pytest.approx(difference, rel=1e-6, abs=1e-8)


def test_the_modules_are_as_before() -> None:
    before = dict(globals())
    trace_loss(filled, {"W": np.ones((3, 2))})
    assert globals().keys() == before.keys()
    assert all(globals()[name] is value for name, value in before.items())


def test_what_left_the_recorded_values_is_said() -> None:
    with pytest.raises(UnsupportedError, match="plain"):
        trace_loss(lambda p: float(p["W"].data.sum()), {"W": np.ones(2)})


def methods_of_data(p):
    return np.sum(X.dot(p["W"]) ** 2) + np.sum(X[1:3].dot(p["W"]))


def numbers_are_not_views(p):
    total = 0.0
    for j in range(2):
        z = p["W"][0, j]
        for i in range(1, 3):
            z += p["W"][i, j] * float(i)
        same = z
        z += 1.0
        total += z * same
    return total


def constant_masks(p):
    scores = p["W"].T @ p["W"]
    return np.sum(np.exp(scores + np.triu(np.full((2, 2), -9.0), 1)))


@pytest.mark.parametrize(
    "function", [methods_of_data, numbers_are_not_views, constant_masks], ids=lambda f: f.__name__
)
def test_gradients_of_code_in_other_styles(function) -> None:
    test_gradients_of_code_that_fills_arrays(function)
    assert type(X) is np.ndarray


def test_data_in_containers_and_closures() -> None:
    data = {"x": [X.copy()]}
    trace = trace_loss(lambda p: np.sum(data["x"][0].dot(p["W"])), {"W": np.ones((3, 2))})
    assert trace.output.item() == pytest.approx(2 * X.sum())
    assert type(data["x"][0]) is np.ndarray
