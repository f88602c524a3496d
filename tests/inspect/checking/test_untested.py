"""A verdict "right" covers both sides of every branch, or says which one it does not."""

from __future__ import annotations

import inspect
import json

import numpy as np
import pytest

import pellucid as pl

RNG = np.random.default_rng(4)
X = RNG.uniform(0.2, 1.5, (6, 3))
Y = RNG.normal(size=(6, 2))
LABELS = np.array([1.0, 0, 1, 1, 0, 1])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def dense(size=1.0):
    """Weights and biases at which every unit is on for all samples."""
    rng = np.random.default_rng(1)
    return {
        "W1": size * rng.uniform(0.1, 1, (3, 4)), "b1": np.full(4, 0.5),
        "W2": rng.normal(size=(4, 2)), "b2": np.zeros(2),
    }  # fmt: skip


def network(activation, slope, parameters, expected):
    """A program with one hidden layer, and a backward pass with that slope of its activation."""

    def loss(p):
        return np.mean((activation(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"] - Y) ** 2)

    def gradients(p):
        z = X @ p["W1"] + p["b1"]
        a = activation(z)
        d2 = 2 * (a @ p["W2"] + p["b2"] - Y) / Y.size
        d1 = (d2 @ p["W2"].T) * slope(z)
        return {"W1": X.T @ d1, "b1": d1.sum(0), "W2": a.T @ d2, "b2": d2.sum(0)}

    return loss, parameters, gradients, expected


def zig_zag():
    """After a public question: the next of a series, ReLU twice, and no slope of it anywhere."""
    series = np.array([2.1, 3.2, 1.9, 4.8, 0.6, 4.2, 1.7, 4.7, 0.2, 5.7, 0.5, 5.0, 0.2])
    past, future = np.array([series[i : i + 3] for i in range(10)]), series[3:]
    rng = np.random.default_rng(4)

    def loss(p):
        guess = np.maximum(0, p["v"] @ np.maximum(0, p["A"] @ past.T))
        return np.sum((guess - future) ** 2) / 20

    def gradients(p):
        inner = np.maximum(0, p["A"] @ past.T)
        off = (np.maximum(0, p["v"] @ inner) - future) / 10
        return {"v": off @ inner.T, "A": p["v"].reshape(4, 1) @ off.reshape(1, 10) @ past}

    parameters = {"A": rng.uniform(0, 1, (4, 3)), "v": rng.uniform(0, 1, 4)}
    return loss, parameters, gradients, "missing-derivative"


def relu(z):
    return np.maximum(z, 0)


def relu_without_slope():
    return network(relu, np.ones_like, dense(), "missing-derivative")


def relu_by_mask_without_slope():
    return network(lambda z: (z > 0) * z, np.ones_like, dense(), "missing-derivative")


def leaky_without_slope():
    return network(
        lambda z: np.where(z > 0, z, 0.1 * z), np.ones_like, dense(), "missing-derivative"
    )


def leaky_with_the_slope_of_a_relu():
    return network(
        lambda z: np.where(z < 0, 0.2 * z, z), lambda z: (z > 0) * 1.0, dense(), "other-derivative"
    )


def hard_tanh_without_slope():
    small = {name: 0.1 * value for name, value in dense().items()}
    return network(lambda z: np.clip(z, -1, 1), np.ones_like, small, None)


def relu_written_into_a_mask():
    def activation(z):
        a = z * 1.0
        a[a < 0] = 0
        return a

    return network(activation, np.ones_like, dense(), None)


def every_unit_is_off():
    """All gradients behind the ReLU are zero, so whatever is multiplied there is right."""
    off = dense() | {"b1": np.full(4, -9.0)}
    return network(relu, lambda z: 2.0 * (z > 0), off, None)


def pooling_that_always_takes_the_last():
    signal = np.cumsum(np.random.default_rng(2).uniform(0.1, 1, (5, 6)), axis=1)
    target = np.arange(5.0)

    def loss(p):
        return np.mean((np.max(signal * p["w"] + p["b"], axis=1) - target) ** 2)

    def gradients(p):
        d = 2 * (np.max(signal * p["w"] + p["b"], axis=1) - target) / 5
        return {"w": np.sum(d * signal[:, -1]), "b": np.sum(d)}

    return loss, {"w": 0.7, "b": 0.1}, gradients, None


def hinge_that_is_never_zero():
    sides = 2 * LABELS - 1

    def loss(p):
        total = 0.0
        for x, y in zip(X, sides, strict=True):
            margin = 1 - y * (np.sum(x * p["w"]) + p["b"])
            if margin > 0:
                total = total + margin
        return total / 6

    def gradients(p):
        return {"w": -np.mean(sides[:, None] * X, axis=0), "b": -np.mean(sides)}

    return loss, {"w": np.zeros(3), "b": 0.0}, gradients, None


def huber_that_is_never_linear():
    target = X @ np.ones(3)

    def loss(p):
        e = X @ p["w"] - target
        return np.sum(np.where(np.abs(e) <= 1, 0.5 * e**2, np.abs(e) - 0.5))

    def gradients(p):
        return {"w": X.T @ (X @ p["w"] - target)}

    return loss, {"w": np.array([1.1, 0.9, 1.0])}, gradients, None


def penalty_without_its_sign():
    target = X @ np.ones(3)

    def loss(p):
        return np.mean((X @ p["w"] - target) ** 2) + 0.1 * np.sum(np.abs(p["w"]))

    def gradients(p):
        return {"w": 2 * X.T @ (X @ p["w"] - target) / 6 + 0.1}

    return loss, {"w": np.array([0.5, 0.9, 1.2])}, gradients, None


def a_choice_that_is_always_the_same():
    def loss(p):
        z = X @ p["W"]
        best = np.argmax(z[:, 0])
        return (z[best, 1] - 1) ** 2

    def gradients(p):
        found = np.zeros((3, 2))
        found[:, 1] = 2 * (X[5] @ p["W"][:, 1] - 1) * X[5]
        return {"W": found}

    start = np.c_[X[5] - X.mean(axis=0), np.ones(3)]
    assert np.argmax(X @ start[:, 0]) == 5
    return loss, {"W": start}, gradients, None


def scalars_with_the_builtin_max():
    samples = ((0, 1, 1), (1, 0, 1), (1, 1, 0))

    def loss(p):
        total = 0.0
        for a, b, target in samples:
            total += (p["v"] * max(0.0, p["w"] * a + p["u"] * b) - target) ** 2
        return total

    def gradients(p):
        found = {"w": 0.0, "u": 0.0, "v": 0.0}
        for a, b, target in samples:
            h = max(0.0, p["w"] * a + p["u"] * b)
            e = 2 * (p["v"] * h - target)
            found["v"] += e * h
            found["w"] += e * p["v"] * a
            found["u"] += e * p["v"] * b
        return found

    return loss, {"w": 0.7, "u": 0.9, "v": 0.5}, gradients, None


def leak_that_is_a_parameter():
    def loss(p):
        z = X @ p["w"]
        return np.mean((np.where(z > 0, z, p["a"] * z) - LABELS) ** 2)

    def gradients(p):
        return {"w": X.T @ (2 * (X @ p["w"] - LABELS)) / 6, "a": 0.0}

    return loss, {"w": np.ones(3), "a": 0.2}, gradients, None


WRONG = [
    a_choice_that_is_always_the_same, scalars_with_the_builtin_max, leak_that_is_a_parameter,
    zig_zag, relu_without_slope, relu_by_mask_without_slope, leaky_without_slope,
    leaky_with_the_slope_of_a_relu, hard_tanh_without_slope, relu_written_into_a_mask,
    every_unit_is_off, pooling_that_always_takes_the_last, hinge_that_is_never_zero,
    huber_that_is_never_linear, penalty_without_its_sign,
]  # fmt: skip


@pytest.mark.parametrize("program", WRONG, ids=lambda f: f.__name__)
def test_a_mistake_on_a_way_that_is_not_taken_at_these_parameters(program) -> None:
    loss, parameters, gradients, kind = program()
    report = pl.check_gradients(loss, parameters, gradients)
    assert not report.right
    assert report.untested == ()
    if kind is not None:
        assert [cause.kind for cause in report.causes] == [kind]


@pytest.mark.parametrize("program", WRONG, ids=lambda f: f.__name__)
def test_a_dict_of_gradients_is_right_at_one_place_only(program) -> None:
    loss, parameters, gradients, _ = program()
    given = {name: np.asarray(value, dtype=float) for name, value in parameters.items()}
    report = pl.check_gradients(loss, parameters, gradients(given))
    assert report.right
    assert report.untested
    assert "one place only" in str(report.untested[0])
    assert report.headline().startswith("right as far as it was tested")


def relu_right():
    return network(relu, lambda z: z > 0, dense(), None)


def relu_off_right():
    return network(relu, lambda z: z > 0, dense() | {"b1": np.full(4, -9.0)}, None)


def leaky_right():
    return network(
        lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1, 0.1), dense(), None
    )


def stable_sigmoid():
    def activation(z):
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1 / (1 + e), e / (1 + e))

    return network(activation, lambda z: sigmoid(z) * (1 - sigmoid(z)), dense(), None)


def cross_entropy_with_a_limit():
    def loss(p):
        a = np.clip(sigmoid(X @ p["w"]), 1e-12, 1 - 1e-12)
        return -np.mean(LABELS * np.log(a) + (1 - LABELS) * np.log(1 - a))

    def gradients(p):
        return {"w": X.T @ (sigmoid(X @ p["w"]) - LABELS) / 6}

    return loss, {"w": np.ones(3)}, gradients, None


def cross_entropy_with_an_epsilon_behind_a_relu():
    """The epsilon is left out on the way back: that shows where the output is next to 0 or 1."""

    def loss(p):
        a = sigmoid(8 * relu(X @ p["W"] + 1) @ p["v"])
        return -np.mean(LABELS * np.log(a + 1e-10) + (1 - LABELS) * np.log(1 - a + 1e-10))

    def gradients(p):
        z = X @ p["W"] + 1
        d = 8 * (sigmoid(8 * relu(z) @ p["v"]) - LABELS) / 6
        return {"W": X.T @ (np.outer(d, p["v"]) * (z > 0)), "v": relu(z).T @ d}

    rng = np.random.default_rng(0)
    return loss, {"W": rng.uniform(0, 1, (3, 4)), "v": 0.02 * rng.normal(size=4)}, gradients, None


def softmax_with_a_shift():
    classes = np.array([0, 1, 1, 0, 1, 0])

    def loss(p):
        z = X @ p["W"]
        z = z - np.max(z, axis=1, keepdims=True)
        return -np.mean(z[np.arange(6), classes] - np.log(np.sum(np.exp(z), axis=1)))

    def gradients(p):
        e = np.exp(X @ p["W"])
        return {"W": X.T @ (e / e.sum(1, keepdims=True) - np.eye(2)[classes]) / 6}

    return loss, {"W": np.array([[1.0, 0], [1, 0], [1, 0]])}, gradients, None


def mask_that_drops():
    mask = np.array([1.0, 0, 1]) / 0.6

    def loss(p):
        return np.sum((X * mask) @ p["w"] * np.array([1, 0, 1, 0, 1, 1]))

    def gradients(p):
        return {"w": (X * mask).T @ np.array([1, 0, 1, 0, 1, 1])}

    return loss, {"w": np.ones(3)}, gradients, None


def memory_that_starts_at_zero():
    def loss(p):
        h = np.zeros(2)
        for x in X:
            h = sigmoid(x @ p["W"]) * h + np.tanh(x @ p["W"])
        return np.sum(h**2)

    def gradients(p):
        states, gates, news = [np.zeros(2)], [], []
        for x in X:
            gates.append(sigmoid(x @ p["W"]))
            news.append(np.tanh(x @ p["W"]))
            states.append(gates[-1] * states[-1] + news[-1])
        d, dW = 2 * states[-1], np.zeros((3, 2))
        for t in reversed(range(6)):
            slope = states[t] * gates[t] * (1 - gates[t]) + 1 - news[t] ** 2
            dW += np.outer(X[t], d * slope)
            d = d * gates[t]
        return {"W": dW}

    return loss, {"W": np.ones((3, 2)) / 3}, gradients, None


def cross_entropy_from_logits_at_zero():
    """At 0 the tape takes one side of the maximum; the two corners together are none."""

    def loss(p):
        z = X @ p["w"]
        return np.mean(np.maximum(z, 0) - z * LABELS + np.log1p(np.exp(-np.abs(z))))

    def gradients(p):
        return {"w": X.T @ (sigmoid(X @ p["w"]) - LABELS) / 6}

    return loss, {"w": np.zeros(3)}, gradients, None


def squared_hinge_of_a_sum():
    def loss(p):
        return np.sum(p["w"] ** 2) + 10 * np.maximum(0, np.sum(p["w"]) - 1) ** 2

    def gradients(p):
        return {"w": 2 * p["w"] + 20 * np.maximum(0, np.sum(p["w"]) - 1)}

    return loss, {"w": np.array([0.9, 0.3, 0.5])}, gradients, None


def rows_of_length_one():
    def loss(p):
        z = X @ p["W"]
        return np.sum((z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12) - Y) ** 2)

    def gradients(p):
        z = X @ p["W"]
        n = np.linalg.norm(z, axis=1, keepdims=True)
        d = 2 * (z / n - Y)
        return {"W": X.T @ ((d - z / n * np.sum(d * z / n, axis=1, keepdims=True)) / n)}

    return loss, {"W": np.ones((3, 2)) + np.eye(3)[:, :2]}, gradients, None


