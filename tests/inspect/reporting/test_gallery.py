"""Which picture of a network a report takes."""

from __future__ import annotations

import pytest

from pellucid import nn
from pellucid.inspect.reporting.gallery import _has_room_for_numbers


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=0)], True),
        ([nn.Linear(6, 6, rng=0)], True),
        ([nn.Linear(2, 7, rng=0), nn.ReLU(), nn.Linear(7, 1, rng=0)], False),
        ([nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3)], False),
        ([nn.Conv2d(1, 2, 3, rng=0)], False),
        ([nn.ReLU()], False),
    ],
)
def test_only_small_dense_networks_are_drawn_with_their_numbers(layers, expected):
    assert _has_room_for_numbers(nn.Sequential(*layers)) is expected
