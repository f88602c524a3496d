"""Broken trainings of other models and sizes; some rules were made or changed because of them."""

from __future__ import annotations

from typing import Any

import doctor_setups as setups
import numpy as np
from doctor_setups import Case, Setup

import pellucid as pl
from pellucid import nn
from pellucid.data import Part

__all__ = ["MORE_FAULTS"]


def _out_of_step(seed: int) -> Setup:
    setup = setups.on_digits(seed, epochs=10)
    setup.train = Part(setup.train.x, np.roll(setup.train.y, 1))
    held = setup.validation
    setup.validation = Part(held.x, np.roll(held.y, 1))
    return setup


def _one_large_column(seed: int) -> Setup:
    setup = setups.on_curve(seed)
    scaled = setup.train.x * np.array([1000, 1], np.float32)
    return Setup(setup.net, Part(scaled, setup.train.y), None, setup.options)


def _alike(seed: int) -> Setup:
    net: Any = setups.convolutional(seed)
    net[3].weight.data = np.full_like(net[3].weight.data, 0.05)
    return setups.on_images(seed, net)


def _left_out(seed: int) -> nn.Module:
    net = setups.mlp([64, 64, 10], seed=seed)
    return nn.Sequential(*net[:2], nn.Dropout(0.95, rng=seed), net[2])


def _answers(seed: int) -> Setup:
    train, _ = setups.digits()
    y = np.stack([train.y % 2, train.y > 4, train.y % 3 == 0], axis=1).astype(np.float32)
    return Setup(
        setups.mlp([64, 32, 3], seed=seed), (train.x, y), None, {"epochs": 4, "loss": "mse"}
    )


def _decoupled(parameters: Any, lr: float) -> Any:
    return pl.optim.AdamW(parameters, lr=lr, weight_decay=50.0)


MORE_FAULTS: tuple[Case, ...] = (
    Case("labels one row off", _out_of_step, ("flat-loss", "overfitting")),
    Case("one column a thousand times too large", _one_large_column, ("unscaled-inputs",)),
    Case("a convolution whose weights are all 0.05", _alike, ("symmetric-units",)),
    Case("dropout of 95 %", lambda s: setups.on_digits(s, lambda: _left_out(s)),
         ("too-much-dropout",)),
    Case("squared error on several yes or no", _answers, ("squared-error-on-classes",)),
    Case("AdamW, weight decay 50",
         lambda s: setups.on_digits(s, optimizer=_decoupled, lr=0.01, epochs=10),
         ("regularisation-dominates",)),
    Case("gradients clipped at 1e-6",
         lambda s: setups.on_digits(s, optimizer="sgd", lr=0.1, grad_clip=1e-6),
         ("learning-rate-too-low",)),
    Case("CNN, Adam, learning rate 0.3",
         lambda s: setups.on_images(s, setups.convolutional(s), lr=0.3),
         ("learning-rate-too-high", "dead-units", "divergence")),
    Case("CNN, SGD, learning rate 1e-6",
         lambda s: setups.on_images(s, setups.convolutional(s), optimizer="sgd", lr=1e-6),
         ("learning-rate-too-low",)),
)  # fmt: skip
