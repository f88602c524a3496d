"""Putting computed weights in and taking them out: names, states, copies, training, messages."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn, ops
from pellucid.errors import DataError, UnknownNameError

BOTH = pytest.mark.parametrize("normalize", [nn.weight_norm, nn.spectral_norm])
X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


class Filter(nn.Module):
    """A layer with a weight as convolutions have: (outputs, inputs, height, width)."""

    def __init__(self) -> None:
        super().__init__()
        drawn = np.random.default_rng(1).normal(size=(4, 2, 3, 3))
        self.weight = pl.Parameter(drawn)

    def forward(self, x: Any) -> Any:
        """Apply the filter to images of its own size."""
        return ops.einsum("nchw,ochw->no", x, self.weight)


def test_weight_norm_changes_nothing_at_first() -> None:
    layer = nn.Linear(3, 4, rng=0)
    before = layer(X).data
    assert nn.weight_norm(layer) is layer
    np.testing.assert_allclose(layer(X).data, before, rtol=1e-5, atol=1e-6)


def test_spectral_norm_makes_the_largest_singular_value_one() -> None:
    layer = nn.spectral_norm(nn.Linear(6, 5, rng=0), rng=0)
    for _ in range(30):
        layer(np.zeros((1, 6)))
    found = np.linalg.svd(layer.weight.data.astype(np.float64), compute_uv=False)
    assert found[0] == pytest.approx(1, abs=1e-5)


def test_no_step_of_power_iteration_in_evaluation_or_from_looking() -> None:
    layer = nn.spectral_norm(nn.Linear(6, 5, rng=0), rng=0)
    layer.weight_norm.original.data[...] = np.random.default_rng(5).normal(size=(6, 5))
    before = layer.weight_norm.u.copy()
    repr(layer)
    layer.weight.data.sum()
    layer.eval()(np.ones((2, 6)))
    np.testing.assert_array_equal(layer.weight_norm.u, before)
    layer.train()(np.ones((2, 6)))
    assert not np.array_equal(layer.weight_norm.u, before)


def test_names_in_the_state() -> None:
    names = list(nn.weight_norm(nn.Linear(3, 4)).state_dict())
    assert names == ["bias", "weight_norm.magnitude", "weight_norm.direction"]
    names = list(nn.spectral_norm(nn.Linear(3, 4)).state_dict())
    assert names == ["bias", "weight_norm.original", "weight_norm.u", "weight_norm.v"]


@BOTH
def test_removed_it_is_the_layer_it_was_with_the_weight_of_now(normalize: Any) -> None:
    layer = nn.Linear(3, 4, rng=0)
    kind = type(layer)
    normalize(layer).eval()
    layer.bias.data[...] = 1
    expected = layer(X).data
    assert nn.remove_reparametrization(layer) is layer
    assert type(layer) is kind
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    np.testing.assert_array_equal(layer(X).data, expected)
    with pytest.raises(UnknownNameError, match="unknown computed weight 'weight'"):
        nn.remove_reparametrization(layer)


@BOTH
def test_two_weights_of_one_layer_and_one_taken_out(normalize: Any) -> None:
    layer = nn.GRU(3, 4, rng=0)
    normalize(layer, "layer0.weight")
    normalize(layer, "layer0.recurrent_weight")
    x = np.ones((2, 3, 3), np.float32)
    assert layer(x).output.shape == (2, 3, 4)
    nn.remove_reparametrization(layer, "layer0.weight")
    names = [name for name, _ in layer.named_parameters()]
    assert "layer0.weight" in names
    assert "layer0.recurrent_weight" not in names
    layer(x).output.sum().backward()
    assert all(p.grad is not None for p in layer.parameters())


@BOTH
def test_a_copy_computes_from_its_own_parameters(normalize: Any) -> None:
    layer = normalize(nn.Linear(3, 4, rng=0)).eval()
    other = copy.deepcopy(layer)
    np.testing.assert_array_equal(other(X).data, layer(X).data)
    first = next(p for name, p in other.named_parameters() if name.startswith("weight_norm"))
    first.data *= np.linspace(1, 2, first.size, dtype=np.float32).reshape(first.shape)
    assert not np.array_equal(other(X).data, layer(X).data)


@BOTH
def test_it_learns_in_a_network_that_says_so(normalize: Any) -> None:
    net = nn.Sequential(normalize(nn.Linear(3, 8, rng=0)), nn.ReLU(), nn.Linear(8, 2, rng=1))
    y = (X[:, 0] > 0).astype(int)
    history = pl.fit(net, (X, y), epochs=60, lr=0.05, progress="none", rng=0)
    assert history["loss"][-1] < history["loss"][0] / 2
    assert "weight_norm" in repr(net)


@pytest.mark.parity
@pytest.mark.parametrize("dim", ["outputs", 0, 1, 2, None])
def test_weight_norm_of_a_filter_is_that_of_pytorch(dim: Any) -> None:
    torch = pytest.importorskip("torch")
    layer = nn.weight_norm(Filter(), dim=dim)
    theirs = torch.nn.Conv2d(2, 4, 3, bias=False, dtype=torch.float64)
    theirs.weight.data = torch.tensor(Filter().weight.data)
    axis = 0 if dim == "outputs" else dim
    torch.nn.utils.parametrizations.weight_norm(theirs, dim=axis)
    _compare(torch, layer, theirs, {"magnitude": "original0", "direction": "original1"})


@pytest.mark.parity
@pytest.mark.parametrize(("dim", "steps"), list(itertools.product(["outputs", 1], [1, 2])))
def test_spectral_norm_of_a_filter_is_that_of_pytorch(dim: Any, steps: int) -> None:
    torch = pytest.importorskip("torch")
    layer = nn.spectral_norm(Filter(), dim=dim, power_iterations=steps, rng=0)
    theirs = torch.nn.Conv2d(2, 4, 3, bias=False, dtype=torch.float64)
    theirs.weight.data = torch.tensor(Filter().weight.data)
    axis = 0 if dim == "outputs" else dim
    torch.nn.utils.parametrizations.spectral_norm(theirs, n_power_iterations=steps, dim=axis)
    estimates = theirs.parametrizations.weight[0]
    estimates._u.copy_(torch.tensor(layer.weight_norm.u))
    estimates._v.copy_(torch.tensor(layer.weight_norm.v))
    _compare(torch, layer, theirs, {"original": "original"})
    np.testing.assert_allclose(layer.weight_norm.u, estimates._u.numpy(), atol=1e-12)


def _compare(torch: Any, layer: nn.Module, theirs: Any, names: dict[str, str]) -> None:
    x = np.random.default_rng(2).normal(size=(3, 2, 3, 3))
    for _ in range(3):  # estimates of singular vectors go on from pass to pass
        y, expected = layer(x), theirs(torch.tensor(x))[..., 0, 0]
        np.testing.assert_allclose(y.data, expected.detach().numpy(), atol=1e-12)
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    for mine, other in names.items():
        found = getattr(layer.weight_norm, mine).grad
        right = getattr(theirs.parametrizations.weight, other).grad.numpy()
        np.testing.assert_allclose(found, right.reshape(found.shape), atol=1e-10)


# --- messages -------------------------------------------------------------------------------------


@BOTH
def test_messages(normalize: Any) -> None:
    what = normalize.__name__
    with pytest.raises(UnknownNameError, match=r"unknown parameter of Linear 'wieght'; did you"):
        normalize(nn.Linear(3, 4), "wieght")
    with pytest.raises(DataError, match="'weight' has no numbers yet"):
        normalize(nn.Linear(4))
    with pytest.raises(DataError, match=f"{what} needs a weight with an axis of outputs"):
        normalize(nn.Linear(3, 4), "bias")
    with pytest.raises(DataError, match=f"{what} changes a layer, got 3"):
        normalize(3)
    with pytest.raises(DataError, match=r"'weight' of this Linear is computed already; take that"):
        normalize(normalize(nn.Linear(3, 4)))
    with pytest.raises(DataError, match=r"the weight of shape \(3, 4\) has no axis 2"):
        normalize(nn.Linear(3, 4), dim=2)


def test_power_iterations_are_at_least_one() -> None:
    with pytest.raises(DataError, match="power_iterations is a whole number ≥ 1, got 0"):
        nn.spectral_norm(nn.Linear(3, 4), power_iterations=0)
