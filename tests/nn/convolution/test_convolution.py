"""Convolutions: lazy channels, what the weights start as, empty batches, messages."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import DataError, ShapeError


def test_channels_come_from_the_first_batch():
    layer = nn.Conv2d(None, 4, 3, groups=2, rng=0)
    assert layer(np.ones((2, 6, 5, 5))).shape == (2, 4, 3, 3)
    assert layer.weight.shape == (4, 3, 3, 3)


def test_he_counts_the_taps():
    net = nn.Sequential(nn.Conv2d(32, 64, 3, rng=0), nn.ReLU())
    assert net[0].weight.data.std() == pytest.approx(np.sqrt(2 / (32 * 9)), rel=0.03)


def test_glorot_counts_the_taps_of_both_sides():
    layer = nn.ConvTranspose2d(32, 64, 3, rng=0)
    assert layer.weight.data.std() == pytest.approx(np.sqrt(2 / (96 * 9)), rel=0.03)


def test_a_batch_of_nothing():
    assert nn.Conv2d(2, 3, 3)(np.ones((0, 2, 5, 5))).shape == (0, 3, 3, 3)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            lambda: nn.Conv2d(1, 2, 5),
            (1, 1, 3, 3),
            "a 5×5 kernel does not fit a 3×3 image; pad at least 1",
        ),
        (lambda: nn.Conv2d(3, 2, 3), (1, 8, 8, 3), "use x.transpose(0, 3, 1, 2)"),
        (lambda: nn.Conv2d(3, 2, 3), (3, 8, 8), "needs a batch axis in front, x[None]"),
        (lambda: nn.Conv2d(3, 2, 3), (1, 4, 8, 8), "expected inputs with 3 channels (axis 1)"),
    ],
)
def test_inputs_that_do_not_fit(layer, shape, message):
    with pytest.raises(ShapeError) as caught:
        layer()(np.ones(shape))
    assert message in str(caught.value)


def test_sizes_that_do_not_fit():
    with pytest.raises(DataError) as caught:
        nn.Conv2d(3, 4, 3, groups=2)
    assert str(caught.value) == "in_channels (=3) must be divisible by groups (=2)"
    with pytest.raises(DataError, match="padding 'same' keeps the lengths"):
        nn.Conv2d(3, 4, 3, stride=2, padding="same")
    with pytest.raises(ShapeError, match=r"reflect padding .* use at most 2"):
        nn.ReflectionPad1d(3)(np.ones((1, 1, 3)))
