"""Constants of the code, fitted numbers, other layers' values, labels, means of biases, np.r_."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl

RNG = np.random.default_rng(4)


def kinds(report) -> list[list[str]]:
    return [sorted(cause.kind for cause in explanation) for explanation in report.explanations]


# --- constants of the code ------------------------------------------------------------------------

WIDTH = 4
WORDS = RNG.normal(size=(5, 6))
TEMPERATURE = 2.0


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(("scale", "forgotten"), [
    ("np.sqrt(WIDTH)", "k"), ("np.sqrt(WIDTH)", "q"), ("TEMPERATURE", "k"),
])  # fmt: skip
def test_a_factor_of_the_forward_pass_is_told_by_its_name(scale: str, forgotten: str) -> None:
    target = RNG.normal(size=WIDTH)
    size = np.sqrt(WIDTH)

    def weights(p):
        q, k = WORDS @ p["q"], WORDS @ p["k"]
        if scale == "TEMPERATURE":
            return softmax(q @ k.T / TEMPERATURE)
        return softmax(q @ k.T / np.sqrt(WIDTH))

    def loss(p):
        return np.sum((weights(p) @ (WORDS @ p["v"]) - target) ** 2)

    def gradients(p):
        q, k, v, w = WORDS @ p["q"], WORDS @ p["k"], WORDS @ p["v"], weights(p)
        d = 2 * (w @ v - target)
        dw = d @ v.T
        ds = w * (dw - np.sum(dw * w, axis=1, keepdims=True))
        dq, dk = ds @ k / size, ds.T @ q / size
        if forgotten == "k":
            dk = dk * size
        else:
            dq = dq * size
        return {"q": WORDS.T @ dq, "k": WORDS.T @ dk, "v": WORDS.T @ (w.T @ d)}

    start = {name: RNG.normal(size=(6, WIDTH)) / 2 for name in "qkv"}
    report = pl.check_gradients(loss, start, gradients)
    cause = report.causes[0]
    assert cause.kind == "missing-factor", report.explanations
    assert f"/ {scale}" in cause.write[0]
    assert f"d{forgotten} alone" in cause.where


# --- fitted numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [0, 1])
def test_no_learning_rate_is_fitted_to_one_unit(hidden: int) -> None:
    def unit(z):
        return 1 / (1 + np.exp(-z))

    def forward(p):
        h = [unit(0.3 * p["a"] + 0.7 * p["b"]), unit(0.3 * p["c"] + 0.7 * p["d"])]
        return h, [unit(p["e"] * h[0] + p["f"] * h[1]), unit(p["g"] * h[0] + p["h"] * h[1])]

    def loss(p):
        _, o = forward(p)
        return 0.5 * (o[0] - 0.1) ** 2 + 0.5 * (o[1] - 0.8) ** 2

    def gradients(p):
        h, o = forward(p)
        d = [(o[0] - 0.1) * o[0] * (1 - o[0]), (o[1] - 0.8) * o[1] * (1 - o[1])]
        back = [("e", "h"), ("f", "h")] if hidden == 0 else [("e", "g"), ("f", "g")]
        e = [(d[0] * p[x] + d[1] * p[y]) * h[n] * (1 - h[n]) for n, (x, y) in enumerate(back)]
        return {
            "a": 0.3 * e[0], "b": 0.7 * e[0], "c": 0.3 * e[1], "d": 0.7 * e[1],
            "e": d[0] * h[0], "f": d[0] * h[1], "g": d[1] * h[0], "h": d[1] * h[1],
        }  # fmt: skip

    start = {name: np.array(0.15 + 0.07 * n) for n, name in enumerate("abcdefgh")}
    report = pl.check_gradients(loss, start, gradients)
    assert kinds(report) == [["wrong-factor"]], report.explanations
    fixed = pl.check_gradients(loss, start, gradients(start))
    assert ["updated-first"] not in kinds(fixed)


# --- other layers ---------------------------------------------------------------------------------

DATA = RNG.normal(size=(3, 8))
GOAL = 0.5 * RNG.normal(size=(3, 8))
DEPTH = 3


def outputs(p):
    a = [DATA]
    for n in range(DEPTH):
        a.append(np.tanh(p[f"W{n}"] @ a[-1] + p[f"b{n}"]))
    return a


@pytest.mark.parametrize(("weights", "slope", "mean", "expected"), [
    (0, 0, False, []),
    (-1, 0, False, [["wrong-factor"]]),
    (0, -1, False, [["wrong-derivative"]]),
    (0, -1, True, [["bias-mean", "wrong-derivative"], ["factor", "wrong-derivative"]]),
])  # fmt: skip
def test_the_values_of_the_layer_below_in_every_layer(weights, slope, mean, expected) -> None:
    def gradients(p):
        a = outputs(p)
        g = {}
        d = (a[-1] - GOAL) * (1 - a[-1] ** 2)
        for n in reversed(range(DEPTH)):
            g[f"W{n}"] = d @ a[n].T
            g[f"b{n}"] = (np.mean if mean else np.sum)(d, axis=1, keepdims=True)
            if n:
                d = p[f"W{n + weights}"].T @ d * (1 - a[n + slope] ** 2)
        return g

    start = {f"W{n}": RNG.normal(size=(3, 3)) / 2 for n in range(DEPTH)}
    start |= {f"b{n}": 0.1 * RNG.normal(size=(3, 1)) for n in range(DEPTH)}
    report = pl.check_gradients(
        lambda p: 0.5 * np.sum((outputs(p)[-1] - GOAL) ** 2), start, gradients
    )
    assert report.right == (not expected)
    found = kinds(report)
    assert (found == []) if not expected else (found[0] in expected)


# --- scores and labels ----------------------------------------------------------------------------

X = RNG.normal(size=(9, 4))
LABELS = np.array([0, 2, 1, 1, 0, 2, 2, 1, 0])
ROWS = np.arange(9)


def hinge(scores):
    margins = np.maximum(0, scores - scores[ROWS, LABELS][:, None] + 1)
    margins[ROWS, LABELS] = 0
    return margins


def cross_entropy(p):
    return -np.mean(np.log(softmax(X @ p["W"])[ROWS, LABELS]))


@pytest.mark.parametrize("at_label", ["right", "minus one", "nothing"])
def test_the_right_class_of_a_hinge_loss(at_label: str) -> None:
    def gradients(p):
        d = (hinge(X @ p["W"]) > 0) * 1.0
        if at_label == "right":
            d[ROWS, LABELS] = -d.sum(axis=1)
        elif at_label == "minus one":
            d[ROWS, LABELS] = -1
        return {"W": X.T @ d / 9}

    report = pl.check_gradients(
        lambda p: hinge(X @ p["W"]).sum() / 9, {"W": 0.1 * RNG.normal(size=(4, 3))}, gradients
    )
    assert kinds(report)[:1] == ([] if at_label == "right" else [["wrong-label-term"]])


@pytest.mark.parametrize("slip", ["right", "columns", "assigned", "after the mean"])
def test_what_is_subtracted_at_the_labels_of_a_cross_entropy(slip: str) -> None:
    def gradients(p):
        d = softmax(X @ p["W"])
        if slip == "columns":
            d[:, LABELS] -= 1
        elif slip == "assigned":
            d[ROWS, LABELS] = -1
        elif slip == "after the mean":
            d[ROWS, LABELS] -= 9
        else:
            d[ROWS, LABELS] -= 1
        return {"W": X.T @ (d / 9)}

    report = pl.check_gradients(cross_entropy, {"W": RNG.normal(size=(4, 3))}, gradients)
    assert kinds(report)[:1] == ([] if slip == "right" else [["wrong-label-term"]])


# --- convolutions in loops ------------------------------------------------------------------------

SIGNAL = RNG.normal(size=6)


@pytest.mark.parametrize(("mirrored", "mean"), [(True, False), (False, True), (True, True)])
def test_a_mirrored_kernel_and_the_mean_for_a_bias(mirrored: bool, mean: bool) -> None:
    def conv(x, k, c):
        out = np.zeros(len(x) - 2)
        for i in range(len(out)):
            for j in range(3):
                out[i] += x[i + j] * k[j]
        return out + c

    def loss(p):
        return np.sum(conv(np.tanh(conv(SIGNAL, p["k"], p["c"])), p["l"], p["d"]) ** 2)

    def back(g, x, k):
        dx, dk = np.zeros_like(x), np.zeros_like(k)
        for i in range(len(g)):
            for j in range(3):
                dk[j] += g[i] * x[i + j]
                dx[i + j] += g[i] * k[2 - j if mirrored else j]
        return dx, dk, g.mean() if mean else g.sum()

    def gradients(p):
        a = np.tanh(conv(SIGNAL, p["k"], p["c"]))
        da, dl, dd = back(2 * conv(a, p["l"], p["d"]), a, p["l"])
        _, dk, dc = back(da * (1 - a**2), SIGNAL, p["k"])
        return {"k": dk, "c": dc, "l": dl, "d": dd}

    start = {"k": RNG.normal(size=3), "c": np.array(0.1), "l": RNG.normal(size=3)}
    start["d"] = np.array(-0.2)
    expected = ["bias-mean"] * mean + ["wrong-factor"] * mirrored
    assert expected in kinds(pl.check_gradients(loss, start, gradients))


# --- np.r_ and np.c_ ------------------------------------------------------------------------------


@pytest.mark.parametrize("join", [
    lambda a, b: np.r_[a, b],
    lambda a, b: np.c_[a, b],
    lambda a, b: np.r_[0.5, a, b, 1:3],
], ids=["rows", "columns", "with numbers"])  # fmt: skip
def test_what_is_joined_in_brackets_is_followed(join) -> None:
    def loss(p):
        return np.sum(np.sin(join(p["a"], p["b"])) ** 2)

    def gradients(p):
        return {name: np.sin(2 * value) for name, value in p.items()}

    report = pl.check_gradients(loss, {"a": RNG.normal(size=3), "b": RNG.normal(size=3)}, gradients)
    assert report.right
    assert not report.tape
