"""A prediction that meets every target is warned of; broadcasting that is meant is not."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import pellucid as pl

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3))
y = X @ np.array([1.0, -2, 0.5]) + 3
t = (y > 3).astype(float)
column, row = {"w": RNG.normal(size=(3, 1))}, {"w": RNG.normal(size=3)}
Y = RNG.normal(size=(8, 8))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def column_minus_vector(p):
    return np.mean((X @ p["w"] - y) ** 2)


def vector_minus_column(p):
    prediction = X @ p["w"]
    return np.sum((prediction - y.reshape(-1, 1)) ** 2)


def target_first(p):
    return np.mean(np.square(y - X @ p["w"]))


def row_minus_column(p):
    prediction = (X @ p["w"]).T
    return np.mean(np.mean((prediction - y[:, None]) ** 2, axis=1))


def absolute_error(p):
    error = np.abs(X @ p["w"] - y)
    return error.sum() / 8


def root_mean_squared(p):
    return np.sqrt(np.mean((X @ p["w"] - y) ** 2))


def with_a_penalty(p):
    return np.mean((X @ p["w"] - y) ** 2) + 0.1 * np.sum(p["w"] ** 2)


def cross_entropy(p):
    a = sigmoid(X @ p["w"])
    return -np.mean(t * np.log(a) + (1 - t) * np.log(1 - a))


def matrix_product(p):
    a = sigmoid(p["w"].T @ X.T)
    return -np.sum(np.dot(t.reshape(1, -1).T, np.log(a))) / 8


def hinge(p):
    return np.mean(np.maximum(0, 1 - (2 * t - 1) * (X @ p["w"])))


def huber(p):
    e = X @ p["w"] - y
    return np.mean(np.where(np.abs(e) < 1, 0.5 * e * e, np.abs(e) - 0.5))


WARNED = [
    (column_minus_vector, column), (vector_minus_column, row), (target_first, column),
    (row_minus_column, column), (absolute_error, column), (root_mean_squared, column),
    (with_a_penalty, column), (cross_entropy, column), (matrix_product, column),
    (hinge, column), (huber, column),
]  # fmt: skip


def report_of(loss, parameters):
    """The report on the gradients that are the loss's own, by differences."""
    given = {name: np.array(value) for name, value in parameters.items()}
    slopes = {name: np.zeros_like(value) for name, value in given.items()}
    for name, value in given.items():
        for index in np.ndindex(value.shape):
            at = []
            for shift in (1e-6, -1e-6):
                moved = {n: v.copy() for n, v in given.items()}
                moved[name][index] += shift
                at.append(float(loss(moved)))
            slopes[name][index] = (at[0] - at[1]) / 2e-6
    return pl.check_gradients(loss, given, slopes, tolerance=1e-4)


@pytest.mark.parametrize(("loss", "parameters"), WARNED, ids=lambda v: getattr(v, "__name__", ""))
def test_every_prediction_meets_every_target(loss, parameters) -> None:
    report = report_of(loss, parameters)
    assert report.right
    assert len(report.warnings) == 1
    said = report.warnings[0]
    lines, first = inspect.getsourcelines(loss)
    number = int(said.partition(" in line ")[2].split()[0])
    assert first <= number < first + len(lines)
    assert "(8, 8)" in said
    assert "suspicious" in report.headline()
    assert report.to_dict()["warnings"] == [said]


def test_what_the_warning_says() -> None:
    (said,) = report_of(column_minus_vector, column).warnings
    assert said.startswith('X @ p["w"] - y in line ')
    assert said.endswith("Give both one shape: y.reshape(8, 1)")
    (said,) = report_of(matrix_product, column).warnings
    assert said.endswith("Multiply entry by entry instead: t.reshape(1, -1) * np.log(a)")


def bias_in_a_row(p):
    return np.mean((X[:3] @ p["W"] + p["b"] - Y[:3, :3]) ** 2)


def weights_per_column(p):
    return np.mean((X @ p["W"] - Y[:, :3]) ** 2 * np.array([1.0, 2, 3]))


def softmax(p):
    z = X @ p["W"]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return -np.mean(np.log((e / e.sum(axis=1, keepdims=True))[np.arange(8), t.astype(int)]))


def normalised(p):
    z = X @ p["W"]
    return np.mean(((z - z.mean(0)) / np.sqrt(z.var(0) + 1e-3) - Y[:, :3]) ** 2)


def pairwise_distances(p):
    z = X @ p["W"]
    return np.mean((((z[:, None] - z[None]) ** 2).sum(-1) - Y) ** 2)


def pairs_on_purpose(p):
    score = (X @ p["W"])[:, 0]
    return np.mean((score[:, None] - y[None, :]) ** 2)


def radial_basis(p):
    hidden = np.exp(-((y[:, None] - p["c"]) ** 2))  # as many centres as samples
    return np.mean((hidden @ p["v"] - y) ** 2)


def one_input_feature(p):
    hidden = np.maximum(0, y[:, None] * p["c"])  # as many units as samples
    return np.mean((hidden @ p["v"] - y) ** 2)


def outer_product_of_its_own_target(p):
    return np.sum((y[:, None] * p["c"] - Y) ** 2)


def thresholds(p):
    return np.mean(np.log(1 + np.exp(y[:, None] - p["c"][:5])))


def same_shapes(p):
    return np.mean((X @ p["W"][:, :1] - y.reshape(-1, 1)) ** 2)


MEANT = [
    bias_in_a_row, weights_per_column, softmax, normalised, pairwise_distances, pairs_on_purpose,
    radial_basis, one_input_feature, outer_product_of_its_own_target, thresholds, same_shapes,
]  # fmt: skip


@pytest.mark.parametrize("loss", MEANT, ids=lambda f: f.__name__)
def test_broadcasting_that_is_meant(loss) -> None:
    parameters = {"W": RNG.normal(size=(3, 3)), "b": np.zeros(3), "c": np.arange(8.0) - 3.3,
                  "v": RNG.normal(size=8)}  # fmt: skip
    report = report_of(loss, parameters)
    assert report.tape == ""
    assert report.warnings == ()
