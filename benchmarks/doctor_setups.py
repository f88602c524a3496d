"""Data, networks and whole trainings that the doctor's broken and sound cases are made of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import nn
from pellucid.data import Part
from pellucid.models import MODELS


@dataclass
class Setup:
    """What one training is made of."""

    net: nn.Module
    train: Any
    validation: Any = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A training with a name, and what the doctor must find in it (one of these); nothing if empty.

    `make` takes a seed.
    """

    name: str
    make: Callable[[int], Setup]
    expected: tuple[str, ...] = ()


# --- data -----------------------------------------------------------------------------------------


@functools.cache
def loaded(name: str, **options: Any) -> Any:
    return pl.data.load(name, **options)


def rows(part: Part, count: int) -> Part:
    rows = np.random.default_rng(0).permutation(len(part))[:count]
    return Part(part.x[rows], part.y[rows])


def digits(count: int = 1438) -> tuple[Part, Part]:
    """Return 8x8 handwritten digits, standardised."""
    data = loaded("digits")
    return rows(data.train, count), data.test


def digit_images() -> tuple[Part, Part]:
    """Return the digits as images of one channel."""
    train, test = digits()
    shape = (-1, 1, 8, 8)
    return Part(train.x.reshape(shape), train.y), Part(test.x.reshape(shape), test.y)


@functools.cache
def spiral() -> tuple[Part, Part]:
    """Return three spirals in the plane, 100 points each."""
    rng = np.random.default_rng(1)
    t = np.tile(np.linspace(0.05, 1, 100), 3)
    y = np.repeat(np.arange(3), 100)
    angle = 4 * t + 2 * np.pi / 3 * y + 0.15 * rng.standard_normal(300)
    x = np.stack([t * np.sin(angle), t * np.cos(angle)], axis=1)
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    order = rng.permutation(300)
    return Part(x[order[:240]], y[order[:240]]), Part(x[order[240:]], y[order[240:]])


@functools.cache
def mnist() -> tuple[Part, Part]:
    """Return 2,000 MNIST images, flat."""
    data = loaded("mnist")
    flat = [
        Part(p.x.reshape(len(p.x), -1), p.y) for p in (rows(data.train, 2000), rows(data.test, 500))
    ]
    return flat[0], flat[1]


