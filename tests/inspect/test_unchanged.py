"""A network that was looked at is what it was."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.inspect.unchanged import unchanged
from pellucid.random import get_state


@pytest.fixture
def net() -> nn.Module:
    net = nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=7), nn.Dropout(0.5)
    )
    net[2].eval()
    net[0].weight.grad = np.ones((3, 4), np.float32)
    return net


def use(net: nn.Module) -> None:
    pl.sum(net(np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32))).backward()


@pytest.mark.parametrize("training", [True, False, None])
def test_modes_gradients_buffers_and_generators(net, training) -> None:
    modes = [module.training for module in net.modules()]
    gradient, mean = net[0].weight.grad, net[1].running_mean
    values, draws, own = mean.copy(), get_state(), net[2].rng.bit_generator.state
    with unchanged(net, training=training):
        seen = [module.training for module in net.modules()]
        use(net)
    assert seen == (modes if training is None else [training] * len(modes))
    assert [module.training for module in net.modules()] == modes
    assert net[0].weight.grad is gradient
    np.testing.assert_array_equal(gradient, 1)
    assert net[0].bias.grad is None
    assert net[1].running_mean is mean
    np.testing.assert_array_equal(mean, values)
    assert get_state() == draws
    assert net[2].rng.bit_generator.state == own


def test_also_after_an_error(net) -> None:
    draws = get_state()
    with pytest.raises(pl.errors.ShapeError), unchanged(net, training=True):
        use(net)
        net(np.ones((2, 9)))
    assert get_state() == draws
    assert not net[2].training
    assert net[0].bias.grad is None


def test_without_it_all_would_change(net) -> None:
    """What the tests above would miss if using a network left no trace anyway."""
    draws, mean = get_state(), net[1].running_mean.copy()
    use(net)
    assert get_state() != draws
    assert not np.array_equal(net[1].running_mean, mean)
    assert net[0].bias.grad is not None
