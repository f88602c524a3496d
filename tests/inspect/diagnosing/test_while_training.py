"""What is found while a network trains: each rule on a fault that fires it, and sound trainings."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, NonFiniteError
from pellucid.inspect import Diagnosis, DoctorCallback
from pellucid.training import LambdaCallback, Trainer


def dead():
    return mlp(64, 32, 10, bias_init=nn.init.Constant(-20.0))


class Unused(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 32, rng=0)
        self.forgotten = nn.Linear(32, 32, rng=0)

    def forward(self, x):
        return self.first(x)[:, :10]


FAULTS = {
    "dead-units": lambda: (dead(), {}),
    "learning-rate-too-low": lambda: (mlp(64, 32, 10), {"lr": 1e-7}),
    "vanishing-gradient": lambda: (mlp(64, *[24] * 7, 10, activation=nn.Sigmoid), {"epochs": 2}),
    "untrained-parameter": lambda: (Unused(), {}),
}


SEEN_BEFORE = ("dead-units", "untrained-parameter")


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found(digits, code):
    net, options = FAULTS[code]()
    doctor = watched(net, digits, **options)
    assert codes(doctor.diagnosis) == [code]
    found = doctor.diagnosis.alarms[0]
    if code in SEEN_BEFORE:
        assert found.step is None
    else:
        assert found.step is not None
        assert found.step >= 15, "three looks, one every five updates"


def test_weight_decay_that_dominates(digits):
    net = mlp(64, 32, 10)
    doctor = watched(
        net, digits, optimizer=pl.optim.SGD(net.parameters(), lr=0.01, weight_decay=10.0)
    )
    assert codes(doctor.diagnosis) == ["regularisation-dominates"]
    assert doctor.diagnosis.alarms[0].change == {"weight_decay": 1.0}


def test_a_learning_rate_that_is_too_high(digits):
    doctor = watched(mlp(64, 32, 10, activation=nn.Tanh), digits, lr=3.0, epochs=4)
    found = {f.code: f for f in doctor.diagnosis.findings}
    assert "learning-rate-too-high" in found
    assert found["learning-rate-too-high"].change == {"lr": 0.3}
    assert "learning-rate-too-low" not in found


def test_saturated_units(values):
    x, y = values
    shuffled = np.random.default_rng(3).permutation(y)
    net = mlp(4, 16, 16, 1, activation=nn.Tanh)
    begin = LambdaCallback(on_epoch_begin=lambda trainer: _times(net, 30))
    doctor = DoctorCallback(5)
    pl.fit(net, (x, shuffled), epochs=4, lr=1e-4, progress="none", rng=0, callbacks=[doctor, begin])
    assert "saturated-units" in codes(doctor.diagnosis)


def _times(net, factor):
    if abs(net[0].weight.data).max() < 10:
        net[0].weight.data *= factor


def test_shuffled_labels_leave_the_validation_loss_where_it_was(digits):
    x, y = digits
    y = np.random.default_rng(0).permutation(y)
    doctor = watched(mlp(64, 32, 10), (x[:480], y[:480]), validation=(x[480:], y[480:]), epochs=9)
    assert "flat-loss" in codes(doctor.diagnosis)


def test_overfitting(digits):
    x, y = digits
    rng = np.random.default_rng(0)
    noisy = np.where(rng.random(80) < 0.2, rng.integers(0, 10, 80), y[:80])
    doctor = watched(
        mlp(64, 128, 10), (x[:80], noisy), validation=(x[480:], y[480:]), epochs=90, lr=0.01
    )
    assert "overfitting" in codes(doctor.diagnosis)
    assert doctor.diagnosis.alarms[-1].change == {"patience": 5}


def test_the_layer_of_a_nan_is_named(values):
    net = nn.Sequential(mlp(4, 8, 1), nn.Lambda(pl.log))
    doctor = DoctorCallback(5)
    with pytest.raises(NonFiniteError):
        pl.fit(net, values, epochs=2, callbacks=doctor, progress="none", rng=0)
    found = [f for f in doctor.diagnosis.findings if f.code == "non-finite"]
    assert [f.layer for f in found] == ["1"]
    assert "in the forward pass" in found[0].message


SOUND = {
    "relu": (lambda: mlp(64, 32, 10), {}),
    "tanh, sgd": (
        lambda: mlp(64, 32, 10, activation=nn.Tanh),
        {"optimizer": "sgd", "lr": 0.1},
    ),
    "cosine": (lambda: mlp(64, 32, 10), {"schedule": "cosine", "epochs": 5}),
    "until nothing is left": (lambda: mlp(64, 64, 10), {"epochs": 25, "lr": 0.01}),
    "dropout, batch norm": (
        lambda: nn.Sequential(
            nn.Linear(64, 48, rng=0), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3, rng=1),
            nn.Linear(48, 10, rng=2),
        ),
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_training_gets_no_finding(digits, name):
    make, options = SOUND[name]
    doctor = watched(make(), digits, **options)
    assert codes(doctor.diagnosis) == []
    assert not [f for f in doctor.diagnosis.cleared if f.is_alarm]


def _net():
    return nn.Sequential(
        nn.Linear(64, 24, rng=0), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(24, 10, rng=1),
    )  # fmt: skip


def _trained(digits, *callbacks):
    pl.seed(3)
    net = _net()
    pl.fit(net, digits, epochs=3, callbacks=list(callbacks), progress="none", rng=0)
    return net.state_dict()


@pytest.mark.parametrize("every", [None, 1, 7])
def test_the_bits_are_those_without_the_doctor(digits, every):
    doctor = DoctorCallback(every)
    np.testing.assert_equal(_trained(digits, doctor), _trained(digits))
    assert doctor.past.looks


def test_a_resumed_training_finds_the_same(digits, tmp_path):
    def trainer():
        pl.seed(1)
        return Trainer(
            dead(), digits, epochs=4, callbacks=[DoctorCallback(5)], progress="none", rng=0
        )

    whole = trainer()
    whole.run()
    first = trainer()
    first.run(2)
    first.save(tmp_path / "half")
    second = trainer()
    second.restore(tmp_path / "half")
    second.run()
    theirs, ours = (t.callbacks[-1] for t in (whole, second))
    assert isinstance(ours, DoctorCallback)
    assert ours.diagnosis.to_dict() == theirs.diagnosis.to_dict()
    assert codes(ours.diagnosis) == ["dead-units"]


def test_the_file_is_kept_up_to_date(digits, tmp_path):
    path = tmp_path / "doctor.json"
    doctor = DoctorCallback(5, path=path)
    pl.fit(dead(), digits, epochs=3, callbacks=doctor, progress="none", rng=0)
    kept = json.loads(path.read_text("utf-8"))
    assert [f["code"] for f in kept["findings"] if f["severity"] != "note"] == ["dead-units"]
    assert Diagnosis.from_dict(kept).to_dict() == kept


def test_one_that_is_not_active_only_keeps_what_was_seen(digits):
    doctor = DoctorCallback(5, active=False)
    pl.fit(dead(), digits, epochs=2, callbacks=doctor, progress="none", rng=0)
    assert doctor.diagnosis.findings == ()
    assert not doctor.past.looks


@pytest.mark.parametrize("every", [0, -1, True])
def test_an_interval_is_a_number_of_updates(every):
    with pytest.raises(DataError, match="every is a number of updates"):
        DoctorCallback(every)
