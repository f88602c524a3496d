"""Regularisation: what is dropped, what is kept of mean and variance, seeds, and messages."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError
from pellucid.nn import functional

LAYERS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "SpatialDropout1d": (nn.SpatialDropout1d, (6, 5, 4)),
    "SpatialDropout2d": (nn.SpatialDropout2d, (6, 5, 4, 3)),
    "AlphaDropout": (nn.AlphaDropout, (6, 5)),
    "DropPath": (nn.DropPath, (20, 5)),
    "GaussianNoise": (nn.GaussianNoise, (6, 5)),
    "GaussianDropout": (nn.GaussianDropout, (6, 5)),
}
EACH = pytest.mark.parametrize("name", LAYERS)


@EACH
def test_it_draws_anew_at_each_call_and_the_same_from_the_same_seed(name: str) -> None:
    make, shape = LAYERS[name]
    x = np.ones(shape, np.float32)
    layer = make(0.4, rng=3)
    first, second = layer(x), layer(x)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(make(0.4, rng=3)(x), first)
    pl.seed(5)
    by_default = make(0.4)(x)
    pl.seed(5)
    np.testing.assert_array_equal(copy.deepcopy(make(0.4))(x), by_default)


@EACH
def test_evaluation_and_a_strength_of_zero_change_nothing(name: str) -> None:
    make, shape = LAYERS[name]
    x = pl.tensor(np.ones(shape, np.float32))
    assert make(0.4).eval()(x) is x
    assert make(0.0)(x) is x


@EACH
def test_the_layer_before_hears_of_the_layer_after(name: str) -> None:
    make, _ = LAYERS[name]
    net = nn.Sequential(nn.Linear(4, 8), make(0.1), nn.ReLU())
    assert "followed by ReLU" in repr(net[0])


def test_whole_channels_are_dropped() -> None:
    y = functional.spatial_dropout(np.ones((50, 20, 3, 3), np.float32), 0.25, rng=0)
    per_channel = y.reshape(50, 20, 9)
    np.testing.assert_array_equal(per_channel, np.repeat(per_channel[..., :1], 9, axis=2))
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.75], rtol=1e-6)
    # 1000 channels, each dropped with 0.25: within four standard deviations
    assert abs((y[..., 0, 0] == 0).mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 1000)


def test_whole_samples_are_dropped() -> None:
    y = functional.drop_path(np.ones((2000, 3, 2), np.float32), 0.2, rng=0)
    flat = y.reshape(2000, 6)
    np.testing.assert_array_equal(flat, np.repeat(flat[:, :1], 6, axis=1))
    assert abs((flat[:, 0] == 0).mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 2000)


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
def test_alpha_dropout_keeps_mean_and_variance(p: float) -> None:
    x = np.random.default_rng(0).normal(size=200_000)
    y = functional.alpha_dropout(x, p, rng=1)
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02


def test_a_deep_network_of_selu_stays_standardised_under_alpha_dropout_only() -> None:
    x = np.random.default_rng(0).normal(size=(2000, 100)).astype(np.float32)

    def spread(drop: nn.Module) -> float:
        net = nn.Sequential(
            *(part for i in range(8) for part in (nn.Linear(100, 100, rng=i), nn.SELU(), drop))
        )
        return float(net(x).data.var())

    assert abs(spread(nn.AlphaDropout(0.1, rng=0)) - 1) < 0.2
    assert abs(spread(nn.Dropout(0.1, rng=0)) - 1) > 0.2


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_gaussian_dropout_has_the_variance_of_dropout(p: float) -> None:
    x = np.ones(200_000)
    for drop in (functional.gaussian_dropout, functional.dropout):
        y = drop(x, p, rng=0)
        assert abs(y.mean() - 1) < 0.01
        assert abs(y.var() - p / (1 - p)) < 0.02


def test_noise_has_its_standard_deviation() -> None:
    y = functional.gaussian_noise(np.full(100_000, 2.0), 0.3, rng=0)
    assert abs(y.mean() - 2) < 0.005
    assert abs(y.std() - 0.3) < 0.005


def test_a_dropped_block_of_a_residual_network_passes_its_input_on() -> None:
    block = nn.Residual(nn.Sequential(nn.Linear(3, 3, rng=0), nn.DropPath(0.5, rng=1)))
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    same = np.all(block(x).data == x, axis=1)
    assert 5 < same.sum() < 35


def test_rates_rise_in_equal_steps() -> None:
    np.testing.assert_allclose(functional.drop_path_rates(0.3, 4), [0, 0.1, 0.2, 0.3])
    assert functional.drop_path_rates(0.3, 1) == [0.0]
    assert functional.drop_path_rates(0.3, 0) == []


@EACH
def test_impossible_strengths_are_refused(name: str) -> None:
    make, _ = LAYERS[name]
    expected = (
        "the standard deviation of noise is a number ≥ 0, got -0.1"
        if name == "GaussianNoise"
        else "the probability p of dropping a value is from 0 to below 1, got -0.1"
    )
    with pytest.raises(DataError) as caught:
        make(-0.1)
    assert str(caught.value) == expected


def test_messages() -> None:
    with pytest.raises(ShapeError) as caught:
        nn.SpatialDropout2d()(np.ones((2, 3, 4)))
    assert str(caught.value) == (
        "SpatialDropout2d expects inputs of shape (N, C, H, W), got (2, 3, 4)"
    )
    with pytest.raises(ShapeError) as caught:
        functional.spatial_dropout(np.ones((2, 3)))
    assert str(caught.value) == (
        "spatial dropout leaves out channels of inputs (N, C, ...), got shape (2, 3); single "
        "features are left out by Dropout"
    )
    with pytest.raises(DataError, match="the number of blocks is a whole number ≥ 0, got -1"):
        functional.drop_path_rates(0.1, -1)
