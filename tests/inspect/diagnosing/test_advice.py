"""Advice that was followed and has not helped is not given again."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import mlp

import pellucid as pl
from pellucid import nn
from pellucid.inspect import DoctorCallback
from pellucid.inspect.diagnosing.advice import Advice
from pellucid.inspect.diagnosing.looks import Look, Past
from pellucid.inspect.diagnosing.rules import explained, finding


def at(lr, loss, **values):
    past = Past(2.3, classifies=True)
    past.begin(2.3)
    past.add(Look(50, 1, loss, 0.0, 1.0, None, {"0.weight": 1e-6}, (), 0.0, lr, **values))
    return past


def low(lr):
    return finding("learning-rate-too-low", "seen", "raise", step=50, change={"lr": lr})


def high(lr):
    return finding("learning-rate-too-high", "seen", "lower", step=50, change={"lr": lr})


def test_what_has_failed_is_not_advised_again():
    advice = Advice()
    assert advice.revise([low(1.0)], at(0.1, 2.3)) == [low(1.0)]
    advice.told([low(1.0)], at(0.1, 2.3))
    assert advice.revise([low(1.0)], at(0.1, 2.3)) == [low(1.0)], "it was not followed yet"
    (again,) = advice.revise([low(10.0)], at(1.0, 2.3))
    assert again.code == "flat-loss"
    assert "raising the learning rate from 0.1 to 1 has not helped" in again.message


def test_what_has_helped_is_advised_again():
    advice = Advice()
    advice.told([low(1.0)], at(0.1, 2.3))
    assert advice.revise([low(10.0)], at(1.0, 2.0)) == [low(10.0)]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"varies": {"1": 0.002}}, "bad-initial-scale"),
        ({"dead": {"1": 1.0}}, "dead-units"),
        ({"varies": {"1": 0.2}, "dead": {"3": 0.4}}, "flat-loss"),
    ],
)
def test_the_next_cause_is_the_one_that_was_measured(values, code):
    advice = Advice()
    advice.told([low(1.0)], at(0.1, 2.3))
    assert [f.code for f in advice.revise([low(10.0)], at(1.0, 2.3, **values))] == [code]


def test_lowering_in_vain_leads_to_the_range_test():
    advice = Advice()
    advice.told([high(3.0)], at(30, 2.3))
    (found,) = advice.revise([high(0.3)], at(3, 2.3))
    assert found.change is None
    assert "lr-range" in found.suggestion


def test_between_too_low_and_too_high_is_the_middle():
    advice = Advice()
    advice.told([low(1.0)], at(0.01, 2.3))
    (found,) = advice.revise([high(0.01)], at(1.0, 2.2))
    assert found.change == {"lr": 0.1}
    assert "0.01 was found too low before" in found.suggestion


def test_raising_and_lowering_are_not_advised_together():
    kept, hidden = explained([low(1.0), finding("divergence", "", "", step=90, change={"lr": 0.1})])
    assert [f.code for f in kept] == ["divergence"]
    assert [f.code for f in hidden] == ["learning-rate-too-low"]


def test_advice_is_remembered_in_a_checkpoint():
    first, second = Advice(), Advice()
    first.told([low(1.0)], at(0.1, 2.3))
    second.restore(first.state())
    assert second.revise([low(10.0)], at(1.0, 2.3))[0].code == "flat-loss"


XOR = (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0]))


def small():
    net = mlp(2, 3, 1, activation=nn.Sigmoid)
    rng = np.random.RandomState(0)
    for parameter in net.parameters():
        wide = parameter.ndim == 2
        parameter.data[...] = rng.randn(*parameter.shape) * 0.1 if wide else 0
    return net


def followed(make, data, lr, **options):
    """Train again and again as the first finding advises; return all that was advised."""
    doctor, given = DoctorCallback(5), []
    for _ in range(5):
        pl.fit(
            make(), data, optimizer="sgd", lr=lr, callbacks=doctor, progress="none", rng=0,
            **options,
        )  # fmt: skip
        alarms = doctor.diagnosis.alarms
        if not alarms:
            break
        given.append((alarms[0].code, alarms[0].change))
        if "lr" not in (alarms[0].change or {}):
            break
        lr = alarms[0].change["lr"]
    return given


def test_one_doctor_over_several_trainings(digits):
    given = followed(small, XOR, 0.01, epochs=600, batch_size=4)
    assert [code for code, _ in given] == ["learning-rate-too-low", "bad-initial-scale"]
    given = followed(lambda: mlp(64, 32, 10), digits, 1e-6, epochs=8)
    rates = [change["lr"] for _, change in given if "lr" in (change or {})]
    assert rates[0] >= 1e-4, "one step of advice is enough to see whether it helps"
    assert rates == sorted(set(rates))


def test_a_doctor_begins_anew_with_another_training(digits):
    doctor = DoctorCallback(5)
    bad = mlp(64, 32, 10, weight_init="zeros")
    pl.fit(bad, digits, epochs=1, callbacks=doctor, progress="none", rng=0)
    assert [f.code for f in doctor.diagnosis.alarms] == ["symmetric-units"]
    pl.fit(mlp(64, 32, 10), digits, epochs=3, callbacks=doctor, progress="none", rng=0)
    assert doctor.diagnosis.alarms == ()
