"""What holds for dense layers, activations and containers; `test_layer_cases.py` for the others."""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest
from helpers.layers import layer_cases

import pellucid as pl
from pellucid import nn

DENSE = (3, 4)
MAKE = {
    "Linear": lambda: nn.Linear(4, 6),
    "Flatten": nn.Flatten,
    "Dropout": lambda: nn.Dropout(0.5, rng=0),
    "Identity": nn.Identity,
    "Lambda": lambda: nn.Lambda(np.tanh),
    "Sequential": lambda: nn.Sequential(nn.Linear(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2)),
    "Residual": lambda: nn.Residual(nn.Sequential(nn.Linear(4, 4), nn.Tanh())),
    **{entry.layer.__name__: entry.make for entry in nn.ACTIVATIONS.values()},
}
# Base classes and containers that do not compute anything themselves.
NOT_CALLED = {"Module", "ModuleList", "ModuleDict"}
EACH = pytest.mark.parametrize("name", MAKE)


def test_every_public_layer_is_tested():
    layers = {
        member.__name__
        for name in nn.__all__
        if inspect.isclass(member := getattr(nn, name)) and issubclass(member, nn.Module)
    }
    assert set(MAKE) | NOT_CALLED | {case.layer for case in layer_cases()} == layers


@EACH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_type_is_kept_forwards_and_backwards(name: str, dtype: str):
    layer = MAKE[name]().astype(dtype)
    x = pl.tensor(np.random.default_rng(0).standard_normal(DENSE).astype(dtype), requires_grad=True)
    y = layer(x)
    assert y.dtype == dtype
    (y * y).sum().backward()
    assert x.grad.dtype == dtype
    for parameter in layer.parameters():
        assert parameter.grad.dtype == dtype
        assert parameter.grad.shape == parameter.shape


@EACH
def test_raw_data_gives_float32(name: str):
    """Data straight from a file is float64; a float32 network must not be widened by it."""
    net = nn.Sequential(nn.Linear(4, 4), MAKE[name]())
    assert net(np.ones(DENSE)).dtype == np.float32
    assert net.eval()(np.ones(DENSE, int)).dtype == np.float32


@EACH
def test_state_copies_and_prints(name: str):
    layer = MAKE[name]()
    x = np.random.default_rng(0).standard_normal(DENSE).astype(np.float32)
    layer(x)
    layer.eval()
    expected = layer(x)
    twin = copy.deepcopy(layer)
    other = MAKE[name]().eval()
    other.load_state_dict(layer.state_dict())
    for again in (twin(x), other(x)):
        np.testing.assert_array_equal(np.asarray(again.data), np.asarray(expected.data))
    assert repr(twin) == repr(layer)
    assert repr(layer).startswith(f"{type(layer).__name__}(")


@EACH
def test_layers_are_documented(name: str):
    layer = type(MAKE[name]())
    assert inspect.getdoc(layer).split("\n")[0].endswith((".", "`."))
    assert layer.forward.__doc__
