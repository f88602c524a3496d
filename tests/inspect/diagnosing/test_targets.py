"""Targets of an unusual scale, and targets among the inputs; settings of the optimizer."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl


@pytest.mark.parametrize(
    ("factor", "shift", "expected"),
    [(80_000, 250_000, True), (300, 0, True), (1, 0, False), (8, 20, False)],
)
def test_scale_of_the_targets(values, factor, shift, expected):
    x, y = values
    found = codes(pl.doctor(mlp(4, 16, 1), (x, y * factor + shift)))
    assert bool({"unscaled-targets", "loss-at-start"} & set(found)) is expected


@pytest.mark.parametrize("scale", [1.0, -3.5])
def test_a_target_among_the_inputs(values, scale):
    x, y = values
    leaking = np.concatenate([x, y * scale + 1], axis=1)
    (found,) = pl.doctor(mlp(5, 16, 1), (leaking, y)).alarms
    assert (found.code, found.measured) == ("target-among-inputs", 4)
    nearly = leaking + np.array([0, 0, 0, 0, 0.05], np.float32) * x[:, :1]
    assert codes(pl.doctor(mlp(5, 16, 1), (nearly, y))) == []


@pytest.mark.parametrize(("right", "expected"), [(1.0, True), (0.97, False)])
def test_a_class_among_the_inputs(values, right, expected):
    x = values[0].copy()
    y = np.arange(len(x)) % 3
    rng = np.random.default_rng(0)
    seen = np.where(rng.random(len(x)) < right, y, (y + 1) % 3)
    x[:, 2] = np.array([0.3, -1.0, 1.7])[seen]
    assert ("target-among-inputs" in codes(pl.doctor(mlp(4, 16, 3), (x, y)))) is expected


def test_an_exercise_of_one_input_is_no_leak():
    x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    assert codes(pl.doctor(mlp(1, 8, 1), (x, 3 * x + 2))) == []


def test_inputs_that_are_all_alike(digits):
    found = pl.doctor(mlp(64, 16, 10), (np.ones_like(digits[0]), digits[1])).findings
    assert ("constant-columns", "critical") in [(f.code, f.severity) for f in found]


@pytest.mark.parametrize("loss", ["mse", "mean_absolute_error", "huber"])
def test_amounts_for_classes_whatever_the_distance(digits, loss):
    y = digits[1].astype(np.float32)[:, None]
    assert "squared-error-on-classes" in codes(pl.doctor(mlp(64, 16, 1), (digits[0], y), loss=loss))


@pytest.mark.parametrize(("momentum", "expected"), [(0.999, True), (0.99, False), (0.9, False)])
def test_momentum(digits, momentum, expected):
    net = mlp(64, 16, 10)
    optimizer = pl.optim.SGD(net.parameters(), lr=0.01, momentum=momentum)
    found = codes(pl.doctor(net, digits, optimizer=optimizer))
    assert ("momentum-too-high" in found) is expected


def test_a_schedule_that_ends_at_once(digits):
    net = mlp(64, 16, 10)
    adam = pl.optim.Adam(net.parameters(), lr=1e-3)
    schedule = pl.optim.schedules.Exponential(adam, 0.3)
    doctor = watched(net, digits, optimizer=adam, schedule=schedule, epochs=4)
    assert codes(doctor.diagnosis) == ["schedule-ends-early"]


def test_clipping_that_leaves_nothing_is_the_cause(digits):
    doctor = watched(mlp(64, 16, 10), digits, optimizer="sgd", lr=0.1, grad_clip=1e-6, epochs=4)
    (found,) = doctor.diagnosis.alarms
    assert found.code == "learning-rate-too-low"
    assert set(found.change) == {"grad_clip"}
    assert found.change["grad_clip"] > 0.1


def test_the_larger_of_two_penalties_is_to_be_lowered(digits):
    net = mlp(64, 16, 10)
    sgd = pl.optim.SGD(net.parameters(), lr=0.05, l1=0.5)
    doctor = watched(net, digits, optimizer=sgd, epochs=3)
    (found,) = [f for f in doctor.diagnosis.alarms if f.code == "regularisation-dominates"]
    assert set(found.change) == {"l1"}
    assert "L1" in found.suggestion