def masked_errors():
    known = np.array([True, True, False, True, False, True])

    def loss(p):
        return np.sum(((X @ p["w"] - LABELS) * known) ** 2) / known.sum()

    def gradients(p):
        return {"w": 2 * X.T @ ((X @ p["w"] - LABELS) * known) / 4}

    return loss, {"w": np.ones(3)}, gradients, None


def choice_by_the_data():
    def loss(p):
        a = sigmoid(X @ p["w"])
        chosen = np.where(LABELS == 1, a, 1 - a)
        return -np.mean((1 - chosen) ** 2 * np.log(chosen))

    def gradients(p):
        a = sigmoid(X @ p["w"])
        q = np.where(LABELS == 1, a, 1 - a)
        by_q = 2 * (1 - q) * np.log(q) - (1 - q) ** 2 / q
        return {"w": X.T @ (by_q * np.where(LABELS == 1, 1, -1) * a * (1 - a)) / 6}

    return loss, {"w": np.ones(3)}, gradients, None


RIGHT = [
    cross_entropy_from_logits_at_zero, squared_hinge_of_a_sum, rows_of_length_one, masked_errors,
    choice_by_the_data,
    relu_right, relu_off_right, leaky_right, stable_sigmoid, cross_entropy_with_a_limit,
    cross_entropy_with_an_epsilon_behind_a_relu, softmax_with_a_shift, mask_that_drops,
    memory_that_starts_at_zero,
]  # fmt: skip


