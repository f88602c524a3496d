"""Attributions against closed forms, finite differences, and what they promise."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, DTypeError, ShapeError, UnknownNameError, UnsupportedError
from pellucid.inspect.pictures import saliency


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def linear() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 3, rng=0)).astype("f8")


@pytest.fixture
def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=0),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 3, rng=1),
    ).astype("f8")


def test_gradient_of_a_linear_network_is_its_weight(linear, rng) -> None:
    x = rng.normal(size=(4, 5))
    found = saliency.gradient(linear, x, [0, 1, 2, 1])
    np.testing.assert_allclose(found, linear[0].weight.data[:, [0, 1, 2, 1]].T)


def test_gradient_by_finite_differences(cnn, rng) -> None:
    x = rng.normal(size=(2, 1, 8, 8))
    found = saliency.gradient(cnn, x, 1)
    step = 1e-6
    for i, j in [(0, 0), (3, 5), (7, 7)]:
        more, less = x.copy(), x.copy()
        more[:, 0, i, j] += step
        less[:, 0, i, j] -= step
        slope = (cnn(more).data[:, 1] - cnn(less).data[:, 1]) / (2 * step)
        np.testing.assert_allclose(found[:, 0, i, j], slope, rtol=1e-5, atol=1e-8)


def test_the_target_is_the_decision_if_none_is_given(cnn, rng) -> None:
    x = rng.normal(size=(6, 1, 8, 8))
    decided = np.argmax(cnn(x).data, axis=1)
    np.testing.assert_array_equal(saliency.gradient(cnn, x), saliency.gradient(cnn, x, decided))


def test_integrated_gradients_are_complete(cnn, rng) -> None:
    x = rng.normal(size=(5, 1, 8, 8))
    shares = saliency.integrated_gradients(cnn, x, 2, baseline=0.1, steps=300)
    difference = cnn(x).data[:, 2] - cnn(np.full_like(x, 0.1)).data[:, 2]
    np.testing.assert_allclose(shares.sum(axis=(1, 2, 3)), difference, rtol=1e-2, atol=2e-3)


def test_integrated_gradients_of_a_smooth_network_need_few_points(rng) -> None:
    net = nn.Sequential(nn.Linear(4, 8, rng=0), nn.Tanh(), nn.Linear(8, 2, rng=1)).astype("f8")
    x = rng.normal(size=(3, 4))
    shares = saliency.integrated_gradients(net, x, 0, steps=32)
    difference = net(x).data[:, 0] - net(np.zeros_like(x)).data[:, 0]
    np.testing.assert_allclose(shares.sum(axis=1), difference, rtol=1e-8)


class Product(nn.Module):
    """z = x₀ · x₁, whose integrated gradients from 0 are half of z for each."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = pl.Parameter(np.zeros(1))

    def forward(self, x):
        return (x[:, 0] * x[:, 1])[:, None]


def test_integrated_gradients_of_a_product_in_closed_form() -> None:
    shares = saliency.integrated_gradients(Product(), np.array([[2.0, 3.0]]), 0, steps=4)
    np.testing.assert_allclose(shares, [[3.0, 3.0]])


def test_grad_cam_in_closed_form() -> None:
    """With a mean over positions and a dense layer, the weights of the maps are those of it."""
    net = nn.Sequential(
        nn.Conv2d(1, 2, 1, bias=False), nn.GlobalAvgPool2d(), nn.Linear(2, 2, bias=False)
    ).astype("f8")
    net[0].weight.data[...] = np.array([1.0, -1.0]).reshape(2, 1, 1, 1)
    net[2].weight.data[...] = np.array([[2.0, 0.0], [1.0, 3.0]])
    x = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    # maps x and −x, weights 2/16 and 1/16 for class 0; 0 and 3/16 for class 1
    np.testing.assert_allclose(saliency.grad_cam(net, x, "0", 0)[0], x[0, 0] * (2 - 1) / 16)
    np.testing.assert_array_equal(saliency.grad_cam(net, x, "0", 1)[0], 0)


def test_grad_cam_takes_the_mean_of_the_slopes(rng) -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 1, rng=0), nn.Flatten(), nn.Linear(32, 2, rng=1))
    net = net.astype("f8")
    x = rng.normal(size=(1, 1, 4, 4))
    maps = net[0](x).data[0]
    means = net[2].weight.data[:, 1].reshape(2, 16).mean(axis=1)
    expected = np.maximum(means[0] * maps[0] + means[1] * maps[1], 0)
    np.testing.assert_allclose(saliency.grad_cam(net, x, "0", 1)[0], expected)


