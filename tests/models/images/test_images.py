"""Image models: published numbers of parameters, shapes, training, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import models
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.models import MODELS

IMAGENET = (3, 224, 224)
TINY = {
    "cnn": {"channels": [4, 8]},
    "lenet5": {},
    "alexnet": {"width": 1 / 16, "hidden": [16]},
    "vgg11": {"width": 1 / 16, "hidden": [16]},
    "vgg16": {"width": 1 / 16, "hidden": [16]},
    "googlenet": {"width": 1 / 16},
    "resnet18": {"width": 4},
    "resnet34": {"width": 2},
    "resnet50": {"width": 2},
    "resnet20": {"width": 4},
    "densenet": {"growth": 4, "blocks": [2, 2]},
    "mobilenet": {"width": 1 / 16},
    "unet": {"width": 4},
}
IMAGES = [name for name, model in MODELS.items() if model.takes == "images"]


def test_every_image_model_is_tried():
    assert set(TINY) == {name for name in IMAGES if MODELS[name].makes == "outputs"}


@pytest.mark.parametrize(
    ("make", "published"),
    [
        (lambda: models.LeNet5((1, 32, 32), 10), 61_706),  # with full connections in C3
        (lambda: models.ResNet(IMAGENET, 1000), 11_689_512),
        (lambda: models.ResNet(IMAGENET, 1000, (3, 4, 6, 3)), 21_797_672),
        (lambda: models.ResNet(IMAGENET, 1000, (3, 4, 6, 3), True), 25_557_032),
        (lambda: models.CIFARResNet((3, 32, 32), 10), 269_722),
        (lambda: models.DenseNet(IMAGENET, 1000, 32, (6, 12, 24, 16)), 7_978_856),
        (lambda: models.MobileNet(IMAGENET, 1000), 4_231_976),
        # torchvision's number, whose 5×5 convolutions are 3×3
        (lambda: models.GoogLeNet(IMAGENET, 1000, large_kernel=3), 6_624_904),
        pytest.param(
            lambda: models.AlexNet(IMAGENET, 1000, weight_init="zeros"),
            61_100_840,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: models.VGG(IMAGENET, 1000, 11, weight_init="zeros"),
            132_863_336,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: models.VGG(IMAGENET, 1000, 16, weight_init="zeros"),
            138_357_544,
            marks=pytest.mark.slow,
        ),
    ],
    ids=[
        *("lenet5", "resnet18", "resnet34", "resnet50", "resnet20", "densenet121", "mobilenet"),
        *("googlenet", "alexnet", "vgg11", "vgg16"),
    ],
)
def test_numbers_of_parameters_are_the_published_ones(make, published):
    assert make().num_parameters() == published


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
def test_an_update_lowers_the_loss(name, shape):
    pl.seed(0)
    net = MODELS[name].build(shape, 3, TINY[name])
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, *shape)).astype(np.float32)
    labels = rng.integers(0, 3, (6, *shape[1:]) if name == "unet" else 6)
    for module in net.modules():  # the same network before and after the update
        if isinstance(module, pl.nn.Dropout):
            module.p = 0.0
    logits = net(x)
    assert logits.shape == ((6, 3, *shape[1:]) if name == "unet" else (6, 3))
    assert logits.dtype == np.float32
    pl.losses.cross_entropy(logits, labels).backward()
    assert all(parameter.grad.dtype == np.float32 for parameter in net.parameters())
    net.zero_grad()
    net.astype("float64")  # batch normalisation of so few numbers is steep: a tiny step
    optimizer = pl.optim.SGD(net.parameters(), lr=1e-6)
    losses = []
    for _ in range(2):
        loss = pl.losses.cross_entropy(net(x.astype("float64")), labels)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
        optimizer.zero_grad()
    assert losses[1] < losses[0]


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet18", "densenet", "mobilenet"])
def test_large_images_begin_with_strides(name):
    small = MODELS[name].build((1, 64, 64), 2, {**TINY[name], "stem": "small"})
    large = MODELS[name].build((1, 64, 64), 2, {**TINY[name], "stem": "imagenet"})
    x = np.zeros((1, 1, 64, 64), np.float32)
    assert small(x).shape == large(x).shape == (1, 2)
    assert large[0](x).shape[2] < small[0](x).shape[2] == 64


@pytest.mark.parametrize("name", TINY)
def test_the_same_seed_makes_the_same_network(name):
    first, second = (
        MODELS[name].build((1, 28, 28), 2, {**TINY[name], "rng": 3, "dtype": "float64"})
        for _ in range(2)
    )
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert a.dtype == "float64"
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: models.CNN((784,), 10), ShapeError, r"got samples of shape \(784,\).*flat=False"),
        (lambda: models.CNN((1, 6, 6), 10), ShapeError, "6×6 cannot be halved 3 times"),
        (lambda: models.CNN((1, 8, 8), 10, ()), DataError, "at least one block"),
        (lambda: models.LeNet5((1, 8, 8), 10), ShapeError, "at least 28×28, got 8×8"),
        (lambda: models.LeNet5((1, 28, 28), 10, pooling="mean"), UnknownNameError, "pooling"),
        (lambda: models.VGG((1, 28, 28), 10, 12), UnknownNameError, "'11', '16'|11, 16"),
        (lambda: models.AlexNet((784,), 10), ShapeError, "the model AlexNet takes images"),
        (lambda: models.CIFARResNet((1, 28, 28), 10, 21), DataError, "6·n . 2: 8, 14, 20"),
        (
            lambda: models.CIFARResNet((1, 28, 28), 10, shortcut="pading"),
            UnknownNameError,
            "did you mean 'padding'",
        ),
        (lambda: models.ResNet((1, 28, 28), 10, stem="tiny"), UnknownNameError, "stem"),
        (
            lambda: models.UNet((1, 30, 28), 2),
            ShapeError,
            "multiples of 4, got 30×28; pad to 32×28",
        ),
        (lambda: models.AlexNet((1, 7, 7), 10), ShapeError, "images of 7×7 are too small .* 8×8"),
        (
            lambda: models.AlexNet((1, 62, 99), 10, stem="imagenet"),
            ShapeError,
            "62×99 are too small .* 63×63",
        ),
        (lambda: models.MobileNet((1, 28, 28), 10, -1), DataError, "above 0, got -1"),
        (lambda: models.BasicBlock(3, 6, 2, "nope"), UnknownNameError, "shortcut"),
        (lambda: models.UNet((1, 28, 28), 2, depth=0), DataError, "at least once"),
    ],
)
def test_messages(make, error, message):
    with pytest.raises(error, match=message):
        make()
