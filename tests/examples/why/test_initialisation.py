from __future__ import annotations

import pytest


@pytest.mark.slow
def test_only_the_right_size_learns(load_example) -> None:
    example = load_example("why/initialisation")
    he, small, large = example.STARTS
    sizes = {name: example.signal(start) for name, start in example.STARTS.items()}
    assert 0.3 < sizes[he][-1] / sizes[he][0] < 3
    assert sizes[small][-1] < 1e-10
    assert sizes[large][-1] > 1e4
    accuracy = {
        name: example.run(start, 0).last["val_accuracy"] for name, start in example.STARTS.items()
    }
    assert accuracy[he] > 0.9 > accuracy[large]
    assert accuracy[small] < 0.15