@pytest.mark.parametrize("program", RIGHT, ids=lambda f: f.__name__)
def test_right_on_all_ways(program) -> None:
    loss, parameters, gradients, _ = program()
    report = pl.check_gradients(loss, parameters, gradients)
    assert report.right
    assert report.tape == ""
    assert report.untested == ()
    assert report.notes == ()


def test_where_the_tape_cannot_follow() -> None:
    def loss(p):
        z = eval(repr((X @ np.array(eval(repr(p["w"].tolist())))).tolist()))
        return sum((max(0.0, v) - y) ** 2 for v, y in zip(z, LABELS, strict=True))

    def gradients(p, slope):
        z = X @ p["w"]
        return {"w": X.T @ (2 * (relu(z) - LABELS) * slope(z))}

    parameters = {"w": np.ones(3)}
    wrong = pl.check_gradients(loss, parameters, lambda p: gradients(p, np.ones_like))
    assert wrong.tape
    assert not wrong.right
    assert pl.check_gradients(loss, parameters, lambda p: gradients(p, lambda z: z > 0)).right


# --- what only the data could show ----------------------------------------------------------------


def said(loss, parameters, gradients):
    report = pl.check_gradients(loss, parameters, gradients)
    assert report.right
    assert report.to_dict()["untested"] == json.loads(json.dumps(report.to_dict()))["untested"]
    assert len(report.to_dict()["untested"]) == len(report.untested)
    for one in report.untested:
        assert one.what in " ".join(report.text().split())
    return [one.what for one in report.untested]


