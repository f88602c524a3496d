"""A transformer that continues a series."""

from __future__ import annotations

from typing import Any

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import ShapeError
from pellucid.models.transformers.positions import Positions, positions_of
from pellucid.nn import Dropout, Linear, Module, TransformerEncoder
from pellucid.nn.inputs import input_of
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["TransformerForecaster"]


class TransformerForecaster(Module):
    """Predicts the next values of a series from a window of it, all at once.

    h = encoder(x W_in + P); ŷ = [h₁ … h_T] W_out + b

    Each time step is a token, as by Zerveas et al. (2021); the encoder is that of Vaswani et al.
    (2017) with normalisation first. The same network classifies a series, its outputs then being
    logits.

    Parameters
    ----------
    length : int
        T, the length of a window.
    features : int
        Number of values at each time.
    outputs : int
        The horizon: how many values to predict; or the number of classes.
    width : int
        Width of all layers.
    layers, heads : int
        How many layers, and heads of attention in each.
    feedforward : int, optional
        Units of the dense layers, by default 4 · width.
    positions : {"learned", "sinusoidal", "rotary", "alibi"}
        How it knows the order of times.
    dropout : float
        Probability of dropping in training.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> import numpy as np
    >>> TransformerForecaster(24, 1, 12, rng=0)(np.zeros((5, 24, 1))).shape
    (5, 12)
    """

    def __init__(
        self,
        length: int,
        features: int,
        outputs: int,
        *,
        width: int = 32,
        layers: int = 2,
        heads: int = 4,
        feedforward: int | None = None,
        positions: Positions = "learned",
        dropout: float = 0.1,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = None if rng is None else generator(rng)
        self.window = (length, features)
        self.input = Linear(features, width, dtype=dtype, rng=rng)
        self.positions, inside = positions_of(positions, length, width, dtype, rng)
        self.dropout = Dropout(dropout, rng)
        self.encoder = TransformerEncoder(
            width,
            heads,
            layers,
            feedforward=feedforward,
            activation="gelu",
            norm_first=True,
            dropout=dropout,
            positions=inside,
            dtype=dtype,
            rng=rng,
        )
        self.head = Linear(length * width, outputs, dtype=dtype, rng=rng)

    def forward(self, x: Any) -> Value:
        """Return the next values.

        Parameters
        ----------
        x : array or Tensor
            Windows of shape (N, T, features).

        Returns
        -------
        Tensor
            Of shape (N, outputs).
        """
        x = input_of(x, self.input.weight.dtype)
        if x.shape[1:] != self.window:
            length, features = self.window
            raise ShapeError(
                f"expected windows of shape (samples, {length}, {features}), got {x.shape}"
            )
        x = self.input(x)
        if self.positions is not None:
            x = self.positions(x)
        x = self.encoder(self.dropout(x))
        # (N, T, width) -> (N, T · width)
        return self.head(p.reshape(x, shape=(x.shape[0], -1)))
