"""Broken and healthy trainings, on which the doctor's rules are tried."""

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

__all__ = ["FAULTS", "HEALTHY", "Case", "Setup"]


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
def _loaded(name: str, **options: Any) -> Any:
    return pl.data.load(name, **options)


def _rows(part: Part, count: int) -> Part:
    rows = np.random.default_rng(0).permutation(len(part))[:count]
    return Part(part.x[rows], part.y[rows])


def digits(count: int = 1438) -> tuple[Part, Part]:
    """Return 8x8 handwritten digits, standardised."""
    data = _loaded("digits")
    return _rows(data.train, count), data.test


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
    data = _loaded("mnist")
    flat = [
        Part(p.x.reshape(len(p.x), -1), p.y)
        for p in (_rows(data.train, 2000), _rows(data.test, 500))
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
    data = _loaded(name)
    return data.train, data.test


@functools.cache
def series(name: str) -> tuple[Part, Part]:
    """Return windows of a real series."""
    data = _loaded(name)
    return _rows(data.train, 600), data.test


@functools.cache
def heartbeats() -> tuple[Part, Part]:
    """Return real heartbeats, normal or not."""
    data = _loaded("ecg5000")
    return _rows(data.train, 1000), _rows(data.test, 300)


@functools.cache
def text(name: str) -> tuple[Part, int]:
    """Return windows of a real text, and the size of its vocabulary."""
    data = _loaded(name)
    return _rows(data.train, 1500), data.vocabulary


@functools.cache
def adult() -> tuple[Part, Part]:
    """Return 3,000 rows of the census table."""
    import os
    from pathlib import Path

    folder = Path(os.environ["PELLUCID_DATA"]) / "adult"
    file = next(p for p in sorted(folder.iterdir()) if p.name.startswith("adult"))
    data = pl.data.load(str(file), target=-1, header=False)
    return _rows(data.train, 3000), _rows(data.test, 600)


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


def _named(model: str, shape: Any, outputs: int, seed: int, **options: Any) -> nn.Module:
    return MODELS[model].build(shape, outputs, {"rng": seed, **options})


def _digits(seed: int, net: Callable[[], nn.Module] | None = None, **options: Any) -> Setup:
    train, test = digits()
    made = net() if net else mlp([64, 32, 10], seed=seed)
    return Setup(made, train, test, {"epochs": 6, **options})


def _spiral(seed: int, net: Callable[[], nn.Module] | None = None, **options: Any) -> Setup:
    train, test = spiral()
    made = net() if net else mlp([2, 32, 32, 3], seed=seed)
    return Setup(made, train, test, {"epochs": 40, "batch_size": 32, "lr": 0.01, **options})


def _curve(seed: int, net: Callable[[], nn.Module] | None = None, **options: Any) -> Setup:
    train, test = curve()
    made = net() if net else mlp([2, 32, 32, 1], nn.Tanh, seed=seed)
    return Setup(made, train, test, {"epochs": 20, "lr": 0.005, **options})


def _spoiled(setup: Setup, **parts: Any) -> Setup:
    part = setup.train
    setup.train = Part(parts.get("x", part.x), parts.get("y", part.y))
    return setup


def _shuffled(seed: int) -> Setup:
    setup = _digits(seed, epochs=10)
    rng = np.random.default_rng(seed)
    test = setup.validation
    setup.validation = Part(test.x, rng.permutation(test.y))
    return _spoiled(setup, y=rng.permutation(setup.train.y))


def _raw(seed: int) -> Setup:
    setup = _digits(seed)
    setup.validation = None
    return _spoiled(setup, x=setup.train.x * 100 + 50)


def _tiny_inputs(seed: int) -> Setup:
    setup = _digits(seed)
    setup.validation = None
    return _spoiled(setup, x=setup.train.x * 1e-3)


def _imbalanced(seed: int) -> Setup:
    train, _ = digits()
    rng = np.random.default_rng(seed)
    keep = (train.y != 3) | (rng.random(len(train.y)) < 0.05)
    setup = _digits(seed)
    setup.train = Part(train.x[keep], train.y[keep])
    return setup


def _classes_as_values(seed: int) -> Setup:
    train, _ = digits()
    net = mlp([64, 32, 1], seed=seed)
    return Setup(net, (train.x, train.y.astype(np.float32)), None, {"epochs": 4, "loss": "mse"})


def _unscaled_targets(seed: int) -> Setup:
    setup = _curve(seed, loss="mse")
    setup.validation = None
    return _spoiled(setup, y=setup.train.y * 5 + 300)


class _Unused(nn.Module):
    """A network with a layer that forward() forgets."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.first = nn.Linear(64, 32, rng=seed, weight_init="he_normal")
        self.middle = nn.Linear(32, 32, rng=seed, weight_init="he_normal")
        self.last = nn.Linear(32, 10, rng=seed)

    def forward(self, x: Any) -> Any:
        return self.last(nn.functional.relu(self.first(x)))


def _frozen_part(seed: int) -> Setup:
    setup = _digits(seed)
    setup.options["optimizer"] = pl.optim.Adam(list(setup.net[2].parameters()), lr=1e-3)
    return setup


def _overfitting(seed: int) -> Setup:
    train, test = spiral()
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(len(train.y)) < 0.3, rng.integers(0, 3, len(train.y)), train.y)
    net = mlp([2, 128, 128, 3], seed=seed)
    return Setup(net, Part(train.x[:90], y[:90]), test, {"epochs": 150, "lr": 0.01})


def _dying(seed: int) -> Setup:
    net = mlp([64, 32, 10], seed=seed, bias_init=nn.init.Constant(-20.0))
    return _digits(seed, lambda: net)


def _ends_in(seed: int, layer: nn.Module) -> nn.Module:
    net = mlp([64, 32, 10], seed=seed)
    net.append(layer)
    return net


def _normal(std: float) -> Any:
    return nn.init.Normal(std=std)


def _small_rnn(seed: int, kind: str, **options: Any) -> Setup:
    train, test = series("airline-passengers")
    net = _named(kind, train.x.shape[1:], int(np.prod(train.y.shape[1:])), seed)
    return Setup(net, train, test, {"epochs": 40, "lr": 0.01, **options})


def _broken_values(seed: int) -> Setup:
    setup = _digits(seed, batch_size=32)
    setup.net = nn.Sequential(mlp([64, 32, 10], seed=seed), nn.Lambda(_log))
    setup.options["loss"] = "mse"
    setup.train = (setup.train.x, np.eye(10, dtype=np.float32)[setup.train.y] * 3 - 1)
    setup.validation = None
    return setup


def _log(x: Any) -> Any:
    return pl.log(x)


FAULTS: tuple[Case, ...] = (
    Case("softmax before cross-entropy", lambda s: _digits(s, lambda: _ends_in(s, nn.Softmax())),
         ("softmax-before-cross-entropy",)),
    Case("sigmoid before cross-entropy", lambda s: _digits(s, lambda: _ends_in(s, nn.Sigmoid())),
         ("sigmoid-before-cross-entropy",)),
    Case("ReLU on the logits", lambda s: _digits(s, lambda: _ends_in(s, nn.ReLU())),
         ("relu-on-output",)),
    Case("tanh on an output of values",
         lambda s: _curve(s, lambda: nn.Sequential(mlp([2, 32, 1], nn.Tanh, s), nn.Tanh())),
         ("bounded-output",)),
    Case("squared error on class numbers", _classes_as_values, ("squared-error-on-classes",)),
    Case("activation forgotten", lambda s: _digits(s, lambda: mlp([64, 32, 10], None, s)),
         ("linear-stack",)),
    Case("inputs 50 ± 100", _raw, ("unscaled-inputs",)),
    Case("inputs a thousandth", _tiny_inputs, ("unscaled-inputs",)),
    Case("one class 20 times rarer", _imbalanced, ("class-imbalance",)),
    Case("logarithm of negative outputs", _broken_values, ("non-finite",)),
    Case("weights all zero",
         lambda s: _digits(s, lambda: mlp([64, 32, 10], seed=s, weight_init="zeros")),
         ("symmetric-units",)),
    Case("weights all 0.1",
         lambda s: _digits(s, lambda: mlp([64, 32, 10], seed=s, weight_init=nn.init.Constant(0.1))),
         ("symmetric-units",)),
    Case("weights far too large",
         lambda s: _digits(s, lambda: mlp([64, 64, 64, 10], seed=s, weight_init=_normal(1.0))),
         ("bad-initial-scale",)),
    Case("weights far too small",
         lambda s: _digits(s, lambda: mlp([64, 64, 64, 10], nn.Tanh, s, weight_init=_normal(1e-3))),
         ("bad-initial-scale",)),
    Case("targets 300 ± 5", _unscaled_targets, ("loss-at-start",)),
    Case("biases −20 before ReLU", _dying, ("dead-units",)),
    Case("Adam, learning rate 10", lambda s: _digits(s, lr=10.0),
         ("learning-rate-too-high", "dead-units", "divergence", "non-finite")),
    Case("SGD, learning rate 10", lambda s: _digits(s, optimizer="sgd", lr=10.0),
         ("learning-rate-too-high", "dead-units", "divergence", "non-finite")),
    Case("Adam, learning rate 1 on spirals", lambda s: _spiral(s, lr=1.0),
         ("learning-rate-too-high", "dead-units", "divergence")),
    Case("Adam, learning rate 1e-7", lambda s: _digits(s, lr=1e-7), ("learning-rate-too-low",)),
    Case("SGD, learning rate 1e-6", lambda s: _digits(s, optimizer="sgd", lr=1e-6),
         ("learning-rate-too-low",)),
    Case("eight sigmoid layers",
         lambda s: _digits(s, lambda: mlp([64, *[32] * 8, 10], nn.Sigmoid, s)),
         ("vanishing-gradient",)),
    Case("twelve sigmoid layers, spirals",
         lambda s: _spiral(s, lambda: mlp([2, *[16] * 12, 3], nn.Sigmoid, s)),
         ("vanishing-gradient",)),
    Case("weight decay 10", lambda s: _digits(s, optimizer=_sgd_decay, lr=0.01),
         ("regularisation-dominates",)),
    Case("labels shuffled", _shuffled, ("flat-loss", "overfitting")),
    Case("a layer that is not used", lambda s: _digits(s, lambda: _Unused(s)),
         ("untrained-parameter",)),
    Case("a layer the optimizer was not given", _frozen_part, ("untrained-parameter",)),
    Case("90 samples, noisy labels, 17,000 weights", _overfitting, ("overfitting",)),
    Case("LSTM, learning rate 3",
         lambda s: _small_rnn(s, "lstm-forecaster", lr=3.0),
         ("learning-rate-too-high", "divergence", "oscillation", "exploding-gradient")),
)  # fmt: skip


def _momentum(parameters: Any, lr: float) -> Any:
    return pl.optim.SGD(parameters, lr=lr, momentum=0.9)


def _sgd_decay(parameters: Any, lr: float) -> Any:
    return pl.optim.SGD(parameters, lr=lr, weight_decay=10.0)


# --- healthy --------------------------------------------------------------------------------------


def _images(seed: int, net: nn.Module, **options: Any) -> Setup:
    train, test = digit_images()
    return Setup(net, train, test, {"epochs": 3, **options})


def _with_norm(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(64, 48, rng=rng), nn.BatchNorm1d(48), nn.ReLU(),
        nn.Linear(48, 48, rng=rng), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 10, rng=rng),
    )  # fmt: skip


def _with_dropout(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Dropout(0.3, rng=rng), nn.Linear(64, 10, rng=rng)
    )


def _convolutional(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10, rng=rng),
    )  # fmt: skip


def _convolutional_norm(seed: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Flatten(), nn.Linear(256, 10, rng=rng),
    )  # fmt: skip


def _table(seed: int, name: str, **options: Any) -> Setup:
    train, test = adult() if name == "adult" else table(name)
    outputs = 1 if train.y.dtype.kind == "f" else int(train.y.max()) + 1
    net = mlp([train.x.shape[1], 32, outputs], seed=seed)
    return Setup(net, train, test, {"epochs": 10, "batch_size": 32, **options})


def _language(seed: int, model: str, name: str, **options: Any) -> Setup:
    train, vocabulary = text(name)
    small = {"rnn": {"hidden": 32, "layers": 1, "embedding": 16}}
    small["gru"] = small["lstm"] = small["rnn"]
    small["gpt"] = {"width": 32, "layers": 2, "heads": 2, "context": train.x.shape[1]}
    net = _named(model, train.x.shape[1:], vocabulary, seed, vocabulary=vocabulary, **small[model])
    return Setup(net, train, None, {"epochs": 2, "lr": 3e-3, **options})


def _autoencoder(seed: int) -> Setup:
    train, test = heartbeats()
    net = _named("autoencoder", train.x.shape[1:], train.x.shape[1], seed, hidden=(64,), code=8)
    return Setup(net, train.x, test.x, {"epochs": 6})


def _beats(seed: int) -> Setup:
    train, test = heartbeats()
    net = mlp([train.x.shape[1], 32, int(train.y.max()) + 1], seed=seed)
    return Setup(net, train, test, {"epochs": 6})


def _mnist(seed: int, activation: Any = nn.ReLU) -> Setup:
    train, test = mnist()
    return Setup(mlp([784, 64, 32, 10], activation, seed), train, test, {"epochs": 4})


def _forecast(seed: int, kind: str, name: str, **options: Any) -> Setup:
    train, test = series(name)
    if name == "airline-passengers":  # its last years lie outside of all that was seen before
        order = np.random.default_rng(0).permutation(len(train))
        cut = len(train) * 4 // 5
        test = Part(train.x[order[cut:]], train.y[order[cut:]])
        train = Part(train.x[order[:cut]], train.y[order[:cut]])
    net = _named(kind, train.x.shape[1:], int(np.prod(train.y.shape[1:])), seed)
    return Setup(net, train, test, {"epochs": 15, "lr": 3e-3, **options})


HEALTHY: tuple[Case, ...] = (
    Case("spirals, MLP, ReLU", lambda s: _spiral(s)),
    Case("spirals, MLP, tanh", lambda s: _spiral(s, lambda: mlp([2, 32, 32, 3], nn.Tanh, s))),
    Case("spirals, MLP, SGD with momentum",
         lambda s: _spiral(s, optimizer=_momentum, lr=0.05)),
    Case("digits, MLP, ReLU", lambda s: _digits(s)),
    Case("digits, MLP, SGD", lambda s: _digits(s, optimizer="sgd", lr=0.1)),
    Case("digits, MLP, two sigmoid layers",
         lambda s: _digits(s, lambda: mlp([64, 32, 32, 10], nn.Sigmoid, s), lr=0.01)),
    Case("digits, MLP, six tanh layers",
         lambda s: _digits(s, lambda: mlp([64, *[32] * 6, 10], nn.Tanh, s))),
    Case("digits, MLP, cosine schedule, weight decay",
         lambda s: _digits(s, optimizer=lambda p, lr: pl.optim.AdamW(p, lr=lr, weight_decay=0.01),
                           lr=3e-3, schedule="cosine", epochs=8)),
    Case("digits, MLP, batch norm", lambda s: _digits(s, lambda: _with_norm(s))),
    Case("digits, MLP, dropout", lambda s: _digits(s, lambda: _with_dropout(s))),
    Case("digits, CNN", lambda s: _images(s, _convolutional(s))),
    Case("digits, CNN, batch norm", lambda s: _images(s, _convolutional_norm(s))),
    Case("digits, ResNet-20, width 4",
         lambda s: _images(s, _named("resnet20", (1, 8, 8), 10, s, depth=8, width=4), epochs=2)),
    Case("MNIST, MLP, ReLU", lambda s: _mnist(s)),
    Case("MNIST, MLP, GELU", lambda s: _mnist(s, nn.GELU)),
    Case("breast cancer, MLP", lambda s: _table(s, "breast-cancer")),
    Case("wine, MLP", lambda s: _table(s, "wine", epochs=20)),
    Case("census (adult), MLP", lambda s: _table(s, "adult", epochs=4)),
    Case("a noisy function, MLP, tanh", lambda s: _curve(s)),
    Case("diabetes, regression, MLP", lambda s: _table(s, "diabetes", lr=3e-3)),
    Case("airline passengers, LSTM",
         lambda s: _forecast(s, "lstm-forecaster", "airline-passengers")),
    Case("temperatures, GRU", lambda s: _forecast(s, "gru-forecaster", "daily-min-temperatures")),
    Case("temperatures, TCN", lambda s: _forecast(s, "tcn", "daily-min-temperatures", epochs=4)),
    Case("heartbeats, autoencoder", _autoencoder),
    Case("heartbeats, MLP", _beats),
    Case("names, GRU", lambda s: _language(s, "gru", "names")),
    Case("Shakespeare, LSTM", lambda s: _language(s, "lstm", "tiny-shakespeare")),
    Case("Shakespeare, GPT", lambda s: _language(s, "gpt", "tiny-shakespeare")),
)  # fmt: skip