def line_of(function, text):
    lines = inspect.getsourcelines(function)
    return lines[1] + next(i for i, line in enumerate(lines[0]) if text in line)


def test_a_relu_that_no_parameters_turn_off() -> None:
    def loss(p):
        return np.sum(np.maximum(0, p["w"] ** 2 + 1))

    line = line_of(loss, "maximum")
    found = said(loss, {"w": np.ones(3)}, lambda p: {"w": 2 * p["w"]})
    assert found == [f"the ReLU of line {line} was never off"]


def test_a_dropout_mask_of_ones() -> None:
    mask = np.ones((6, 4))

    def loss(p):
        return np.sum((np.tanh(X @ p["W"]) * mask) ** 2)

    def gradients(p):
        a = np.tanh(X @ p["W"])
        return {"W": X.T @ (2 * a * (1 - a**2))}

    found = said(loss, {"W": np.ones((3, 4)) / 3}, gradients)
    assert found == [f"the constant factor of line {line_of(loss, 'mask')} is 1 everywhere"]


def test_a_penalty_of_strength_zero() -> None:
    strength = 0.0

    def loss(p):
        return np.mean((X @ p["w"] - LABELS) ** 2) + strength * np.sum(p["w"] ** 2)

    def gradients(p):
        return {"w": 2 * X.T @ (X @ p["w"] - LABELS) / 6}

    found = said(loss, {"w": np.ones(3)}, gradients)
    assert found == [f"the constant factor of line {line_of(loss, 'strength')} is 0 everywhere"]


