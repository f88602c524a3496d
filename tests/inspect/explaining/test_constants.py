"""Constant factors: every one of them is shown, in symbols and in numbers, forward and backward."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest
from helpers.printed_arithmetic import arithmetic_of, check_tables, check_workings

import pellucid as pl
from pellucid import losses, nn

RNG = np.random.default_rng(3)
X = RNG.normal(size=(3, 2))


def _net(outputs):
    return nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, outputs, rng=1))


def _lines(explanation):
    """Return the text with formulas that were broken in one line again."""
    text = explanation.text(width=4000)
    return [line.strip() for line in text.splitlines()]


def _worked(lines, start):
    """Return what the numbers of the first working of a quantity come to, and what it says."""
    ends = re.compile(r"= [−\d.e]+$")
    line = next(line for line in lines if line.startswith(f"{start} = ") and ends.search(line))
    parts = line.split(" = ")
    return arithmetic_of(parts[-2]), arithmetic_of(parts[-1])


@pytest.mark.parametrize("samples", [1, 2, 3])
@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("loss", "of_one", "slope"),
    [
        (losses.mean_squared_error, lambda d: d**2, lambda d: 2 * d),
        (losses.half_squared_error, lambda d: d**2 / 2, lambda d: d),
        (losses.mean_absolute_error, np.abs, np.sign),
    ],
)
def test_the_factor_of_a_mean(loss, of_one, slope, reduction, outputs, samples):
    net, x = _net(outputs), X[:samples]
    y = np.linspace(-1, 1, samples * outputs).reshape(samples, outputs)
    explanation = pl.explain(net, x, y, loss=functools.partial(loss, reduction=reduction))
    assert check_workings(explanation) > 5
    lines = _lines(explanation)
    difference = net(x).data - y
    n = difference.size if reduction == "mean" else 1
    computed, said = _worked(lines, "L")
    expected = of_one(difference).sum() / n
    assert computed == pytest.approx(expected, rel=2e-3)
    assert said == pytest.approx(expected, rel=1e-3)
    whole = difference.size == 1
    start = "∂L/∂z₂" if whole else "∂L/∂z₂[0]" if samples == 1 else "∂L/∂z₂[0, 0]"
    computed, said = _worked(lines, start)
    assert computed == pytest.approx(slope(difference).flat[0] / n, rel=2e-3)
    assert said == pytest.approx(slope(difference).flat[0] / n, rel=1e-3)
    formula = next(line for line in lines if line.startswith("L = "))
    told = re.search(r"n = .*?(\d+)(?: entries| samples?|: one.*)?\)$", formula)
    if reduction == "mean":
        assert "(1 / n)·" in formula
        assert told is not None
        assert int(told[1]) == n
    else:
        assert "/ n" not in formula


def test_a_half_of_two_and_the_mean_of_two_are_told_apart():
    """Both factors are the float 0.5."""
    x, y = X[:1], np.zeros((1, 2))
    half = pl.explain(_net(2), x, y, loss="half_squared_error").text()
    mean = pl.explain(_net(2), x, y, loss="mse").text()
    assert "L = 0.5·Σ (z₂ − y)²" in half
    assert "∂L/∂z₂ = 0.5·2·(z₂ − y)" in half
    assert "L = (1 / n)·Σ (z₂ − y)²    (n = 1 sample × 2 outputs = 2 entries)" in mean
    assert "∂L/∂z₂ = (2 / n)·(z₂ − y)    (n = 2, as in the loss)" in mean


@pytest.mark.parametrize(
    "loss",
    [
        lambda p, y: ((p - y) ** 2).mean(),
        lambda p, y: np.mean((p - y) ** 2),
        lambda p, y: losses.mean_squared_error(p, y, reduction="none").mean(),
    ],
    ids=["method", "NumPy", "mean of none"],
)
def test_a_mean_that_the_user_takes(loss):
    explanation = pl.explain(_net(2), X, np.zeros((3, 2)), loss=loss)
    assert "L = (1 / n)·sum    (n = 3 samples × 2 outputs = 6 entries)" in explanation.text()
    assert check_workings(explanation) > 5


@pytest.mark.parametrize("samples", [1, 3])
def test_cross_entropy(samples):
    net, y = _net(3), np.array([1, 0, 2])[:samples]
    explanation = pl.explain(net, X[:samples], y, loss="cross_entropy")
    lines = _lines(explanation)
    assert any(line.startswith("L = (1 / n)·Σ (−ln(p_y))") for line in lines)
    assert any(line.startswith("∂L/∂z₂ = (1 / n)·(p − one_hot(y))") for line in lines)
    z = net(X[:samples]).data.astype(float)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    computed, said = _worked(lines, "∂L/∂z₂[0, 0]" if samples > 1 else "∂L/∂z₂[0]")
    assert computed == pytest.approx(p[0, 0] / samples, rel=2e-3)
    assert said == pytest.approx(p[0, 0] / samples, rel=1e-3)
    assert check_workings(explanation) > 5
    check_tables(explanation)


def test_weights_of_samples():
    net, y, w = _net(2), np.zeros((3, 2)), np.array([1.0, 3.0, 0.5])
    explanation = pl.explain(net, (X, y, w), loss="mse")
    lines = _lines(explanation)
    assert any(line.startswith("L = (1 / Σw)·Σ w·(z₂ − y)²") for line in lines)
    expected = (w[:, None] * net(X).data ** 2).sum() / (2 * w.sum())
    computed, said = _worked(lines, "L")
    assert computed == pytest.approx(expected, rel=2e-3)
    assert said == pytest.approx(expected, rel=1e-3)
    assert "Σw = 9 is the sum of all weights, each for its 2 entries" in " ".join(lines)
    assert check_workings(explanation) > 5


@pytest.mark.parametrize("weights", ["classes", "samples"])
def test_weights_of_cross_entropy(weights):
    net, y = _net(3), np.array([1, 0, 2])
    each = np.array([1.0, 2.0, 3.0])
    if weights == "classes":
        loss = functools.partial(losses.cross_entropy, class_weight=each)
        explanation, w = pl.explain(net, X, y, loss=loss), each[y]
    else:
        explanation, w = pl.explain(net, (X, y, each), loss="cross_entropy"), each
    lines = _lines(explanation)
    assert any(line.startswith("L = (1 / Σw)·Σ w·(−ln(p_y))") for line in lines)
    z = net(X).data.astype(float)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    computed, said = _worked(lines, "∂L/∂z₂[0, 0]")
    assert computed == pytest.approx(w[0] * p[0, 0] / w.sum(), rel=2e-3)
    assert said == pytest.approx(w[0] * p[0, 0] / w.sum(), rel=1e-3)
    check_tables(explanation)


def test_a_program_prints_the_factor_as_the_number_that_it_is():
    program = pl.trace(_net(2), (X, np.zeros((3, 2))), loss="mse")
    source = program.source()
    assert repr(1 / 6) in source
    namespace = {}
    exec(source, namespace)
    assert namespace["loss"] == program.results["loss"].value


def test_weighted_programs_compute_the_same_bits():
    batch = (X, np.array([1, 0, 2]), np.array([1.0, 2.0, 3.0]))
    program = pl.trace(_net(3), batch, loss="cross_entropy")
    expected = losses.cross_entropy(_net(3)(X.astype(np.float32)), batch[1], sample_weight=batch[2])
    assert program.results["loss"].value == expected.data


def test_constants_of_layers():
    pooled = nn.Sequential(nn.Conv2d(1, 1, 3, rng=0), nn.AvgPool2d(2), nn.Flatten())
    text = pl.explain(pooled, RNG.normal(size=(1, 1, 6, 6)), loss=None).text()
    assert "(1 / 4)" in text
    normed = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3), nn.Linear(3, 1, rng=1))
    explanation = pl.explain(normed, X, np.zeros((3, 1)), loss="mse")
    assert "var·(3 / 2)" in explanation.text()  # n / (n − 1)
    assert check_workings(explanation) > 10


def test_penalties_and_decay():
    net = _net(1)

    def loss(p, y):
        return losses.mean_squared_error(p, y) + 0.01 * (net[0].weight ** 2).sum()

    optimizer = pl.optim.SGD(net.parameters(), lr=0.5, momentum=0.9, weight_decay=0.25)
    explanation = pl.explain(net, X[:1], np.ones((1, 1)), loss=loss, optimizer=optimizer)
    text = explanation.text()
    assert "LOSS: A LOSS OF YOUR OWN" not in text  # it has a name
    assert "L = mean + " in text
    assert "0.01" in text
    assert "λ·W₁" in text
    assert "λ = 0.25" in text
    assert check_workings(explanation) > 10
    text = pl.explain(net, X[:1], np.ones((1, 1)), loss=lambda p, y: ((p - y) ** 2).sum()).text()
    assert "LOSS: A LOSS OF YOUR OWN" in text


def _labels(shape, classes=3):
    return np.random.default_rng(0).integers(0, classes, shape)


@pytest.mark.parametrize(
    ("explained", "said"),
    [
        (lambda: pl.explain(_net(2), X, np.zeros((3, 2)), loss="mse"), "n = 3 samples × 2 outputs"),
        (lambda: pl.explain(_net(1), X, np.zeros((3, 1)), loss="mse"), "(n = 3 samples)"),
        (
            lambda: pl.explain(
                nn.Sequential(nn.Conv2d(1, 2, 3, rng=0)),
                np.zeros((2, 1, 5, 4)),
                np.zeros((2, 2, 3, 2)),
                loss="mse",
            ),
            "n = 2 samples × (2 × 3 × 2) outputs = 24 entries",
        ),
        (
            lambda: pl.explain(
                pl.models.GPT(3, context=4, width=4, heads=1, layers=1, rng=0),
                _labels((2, 4)),
                _labels((2, 4)),
            ),
            "n = 8 rows",
        ),
        (lambda: pl.explain(_mean_square, {"w": np.ones((2, 2))}), "n = 3 × 2 = 6 entries"),
        (lambda: pl.explain(_mean_square, {"w": np.ones((2, 1))}), "(n = 3 entries)"),
    ],
)
def test_what_n_counts(explained, said):
    assert said in " ".join(explained().text(full=True).split())


def _mean_square(p):
    return np.mean((X @ p["w"]) ** 2)
