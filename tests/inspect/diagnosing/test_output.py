"""Outputs that are stuck, or cannot reach the targets."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl
from pellucid import nn
from pellucid.inspect import DoctorCallback

SERIES = np.array([2.1, 3.2, 1.9, 4.8, 0.6, 4.2, 1.7, 4.7, 0.2, 5.7, 0.5, 5.0, 0.2])
WINDOWS = np.array([SERIES[i : i + 3] for i in range(10)])
NEXT = SERIES[3:13][:, None]


def rectified(seed):
    net = nn.Sequential(
        nn.Linear(3, 4, bias=False, rng=0), nn.ReLU(), nn.Linear(4, 1, bias=False, rng=1), nn.ReLU()
    )
    rng = np.random.RandomState(seed)
    for parameter in net.parameters():
        parameter.data[...] = rng.uniform(0, 1, parameter.shape)
    return net


@pytest.mark.parametrize("seed", range(3))
def test_an_output_that_dies_is_the_finding(seed):
    doctor = DoctorCallback()
    pl.fit(
        rectified(seed), (WINDOWS, NEXT), loss="mse", optimizer="sgd", lr=0.05, epochs=400,
        batch_size=10, callbacks=doctor, progress="none", rng=0,
    )  # fmt: skip
    assert [(f.code, f.severity) for f in doctor.diagnosis.findings] == [
        ("dead-output", "critical")
    ]
    (found,) = doctor.diagnosis.findings
    assert found.layer == "3"
    assert "softplus" in found.suggestion


def test_what_a_rectified_output_may_come_to_is_said_before():
    found = pl.doctor(rectified(0), (WINDOWS, NEXT), loss="mse").findings
    (note,) = [f for f in found if f.code == "relu-on-output"]
    assert note.severity == "note"
    assert "stays like that for ever" in note.message


@pytest.mark.parametrize(("shift", "severity"), [(-3.0, "critical"), (0.5, "warning")])
def test_negative_targets_cannot_be_reached(values, shift, severity):
    x, y = values
    net = nn.Sequential(mlp(4, 16, 1), nn.ReLU())
    for loss in ("mse", lambda o, t: ((o - t) ** 2).mean()):
        found = pl.doctor(net, (x, y + shift), loss=loss).findings
        (one,) = [f for f in found if f.code == "relu-on-output"]
        assert one.severity == severity
        assert "cannot reach" in one.message


def test_an_output_that_is_dead_at_the_start(values):
    net = nn.Sequential(mlp(4, 16, 1), nn.ReLU())
    net[0][2].bias.data[...] = -50
    assert "dead-output" in codes(pl.doctor(net, (values[0], np.abs(values[1]))))


def test_a_sigmoid_that_is_stuck(values):
    x, y = values
    shares = (1 / (1 + np.exp(-y))).astype(np.float32)
    net = nn.Sequential(mlp(4, 16, 1), nn.Sigmoid())
    net[0][2].bias.data[...] = -30
    doctor = watched(net, (x, shares), optimizer="sgd", lr=0.1, epochs=8, loss="mse")
    assert "dead-output" in codes(doctor.diagnosis)


def test_outputs_whose_targets_are_always_0_may_be_dead(values):
    x = np.abs(values[0])
    y = np.stack([x[:, 0], np.zeros(len(x), np.float32)], axis=1)
    net = nn.Sequential(mlp(4, 16, 2), nn.ReLU())
    net[0][2].bias.data[...] = [0.5, -50]
    doctor = watched(net, (x, y), loss="mse", lr=0.01, epochs=6)
    assert "dead-output" not in codes(doctor.diagnosis)


@pytest.mark.parametrize("layer", [nn.Sigmoid, nn.Tanh])
def test_bounds_are_seen_with_a_loss_of_ones_own(values, layer):
    net = nn.Sequential(mlp(4, 16, 1), layer())
    found = pl.doctor(net, (values[0], values[1] * 5), loss=lambda o, t: abs(o - t).mean())
    assert codes(found) == ["bounded-output"]