def test_labels_of_one_class() -> None:
    ones = np.ones(6)

    def loss(p):
        a = sigmoid(X @ p["w"])
        first = ones * np.log(a)
        second = (1 - ones) * np.log(1 - a)
        return -np.mean(first + second)

    def gradients(p):
        return {"w": X.T @ (sigmoid(X @ p["w"]) - 1) / 6}

    found = said(loss, {"w": np.ones(3)}, gradients)
    assert f"the constant factor of line {line_of(loss, 'second =')} is 0 everywhere" in found


def test_one_time_step() -> None:
    def loss(p):
        h = np.zeros(2)
        for x in X[:1]:
            h = np.tanh(x @ p["W"] + h @ p["U"])
        return np.sum(h**2)

    def gradients(p):
        h = np.tanh(X[0] @ p["W"])
        return {"W": np.outer(X[0], 2 * h * (1 - h**2)), "U": np.zeros((2, 2))}

    found = said(loss, {"W": np.ones((3, 2)) / 3, "U": np.eye(2)}, gradients)
    assert found == ["the true gradient of U is zero at every place that was looked at"]


def test_targets_of_zero() -> None:
    nothing = np.zeros(6)

    def loss(p):
        return np.mean((X @ p["w"] - nothing) ** 2)

    def gradients(p):
        return {"w": 2 * X.T @ (X @ p["w"]) / 6}

    found = said(loss, {"w": np.ones(3)}, gradients)
    assert found == [f"what is subtracted in line {line_of(loss, 'nothing')} is 0 everywhere"]


@pytest.mark.parametrize("count", [1, 2])
def test_one_sample(count: int) -> None:
    x, y = X[:count], Y[:count]

    def loss(p):
        return np.sum((np.tanh(x @ p["W"]) - y) ** 2) / len(x)

    def gradients(p):
        a = np.tanh(x @ p["W"])
        return {"W": x.T @ (2 * (a - y) * (1 - a**2)) / count}

    expected = ["there is only one sample"] if count == 1 else []
    assert said(loss, {"W": np.ones((3, 2)) / 3}, gradients) == expected


def test_a_program_for_single_samples() -> None:
    x, y = X[:1].T, Y[:1].T

    def loss(p):
        return 0.5 * np.sum((np.tanh(p["W"] @ x + p["b"]) - y) ** 2)

    def gradients(p):
        a = np.tanh(p["W"] @ x + p["b"])
        d = (a - y) * (1 - a**2)
        return {"W": d @ x.T, "b": d}

    assert said(loss, {"W": np.ones((2, 3)) / 3, "b": np.zeros((2, 1))}, gradients) == []
