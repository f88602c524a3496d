"""The live rules on courses of a training that were made up, number by number."""

from __future__ import annotations

import pytest

from pellucid.inspect.diagnosing.epochs import epoch_findings
from pellucid.inspect.diagnosing.live import live_findings
from pellucid.inspect.diagnosing.looks import Look, Past


def course(losses, *, norms=None, ratio=1e-3, first_over_last=1.0, spread=0.01, lr=0.1, start=2.3):
    """Return a past with one look for each loss."""
    past = Past(2.3, classifies=True)
    past.begin(start)
    for i, loss in enumerate(losses):
        norm = 1.0 if norms is None else norms[i]
        past.add(Look(i, 0, loss, spread, norm, first_over_last, {"0.weight": ratio}, (), 0.0, lr))
    return past


def seen(past):
    return [found.code for found in live_findings(past)]


FALLING = [2.3 * 0.9**i for i in range(14)]


def test_a_falling_loss():
    assert seen(course(FALLING)) == []


@pytest.mark.parametrize(("last", "expected"), [(2.4, True), (1.9, False)])
def test_divergence_is_twice_the_lowest(last, expected):
    assert ("divergence" in seen(course([2.0, 1.5, 1.1, last]))) is expected


def test_a_small_loss_that_doubles_is_no_divergence():
    assert seen(course([2.0, 1.0, 0.01, 0.02])) == []


def test_oscillation():
    jumps = [1.6, 3.2] * 7
    assert "oscillation" in seen(course(jumps))
    assert "oscillation" not in seen(course(jumps, spread=1.0)), "that is the noise of batches"
    assert "oscillation" not in seen(course(FALLING))


@pytest.mark.parametrize(("norm", "expected"), [(11.0, True), (9.0, False)])
def test_exploding_is_ten_times_the_median(norm, expected):
    past = course([*FALLING[:5], FALLING[0]], norms=[1.0] * 5 + [norm])
    assert ("exploding-gradient" in seen(past)) is expected


def test_a_gradient_that_grows_while_the_loss_falls_is_not_exploding():
    past = course(FALLING[:6], norms=[1.0] * 5 + [11.0])
    assert "exploding-gradient" not in seen(past)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(80.0, ["exploding-gradient"]), (0.01, ["vanishing-gradient"]), (0.05, []), (60.0, [])],
)
def test_the_first_layer_beside_the_last(ratio, expected):
    assert seen(course([2.3, 2.28, 2.27], first_over_last=ratio)) == expected


def test_vanishing_is_critical_below_a_thousandth():
    past = course([2.3, 2.28, 2.27], first_over_last=5e-4)
    assert [found.severity for found in live_findings(past)] == ["critical"]


def test_large_steps_are_a_fault_only_where_the_loss_is_poor():
    assert "learning-rate-too-high" in seen(course([2.3, 2.5, 2.6, 2.6, 2.7], ratio=0.2))
    assert "learning-rate-too-high" not in seen(course(FALLING, ratio=0.2))


def test_small_steps_are_a_fault_only_where_nothing_is_learnt():
    still = [2.3, 2.2999, 2.2998, 2.2997]
    assert seen(course(still, ratio=1e-5)) == ["learning-rate-too-low"]
    assert seen(course(FALLING, ratio=1e-5)) == []


def test_small_steps_at_the_end_of_a_schedule_are_meant():
    past = course([2.3, 2.2999, 2.2998], ratio=1e-5)
    past.highest_lr = 1.0
    assert seen(past) == []


def epochs(*pairs):
    past = course(FALLING)
    past.epochs = list(pairs)
    return [found.code for found in epoch_findings(past, 100, len(pairs))]


def test_a_flat_loss():
    assert epochs((2.31, None), (2.305, None), (2.303, None)) == ["flat-loss"]
    assert epochs((2.31, None), (2.0, None), (1.5, None)) == []


def test_overfitting_is_worse_validation_with_better_training():
    rising = ((1.0, 1.2), (0.8, 1.0), (0.6, 1.1), (0.4, 1.2))
    assert epochs(*rising) == ["overfitting"]
    assert epochs(*rising[:3], (0.4, 1.14)) == []
    assert epochs((1.0, 1.2), (0.8, 1.0), (0.78, 1.1), (0.75, 1.2)) == [], "training stands still"
    assert epochs((1.0, 1.2), (0.4, 0.3), (0.1, 0.09), (0.05, 0.2)) == [], "next to nothing lost"


@pytest.mark.parametrize(("loss", "expected"), [(4.7, ["divergence"]), (4.5, [])])
def test_an_epoch_twice_as_bad_as_the_start_needs_no_look(loss, expected):
    past = course([])
    past.epochs = [(loss, None)]
    assert [found.code for found in epoch_findings(past, 50, 1.0)] == expected


def test_a_flat_loss_with_tiny_updates_is_a_learning_rate_that_is_too_low():
    past = course([2.3], ratio=1e-6, lr=1e-7)
    past.epochs = [(2.3, None)] * 3
    (found,) = epoch_findings(past, 150, 3.0)
    assert found.code == "learning-rate-too-low"
    assert found.change == {"lr": 1e-4}, "so that an update is a thousandth, not a millionth"
