"""The models of dense layers, by name."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.errors import DataError
from pellucid.models.linear import LinearModel
from pellucid.models.mlp import MLP
from pellucid.models.model import Model
from pellucid.models.perceptron import Perceptron
from pellucid.nn import Module

__all__ = ["ENTRIES"]


def _mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: int | Sequence[int] = (128, 64),
    activation: str = "relu",
    dropout: float = 0.0,
    bias: bool = True,
    weight_init: str | None = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return MLP(
        input_shape,
        hidden,
        outputs,
        activation,
        dropout,
        bias=bias,
        weight_init=weight_init,
        dtype=dtype,
        rng=rng,
    )


def _linear(
    input_shape: tuple[int, ...],
    outputs: int,
    bias: bool = True,
    weight_init: str | None = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return LinearModel(
        input_shape, outputs, bias=bias, weight_init=weight_init, dtype=dtype, rng=rng
    )


def _perceptron(input_shape: tuple[int, ...], outputs: int, dtype: str | None = None) -> Module:
    if outputs not in (1, 2):
        raise DataError(
            f"a perceptron tells two classes apart, this data has {outputs}; "
            "use the model 'mlp' or 'linear'"
        )
    return Perceptron(input_shape, dtype=dtype)


ENTRIES: tuple[Model, ...] = (
    Model(
        "mlp",
        _mlp,
        "Dense layers with an activation between them.",
        "Rumelhart, Hinton & Williams (1986)",
    ),
    Model(
        "linear",
        _linear,
        "One dense layer: linear regression, or logistic regression for classes.",
        "Legendre (1805); Cox (1958)",
    ),
    Model(
        "perceptron",
        _perceptron,
        "One threshold unit for two classes, with its own learning rule.",
        "Rosenblatt (1958)",
    ),
)
