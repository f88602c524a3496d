"""Image models against the same networks written in PyTorch: outputs, and gradients of all weights.

PyTorch's networks are written here from the papers, in the order in which ours register parameters,
so that weights are copied one after the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import models

pytestmark = pytest.mark.parity


def conv_norm_relu(t: Any, before: int, after: int, kernel: int, stride: int = 1) -> list[Any]:
    """Padded convolution without bias, batch normalisation, ReLU."""
    return [
        t.Conv2d(before, after, kernel, stride, kernel // 2, bias=False),
        t.BatchNorm2d(after),
        t.ReLU(),
    ]


def sum_of(torch: Any, f: Any, s: Any) -> Any:
    """A block and its shortcut, and ReLU."""

    class Block(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.f, self.s = f, s

        def forward(self, x: Any) -> Any:
            return torch.relu(self.f(x) + self.s(x))

    return Block()


def joined(torch: Any, *branches: Any) -> Any:
    """Branches side by side, their channels joined."""

    class Joined(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.branches = torch.nn.ModuleList(branches)

        def forward(self, x: Any) -> Any:
            return torch.cat([branch(x) for branch in self.branches], dim=1)

    return Joined()


def lenet(torch: Any) -> Any:
    t = torch.nn
    return t.Sequential(
        t.Conv2d(1, 6, 5, padding=2), t.Tanh(), t.AvgPool2d(2),
        t.Conv2d(6, 16, 5), t.Tanh(), t.AvgPool2d(2),
        t.Conv2d(16, 120, 5), t.Tanh(), t.Flatten(),
        t.Linear(120, 84), t.Tanh(), t.Linear(84, 10),
    )  # fmt: skip


def bottleneck(torch: Any) -> Any:
    t = torch.nn
    f = t.Sequential(
        *conv_norm_relu(t, 4, 3, 1),
        *conv_norm_relu(t, 3, 3, 3, 2),
        *conv_norm_relu(t, 3, 12, 1)[:2],
    )
    return sum_of(torch, f, t.Sequential(t.Conv2d(4, 12, 1, 2, bias=False), t.BatchNorm2d(12)))


def resnet20(torch: Any) -> Any:
    t = torch.nn

    class Padded(t.Module):
        def __init__(self, channels: int, stride: int) -> None:
            super().__init__()
            self.channels, self.stride = channels, stride

        def forward(self, x: Any) -> Any:
            half = self.channels // 2
            y = x[:, :, :: self.stride, :: self.stride]
            return t.functional.pad(y, (0, 0, 0, 0, half, self.channels - half))

    layers, before = conv_norm_relu(t, 3, 4, 3), 4
    for wide, stride in ((4, 1), (4, 1), (4, 1), (8, 2), (8, 1), (8, 1), (16, 2), (16, 1), (16, 1)):
        f = t.Sequential(
            *conv_norm_relu(t, before, wide, 3, stride), *conv_norm_relu(t, wide, wide, 3)[:2]
        )
        layers.append(sum_of(torch, f, Padded(wide - before, stride)))
        before = wide
    return t.Sequential(*layers, t.AdaptiveAvgPool2d(1), t.Flatten(), t.Linear(16, 5))


def inception(torch: Any) -> Any:
    t = torch.nn
    return joined(
        torch,
        t.Sequential(*conv_norm_relu(t, 4, 2, 1)),
        t.Sequential(*conv_norm_relu(t, 4, 2, 1), *conv_norm_relu(t, 2, 3, 3)),
        t.Sequential(*conv_norm_relu(t, 4, 2, 1), *conv_norm_relu(t, 2, 2, 5)),
        t.Sequential(t.MaxPool2d(3, 1, 1), *conv_norm_relu(t, 4, 2, 1)),
    )


def dense_block(torch: Any) -> Any:
    t = torch.nn

    def layer(before: int) -> Any:
        return joined(
            torch,
            t.Identity(),
            t.Sequential(
                t.BatchNorm2d(before), t.ReLU(), t.Conv2d(before, 8, 1, bias=False),
                t.BatchNorm2d(8), t.ReLU(), t.Conv2d(8, 2, 3, padding=1, bias=False),
            ),
        )  # fmt: skip

    return t.Sequential(layer(3), layer(5), layer(7))


def separable_block(torch: Any) -> Any:
    t = torch.nn
    return t.Sequential(
        t.Conv2d(4, 4, 3, 2, 1, groups=4, bias=False), t.BatchNorm2d(4), t.ReLU(),
        *conv_norm_relu(t, 4, 6, 1),
    )  # fmt: skip


def unet(torch: Any) -> Any:
    t = torch.nn

    def double(before: int, after: int) -> list[Any]:
        return [*conv_norm_relu(t, before, after, 3), *conv_norm_relu(t, after, after, 3)]

    def level(before: int, wide: int, below: int) -> list[Any]:
        if not below:
            return double(before, wide)
        lower = t.Sequential(
            t.MaxPool2d(2),
            *level(wide, 2 * wide, below - 1),
            t.ConvTranspose2d(2 * wide, wide, 2, 2),
        )
        return [
            *double(before, wide),
            joined(torch, t.Identity(), lower),
            *double(2 * wide, wide),
        ]

    return t.Sequential(*level(1, 2, 2), t.Conv2d(2, 3, 1))


def vgg(torch: Any) -> Any:
    t = torch.nn
    layers, before = [], 3
    for stage in ((2,), (4,), (8, 8), (16, 16), (16, 16)):
        for wide in stage:
            layers += [t.Conv2d(before, wide, 3, padding=1), t.ReLU()]
            before = wide
        layers.append(t.MaxPool2d(2, ceil_mode=True))
    return t.Sequential(*layers, t.Flatten(), t.Linear(16, 8), t.ReLU(), t.Linear(8, 5))


CASES = {
    "lenet5": (lambda: models.LeNet5((1, 28, 28), 10), lenet, (1, 28, 28)),
    "bottleneck": (lambda: models.BottleneckBlock(4, 3, 2), bottleneck, (4, 6, 6)),
    "resnet20": (lambda: models.CIFARResNet((3, 8, 8), 5, width=4), resnet20, (3, 8, 8)),
    "inception": (lambda: models.InceptionBlock(4, (2, 2, 3, 2, 2, 2)), inception, (4, 6, 5)),
    "dense block": (lambda: models.DenseBlock(3, 3, 2), dense_block, (3, 5, 6)),
    "separable block": (lambda: models.SeparableBlock(4, 6, 2), separable_block, (4, 7, 6)),
    "unet": (lambda: models.UNet((1, 8, 12), 3, width=2), unet, (1, 8, 12)),
    "vgg11": (
        lambda: models.VGG((3, 28, 28), 5, hidden=(8,), width=1 / 32, dropout=0.0),
        vgg,
        (3, 28, 28),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_gradients_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    make, write, shape = CASES[name]
    pl.seed(0)
    net = make().astype("float64")
    twin = write(torch).double()
    rng = np.random.default_rng(0)
    for ours, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        ours.data[...] += 0.1 * rng.normal(size=ours.shape)
        dense = ours.ndim == 2
        with torch.no_grad():
            theirs.copy_(torch.from_numpy(ours.data.T.copy() if dense else ours.data.copy()))
    x = rng.normal(size=(4, *shape))
    leaf, other = pl.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, z = net(leaf), twin(other)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-10)
    weights = rng.normal(size=y.shape)
    (y * weights).sum().backward()
    (z * torch.from_numpy(weights)).sum().backward()
    np.testing.assert_allclose(leaf.grad, other.grad.numpy(), rtol=1e-8, atol=1e-9)
    for ours, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        expected = theirs.grad.numpy()
        expected = expected.T if ours.ndim == 2 else expected
        np.testing.assert_allclose(ours.grad, expected, rtol=1e-8, atol=1e-9)
