"""Schedules: resuming, units, names, and the shapes that PyTorch does not have."""

import math
from itertools import pairwise

import numpy as np
import pytest

from pellucid import Parameter
from pellucid.errors import CheckpointError, DataError
from pellucid.optim import SCHEDULES, SGD, Adam, make_optimizer, make_schedule, schedules

BUILT_BY_NAME = [name for name in SCHEDULES if name not in ("warm-up", "sequential", "chained")]
NEEDED = {"function": {"function": lambda count: 1 / (1 + count)}}


def sgd(lr=0.1):
    return SGD([Parameter(np.zeros(1))], lr=lr)


def rates(schedule, count, metric=None):
    found = []
    for _ in range(count):
        found.append(schedule.last_lr[0])
        schedule.step(metric)
    return found


def test_resuming_gives_the_same_bits(schedule_case, reference, through_json):
    def make():
        groups = [{"params": [Parameter(np.zeros(1))], "lr": lr} for lr in reference.GROUP_LRS]
        options = {"momentum": 0.9} if schedule_case.optimizer == "SGD" else {}
        optimizer = make_optimizer(schedule_case.optimizer, groups, **options)
        return optimizer, schedule_case.ours(schedules, optimizer)

    def go(optimizer, schedule, first, last):
        seen = []
        for count in range(first, last):
            schedule.step(schedule_case.metrics[count] if schedule_case.metrics else None)
            seen.append([(g["lr"], reference.momentum_of(g)) for g in optimizer.groups])
        return seen

    for stop in (0, 3, 23):
        whole, stopped, resumed = make(), make(), make()
        expected = go(*whole, 0, 45)
        found = go(*stopped, 0, stop)
        resumed[0].load_state_dict(through_json(stopped[0].state_dict()))
        resumed[1].load_state_dict(through_json(stopped[1].state_dict()))
        assert resumed[1].last_lr == stopped[1].last_lr
        assert expected == found + go(*resumed, stop, 45)  # equal, not close
        assert resumed[1].state_dict() == whole[1].state_dict()


@pytest.mark.parametrize("warm_up", [0, 4])
@pytest.mark.parametrize("name", BUILT_BY_NAME)
def test_by_name_for_a_training_of_some_length(name, warm_up):
    options = NEEDED.get(name, {})
    made = make_schedule(name, sgd(), total_steps=40, warm_up=warm_up, **options)
    assert made.per == ("epoch" if name == "plateau" else "step")
    assert type(made) is (schedules.WarmUp if warm_up else SCHEDULES[name])
    assert made.needs_metric == (name == "plateau")
    found = rates(made, 41, metric=1.0)
    assert all(type(rate) is float and 0 <= rate <= 0.1 + 1e-12 for rate in found)
    if warm_up:
        assert found[0] == 0
        assert found[1] < found[2] < found[3]
    if name not in ("constant", "cyclic"):
        assert found[-1] < max(found)
    other = make_schedule(
        name.upper().replace("-", "_"), sgd(), total_steps=40, per="epoch", **options
    )
    assert other.per == "epoch"
    assert repr(other).startswith(type(other).__name__)


def test_options_win_over_the_length_of_the_training():
    assert make_schedule("cosine", sgd(), total_steps=40, min_lr=0.05).min_lr == 0.05
    assert make_schedule("step", sgd(), total_steps=40, step_size=5).step_size == 5
    assert make_schedule("cosine", sgd(), total_steps=40, warm_up=10).after.total_steps == 30
    assert make_schedule("step", sgd(), step_size=5).step_size == 5


def test_rates_stay_at_the_end():
    """Where PyTorch's cosine climbs again, polynomial stops and one-cycle raises."""
    assert rates(schedules.Cosine(sgd(), 5, min_lr=0.01), 9)[5:] == pytest.approx([0.01] * 4)
    assert rates(schedules.Polynomial(sgd(), 5, end_lr=0.02), 9)[5:] == [0.02] * 4
    cycle = rates(schedules.OneCycle(sgd(), 5), 9)
    assert cycle[4:] == pytest.approx([0.1 / 25 / 1e4] * 5)


def test_one_cycle_takes_the_optimizers_rate_as_its_largest():
    found = rates(schedules.OneCycle(sgd(0.5), 100), 100)
    assert found[0] == pytest.approx(0.5 / 25)
    assert max(found) == pytest.approx(0.5)
    assert found.index(max(found)) == 29


