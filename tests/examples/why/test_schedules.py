from __future__ import annotations

import pytest


@pytest.mark.slow
def test_a_falling_rate_ends_better(load_example) -> None:
    example = load_example("why/schedules")
    constant, cosine = (
        [example.run(0.02, schedule, seed).last["val_loss"] for seed in (0, 1, 2)]
        for schedule in (None, "cosine")
    )
    assert sum(cosine) < sum(constant)


def test_a_cosine_ends_at_zero(load_example) -> None:
    rates = load_example("why/schedules").run(0.02, "cosine", 0)["lr"]
    assert rates[0] > rates[-1] == 0
