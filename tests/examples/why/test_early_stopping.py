from __future__ import annotations

import pytest


@pytest.mark.slow
def test_the_best_network_is_not_the_last_one(load_example) -> None:
    example = load_example("why/early_stopping")
    outcome = example.run(0)
    assert outcome.stopped_after < example.EPOCHS / 2
    assert outcome.accuracy_stopped > outcome.accuracy_at_end + 0.02
