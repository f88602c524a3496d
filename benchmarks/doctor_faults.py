"""Broken trainings: each is to be found as one of the findings it names."""

from __future__ import annotations

from typing import Any

import numpy as np
from doctor_setups import (
    Case,
    Setup,
    digits,
    mlp,
    named,
    on_curve,
    on_digits,
    on_spiral,
    series,
    sgd_decay,
    spiral,
)

import pellucid as pl
from pellucid import nn
from pellucid.data import Part

__all__ = ["FAULTS"]


def _spoiled(setup: Setup, **parts: Any) -> Setup:
    part = setup.train
    setup.train = Part(parts.get("x", part.x), parts.get("y", part.y))
    return setup


def _shuffled(seed: int) -> Setup:
    setup = on_digits(seed, epochs=10)
    rng = np.random.default_rng(seed)
    test = setup.validation
    setup.validation = Part(test.x, rng.permutation(test.y))
    return _spoiled(setup, y=rng.permutation(setup.train.y))


def _raw(seed: int) -> Setup:
    setup = on_digits(seed)
    setup.validation = None
    return _spoiled(setup, x=setup.train.x * 100 + 50)


def _tiny_inputs(seed: int) -> Setup:
    setup = on_digits(seed)
    setup.validation = None
    return _spoiled(setup, x=setup.train.x * 1e-3)


def _imbalanced(seed: int) -> Setup:
    train, _ = digits()
    rng = np.random.default_rng(seed)
    keep = (train.y != 3) | (rng.random(len(train.y)) < 0.05)
    setup = on_digits(seed)
    setup.train = Part(train.x[keep], train.y[keep])
    return setup


def _classes_as_values(seed: int) -> Setup:
    train, _ = digits()
    net = mlp([64, 32, 1], seed=seed)
    return Setup(net, (train.x, train.y.astype(np.float32)), None, {"epochs": 4, "loss": "mse"})


def _unscaled_targets(seed: int) -> Setup:
    setup = on_curve(seed, loss="mse")
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
    setup = on_digits(seed)
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
    return on_digits(seed, lambda: net)


def _ends_in(seed: int, layer: nn.Module) -> nn.Module:
    net = mlp([64, 32, 10], seed=seed)
    net.append(layer)
    return net


def _normal(std: float) -> Any:
    return nn.init.Normal(std=std)


def _small_rnn(seed: int, kind: str, **options: Any) -> Setup:
    train, test = series("airline-passengers")
    net = named(kind, train.x.shape[1:], int(np.prod(train.y.shape[1:])), seed)
    return Setup(net, train, test, {"epochs": 40, "lr": 0.01, **options})


def _broken_values(seed: int) -> Setup:
    setup = on_digits(seed, batch_size=32)
    setup.net = nn.Sequential(mlp([64, 32, 10], seed=seed), nn.Lambda(_log))
    setup.options["loss"] = "mse"
    setup.train = (setup.train.x, np.eye(10, dtype=np.float32)[setup.train.y] * 3 - 1)
    setup.validation = None
    return setup


def _log(x: Any) -> Any:
    return pl.log(x)


FAULTS: tuple[Case, ...] = (
    Case("softmax before cross-entropy", lambda s: on_digits(s, lambda: _ends_in(s, nn.Softmax())),
         ("softmax-before-cross-entropy",)),
    Case("sigmoid before cross-entropy", lambda s: on_digits(s, lambda: _ends_in(s, nn.Sigmoid())),
         ("sigmoid-before-cross-entropy",)),
    Case("ReLU on the logits", lambda s: on_digits(s, lambda: _ends_in(s, nn.ReLU())),
         ("relu-on-output",)),
    Case("tanh on an output of values",
         lambda s: on_curve(s, lambda: nn.Sequential(mlp([2, 32, 1], nn.Tanh, s), nn.Tanh())),
         ("bounded-output",)),
    Case("squared error on class numbers", _classes_as_values, ("squared-error-on-classes",)),
    Case("activation forgotten", lambda s: on_digits(s, lambda: mlp([64, 32, 10], None, s)),
         ("linear-stack",)),
    Case("inputs 50 ± 100", _raw, ("unscaled-inputs",)),
    Case("inputs a thousandth", _tiny_inputs, ("unscaled-inputs",)),
    Case("one class 20 times rarer", _imbalanced, ("class-imbalance",)),
    Case("logarithm of negative outputs", _broken_values, ("non-finite",)),
    Case("weights all zero",
         lambda s: on_digits(s, lambda: mlp([64, 32, 10], seed=s, weight_init="zeros")),
         ("symmetric-units",)),
    Case("weights all 0.1",
         lambda s: on_digits(
             s, lambda: mlp([64, 32, 10], seed=s, weight_init=nn.init.Constant(0.1))),
         ("symmetric-units",)),
    Case("weights far too large",
         lambda s: on_digits(s, lambda: mlp([64, 64, 64, 10], seed=s, weight_init=_normal(1.0))),
         ("bad-initial-scale",)),
    Case("weights far too small",
         lambda s: on_digits(
             s, lambda: mlp([64, 64, 64, 10], nn.Tanh, s, weight_init=_normal(1e-3))),
         ("bad-initial-scale",)),
    Case("targets 300 ± 5", _unscaled_targets, ("loss-at-start",)),
    Case("biases −20 before ReLU", _dying, ("dead-units",)),
    Case("Adam, learning rate 10", lambda s: on_digits(s, lr=10.0),
         ("learning-rate-too-high", "dead-units", "divergence", "non-finite")),
    Case("SGD, learning rate 10", lambda s: on_digits(s, optimizer="sgd", lr=10.0),
         ("learning-rate-too-high", "dead-units", "divergence", "non-finite")),
    Case("Adam, learning rate 1 on spirals", lambda s: on_spiral(s, lr=1.0),
         ("learning-rate-too-high", "dead-units", "divergence")),
    Case("Adam, learning rate 1e-7", lambda s: on_digits(s, lr=1e-7), ("learning-rate-too-low",)),
    Case("SGD, learning rate 1e-6", lambda s: on_digits(s, optimizer="sgd", lr=1e-6),
         ("learning-rate-too-low",)),
    Case("eight sigmoid layers",
         lambda s: on_digits(s, lambda: mlp([64, *[32] * 8, 10], nn.Sigmoid, s)),
         ("vanishing-gradient",)),
    Case("twelve sigmoid layers, spirals",
         lambda s: on_spiral(s, lambda: mlp([2, *[16] * 12, 3], nn.Sigmoid, s)),
         ("vanishing-gradient",)),
    Case("weight decay 10", lambda s: on_digits(s, optimizer=sgd_decay, lr=0.01),
         ("regularisation-dominates",)),
    Case("labels shuffled", _shuffled, ("flat-loss", "overfitting")),
    Case("a layer that is not used", lambda s: on_digits(s, lambda: _Unused(s)),
         ("untrained-parameter",)),
    Case("a layer the optimizer was not given", _frozen_part, ("parameters-not-given",)),
    Case("90 samples, noisy labels, 17,000 weights", _overfitting, ("overfitting",)),
    Case("LSTM, learning rate 3",
         lambda s: _small_rnn(s, "lstm-forecaster", lr=3.0),
         ("learning-rate-too-high", "divergence", "oscillation", "exploding-gradient")),
)  # fmt: skip
