"""Classes of different size: a note, and a warning where a rare one is not learnt."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl
from pellucid import nn


def rare(shift, share=0.04, rows=1000, classes=2, seed=0):
    """Return samples of which few are of the last class, which lies apart by `shift`."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes - 1, rows)
    y[rng.random(rows) < share] = classes - 1
    x = rng.standard_normal((rows, 4))
    x[:, 0] += 2.5 * y * (y < classes - 1)
    x[:, 1] += shift * (y == classes - 1)
    return x.astype(np.float32), y


def severity(diagnosis):
    return [found.severity for found in diagnosis.findings if found.code == "class-imbalance"]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize(("shift", "expected"), [(4.5, "note"), (0.5, "warning")])
def test_it_depends_on_what_was_learnt(classes, held, shift, expected):
    train = rare(shift, classes=classes)
    validation = rare(shift, classes=classes, seed=1) if held else None
    net = mlp(4, 16, classes)
    assert severity(pl.doctor(net, train)) == ["note"]
    doctor = watched(net, train, validation=validation, epochs=15, lr=0.005)
    assert severity(doctor.diagnosis) == [expected]
    if expected == "warning":
        (found,) = (f for f in doctor.diagnosis.findings if f.code == "class-imbalance")
        where = "validation" if held else "training"
        assert f"{where} samples of class {classes - 1} the trained network gets" in found.message
        assert found.change == {"class_weight": "balanced"}
    else:
        assert codes(doctor.diagnosis) == []


def test_yes_or_no_with_one_output():
    for shift, expected in ((4.5, "note"), (0.5, "warning")):
        x, y = rare(shift, share=0.05)
        doctor = watched(mlp(4, 16, 1), (x, y), loss="binary_cross_entropy_with_logits",
                         epochs=15, lr=0.005)  # fmt: skip
        assert severity(doctor.diagnosis) == [expected]


def test_few_held_samples_of_the_class_are_not_judged():
    train, (x, y) = rare(4.5), rare(0.0, seed=1)
    some = np.flatnonzero(y == 0)[:50].tolist() + np.flatnonzero(y == 1)[:3].tolist()
    doctor = watched(mlp(4, 16, 2), train, validation=(x[some], y[some]), epochs=15, lr=0.005)
    assert severity(doctor.diagnosis) == ["note"]


def test_it_goes_when_the_training_goes_on_and_learns():
    train = rare(4.5)
    net = mlp(4, 16, 2)
    doctor = watched(net, train, epochs=1, lr=1e-5)
    assert severity(doctor.diagnosis) == ["warning"]
    state = doctor.state_dict()
    pl.fit(net, train, epochs=15, lr=0.01, callbacks=doctor, progress="none", rng=0)
    assert severity(doctor.diagnosis) == ["note"]
    doctor.load_state_dict(state)
    assert severity(doctor.diagnosis) == ["warning"]


def test_the_warning_is_said_though_the_note_was_not():
    lines = []

    class Display(pl.training.ProgressDisplay):
        def say(self, line):
            lines.append(line)
            return True

    watched(mlp(4, 16, 2), rare(0.5), epochs=3, lr=1e-3, every=5)
    doctor = pl.inspect.DoctorCallback(5)
    pl.fit(
        mlp(4, 16, 2), rare(0.5), epochs=3, callbacks=[Display(), doctor], progress="none", rng=0
    )
    assert sum("class-imbalance" in line or "different size" in line for line in lines) == 1


def test_weighted_classes_are_no_imbalance():
    doctor = watched(mlp(4, 16, 2), rare(0.5), epochs=3, lr=1e-3, class_weight="balanced")
    assert severity(doctor.diagnosis) == []


def test_a_network_of_rare_classes_with_batch_norm_is_left_as_it_was():
    net = nn.Sequential(
        nn.Linear(4, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2, rng=1)
    )
    plain = nn.Sequential(
        nn.Linear(4, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2, rng=1)
    )
    watched(net, rare(0.5), epochs=2)
    pl.fit(plain, rare(0.5), epochs=2, progress="none", rng=0)
    np.testing.assert_equal(net.state_dict(), plain.state_dict())
