"""The multi-layer perceptron."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from pellucid.dtypes import DTypeLike, float_dtype
from pellucid.errors import DataError
from pellucid.models.shapes import InputShape, input_layers
from pellucid.nn import Dropout, Linear, Module, Sequential, find_activation
from pellucid.nn.activations import activation_of
from pellucid.nn.init import InitLike
from pellucid.random import Seed, generator

__all__ = ["MLP"]

ActivationLike: TypeAlias = str | Callable[[], Module]
"""The name of an activation, or a class (or function) that makes a layer."""


class MLP(Sequential):
    """Multi-layer perceptron: dense layers with an activation after each but the last.

    hᵢ = φ(hᵢ₋₁ Wᵢ + bᵢ), h₀ = x; the outputs are logits or values, without activation

    Rumelhart, Hinton & Williams (1986).

    Parameters
    ----------
    in_features : int, tuple of int or None
        Number of features, or the shape of one sample, which is then flattened; None takes it from
        the first batch.
    hidden : int or sequence of int
        Units of each hidden layer; ``()`` for none.
    out_features : int
        Number of outputs: of classes, or of values to predict.
    activation : str or callable
        Name in :data:`pellucid.nn.ACTIVATIONS`, or a layer class such as ``nn.Tanh``.
    dropout : float
        Probability of dropping a hidden unit in training.
    bias : bool
        Whether the layers add biases.
    weight_init : Initializer, str or callable, optional
        What the weights start as, by default what suits the activation.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> MLP(64, (32, 16), 10, activation="tanh")
    MLP(
      (0): Linear(64 → 32, Glorot normal: followed by Tanh)
      (1): Tanh()
      (2): Linear(32 → 16, Glorot normal: followed by Tanh)
      (3): Tanh()
      (4): Linear(16 → 10, Glorot normal: no activation follows)
    )
    2,778 parameters
    """

    def __init__(
        self,
        in_features: InputShape,
        hidden: int | Sequence[int],
        out_features: int,
        activation: ActivationLike = "relu",
        dropout: float = 0.0,
        *,
        bias: bool = True,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        make = find_activation(activation).make if isinstance(activation, str) else activation
        if isinstance(make, Module) or not callable(make):
            raise DataError(
                f"activation is a name such as 'relu' or a class such as nn.ReLU, got {make!r}"
            )
        rng = None if rng is None else generator(rng)
        layers, size = input_layers(in_features)
        for units in hidden if isinstance(hidden, Iterable) else (hidden,):
            bend = make()
            entry = activation_of(bend)
            wide = units * (1 if entry is None else entry.inputs_per_output)
            layers += [
                Linear(size, wide, bias, weight_init=weight_init, dtype=dtype, rng=rng),
                bend.astype(float_dtype(dtype)),
            ]
            if dropout:
                layers.append(Dropout(dropout, rng))
            size = units
        layers.append(
            Linear(size, out_features, bias, weight_init=weight_init, dtype=dtype, rng=rng)
        )
        super().__init__(*layers)