@functools.cache
def curve() -> tuple[Part, Part]:
    """Return a noisy function of two numbers."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((600, 2)).astype(np.float32)
    y = (np.sin(2 * x[:, :1]) + 0.5 * x[:, 1:] + 0.1 * rng.standard_normal((600, 1))).astype("f4")
    return Part(x[:480], y[:480]), Part(x[480:], y[480:])


@functools.cache
def table(name: str) -> tuple[Part, Part]:
    """Return a bundled table."""
    data = loaded(name)
    return data.train, data.test


@functools.cache
def series(name: str) -> tuple[Part, Part]:
    """Return windows of a real series."""
    data = loaded(name)
    return rows(data.train, 600), data.test


@functools.cache
def heartbeats() -> tuple[Part, Part]:
    """Return real heartbeats, normal or not."""
    data = loaded("ecg5000")
    return rows(data.train, 1000), rows(data.test, 300)


@functools.cache
def text(name: str) -> tuple[Part, int]:
    """Return windows of a real text, and the size of its vocabulary."""
    data = loaded(name)
    return rows(data.train, 1500), data.vocabulary


@functools.cache
def adult() -> tuple[Part, Part]:
    """Return 3,000 rows of the census table."""
    import os
    from pathlib import Path

    folder = Path(os.environ["PELLUCID_DATA"]) / "adult"
    file = next(p for p in sorted(folder.iterdir()) if p.name.startswith("adult"))
    data = pl.data.load(str(file), target=-1, header=False)
    return rows(data.train, 3000), rows(data.test, 600)


# --- networks -------------------------------------------------------------------------------------


def mlp(
    sizes: list[int], activation: Any = nn.ReLU, seed: int = 0, **options: Any
) -> nn.Sequential:
    """Return dense layers with an activation between them."""
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(a, b, rng=rng, **options))
        if i < len(sizes) - 2 and activation is not None:
            layers.append(activation())
    return nn.Sequential(*layers)


def named(model: str, shape: Any, outputs: int, seed: int, **options: Any) -> nn.Module:
    return MODELS[model].build(shape, outputs, {"rng": seed, **options})


def on_digits(seed: int, net: Callable[[], nn.Module] | None = None, **options: Any) -> Setup:
    train, test = digits()
    made = net() if net else mlp([64, 32, 10], seed=seed)
    return Setup(made, train, test, {"epochs": 6, **options})


def on_spiral(seed: int, net: Callable[[], nn.Module] | None = None, **options: Any) -> Setup:
    train, test = spiral()
    made = net() if net else mlp([2, 32, 32, 3], seed=seed)
    return Setup(made, train, test, {"epochs": 40, "batch_size": 32, "lr": 0.01, **options})


def on_curve(seed: int, net: Callable[[], nn.Module] | None = None, **options: Any) -> Setup:
    train, test = curve()
    made = net() if net else mlp([2, 32, 32, 1], nn.Tanh, seed=seed)
    return Setup(made, train, test, {"epochs": 20, "lr": 0.005, **options})


def momentum(parameters: Any, lr: float) -> Any:
    return pl.optim.SGD(parameters, lr=lr, momentum=0.9)


def sgd_decay(parameters: Any, lr: float) -> Any:
    return pl.optim.SGD(parameters, lr=lr, weight_decay=10.0)


# --- set-ups --------------------------------------------------------------------------------------


def on_images(seed: int, net: nn.Module, **options: Any) -> Setup:
    train, test = digit_images()
    return Setup(net, train, test, {"epochs": 3, **options})


def with_norm(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(64, 48, rng=rng), nn.BatchNorm1d(48), nn.ReLU(),
        nn.Linear(48, 48, rng=rng), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 10, rng=rng),
    )  # fmt: skip


def with_dropout(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Dropout(0.3, rng=rng), nn.Linear(64, 10, rng=rng)
    )


def convolutional(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10, rng=rng),
    )  # fmt: skip


def convolutional_norm(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Flatten(), nn.Linear(256, 10, rng=rng),
    )  # fmt: skip


def on_table(seed: int, name: str, **options: Any) -> Setup:
    train, test = adult() if name == "adult" else table(name)
    outputs = 1 if train.y.dtype.kind == "f" else int(train.y.max()) + 1
    net = mlp([train.x.shape[1], 32, outputs], seed=seed)
    return Setup(net, train, test, {"epochs": 10, "batch_size": 32, **options})


def language(seed: int, model: str, name: str, **options: Any) -> Setup:
    train, vocabulary = text(name)
    small = {"rnn": {"hidden": 32, "layers": 1, "embedding": 16}}
    small["gru"] = small["lstm"] = small["rnn"]
    small["gpt"] = {"width": 32, "layers": 2, "heads": 2, "context": train.x.shape[1]}
    net = named(model, train.x.shape[1:], vocabulary, seed, vocabulary=vocabulary, **small[model])
    return Setup(net, train, None, {"epochs": 2, "lr": 3e-3, **options})


def autoencoder(seed: int) -> Setup:
    train, test = heartbeats()
    net = named("autoencoder", train.x.shape[1:], train.x.shape[1], seed, hidden=(64,), code=8)
    return Setup(net, train.x, test.x, {"epochs": 6})


def beats(seed: int) -> Setup:
    train, test = heartbeats()
    net = mlp([train.x.shape[1], 32, int(train.y.max()) + 1], seed=seed)
    return Setup(net, train, test, {"epochs": 6})


def on_mnist(seed: int, activation: Any = nn.ReLU) -> Setup:
    train, test = mnist()
    return Setup(mlp([784, 64, 32, 10], activation, seed), train, test, {"epochs": 4})


def forecast(seed: int, kind: str, name: str, **options: Any) -> Setup:
    train, test = series(name)
    if name == "airline-passengers":  # its last years lie outside of all that was seen before
        order = np.random.default_rng(0).permutation(len(train))
        cut = len(train) * 4 // 5
        test = Part(train.x[order[cut:]], train.y[order[cut:]])
        train = Part(train.x[order[:cut]], train.y[order[:cut]])
    net = named(kind, train.x.shape[1:], int(np.prod(train.y.shape[1:])), seed)
    return Setup(net, train, test, {"epochs": 15, "lr": 3e-3, **options})
