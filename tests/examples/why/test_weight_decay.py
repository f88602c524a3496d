from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.slow
def test_penalties_help_against_wrong_labels(load_example) -> None:
    example = load_example("why/weight_decay")
    results, weights = example.compare(seeds=1)
    accuracy = {name: histories[0].last["val_accuracy"] for name, histories in results.items()}
    plain, l2, l1 = example.PENALTIES
    assert accuracy[l2] > accuracy[plain] + 0.03
    small = {name: float((np.abs(w) < 1e-3).mean()) for name, w in weights.items()}
    assert small[l1] > 0.15 > small[l2]
    assert np.abs(weights[l2]).mean() < np.abs(weights[plain]).mean() / 2
