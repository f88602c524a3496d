"""The network without hidden layers."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.models.shapes import InputShape, input_layers
from pellucid.nn import Linear, Sequential
from pellucid.nn.init import InitLike
from pellucid.random import Seed

__all__ = ["LinearModel"]


class LinearModel(Sequential):
    """One dense layer: linear regression, or with cross-entropy, logistic (softmax) regression.

    y = x W + b

    Legendre (1805); Cox (1958). The baseline that a deeper network has to beat.

    Parameters
    ----------
    in_features : int, tuple of int or None
        Number of features, or the shape of one sample, which is then flattened; None takes it from
        the first batch.
    out_features : int
        Number of outputs: of classes, or of values to predict.
    bias : bool
        Whether b is added.
    weight_init : Initializer, str or callable, optional
        What W starts as, by default Glorot normal.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(
        self,
        in_features: InputShape,
        out_features: int,
        *,
        bias: bool = True,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        before, size = input_layers(in_features)
        dense = Linear(size, out_features, bias, weight_init=weight_init, dtype=dtype, rng=rng)
        super().__init__(*before, dense)
