from __future__ import annotations

import numpy as np
import pytest


def test_targets_are_the_sums_of_the_marked_numbers(load_example) -> None:
    x, y = load_example("why/clipping").draw_batch(np.random.default_rng(0))
    assert (x[..., 1].sum(axis=1) == 2).all()
    for sequence, total in zip(x, y, strict=True):
        assert total == pytest.approx(sequence[sequence[:, 1] == 1, 0].sum())


@pytest.mark.slow
def test_without_clipping_losses_run_away(load_example) -> None:
    example = load_example("why/clipping")
    free, clipped = (
        np.array([example.run(limit, seed).losses[-100:].mean() for seed in range(example.SEEDS)])
        for limit in example.LIMITS.values()
    )
    assert (~(free < 0.1)).sum() >= 2  # NaN is not below either
    assert (clipped < 0.1).all()
