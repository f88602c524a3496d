from __future__ import annotations

import pytest


@pytest.mark.slow
def test_deep_sigmoids_learn_with_batch_normalisation_only(load_example) -> None:
    example = load_example("why/batch_norm")
    assert example.run(False, 0.1, 0).last["val_accuracy"] < 0.2
    assert example.run(True, 0.1, 0).last["val_accuracy"] > 0.93
