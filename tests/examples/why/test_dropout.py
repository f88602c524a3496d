from __future__ import annotations

import pytest


@pytest.mark.slow
def test_dropout_helps_against_wrong_labels_only(load_example) -> None:
    example = load_example("why/dropout")
    clean, noisy = (
        {
            name: histories[0].last["val_accuracy"]
            for name, histories in example.compare(wrong, seeds=1).items()
        }
        for wrong in example.WRONG
    )
    assert noisy["dropout 0.5"] > noisy["dropout 0"] + 0.03
    assert abs(clean["dropout 0.5"] - clean["dropout 0"]) < 0.03
