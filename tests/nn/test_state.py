"""Saving and loading the numbers of a network."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import CheckpointError, DTypeError, ShapeError


class Normed(nn.Module):
    """A layer with running statistics, of which only the means are saved."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("means", np.zeros(3, np.float32))
        self.register_buffer("cache", np.zeros(3, np.float32), persistent=False)
        self.dense = nn.Linear(3, 2)
        self.gain = pl.Parameter(np.ones(2, np.float32))


def make() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), Normed())


NAMES = ["0.weight", "0.bias", "2.gain", "2.means", "2.dense.weight", "2.dense.bias"]


def test_names_and_copies():
    net = make()
    state = net.state_dict()
    assert list(state) == NAMES
    assert all(type(array) is np.ndarray for array in state.values())
    state["0.weight"][...] = 7
    assert not (net[0].weight.data == 7).any()


def test_round_trip_writes_in_place():
    pl.seed(1)
    one = make()
    pl.seed(2)
    other = make()
    one[2].means[...] = [1, 2, 3]
    view, buffer = other[0].weight.data, other[2].means
    report = other.load_state_dict(one.state_dict())
    assert report == (NAMES, [], [], {})
    for name, array in one.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], array)
    assert other[0].weight.data is view
    assert other[2].means is buffer


def test_loading_converts_to_the_type_of_the_network():
    net = make()
    net.load_state_dict({name: a.astype(np.float64) for name, a in net.state_dict().items()})
    assert net[0].weight.dtype == np.float32
    with pytest.raises(DTypeError, match="expected numbers"):
        net.load_state_dict({**net.state_dict(), "0.bias": np.array(["a", "b", "c"])})
    tensors = {name: pl.tensor(array) for name, array in net.state_dict().items()}
    net.load_state_dict(tensors)


def test_strict_lists_everything_and_writes_nothing():
    net = make()
    before = net.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    del state["0.bias"], state["2.means"]
    state["9.weight"] = np.zeros(2)
    state["0.weight"] = np.zeros((5, 3))
    state["2.gain"] = np.zeros(4)
    with pytest.raises(CheckpointError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "the state does not fit this Sequential (strict=False loads what fits)\n"
        "  missing in the state: 0.bias, 2.means\n"
        "  not in the network: 9.weight\n"
        "  0.weight: shape (5, 3) in the state, (4, 3) in the network\n"
        "  2.gain: shape (4,) in the state, (2,) in the network"
    )
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_partial_loads_what_fits_and_says_what_it_skipped():
    net = make()
    state = {name: array + 1 for name, array in net.state_dict().items()}
    expected = state["2.dense.weight"]
    del state["0.bias"]
    state["9.weight"] = np.zeros(2)
    state["0.weight"] = np.zeros((5, 3))
    report = net.load_state_dict(state, strict=False)
    assert report.loaded == ["2.gain", "2.means", "2.dense.weight", "2.dense.bias"]
    assert report.missing == ["0.bias"]
    assert report.unexpected == ["9.weight"]
    assert report.mismatched == {"0.weight": ((5, 3), (4, 3))}
    np.testing.assert_array_equal(net[2].dense.weight.data, expected)


def test_a_path_is_not_a_state():
    with pytest.raises(CheckpointError, match=r"got 'model\.safetensors'; a file is read"):
        nn.Linear(2, 2).load_state_dict("model.safetensors")


def test_a_layer_of_unknown_size_takes_it_from_the_state():
    net = nn.Sequential(nn.Linear(3), nn.ReLU(), nn.Linear(2))
    with pytest.raises(ShapeError, match=r"'0.weight' has no numbers yet"):
        net.state_dict()
    known = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    wrong = {**known.state_dict(), "0.weight": np.zeros((4, 7))}
    with pytest.raises(CheckpointError, match=r"\(4, 7\) in the state, \(None, 3\) in the network"):
        net.load_state_dict(wrong)
    parameters = net.parameters()
    net.load_state_dict(known.state_dict())
    x = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(net(x).data, known(x).data)
    assert all(a is b for a, b in zip(parameters, net.parameters(), strict=True))
    assert (net[0].in_features, net[0].out_features) == (4, 3)


def test_a_state_that_is_not_tied_does_not_fit_a_network_that_is():
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    tied.load_state_dict(tied.state_dict())
    state = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)).state_dict()
    with pytest.raises(CheckpointError, match=r"0\.weight and 1\.weight: shared in the network"):
        tied.load_state_dict(state)
    assert tied.load_state_dict(state, strict=False).loaded == list(state)
