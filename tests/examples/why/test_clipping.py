from __future__ import annotations

import numpy as np
import pytest


def test_targets_are_the_sums_of_the_marked_numbers(load_example) -> None:
    x, y = load_example("why/clipping").draw_batch(np.random.default_rng(0))
    assert (x[..., 1].sum(axis=1) == 2).all()
    for sequence, total in zip(x, y, strict=True):
        assert total == pytest.approx(sequence[sequence[:, 1] == 1, 0].sum())


@pytest.mark.slow
def test_without_clipping_a_large_gradient_ends_the_learning(load_example) -> None:
    example = load_example("why/clipping")
    free, clipped = (example.run(limit, seed=1) for limit in example.LIMITS.values())
    assert free.norms.max() > 50 * np.median(free.norms)
    assert free.losses[-100:].mean() > 0.167 > 4 * clipped.losses[-100:].mean()
