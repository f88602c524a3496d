"""The network at the end, beside predictions without learning."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

from pellucid import nn
from pellucid.data import Part


class Reader(nn.Module):
    def __init__(self, seed=0):
        super().__init__()
        self.cells = nn.GRU(1, 8, rng=seed)
        self.last = nn.Linear(8, 1, rng=seed + 1)

    def forward(self, x):
        states, _ = self.cells(x)
        return self.last(states[:, -1])


def windows(series, steps):
    x = np.stack([series[i : i + steps] for i in range(len(series) - steps)])
    x, y = x.astype(np.float32), series[steps:, None].astype(np.float32)
    cut = len(x) * 3 // 4
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def walk():
    return np.cumsum(np.random.default_rng(0).standard_normal(500)) * 0.2


def season():
    t = np.arange(500)
    noise = 0.05 * np.random.default_rng(0).standard_normal(500)
    return np.sin(2 * np.pi * t / 12) + 2 * (t % 12 == 3) + noise


@pytest.mark.parametrize(
    ("series", "flat", "said"),
    [(walk, False, "the last value"), (walk, True, "the last value"), (season, False, "12 steps")],
)
def test_a_forecast_worse_than_the_naive_one(series, flat, said):
    train, judged = windows(series(), 24)
    if flat:
        net = mlp(24, 8, 1)
    else:
        net = Reader()
        train, judged = ((x[:, :, None], y) for x, y in (train, judged))
    doctor = watched(net, train, validation=judged, epochs=2, lr=3e-4)
    (found,) = [f for f in doctor.diagnosis.alarms if f.code == "worse-than-naive"]
    assert said in found.message


def test_a_forecast_that_is_better_has_no_finding():
    train, judged = windows(np.sin(np.arange(400) / 3), 12)
    train, judged = ((x[:, :, None], y) for x, y in (train, judged))
    doctor = watched(Reader(), train, validation=judged, epochs=15, lr=0.02)
    assert codes(doctor.diagnosis) == []


def test_columns_of_a_table_are_no_series(values):
    doctor = watched(mlp(4, 8, 1), values, epochs=1, lr=1e-5)
    assert "worse-than-naive" not in codes(doctor.diagnosis)


def test_a_regression_that_learns_nothing_of_other_samples():
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal((300, n)).astype(np.float32) for n in (5, 1))
    doctor = watched(
        mlp(5, 8, 1), (x[:200], y[:200]), validation=(x[200:], y[200:]), epochs=12, lr=0.01
    )
    found = set(codes(doctor.diagnosis))
    assert found & {"no-better-than-guess", "overfitting", "flat-loss"}


def test_a_classifier_that_always_says_the_same(values):
    x = values[0]
    y = (np.random.default_rng(0).random(len(x)) < 0.2).astype(int)
    net = mlp(4, 8, 2)
    net[2].weight.data *= 0.1
    net[2].bias.data[...] = [3, -3]
    doctor = watched(net, (x, y), epochs=2, class_names=("healthy", "ill"))
    (found,) = [f for f in doctor.diagnosis.alarms if f.code == "no-better-than-guess"]
    assert "says 'healthy' for every one of the 300 training samples" in found.message
    assert found.change in ({"class_weight": "balanced"}, {"epochs": 6})


def test_classes_that_count_the_same_are_judged_so(values):
    x = values[0].copy()
    y = np.zeros(len(x), int)
    y[::12] = 1
    x[y == 1, 0] += 1.5
    doctor = watched(mlp(4, 8, 2), (x, y), epochs=25, lr=0.01, class_weight="balanced")
    assert codes(doctor.diagnosis) == []


def test_what_is_learnt_by_heart_is_said_plainly(digits):
    x, y = digits
    shuffled = np.random.default_rng(0).permutation(y)
    doctor = watched(
        mlp(64, 64, 10), Part(x[:100], shuffled[:100]),
        validation=Part(x[100:], shuffled[100:]), epochs=30, lr=0.01,
    )  # fmt: skip
    (found,) = [f for f in doctor.diagnosis.alarms if f.code == "overfitting"]
    assert "nothing that was learnt holds for other samples" in found.message
