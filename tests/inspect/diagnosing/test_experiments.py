"""Experiments on demand: each on a fault and on a sound network."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, UnknownNameError
from pellucid.inspect.diagnosing.experiments.range_test import steepest


def test_a_sound_network_passes(digits):
    diagnosis = pl.doctor(
        mlp(64, 32, 10), digits, experiments=["overfit-batch", "ignores-input", "gradients"]
    )
    assert codes(diagnosis) == []
    assert diagnosis.results["overfit-batch"]["error"] == 0
    assert diagnosis.results["ignores-input"]["loss"] < 1
    assert diagnosis.results["ignores-input"]["loss_on_zeros"] > 2.2
    assert max(diagnosis.results["gradients"]["errors"].values()) < 1e-6


class Deaf(nn.Module):
    """A network that does not listen."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(64, 10, rng=0)

    def forward(self, x):
        return self.last(0 * x)


def test_a_network_that_cannot_learn_by_heart(digits):
    found = pl.doctor(Deaf(), digits, experiments="overfit-batch")
    assert codes(found) == ["cannot-overfit-batch"]
    assert found.results["overfit-batch"]["updates"] == 1000


def test_labels_that_do_not_belong_to_the_inputs(digits):
    x, y = digits
    shuffled = np.random.default_rng(0).permutation(y)
    found = pl.doctor(mlp(64, 32, 10), (x, shuffled), experiments="ignores-input")
    assert codes(found) == ["ignores-input"]


def test_a_gradient_that_is_wrong(values):
    class Wrong(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 8, rng=0, weight_init="he_normal")
            self.last = nn.Linear(8, 1, rng=1)

        def forward(self, x):
            hidden = pl.tanh(self.first(x))
            # The same numbers as `hidden`, but half of the gradient is lost on the way back
            return self.last(0.5 * hidden + 0.5 * hidden.data)

    diagnosis = pl.doctor(Wrong(), values, experiments="gradients")
    assert codes(diagnosis) == ["wrong-gradient"]
    found = diagnosis.alarms[0]
    assert (found.layer, found.severity) == ("first", "critical")
    assert found.measured == pytest.approx(0.5, rel=1e-3)


def test_the_range_test_suggests_a_rate(digits):
    net = mlp(64, 32, 10)
    optimizer = pl.optim.SGD(net.parameters(), lr=1e-5)
    diagnosis = pl.doctor(net, digits, optimizer=optimizer, experiments="lr-range")
    result = diagnosis.results["lr-range"]
    assert len(result["lr"]) == len(result["loss"]) > 50
    assert result["lr"][0] == pytest.approx(1e-6)
    assert 0.05 <= result["suggestion"] <= 1
    note = next(f for f in diagnosis.findings if f.code == "learning-rate-range")
    assert note.change == {"lr": result["suggestion"]}


def test_the_steepest_half_decade_is_suggested():
    rates = np.geomspace(1e-6, 10, 141)  # twenty a decade
    below = np.interp(np.log10(rates), [-6, -3, -2.5, -1, 1], [2.3, 2.3, 1.0, 0.9, 9.0])
    noisy = below.copy()
    noisy[:5] += 3.0  # the first losses, before their mean is one
    for losses in (below, noisy):
        suggested = steepest(list(zip(rates.tolist(), losses.tolist(), strict=True)))
        assert suggested == pytest.approx(10**-2.75, rel=0.02)
    assert steepest([(rate, 1.0) for rate in rates.tolist()]) is None
    assert steepest([(1e-6, 2.0)]) is None


def test_an_optimizer_by_its_name(digits):
    net = mlp(64, 32, 10)
    diagnosis = pl.doctor(net, digits, optimizer="sgd", lr=1e-5, experiments="lr-range")
    assert "learning-rate-range" in [found.code for found in diagnosis.findings]
    with pytest.raises(UnknownNameError, match="adam"):
        pl.doctor(net, digits, optimizer="adamm")
    with pytest.raises(DataError, match="of its own"):
        pl.doctor(net, digits, optimizer=pl.optim.SGD(net.parameters(), lr=0.1), lr=0.1)


def test_values_and_series(values):
    diagnosis = pl.doctor(mlp(4, 32, 1), values, experiments="overfit-batch")
    assert codes(diagnosis) == []
    assert diagnosis.results["overfit-batch"]["error"] < 0.05


def test_the_nearest_name_is_suggested(digits):
    with pytest.raises(UnknownNameError, match="overfit-batch"):
        pl.doctor(mlp(64, 32, 10), digits, experiments="overfit-batsh")
