"""Sequential, ModuleList, ModuleDict and Residual."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError


def test_sequential_applies_in_order():
    net = nn.Sequential(nn.Lambda(lambda x: x + 1), nn.Lambda(lambda x: x * 10))
    assert net(np.array([1.0])).tolist() == [20.0]
    assert nn.Sequential()(3) == 3


@pytest.mark.parametrize(
    "make",
    [
        lambda a, b: nn.Sequential(("dense", a), ("bend", b)),
        lambda a, b: nn.Sequential({"dense": a, "bend": b}),
        lambda a, b: nn.Sequential(OrderedDict([("dense", a), ("bend", b)])),
    ],
)
def test_sequential_with_names(make):
    net = make(nn.Linear(3, 2), nn.ReLU())
    assert [name for name, _ in net.named_children()] == ["dense", "bend"]
    assert net.dense is net[0]
    assert list(net.state_dict()) == ["dense.weight", "dense.bias"]
    assert [name for name, _ in net[1:].named_children()] == ["bend"]


def test_sequential_is_a_sequence():
    layers = [nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2)]
    net = nn.Sequential(layers)
    assert len(net) == 3
    assert list(net) == layers
    assert net[0] is layers[0] and net[-1] is layers[2]
    part = net[1:]
    assert isinstance(part, nn.Sequential)
    assert list(part) == layers[1:]
    assert [name for name, _ in part.named_children()] == ["0", "1"]
    assert net.append(nn.Tanh()) is net
    assert len(net) == 4
    net[-1] = nn.ELU()
    assert isinstance(net[3], nn.ELU)
    with pytest.raises(IndexError, match="there is no layer 4"):
        net[4]
    with pytest.raises(IndexError, match="there is no layer -5"):
        net[-5] = nn.ReLU()


@pytest.mark.parametrize(
    ("part", "advice"),
    [
        (nn.ReLU, r"got the class ReLU; write ReLU\(...\)"),
        (np.tanh, r"nn.Lambda\(tanh\)"),
        (3, "made of layers, got 3"),
    ],
)
def test_parts_that_are_no_layers(part: object, advice: str):
    with pytest.raises(DataError, match=advice):
        nn.Sequential(part)
    with pytest.raises(DataError, match=advice):
        nn.ModuleList([part])


def test_names_twice():
    with pytest.raises(DataError, match="called 'a' already"):
        nn.Sequential(("a", nn.ReLU()), ("a", nn.Tanh()))
    with pytest.raises(DataError, match="'forward' cannot name"):
        nn.Sequential(("forward", nn.ReLU()))


def test_module_list():
    items = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    items.append(nn.Linear(2, 1)).extend([nn.ReLU(), nn.ReLU()])
    assert len(items) == 6
    assert isinstance(items[1:3], nn.ModuleList)
    assert len(items[1:3]) == 2
    items[0] = nn.Tanh()
    assert next(items.named_parameters())[0] == "1.weight"
    with pytest.raises(DataError, match="cannot be called"):
        items(1)


def test_module_dict():
    heads = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.ReLU()})
    heads["c"] = nn.Tanh()
    assert list(heads) == heads.keys() == ["a", "b", "c"]
    assert heads.values() == [heads["a"], heads["b"], heads["c"]]
    assert heads.items()[1] == ("b", heads["b"])
    assert "a" in heads and "z" not in heads and len(heads) == 3
    del heads["b"]
    assert list(heads) == ["a", "c"]
    for action in (lambda: heads["b"], lambda: heads.__delitem__("training")):
        with pytest.raises(KeyError):
            action()
    for name in ("keys", "training", "x.y", ""):
        with pytest.raises(DataError, match="cannot name"):
            heads[name] = nn.ReLU()
    with pytest.raises(DataError, match=r"write ReLU\(...\)"):
        heads["d"] = nn.ReLU
    with pytest.raises(DataError, match="cannot be called"):
        heads(1)


def test_residual(check_derivatives):
    block = nn.Residual(nn.Sequential(nn.Linear(3, 3, dtype="float64", rng=0), nn.Tanh()))
    x = pl.tensor(np.random.default_rng(0).standard_normal((4, 3)), requires_grad=True)
    np.testing.assert_array_equal(block(x).data, x.data + block.module(x).data)
    check_derivatives(lambda: block(x), x, *block.parameters())


def test_residual_with_a_shortcut(check_derivatives):
    block = nn.Residual(nn.Linear(3, 2, dtype="float64"), nn.Linear(3, 2, dtype="float64"))
    x = pl.tensor(np.random.default_rng(0).standard_normal((4, 3)), requires_grad=True)
    np.testing.assert_array_equal(block(x).data, block.module(x).data + block.shortcut(x).data)
    check_derivatives(lambda: block(x), x, *block.parameters())
    assert [path.split(".")[0] for path, _ in block.named_parameters()][::2] == [
        "module",
        "shortcut",
    ]


def test_residual_takes_raw_data_in_the_type_of_its_block():
    assert nn.Residual(nn.Linear(3, 3))(np.ones((2, 3))).dtype == np.float32


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            nn.Residual(nn.Linear(6, 1)),
            "the block turns shape (2, 6) into (2, 1), to which its input cannot be added without "
            "a shortcut; give it one: Residual(block, shortcut=Linear(6, 1))",
        ),
        (
            nn.Residual(nn.Lambda(lambda x: x[0])),
            "the block turns shape (2, 6) into (6,), to which its input cannot be added without "
            "a shortcut; give it a shortcut that makes the same shape as the block",
        ),
        (
            nn.Residual(nn.Linear(6, 3), nn.Linear(6, 1)),
            "the block makes shape (2, 3) and the shortcut (2, 1), which must be equal to be added",
        ),
    ],
)
def test_residual_of_two_shapes(block: nn.Residual, message: str):
    with pytest.raises(ShapeError) as caught:
        block(np.ones((2, 6)))
    assert str(caught.value) == message
