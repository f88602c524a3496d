from __future__ import annotations

import numpy as np
import pytest

from pellucid.data import Part


def test_few_takes_so_many_of_each_class(load_example) -> None:
    example = load_example("transfer_learning")
    part = Part(np.arange(100.0)[:, None], np.arange(100) % 5)
    chosen = example.few(part, 3, np.random.default_rng(0))
    assert np.bincount(chosen.y).tolist() == [3] * 5
    np.testing.assert_array_equal(chosen.x[:, 0] % 5, chosen.y)


@pytest.mark.slow
@pytest.mark.data
def test_new_digits_are_learned_in_every_way(load_example, real_data) -> None:
    example = load_example("transfer_learning")
    halves = example.load(limit=6000)
    assert set(halves.target.y) == set(halves.source.y) == set(range(5))
    learned, _ = example.learn_source(halves)
    kept = {name: array.copy() for name, array in learned.items()}
    for way in example.WAYS:
        assert example.transfer(halves, learned, way, 10, seed=0) > 0.7, way
    for name, array in learned.items():
        np.testing.assert_array_equal(array, kept[name])
