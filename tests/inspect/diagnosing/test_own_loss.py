"""Losses of one's own: what they compare with what."""

from __future__ import annotations

import contextlib
import sys

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl
from pellucid import nn
from pellucid.errors import NonFiniteError
from pellucid.inspect import DoctorCallback


@pytest.fixture(scope="module")
def lines():
    rng = np.random.RandomState(0)
    x = rng.randn(200, 3)
    return x, x @ np.array([1.0, -2, 0.5]) + 3


def squared(output, target):
    return ((output - target) ** 2).mean()


def in_steps(output, target):
    error = target - output.reshape(-1)
    return abs(error).mean()


def cross_entropy(output, target):
    p = pl.sigmoid(output)
    return -(target * pl.log(p + 1e-6) + (1 - target) * pl.log(1 - p + 1e-6)).mean()


@pytest.mark.parametrize(
    ("loss", "column"),
    [(squared, False), (in_steps, True), (cross_entropy, False)],
    ids=["(N, 1) - (N,)", "(N, 1) - (N,), target first", "by hand"],
)
def test_every_output_beside_every_target(lines, loss, column):
    x, y = lines
    y = (y > 3).astype(float) if loss is cross_entropy else y
    found = pl.doctor(mlp(3, 8, 1), (x, y[:, None] if column else y), loss=loss).findings
    assert [(f.code, f.severity) for f in found] == [("loss-broadcasts", "critical")]
    assert "makes (N, N)" in found[0].message
    assert loss.__name__ in found[0].message


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or coverage holds the trace")
def test_the_line_is_named(lines):
    found = pl.doctor(mlp(3, 8, 1), lines, loss=squared).findings[0]
    number = squared.__code__.co_firstlineno + 1
    assert f"line {number} of test_own_loss.py" in found.message
    assert "((output - target) ** 2).mean()" in found.message
    assert sys.gettrace() is None


def test_it_is_found_in_training_too_and_explains_the_rest(lines):
    doctor = watched(mlp(3, 8, 1), lines, loss=squared, epochs=20)
    assert codes(doctor.diagnosis) == ["loss-broadcasts"]


MIXED = {
    "mean first": lambda o, t: (o.mean() - t.mean()) ** 2,
    "sum first": lambda o, t: abs(o.sum() - t.sum()),
    "deviation of the means": lambda o, t: ((o - t).mean() + 1) ** 2,
}


@pytest.mark.parametrize("name", MIXED)
def test_a_loss_that_compares_means(lines, name):
    found = pl.doctor(mlp(3, 8, 1), (lines[0], lines[1][:, None]), loss=MIXED[name])
    assert codes(found) == ["loss-mixes-samples"]


IGNORING = {
    "loss-ignores-target": {
        "only the output": lambda o, t: (o**2).mean(),
        "no square": lambda o, t: (o - t).mean(),
        "the shape only": lambda o, t: (o**2).sum() / len(t),
    },
    "loss-ignores-output": {
        "rounded": lambda o, t: ((pl.floor(o) - t) ** 2).mean(),
        "cut off": lambda o, t: ((pl.tensor(o.data, requires_grad=True) - t) ** 2).mean(),
        "plain numbers": lambda o, t: float(((o.data - t) ** 2).mean()),
    },
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, losses in IGNORING.items() for name in losses]
)
def test_a_loss_that_ignores_one_side(lines, code, name):
    found = pl.doctor(mlp(3, 8, 1), (lines[0], lines[1][:, None]), loss=IGNORING[code][name])
    assert codes(found) == [code]


def contrastive(output, target):
    n = output.shape[0]
    between = ((output.reshape(n, 1, 1) - output.reshape(1, n, 1)) ** 2).sum(axis=2)
    same = (target[:, None] == target[None, :]).astype(np.float32)
    return (same * between + (1 - same) * pl.maximum(1 - between, 0.0)).mean()


def pinball(output, target):
    quantiles = np.array([0.1, 0.5, 0.9])
    error = target - output
    return pl.maximum(quantiles * error, (quantiles - 1) * error).mean()


def unsure(output, target):
    mean, log_variance = output[:, :1], output[:, 1:2]
    return (log_variance + (target - mean) ** 2 * pl.exp(-log_variance)).mean()


SOUND = {
    "squared": (squared, 1),
    "absolute, far targets": (lambda o, t: abs(o - (t + 300)).mean(), 1),
    "sum": (lambda o, t: ((o - t) ** 2).sum(), 1),
    "weighted": (lambda o, t: ((o - t) ** 2 * (1 + (t > 0))).mean(), 1),
    "penalty": (lambda o, t: ((o - t) ** 2).mean() + 1e-3 * (o**2).sum(), 1),
    "pinball": (pinball, 3),
    "mean and variance": (unsure, 2),
    "correlation": (lambda o, t: -(o * (t - t.mean())).mean(), 1),
}


@pytest.mark.parametrize("name", SOUND)
def test_losses_that_are_meant_so(lines, name):
    loss, outputs = SOUND[name]
    found = pl.doctor(mlp(3, 8, outputs), (lines[0], lines[1][:, None]), loss=loss)
    assert [f for f in codes(found) if f.startswith("loss-") and f != "loss-at-start"] == []


def test_pairs_of_samples_may_be_meant(lines):
    x, y = lines
    found = pl.doctor(mlp(3, 8, 1), (x, (y > 3).astype(int)), loss=contrastive)
    assert codes(found) == []


def test_a_loss_that_draws_is_left_alone(lines):
    rng = np.random.default_rng(0)

    def noisy(output, target):
        return ((output - target + rng.standard_normal(output.shape)) ** 2).mean()

    assert codes(pl.doctor(mlp(3, 8, 1), (lines[0], lines[1][:, None]), loss=noisy)) == []


def test_a_sum_over_the_batch_is_named_where_steps_are_too_large(lines):
    x, y = lines
    doctor = DoctorCallback(5)
    with contextlib.suppress(NonFiniteError):
        pl.fit(
            mlp(3, 8, 1, activation=nn.Tanh), (x, y[:, None]), loss=SOUND["sum"][0],
            optimizer="sgd", lr=1.0, epochs=8, batch_size=50, callbacks=doctor, progress="none",
            rng=0,
        )  # fmt: skip
    found = [f for f in doctor.diagnosis.alarms if f.change]
    assert found
    assert all("take the mean in the loss" in f.suggestion for f in found)
