"""A gradient that is right for a well-known loss puts the loss that is written under suspicion."""

from __future__ import annotations

import re

import numpy as np
import pytest

import pellucid as pl

RNG = np.random.default_rng(3)
X = RNG.normal(size=(7, 3))
t = np.array([1.0, 0, 0, 1, 1, 0, 1]).reshape(-1, 1)
signs = 2 * t - 1
targets = RNG.uniform(0.2, 1, (7, 2))
classes = np.array([0, 2, 1, 1, 0, 2, 2])
one_hot = np.eye(3)[classes]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logistic(loss_of):
    """A program of one sigmoid unit with the gradient of the mean cross-entropy."""

    def loss(p):
        a = sigmoid(X @ p["w"] + p["b"])
        return loss_of(a)

    def gradients(p):
        d = (sigmoid(X @ p["w"] + p["b"]) - t) / 7
        return {"w": X.T @ d, "b": d.sum(axis=0)}

    return loss, {"w": RNG.normal(size=(3, 1)), "b": np.zeros(1)}, gradients


def of_classes(loss_of):
    """A program of a softmax with the gradient of the mean cross-entropy."""

    def probabilities(p):
        e = np.exp(X @ p["W"])
        return e / e.sum(axis=1, keepdims=True)

    def loss(p):
        probability = probabilities(p)
        return loss_of(probability)

    def gradients(p):
        return {"W": X.T @ (probabilities(p) - one_hot) / 7}

    return loss, {"W": RNG.normal(size=(3, 3))}, gradients


def linear(loss_of, slope):
    def loss(p):
        out = X @ p["W"]
        return loss_of(out)

    def gradients(p):
        return {"W": X.T @ slope(X @ p["W"])}

    return loss, {"W": 0.3 * RNG.normal(size=(3, 2))}, gradients


def hinge(loss_of):
    def loss(p):
        f = X @ p["w"]
        return loss_of(f)

    def gradients(p):
        return {"w": X.T @ (-signs * (signs * (X @ p["w"]) < 1)) / 7}

    return loss, {"w": 0.3 * RNG.normal(size=(3, 1))}, gradients


def bracket():
    corners = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    xor = np.array([[0, 1, 1, 0]])

    def loss(p):
        a = sigmoid(p["w2"] @ sigmoid(p["w1"] @ corners + p["b1"]) + p["b2"])
        return np.sum(-xor * np.log(a) + (1 - xor) * np.log(1 - a)) / 4

    def gradients(p):
        a1 = sigmoid(p["w1"] @ corners + p["b1"])
        d2 = (sigmoid(p["w2"] @ a1 + p["b2"]) - xor) / 4
        d1 = (p["w2"].T @ d2) * a1 * (1 - a1)
        return {"w2": d2 @ a1.T, "b2": d2.sum(1, keepdims=True), "w1": d1 @ corners.T,
                "b1": d1.sum(1, keepdims=True)}  # fmt: skip

    r = np.random.RandomState(3)
    parameters = {"w1": r.randn(5, 2), "b1": np.zeros((5, 1)), "w2": r.randn(1, 5),
                  "b2": np.zeros((1, 1))}  # fmt: skip
    return loss, parameters, gradients


def all_pairs():
    x = np.array([[1.0, 2.0, -1.0], [3.0, 4.0, -3.2]])
    y = np.array([[1, 0, 1]])

    def loss(p):
        A = sigmoid(np.dot(p["w"].T, x) + p["b"])
        return -1 / 3 * np.sum(np.dot(y.T, np.log(A)) + np.dot((1 - y).T, np.log(1 - A)))

    def gradients(p):
        A = sigmoid(np.dot(p["w"].T, x) + p["b"])
        return {"w": np.dot(x, (A - y).T) / 3, "b": np.sum(A - y) / 3}

    return loss, {"w": np.array([[1.0], [2.0]]), "b": 2.0}, gradients


def one_sample_at_a_time():
    def loss(p):
        cost = 0.0
        for x, label in zip(X, t[:, 0], strict=True):
            a = sigmoid(x @ p["w"])
            cost += -label * np.log(a) + (1 - label) * np.log(1 - a)
        return cost / 7

    def gradients(p):
        found = np.zeros(3)
        for x, label in zip(X, t[:, 0], strict=True):
            found += (sigmoid(x @ p["w"]) - label) * x / 7
        return {"w": found}

    return loss, {"w": RNG.normal(size=3)}, gradients


def scalars():
    samples = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))

    def loss(p):
        total = 0.0
        for u, v, target in samples:
            h = 1 / (1 + np.exp(-(p["a"] * u + p["b"] * v + p["c"])))
            total += 0.5 * (h + target) ** 2
        return total

    def gradients(p):
        found = dict.fromkeys(p, 0.0)
        for u, v, target in samples:
            h = 1 / (1 + np.exp(-(p["a"] * u + p["b"] * v + p["c"])))
            d = (h - target) * h * (1 - h)
            found = {"a": found["a"] + d * u, "b": found["b"] + d * v, "c": found["c"] + d}
        return found

    return loss, {"a": 0.7, "b": -0.4, "c": 0.1}, gradients