def test_cyclic_goes_between_a_quarter_and_the_optimizers_rate():
    found = rates(schedules.Cyclic(sgd(0.5), 10), 41)
    assert (min(found), max(found)) == (0.125, 0.5)
    assert found[0] == found[20] == found[40]


def test_one_cycle_moves_beta1_against_the_rate():
    optimizer = Adam([Parameter(np.zeros(1))], lr=0.1)
    schedule = schedules.OneCycle(optimizer, 20)
    pairs = []
    for _ in range(20):
        pairs.append((optimizer.groups[0]["lr"], optimizer.groups[0]["betas"]))
        schedule.step()
    assert pairs[0][1] == (0.95, 0.999)
    assert max(pairs)[1][0] == pytest.approx(0.85, abs=1e-3)
    for (lr, betas), (next_lr, next_betas) in pairwise(pairs):
        assert (next_lr - lr) * (next_betas[0] - betas[0]) <= 1e-12


def test_warm_up_before_a_plateau():
    schedule = schedules.WarmUp(schedules.Plateau(sgd(), factor=0.5, patience=0), 4)
    assert schedule.per == "epoch"
    found = rates(schedule, 4)  # no metric is looked at while it warms up
    assert found == pytest.approx([0, 0.025, 0.05, 0.075])
    seen = []
    for metric in (1.0, 1.0, 1.0, 0.5):
        seen.append(schedule.last_lr[0])
        schedule.step(metric)
    assert seen == pytest.approx([0.1, 0.1, 0.05, 0.025])


def test_plateau_understands_negative_values():
    """A log-likelihood that gets a bit worse is no improvement (in PyTorch's formula it is)."""
    schedule = schedules.Plateau(sgd(), mode="min", patience=0, threshold=0.1)
    schedule.step(-10.0)
    schedule.step(-9.5)
    assert schedule.last_lr == [pytest.approx(0.01)]
    schedule.step(math.nan)
    assert schedule.last_lr == [pytest.approx(0.001)]


def test_per_group_initial_rates_are_kept():
    groups = [{"params": [Parameter(np.zeros(1))], "lr": lr} for lr in (0.1, 0.4)]
    schedule = schedules.Exponential(SGD(groups), 0.5)
    schedule.step()
    assert schedule.last_lr == [0.05, 0.2]


@pytest.mark.parametrize("make", [schedules.Plateau, lambda o: schedules.Exponential(o, 1.0)])
def test_a_group_added_later_is_steered_too(make):
    optimizer = sgd()
    schedule = make(optimizer)
    optimizer.add_group({"params": [Parameter(np.zeros(1))], "lr": 0.7})
    schedule.step(1.0)
    assert schedule.last_lr == [0.1, 0.7]


def test_a_second_schedule_starts_from_the_same_initial_rate():
    optimizer = sgd()
    first = schedules.Exponential(optimizer, 0.5)
    first.step()
    assert schedules.Constant(optimizer).last_lr == [0.1]


def test_zero_learning_rate_stays_zero_when_chained():
    optimizer = sgd(0.0)
    schedule = schedules.Chained([schedules.Exponential(optimizer, 0.5)])
    schedule.step()
    assert schedule.last_lr == [0.0]


def test_a_warm_up_can_stand_inside_another():
    def nested(optimizer):
        warm = schedules.WarmUp(schedules.Exponential(optimizer, 0.5), 2)
        return schedules.Sequential([schedules.Constant(optimizer), warm], [3])

    assert rates(nested(sgd()), 7) == pytest.approx([0.1, 0.1, 0.1, 0, 0.05, 0.1, 0.05])
    adam = Adam([Parameter(np.zeros(1))], lr=0.1)
    chained = schedules.Chained([schedules.WarmUp(schedules.OneCycle(adam, 11), 2)])
    momenta = [chained.momentum(count) for count in range(13)]
    assert momenta[:3] == [0.95] * 3  # the cycle begins after the warm-up
    assert min(momenta) < 0.9
    assert momenta[-1] == pytest.approx(0.95)


def test_schedules_inside_need_their_state():
    schedule = schedules.WarmUp(schedules.Constant(sgd()), 3)
    state = schedule.state_dict()
    del state["schedules"]
    with pytest.raises(CheckpointError, match="lacks its inner schedules"):
        schedule.load_state_dict(state)
    with pytest.raises(CheckpointError, match="for 2 parameter groups"):
        schedule.load_state_dict({**state, "initial_lrs": [0.1, 0.2]})
    with pytest.raises(DataError, match="Chained takes schedules, got SGD"):
        schedules.Chained([sgd()])
