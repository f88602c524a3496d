"""Trainings that end before three looks, and faults that were found by other people's networks."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.data import Part
from pellucid.inspect import DoctorCallback
from pellucid.inspect.diagnosing.epochs import epoch_findings
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.looks import Past
from pellucid.inspect.diagnosing.persistence import Persistence


def _fit(net, train, every, **options):
    doctor = DoctorCallback(every)
    pl.fit(net, train, callbacks=doctor, progress="none", rng=0, **options)
    return doctor.diagnosis


def _codes(diagnosis):
    return [found.code for found in diagnosis.alarms]


def _net(*between, inputs=64):
    return nn.Sequential(
        nn.Linear(inputs, 32, rng=0), nn.ReLU(), *between, nn.Linear(32, 10, rng=1)
    )


def _images(digits):
    return Part(digits.train.x.reshape(-1, 1, 8, 8), digits.train.y)


def _convolutional():
    rng = np.random.default_rng(11)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10, rng=rng),
    )  # fmt: skip


@pytest.fixture(scope="module")
def digits():
    return pl.data.load("digits")


def test_one_look_is_enough_where_nothing_was_learnt(digits):
    found = _fit(_convolutional(), _images(digits), 5, optimizer="adam", lr=0.3, epochs=2)
    rare = _fit(_convolutional(), _images(digits), 80, optimizer="adam", lr=1e-7, epochs=2)
    assert "learning-rate-too-high" in _codes(found)
    assert found.alarms[0].change == {"lr": 0.03}
    assert _codes(rare) == ["learning-rate-too-low"]


def test_one_look_at_a_training_that_learns_is_no_finding(digits):
    assert _codes(_fit(_net(), digits.train, 40, optimizer="adam", lr=1e-3, epochs=1)) == []


@pytest.mark.parametrize("every", [40, 25])
def test_few_looks_show_a_layer_that_stands_still(digits, every):
    net = _net()
    adam = pl.optim.Adam(list(net[2].parameters()), lr=1e-3)
    found = _fit(net, digits.train, every, optimizer=adam, epochs=2)
    assert _codes(found)[0] == "parameters-not-given"
    assert "untrained-parameter" in [f.code for f in found.suppressed]


@pytest.mark.parametrize("looks, counts", [(1, True), (2, True), (3, False), (0, False)])
def test_settling(looks, counts):
    found = Finding("warning", "flat-loss", "", 1, None, None, "", "", "")
    kept = Persistence(fires=9)
    for _ in range(min(looks, 2)):
        kept.update([found])
    assert bool(kept.settle(looks)) is counts
    assert bool(kept.active) is counts


def test_inputs_of_another_scale_explain_the_first_loss():
    clouds = pl.data.load("blobs")
    net = nn.Sequential(nn.Linear(2, 128, rng=0), nn.ReLU(), nn.Linear(128, 3, rng=1))
    assert abs(clouds.train.x).max() > 5
    assert _codes(pl.doctor(net, clouds.train)) == []


def test_dropout_that_leaves_nothing(digits):
    diagnosis = pl.doctor(_net(nn.Dropout(0.95, rng=0)), digits.train)
    assert _codes(diagnosis) == ["too-much-dropout"]
    assert diagnosis.alarms[0].change == {"dropout": 0.5}
    assert _codes(pl.doctor(_net(nn.Dropout(0.5, rng=0)), digits.train)) == []


def test_yes_and_no_as_amounts(digits):
    y = digits.train.y
    answers = np.stack([y % 2, y > 4, y % 3 == 0], axis=1).astype(np.float32)
    net = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 3, rng=1))
    found = pl.doctor(net, (digits.train.x, answers), loss="mean_squared_error").alarms
    assert [f.code for f in found] == ["squared-error-on-classes"]
    assert found[0].change == {"loss": "binary_cross_entropy_with_logits"}


def test_decoupled_decay_that_leaves_nothing(digits):
    net = _net()
    adam = pl.optim.AdamW(net.parameters(), lr=0.01, weight_decay=50.0)
    assert "regularisation-dominates" in _codes(
        _fit(net, digits.train, 5, optimizer=adam, epochs=2)
    )


def test_four_samples_need_more_than_three_epochs():
    data = pl.data.load("or")
    net = nn.Sequential(nn.Linear(2, 2, rng=3))
    diagnosis = _fit(net, data.train, 1, optimizer="adam", lr=0.01, epochs=20)
    assert "flat-loss" not in _codes(diagnosis)


def test_validation_is_not_judged_before_all_samples_were_seen():
    past = Past(prior=2.0, classifies=True)
    past.begin(2.1)
    past.epochs = [(2.1, 2.2)] * 6
    assert [f.code for f in epoch_findings(past, 200, passes=0.1)] == []
    assert "flat-loss" in [f.code for f in epoch_findings(past, 200, passes=1.5)]


def _convolutions(digits):
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=0), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(64, 10, rng=1),
    )  # fmt: skip
    return net, _images(digits)


def _recurrent(digits):
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = nn.LSTM(8, 12, rng=0)
            self.last = nn.Linear(12, 10, rng=1)

        def forward(self, x):
            outputs, _ = self.cells(x)
            return self.last(outputs[:, -1])

    return Reader(), Part(digits.train.x.reshape(-1, 8, 8), digits.train.y)


@pytest.mark.parametrize("make", [_convolutions, _recurrent])
def test_convolutions_and_cells_get_the_same_bits(digits, make):
    kept = []
    for doctor in (None, DoctorCallback(3), DoctorCallback(active=False)):
        pl.seed(5)
        net, train = make(digits)
        watching = [] if doctor is None else [doctor]
        pl.fit(net, train, epochs=1, callbacks=watching, progress="none", rng=0)
        kept.append(net.state_dict())
        assert doctor is None or bool(doctor.past.looks) is doctor.active
    np.testing.assert_equal(kept[1], kept[0])
    np.testing.assert_equal(kept[2], kept[0])
