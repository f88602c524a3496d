"""Who is told of the calls of layers, and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import ShapeError
from pellucid.nn.observers import OBSERVERS


@pytest.fixture
def net() -> nn.Module:
    return nn.Sequential(nn.Residual(nn.Linear(3, 3, rng=0)), nn.ReLU())


def test_calls_begin_and_end_like_brackets(net) -> None:
    told: list[str] = []
    with nn.observe_calls(
        net,
        lambda path, *rest: told.append(f"{path})"),
        entering=lambda path: told.append(f"({path}"),
    ):
        net(np.ones((2, 3)))
    assert told == ["(", "(0", "(0.module", "0.module)", "0)", "(1", "1)", ")"]


def test_only_layers_of_the_network_are_told_of(net) -> None:
    told: list[str] = []
    with nn.observe_calls(net[0], lambda path, *rest: told.append(path)):
        net(np.ones((2, 3)))
        nn.ReLU()(np.ones(3))
    assert told == ["module", ""]


def test_several_observers_and_none_afterwards(net) -> None:
    first: list[str] = []
    second: list[str] = []
    with nn.observe_calls(net, lambda path, *rest: first.append(path)):
        with nn.observe_calls(net, lambda path, *rest: second.append(path)):
            net(np.ones((2, 3)))
        net(np.ones((2, 3)))
    assert first == 2 * second == 2 * ["0.module", "0", "1", ""]
    assert not OBSERVERS


def test_an_error_ends_the_observation(net) -> None:
    with pytest.raises(ShapeError), nn.observe_calls(net, lambda *call: None):
        net(np.ones((2, 4)))
    assert not OBSERVERS


def test_a_layer_that_is_exchanged_while_watched_is_found(net) -> None:
    told: list[str] = []
    with nn.observe_calls(net, lambda path, *rest: told.append(path)):
        net(np.ones((2, 3)))
        net[1] = nn.Tanh()
        net(np.ones((2, 3)))
    assert told.count("1") == 2