def test_occlusion_of_a_linear_network() -> None:
    """Covering a window takes its part of the weighted sum away."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, rng=0)).astype("f8")
    x = np.random.default_rng(1).normal(size=(1, 1, 4, 4))
    found = saliency.occlusion(net, x, 0, window=(2, 2), stride=2)
    parts = (x[0, 0] * net[1].weight.data[:, 0].reshape(4, 4)).reshape(2, 2, 2, 2).sum(axis=(1, 3))
    np.testing.assert_allclose(found[0], np.repeat(np.repeat(parts, 2, 0), 2, 1))


def test_occlusion_covers_the_borders() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(25, 2, rng=0))
    x = np.ones((1, 1, 5, 5), np.float32)
    assert np.isfinite(saliency.occlusion(net, x, window=(2, 3), stride=2)).all()


@pytest.mark.parametrize("size", [(4, 4), (7, 9), (2, 3)], ids=str)
def test_resizing_a_plane_keeps_it_between_the_outer_centres(size) -> None:
    """Linear interpolation is exact for a linear image, away from the border."""
    image = np.add.outer(np.arange(4.0), 2 * np.arange(4.0))
    found = saliency.resized(image, *size)
    rows = (np.arange(size[0]) + 0.5) * 4 / size[0] - 0.5
    columns = (np.arange(size[1]) + 0.5) * 4 / size[1] - 0.5
    expected = np.add.outer(np.clip(rows, 0, 3), 2 * np.clip(columns, 0, 3))
    np.testing.assert_allclose(found, expected)


def test_the_attributions_of_tokens_add_up_behind_a_linear_network() -> None:
    net = nn.Sequential(
        nn.Embedding(7, 4, rng=0), nn.Flatten(), nn.Linear(12, 2, bias=False, rng=1)
    )
    tokens = np.array([[1, 5, 2], [0, 0, 6]])
    found = saliency.layer_attribution(net, tokens, "0", 1)
    vectors = net[0].weight.data[tokens]
    weights = net[2].weight.data[:, 1].reshape(3, 4)
    np.testing.assert_allclose(found, np.sum(vectors * weights, axis=-1), rtol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), net(tokens).data[:, 1], rtol=1e-5)


def test_attributions_of_a_layer_of_floats(linear, rng) -> None:
    net = nn.Sequential(linear, nn.Tanh(), nn.Linear(3, 2, rng=2)).astype("f8")
    net[2].bias.data[...] = 3.0
    x = rng.normal(size=(4, 5))
    found = saliency.layer_attribution(net, x, "0", 0)
    np.testing.assert_allclose(found, net(x).data[:, 0] - 3.0, rtol=1e-8)
    assert "forward" not in vars(net[0])


def test_a_layer_that_is_called_twice_has_no_attribution() -> None:
    layer = nn.Linear(3, 3, rng=0)
    with pytest.raises(UnsupportedError, match="several times"):
        saliency.layer_attribution(nn.Sequential(layer, layer), np.ones((1, 3)), "0")


def test_the_network_is_left_as_it_was(cnn, rng) -> None:
    cnn.train()
    cnn[0].weight.grad = np.ones_like(cnn[0].weight.data)
    x = rng.normal(size=(2, 1, 8, 8))
    before = cnn.state_dict()
    saliency.gradient(cnn, x)
    saliency.integrated_gradients(cnn, x, steps=2)
    saliency.grad_cam(cnn, x, "1")
    saliency.occlusion(cnn, x)
    assert all(module.training for module in cnn.modules())
    np.testing.assert_array_equal(cnn[0].weight.grad, 1)
    assert all(p.grad is None for p in cnn[4].parameters())
    for path, values in cnn.state_dict().items():
        np.testing.assert_array_equal(values, before[path])


def test_frozen_networks_have_explanations(cnn, rng) -> None:
    x = rng.normal(size=(2, 1, 8, 8))
    expected = saliency.grad_cam(cnn, x, "1", 0), saliency.gradient(cnn, x, 0)
    cnn.freeze()
    np.testing.assert_array_equal(saliency.grad_cam(cnn, x, "1", 0), expected[0])
    np.testing.assert_array_equal(saliency.gradient(cnn, x, 0), expected[1])


def test_refusals(cnn, rng) -> None:
    x = rng.normal(size=(2, 1, 8, 8))
    with pytest.raises(DTypeError, match="whole numbers"):
        saliency.gradient(cnn, np.zeros((1, 1, 8, 8), int))
    with pytest.raises(DataError, match="0 to 2"):
        saliency.gradient(cnn, x, 3)
    with pytest.raises(UnknownNameError, match="conv"):
        saliency.grad_cam(cnn, x, "conv")
    with pytest.raises(UnknownNameError, match="conv"):
        saliency.layer_attribution(cnn, x, "conv")
    with pytest.raises(ShapeError, match="maps"):
        saliency.grad_cam(cnn, x, "4")
    with pytest.raises(ShapeError, match="window"):
        saliency.occlusion(cnn, x, window=(9, 2))
    with pytest.raises(DataError, match="steps=0"):
        saliency.integrated_gradients(cnn, x, steps=0)