CASES = {
    "a bracket, in a loop": (
        one_sample_at_a_time, "mean binary cross-entropy of a and label",
        "its term (1 - label) * np.log(1 - a) has the other sign",
        "in every round, add -(label * np.log(a) + (1 - label) * np.log(1 - a)) to the loss, and "
        "divide by 7"),
    "plus the target, in scalars": (
        scalars, "half squared error, summed of h and target",
        "its term target has the other sign",
        "in every round, add 0.5 * (h - target) ** 2 to the loss"),
    "a bracket": (bracket, "mean binary cross-entropy of a and xor",
                  "its term (1 - xor) * np.log(1 - a) has the other sign",
                  "loss = -np.mean(xor * np.log(a) + (1 - xor) * np.log(1 - a))"),
    "all pairs": (all_pairs, "mean binary cross-entropy of A and y",
                  "np.dot(y.T, np.log(A)) multiplies every prediction with every target",
                  "loss = -np.mean(y * np.log(A) + (1 - y) * np.log(1 - A))"),
    "no minus": (lambda: logistic(lambda a: np.mean(t * np.log(a) + (1 - t) * np.log(1 - a))),
                 "mean binary cross-entropy", "all of it has the other sign", "loss = -np.mean("),
    "a minus too many": (
        lambda: logistic(lambda a: -np.mean(t * np.log(a) - (1 - t) * np.log(1 - a))),
        "mean binary cross-entropy", "its term (1 - t) * np.log(1 - a) has the other sign",
        "loss = -np.mean("),
    "only the first term": (
        lambda: logistic(lambda a: -np.mean(t * np.log(a))), "mean binary cross-entropy", "",
        "loss = -np.mean("),
    "targets the wrong way round": (
        lambda: logistic(lambda a: -np.mean((1 - t) * np.log(a) + t * np.log(1 - a))),
        "mean binary cross-entropy", "", "loss = -np.mean("),
    "vector against column": (
        lambda: logistic(
            lambda a: -np.mean(t[:, 0] * np.log(a) + (1 - t[:, 0]) * np.log(1 - a))
        ), "mean binary cross-entropy", "takes every prediction with every target", None),
    "softmax without minus": (
        lambda: of_classes(lambda p: np.sum(one_hot * np.log(p)) / 7), "mean cross-entropy",
        "all of it has the other sign", "loss = -np.sum(one_hot * np.log("),
    "logarithm of the rest": (
        lambda: of_classes(lambda p: -np.sum(one_hot * np.log(1 - p)) / 7), "mean cross-entropy",
        "", "loss = -np.sum(one_hot * np.log("),
    "labels without minus": (
        lambda: of_classes(lambda p: np.mean(np.log(p[np.arange(7), classes]))),
        "mean cross-entropy", "all of it has the other sign",
        "loss = -np.sum(np.eye(3)[classes] * np.log("),
    "plus the target": (
        lambda: linear(lambda out: np.mean((out + targets) ** 2), lambda o: (o - targets) / 7),
        "mean squared error", "its term targets has the other sign", "loss = np.mean(("),
    "a cube": (
        lambda: linear(lambda out: np.sum((out - targets) ** 3), lambda o: 2 * (o - targets)),
        "squared error, summed", "", "loss = np.sum(("),
    "hinge with a plus": (
        lambda: hinge(lambda f: np.mean(np.maximum(0, 1 + signs * f))), "mean hinge loss",
        "its term signs * f has the other sign", "loss = np.mean(np.maximum(0, 1 - signs *"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_loss_is_put_under_suspicion(name: str) -> None:
    program, called, different, write = CASES[name]
    loss, parameters, gradients = program()
    report = pl.check_gradients(loss, parameters, gradients)
    assert not report.right
    first = report.causes[0]
    assert first.kind == "suspicious-loss"
    assert len(report.causes) == 1
    assert f"right for the {called}" in first.detail
    assert different in first.detail
    if write is not None:
        assert first.write[0].startswith(write)
    for explanation in report.explanations:
        for cause in explanation:
            assert "sign turned round" not in cause.detail


def test_beside_a_well_known_loss_it_is_a_note() -> None:
    loss, parameters, gradients = logistic(lambda a: np.mean((a - t) ** 2) / 2)
    report = pl.check_gradients(loss, parameters, gradients)
    kinds = {e[0].kind for e in report.explanations}
    assert kinds <= {"cross-entropy-gradient", "missing-derivative"}
    assert all(c.kind != "suspicious-loss" for e in report.explanations for c in e)
    assert any("right for the mean binary cross-entropy" in note for note in report.notes)


@pytest.mark.parametrize("factor", [7, 2, -1])
def test_a_factor_is_no_other_loss(factor) -> None:
    loss, parameters, gradients = logistic(
        lambda a: -np.mean(t * np.log(a) + (1 - t) * np.log(1 - a))
    )
    report = pl.check_gradients(
        loss, parameters, lambda p: {name: factor * g for name, g in gradients(p).items()}
    )
    assert [c.kind for c in report.causes] == ["sign" if factor == -1 else "factor"]
    assert report.notes == ()


def test_what_is_advised_is_right() -> None:
    """The loss that is advised, run in the place of the one that is written."""
    for name in ("no minus", "labels without minus", "plus the target", "hinge with a plus"):
        program = CASES[name][0]
        loss, parameters, gradients = program()
        advice = pl.check_gradients(loss, parameters, gradients).causes[0].write
        source = advice[0].removeprefix("loss = ")
        names = ("output", "a", "p", "out", "f", "probability")
        output = next(n for n in names if re.search(rf"\b{n}\b", source))
        cell = loss.__closure__[loss.__code__.co_freevars.index("loss_of")]
        written = cell.cell_contents
        cell.cell_contents = lambda value, s=source, n=output: eval(s, {**globals(), n: value})
        assert pl.check_gradients(loss, parameters, gradients).right, source
        cell.cell_contents = written
