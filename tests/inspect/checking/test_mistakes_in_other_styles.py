"""Mistakes that people make in normalisation, indexing, loops over layers, and reshapes."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3))


def named(report) -> list[list[str]]:
    return [[cause.kind for cause in explanation] for explanation in report.explanations]


# --- layer norm -----------------------------------------------------------------------------------

W = {"W": RNG.normal(size=(4, 3))}


def normalised(p):
    u = X @ p["W"]
    s = np.sqrt(np.var(u, axis=1, keepdims=True) + 1e-6)
    return u, s, (u - u.mean(axis=1, keepdims=True)) / s


def layer_norm(p):
    return np.sum(normalised(p)[2] * Y)


BACK = {
    "right": lambda g, n, u, s: (g - mean(g) - n * mean(g * n)) / s,
    "missing-term": lambda g, n, u, s: (g - mean(g)) / s,
    "missing-factor": lambda g, n, u, s: g - mean(g) - n * mean(g * n),
    "missing-derivative": lambda g, n, u, s: g,
    "normalised-axis": lambda g, n, u, s: (g - mean(g, 0) - n * mean(g * n, 0)) / s,
    "sign": lambda g, n, u, s: (g - mean(g) + n * mean(g * n)) / s,
    "wrong-factor": lambda g, n, u, s: (g - mean(g) - u * mean(g * u)) / s,
}


def mean(x, axis=1):
    return x.mean(axis=axis, keepdims=True)


@pytest.mark.parametrize("kind", BACK)
def test_layer_norm(kind: str) -> None:
    def gradients(p):
        u, s, n = normalised(p)
        return {"W": X.T @ BACK[kind](Y, n, u, s)}

    report = pl.check_gradients(layer_norm, W, gradients)
    assert named(report) == ([] if kind == "right" else [[kind]])


# --- embeddings -----------------------------------------------------------------------------------

WORDS = np.array([[0, 2, 2], [1, 0, 3]])


def embedded(p):
    return np.sum(p["E"][WORDS].mean(axis=1) ** 3)


@pytest.mark.parametrize("adds_up", [True, False])
def test_rows_that_are_chosen_twice(adds_up: bool) -> None:
    def gradients(p):
        rows = np.repeat(p["E"][WORDS].mean(axis=1)[:, None] ** 2, 3, axis=1)
        g = np.zeros_like(p["E"])
        if adds_up:
            np.add.at(g, WORDS, rows)
        else:
            g[WORDS] += rows
        return {"E": g}

    report = pl.check_gradients(embedded, {"E": RNG.normal(size=(4, 2))}, gradients)
    assert named(report) == ([] if adds_up else [["overwritten"]])


# --- layers in a loop -----------------------------------------------------------------------------

SIZES = (4, 5, 5, 3)
LAYERS = {f"W{k}": RNG.normal(size=(SIZES[k], SIZES[k + 1])) for k in range(3)} | {
    f"b{k}": 0.3 * RNG.normal(size=SIZES[k + 1]) for k in range(3)
}


def forward(p):
    values = [X]
    for k in range(3):
        z = values[-1] @ p[f"W{k}"] + p[f"b{k}"]
        values.append(np.tanh(z) if k < 2 else z)
    return values


def squared(p):
    return np.mean((forward(p)[-1] - Y) ** 2)


def backward(p, bias, rate):
    values = forward(p)
    d, g = 2 * (values[-1] - Y) / Y.size, {}
    for k in (2, 1, 0):
        g[f"W{k}"], g[f"b{k}"] = rate * values[k].T @ d, bias(d)
        d = (d @ p[f"W{k}"].T) * (1 - values[k] ** 2)
    return g


@pytest.mark.parametrize(
    ("bias", "rate", "kind", "layers"),
    [
        (lambda d: d.mean(axis=0), 1.0, "factor", (1, 2, 3)),
        (lambda d: d.sum(axis=1), 1.0, "bias-axis", (1, 2, 3)),
        (lambda d: d.sum(axis=0), 0.5, "factor", (1, 2, 3)),
    ],
    ids=["mean", "axis", "half"],
)
def test_the_same_habit_in_every_layer_is_one_cause(bias, rate, kind, layers) -> None:
    report = pl.check_gradients(squared, LAYERS, lambda p: backward(p, bias, rate))
    assert named(report) == [[kind]]
    assert report.causes[0].layers == layers


# --- other places ---------------------------------------------------------------------------------


def test_axes_that_a_reshape_does_not_bring_back() -> None:
    def loss(p):
        z = (X @ p["W"]).reshape(6, 2, 2).transpose(1, 0, 2).reshape(2, 12)
        return np.sum(z**3)

    def gradients(p):
        z = (X @ p["W"]).reshape(6, 2, 2).transpose(1, 0, 2).reshape(2, 12)
        return {"W": X.T @ (3 * z**2).reshape(6, 4)}

    report = pl.check_gradients(loss, {"W": RNG.normal(size=(4, 4))}, gradients)
    assert named(report) == [["wrong-order"]]


def test_the_gradient_by_the_output_on_one_way() -> None:
    def gradients(p):
        a = np.tanh(X @ p["W"] + p["b"])
        da = 2 * (a - Y) / len(X)
        return {"W": X.T @ da, "b": (da * (1 - a**2)).sum(axis=0)}

    def loss(p):
        return np.sum((np.tanh(X @ p["W"] + p["b"]) - Y) ** 2) / len(X)

    report = pl.check_gradients(loss, W | {"b": RNG.normal(size=3)}, gradients)
    assert [(c.kind, c.where) for c in report.causes] == [
        ("missing-derivative", "at layer 1 (dW)")
    ]  # fmt: skip


def test_a_maximum_is_no_sum() -> None:
    def gradients(p):
        top = (X @ p["W"]).max(axis=1, keepdims=True)
        return {"W": X.T @ np.broadcast_to(2 * top, (6, 3))}

    report = pl.check_gradients(lambda p: np.sum((X @ p["W"]).max(axis=1) ** 2), W, gradients)
    assert named(report) == [["spread-maximum"]]


def test_the_other_use_of_shared_weights_is_no_penalty() -> None:
    def loss(p):
        return np.sum((np.tanh(X @ p["W"]) @ p["W"].T - X) ** 2)

    def gradients(p):
        h = np.tanh(X @ p["W"])
        d = 2 * (h @ p["W"].T - X)
        return {"W": X.T @ ((d @ p["W"]) * (1 - h**2))}

    assert named(pl.check_gradients(loss, W, gradients)) == [["missing-term"]]


def test_what_holds_at_one_place_only_is_not_named() -> None:
    y = np.array([1.0, 0, 1, 0, 1, 1])

    def loss(p):
        h = 1 / (1 + np.exp(-(X @ p["w"])))
        return -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h))

    def gradients(p):
        h = 1 / (1 + np.exp(-(X @ p["w"])))
        return {"w": X.T @ ((h - y) * np.cosh(h)) / 6}  # at w = 0 a constant factor

    report = pl.check_gradients(loss, {"w": np.zeros(4)}, gradients)
    assert not report.right
    assert report.explanations == ()


def test_functions_that_cannot_take_the_parameters() -> None:
    with pytest.raises(pl.errors.DataError, match=r"one argument.*written loss\(\)"):
        pl.check_gradients(lambda: 1.0, W, {"W": W["W"]})


@pytest.mark.parametrize("factor", [1.0, 6.0], ids=["right", "sum"])
def test_huber_with_masks_of_true_and_false(factor: float) -> None:
    y = RNG.normal(size=6)

    def loss(p):
        r = X @ p["w"] - y
        small = np.abs(r) <= 1
        return np.mean(np.where(small, 0.5 * r**2, np.abs(r) - 0.5))

    def gradients(p):
        r = X @ p["w"] - y
        return {"w": factor * X.T @ np.where(np.abs(r) <= 1, r, np.sign(r)) / 6}

    report = pl.check_gradients(loss, {"w": RNG.normal(size=4)}, gradients)
    assert named(report) == ([] if factor == 1 else [["factor"]])


LABELS = np.array([1.0, 0, 1, 1, 0, 1])
IN_PLACE_OF_P = {
    "right": lambda z, p: p,
    "the logits": lambda z, p: z,
    "the decision": lambda z, p: (p > 0.5) * 1.0,
}


@pytest.mark.parametrize("taken", IN_PLACE_OF_P)
def test_what_is_taken_for_the_output_of_a_cross_entropy(taken: str) -> None:
    def loss(p):
        h = 1 / (1 + np.exp(-(X @ p["w"])))
        return -np.mean(LABELS * np.log(h) + (1 - LABELS) * np.log(1 - h))

    def gradients(p):
        z = X @ p["w"]
        return {"w": X.T @ (IN_PLACE_OF_P[taken](z, 1 / (1 + np.exp(-z))) - LABELS) / 6}

    report = pl.check_gradients(loss, {"w": np.array([0.5, -1.0, 0.3, 0.8])}, gradients)
    assert named(report) == ([] if taken == "right" else [["wrong-output"]])


@pytest.mark.parametrize("shift", [0, -1], ids=["right", "before"])
def test_a_state_of_another_round(shift: int) -> None:
    def states(p):
        h = {-1: np.zeros(3)}
        for t in range(len(X)):
            h[t] = np.tanh(X[t] @ p["W"] + 0.5 * h[t - 1])
        return h

    def loss(p):
        h = states(p)
        total = 0.0
        for t in range(len(X)):
            total = total + np.sum((h[t] @ p["V"] - Y[t]) ** 2)
        return total

    def gradients(p):
        h = states(p)
        g = {name: np.zeros_like(value) for name, value in p.items()}
        later = np.zeros(3)
        for t in reversed(range(len(X))):
            d = 2 * (h[t] @ p["V"] - Y[t])
            g["V"] += np.outer(h[t + shift], d)
            dz = (p["V"] @ d + later) * (1 - h[t] ** 2)
            g["W"] += np.outer(X[t], dz)
            later = 0.5 * dz
        return g

    p = {"W": RNG.normal(size=(4, 3)), "V": RNG.normal(size=(3, 3))}
    report = pl.check_gradients(loss, p, gradients)
    assert named(report) == ([["wrong-factor"]] if shift else [])
    if shift:
        assert report.causes[0].detail == "h of the round before stands there"
