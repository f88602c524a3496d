"""Every optimizer and schedule against PyTorch: stored values always, the real one in CI."""

import numpy as np
import pytest

from pellucid.optim import OPTIMIZERS, SCHEDULES, make_optimizer, schedules

FROM_THE_PAPERS = {"lion", "lamb"}  # not in PyTorch; see test_papers.py


def our_run(reference, problem, case):
    optimizer = make_optimizer(case.name, problem.params, **case.options)
    kept = []
    for step in range(1, reference.STEPS + 1):
        problem.step(optimizer, step)
        if step in reference.KEPT_STEPS:
            kept.append(problem.flat())
    return np.stack(kept)


def our_schedule(reference, case):
    from pellucid import Parameter

    groups = [{"params": [Parameter(np.zeros(1))], "lr": lr} for lr in reference.GROUP_LRS]
    options = {"momentum": 0.9} if case.optimizer == "SGD" else {}
    optimizer = make_optimizer(case.optimizer, groups, **options)
    schedule = case.ours(schedules, optimizer)
    rows = []
    for count in range(reference.SCHEDULE_STEPS + 1):
        rows.append([(g["lr"], reference.momentum_of(g)) for g in optimizer.groups])
        schedule.step(case.metrics[count % 50] if case.metrics else None)
    return np.array(rows)


def tolerance(case, dtype):
    return case.float64_tolerance if dtype == "float64" else case.float32_tolerance


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_optimizer_matches_stored_pytorch(optimizer_case, dtype, reference, stored, make_problem):
    ours = our_run(reference, make_problem(dtype), optimizer_case)
    theirs = stored[f"{optimizer_case.label} {dtype}"]
    assert ours.dtype == theirs.dtype == np.dtype(dtype)
    limit = tolerance(optimizer_case, dtype)
    np.testing.assert_allclose(ours, theirs, rtol=limit, atol=limit)


def test_schedule_matches_stored_pytorch(schedule_case, reference, stored):
    theirs = stored[f"{schedule_case.name}: {schedule_case.label}"]
    np.testing.assert_allclose(
        our_schedule(reference, schedule_case), theirs, rtol=1e-12, atol=1e-15
    )


@pytest.mark.parity
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_optimizer_matches_real_pytorch(optimizer_case, dtype, reference, stored, make_problem):
    pytest.importorskip("torch")
    theirs = np.stack(reference.torch_run(optimizer_case, dtype))
    limit = tolerance(optimizer_case, dtype)
    ours = our_run(reference, make_problem(dtype), optimizer_case)
    np.testing.assert_allclose(ours, theirs, rtol=limit, atol=limit)
    np.testing.assert_allclose(
        stored[f"{optimizer_case.label} {dtype}"], theirs, rtol=limit, atol=limit
    )


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")  # PyTorch deprecates ways in which its schedulers call others
def test_schedule_matches_real_pytorch(schedule_case, reference):
    pytest.importorskip("torch")
    theirs = reference.torch_schedule(schedule_case)
    np.testing.assert_allclose(
        our_schedule(reference, schedule_case), theirs, rtol=1e-12, atol=1e-15
    )


def test_every_entry_has_a_reference(reference, stored):
    assert {case.name for case in reference.OPTIMIZER_CASES} | FROM_THE_PAPERS == set(OPTIMIZERS)
    assert {case.name for case in reference.SCHEDULE_CASES} == set(SCHEDULES)
    expected = {f"{c.label} {d}" for c in reference.OPTIMIZER_CASES for d in reference.DTYPES}
    expected |= {f"{c.name}: {c.label}" for c in reference.SCHEDULE_CASES}
    assert set(stored) == expected, "run tests/optim/make_reference.py"
