"""The matrix of broken and healthy trainings: a part of it here, the whole where time allows."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

sys.path.insert(0, str(BENCHMARKS))
try:
    matrix = importlib.import_module("doctor_matrix")

finally:
    sys.path.remove(str(BENCHMARKS))

pytestmark = pytest.mark.filterwarnings("ignore::pellucid.losses.checks.LossInputWarning")

REAL = ("MNIST", "census", "heartbeats", "names", "Shakespeare")
NEAR = [case for case in matrix.HEALTHY if not case.name.startswith(REAL)]
FAR = [case for case in matrix.HEALTHY if case.name.startswith(REAL)]
QUICK = ("digits, MLP, ReLU", "digits, CNN", "breast cancer, MLP", "temperatures, GRU")


@pytest.fixture(autouse=True)
def no_download(monkeypatch) -> None:
    """Skip what needs real data that are not here."""

    def refuse(*arguments, **options):
        pytest.skip("no real data here: set PELLUCID_DATA to the folder that holds it")

    for module in ("mnist", "remote"):
        monkeypatch.setattr(f"pellucid.data.{module}.fetch", refuse)


def named(found: list) -> list:
    return [case.name for case in found]


def alarms(case, seed):
    return [found.code for found in matrix.run(case, seed) if found.is_alarm]


def test_there_are_enough_of_both() -> None:
    assert len(matrix.FAULTS) >= 20
    assert len(matrix.HEALTHY) >= 20


@pytest.mark.parametrize("case", matrix.FAULTS[::4], ids=named(matrix.FAULTS[::4]))
def test_some_faults_are_found(case) -> None:
    assert set(case.expected) & set(alarms(case, 0))


QUICK_CASES = [case for case in NEAR if case.name in QUICK]


@pytest.mark.parametrize("case", QUICK_CASES, ids=named(QUICK_CASES))
def test_some_healthy_trainings_have_no_alarm(case) -> None:
    assert alarms(case, 0) == []


UNSEEN = matrix.UNSEEN_FAULTS[1::4]


@pytest.mark.parametrize("case", UNSEEN, ids=named(UNSEEN))
def test_some_faults_of_other_people_are_found(case) -> None:
    assert set(case.expected) & set(alarms(case, 0))


ODD = [case for case in matrix.UNSEEN_HEALTHY if case.name in ("sine, RNN", "a loss of one's own")]


@pytest.mark.parametrize("case", ODD, ids=named(ODD))
def test_some_odd_but_sound_trainings_have_no_alarm(case) -> None:
    assert alarms(case, 0) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", matrix.UNSEEN_FAULTS, ids=named(matrix.UNSEEN_FAULTS))
def test_faults_of_other_people_are_found(case) -> None:
    assert all(set(case.expected) & set(alarms(case, seed)) for seed in range(3))


ALARMED = {("a quarter of the labels wrong", 2): ["flat-loss"]}
"""False alarms that are known: there the validation loss is in truth no better than a guess's."""


@pytest.mark.slow
@pytest.mark.parametrize("case", matrix.UNSEEN_HEALTHY, ids=named(matrix.UNSEEN_HEALTHY))
def test_odd_but_sound_trainings_have_no_alarm(case) -> None:
    for seed in range(3):
        assert alarms(case, seed) == ALARMED.get((case.name, seed), [])


@pytest.mark.slow
def test_at_least_95_of_100_faults_are_found() -> None:
    hits = [
        bool(set(case.expected) & set(alarms(case, seed)))
        for case in matrix.FAULTS
        for seed in range(5)
    ]
    assert sum(hits) >= 0.95 * len(hits)


@pytest.mark.slow
@pytest.mark.parametrize("case", NEAR, ids=named(NEAR))
def test_no_alarm_on_a_healthy_training(case) -> None:
    assert [alarms(case, seed) for seed in range(5)] == [[]] * 5


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("case", FAR, ids=named(FAR))
def test_no_alarm_on_healthy_trainings_with_real_data(case, data_dir, monkeypatch) -> None:
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    assert [alarms(case, seed) for seed in range(5)] == [[]] * 5
