"""The image models by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pellucid.models.images.cnn import CNN
from pellucid.models.images.lenet import LeNet5
from pellucid.models.model import Model
from pellucid.nn import Module

__all__ = ["ENTRIES"]


def _cnn(
    input_shape: tuple[int, ...],
    outputs: int,
    channels: Sequence[int] = (16, 32, 64),
    convolutions: int = 1,
    dropout: float = 0.25,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return CNN(input_shape, outputs, channels, convolutions, dropout, dtype=dtype, rng=rng)


def _lenet5(
    input_shape: tuple[int, ...],
    outputs: int,
    activation: str = "tanh",
    pooling: Any = "average",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return LeNet5(input_shape, outputs, activation, pooling, dtype=dtype, rng=rng)


ENTRIES: tuple[Model, ...] = (
    Model(
        "cnn",
        _cnn,
        "Blocks of convolution, batch normalisation, ReLU and pooling, and one dense layer.",
        "LeCun et al. (1998); Ioffe & Szegedy (2015)",
        takes="images",
    ),
    Model(
        "lenet5",
        _lenet5,
        "Three 5×5 convolutions with pooling between them, and two dense layers.",
        "LeCun, Bottou, Bengio & Haffner (1998)",
        smaller="All maps of C3 see all of S2, pooling has no weights, the output is logits.",
        takes="images",
    ),
)
