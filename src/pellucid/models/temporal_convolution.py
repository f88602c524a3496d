"""The temporal convolutional network: a series, its past only, at ever wider steps."""

from __future__ import annotations

import math

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.models.model import Model
from pellucid.nn import Dropout, Linear, Module, ReLU, Sequential, weight_norm
from pellucid.nn.init import Normal
from pellucid.nn.inputs import input_of
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["ENTRIES", "TCN", "CausalConvolution", "TemporalBlock"]


class CausalConvolution(Module):
    """A dilated convolution in time that sees nothing of the future.

    yₜ = Σⱼ xₜ₋ⱼ·𝒹 Wⱼ + b,  j = 0 … k − 1, with zeros before the start

    The k shifted copies of a series stand side by side, so that the sum is one matrix product.

    Parameters
    ----------
    in_features, out_features : int
        Values at each time.
    kernel : int
        How many times are seen, k.
    dilation : int
        The distance between them, d.
    depth : int
        What the weights start as: N(0, 2 / (k · in · depth)), He normal for 1.
    normalize : bool
        Whether lengths and directions of the weights are learnt apart (weight normalisation).
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel: int,
        dilation: int = 1,
        *,
        depth: int = 1,
        normalize: bool = False,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        self.kernel, self.dilation = kernel, dilation
        std = math.sqrt(2 / (kernel * in_features * depth))
        # Oldest values first: rows j·in … of the weight belong to the step (k − 1 − j)·d ago.
        dense = Linear(
            kernel * in_features, out_features, weight_init=Normal(std), dtype=dtype, rng=rng
        )
        self.taps = weight_norm(dense) if normalize else dense

    def forward(self, x: Value) -> Value:
        """Return the series (N, T, out) of a series (N, T, in)."""
        steps, reach = x.shape[1], (self.kernel - 1) * self.dilation
        longer = p.pad(x, widths=((0, 0), (reach, 0), (0, 0)))  # (N, reach + T, in)
        shifted = [longer[:, j * self.dilation :][:, :steps] for j in range(self.kernel)]
        return self.taps(p.concatenate(*shifted, axis=-1))

    def extra_repr(self) -> str:
        """Return what the layer is, in short."""
        return f"kernel={self.kernel}, dilation={self.dilation}"


class TemporalBlock(Module):
    """Two causal convolutions of one dilation, around which the input goes as it is.

    relu(x + F(x)), F = dropout(relu(conv(dropout(relu(conv(x))))))

    Where the number of channels changes, x goes through a dense layer at each time.

    Parameters
    ----------
    in_features, out_features, kernel, dilation, normalize, dtype, rng
        As for `CausalConvolution`.
    dropout : float
        Probability of dropping a value, in training.
    depth : int
        How many blocks the network has: each starts by adding a part of that size to its input,
        so that their sum does not grow with their number.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel: int,
        dilation: int,
        dropout: float = 0.0,
        *,
        depth: int = 1,
        normalize: bool = False,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        layers: list[Module] = []
        for size, share in ((in_features, 1), (out_features, depth)):
            layers += [
                CausalConvolution(
                    size,
                    out_features,
                    kernel,
                    dilation,
                    depth=share,
                    normalize=normalize,
                    dtype=dtype,
                    rng=rng,
                ),
                ReLU(),
                *([Dropout(dropout, rng)] if dropout else []),
            ]
        self.layers = Sequential(*layers)
        self.skip = (
            None
            if in_features == out_features
            else Linear(in_features, out_features, dtype=dtype, rng=rng)
        )

    def forward(self, x: Value) -> Value:
        """Return the series (N, T, out) of a series (N, T, in)."""
        around = x if self.skip is None else self.skip(x)
        return p.relu(p.add(around, self.layers(x)))


class TCN(Module):
    """Temporal convolutional network: what follows a window, from causal convolutions.

    Block i has dilation 2ⁱ, so that b blocks with kernel k see 1 + 2 (k − 1)(2ᵇ − 1) steps; a dense
    layer reads the answer from the last one.

    Bai, Kolter & Koltun (2018). Different from the paper: dropout leaves out single values instead
    of whole channels, weights start larger, and the answer to a window is read at its last step.

    Parameters
    ----------
    features : int
        Values at each time.
    outputs : int
        How many steps to predict, or how many classes.
    channels : int
        Values at each time inside of the network.
    blocks : int
        How many blocks.
    kernel : int
        How many times a convolution sees.
    dropout : float
        Probability of dropping a value, in training.
    normalize : bool
        Whether the convolutions have weight normalisation, as in the paper.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Raises
    ------
    DataError
        If a size is no whole number of 1 or more.
    ShapeError
        If the input is no series (N, T, features).

    Examples
    --------
    >>> import numpy as np
    >>> net = TCN(1, 12, channels=8, blocks=3, rng=0)
    >>> net(np.zeros((5, 24, 1))).shape, net.receptive_field
    ((5, 12), 29)
    """

    def __init__(
        self,
        features: int,
        outputs: int,
        channels: int = 32,
        blocks: int = 4,
        kernel: int = 3,
        dropout: float = 0.0,
        *,
        normalize: bool = True,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        sizes = {"features": features, "channels": channels, "blocks": blocks, "kernel": kernel}
        for name, value in sizes.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise DataError(f"{name} of a TCN is a whole number ≥ 1, got {value!r}")
        rng = None if rng is None else generator(rng)
        self.features, self.kernel = features, kernel
        self.blocks = Sequential(
            *(
                TemporalBlock(
                    features if place == 0 else channels,
                    channels,
                    kernel,
                    2**place,
                    dropout,
                    depth=blocks,
                    normalize=normalize,
                    dtype=dtype,
                    rng=rng,
                )
                for place in range(blocks)
            )
        )
        self.head = Linear(channels, outputs, dtype=dtype, rng=rng)

    @property
    def receptive_field(self) -> int:
        """How many steps back from the last one, itself counted, the answer can depend on."""
        return 1 + 2 * (self.kernel - 1) * (2 ** len(self.blocks) - 1)

    def forward(self, x: Value) -> Value:
        """Return the answers (N, outputs) to windows of shape (N, T, features)."""
        x = input_of(x, self.head.weight.dtype)
        if len(x.shape) != 3 or x.shape[2] != self.features or not x.shape[1]:
            raise ShapeError(
                f"a TCN takes series of shape (N, T, {self.features}) with T ≥ 1, got {x.shape}"
            )
        return self.head(self.blocks(x)[:, -1])


def _tcn(
    input_shape: tuple[int, ...],
    outputs: int,
    channels: int = 32,
    blocks: int = 4,
    kernel: int = 3,
    dropout: float = 0.0,
    normalize: bool = True,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    if len(input_shape) != 2:
        raise DataError(
            f"the model 'tcn' takes series of shape (steps, features), got samples of shape "
            f"{input_shape}"
        )
    return TCN(
        input_shape[1],
        outputs,
        channels,
        blocks,
        kernel,
        dropout,
        normalize=normalize,
        dtype=dtype,
        rng=rng,
    )


ENTRIES: tuple[Model, ...] = (
    Model(
        "tcn",
        _tcn,
        "Causal convolutions at ever wider steps: forecasts a series, or classifies it.",
        "Bai, Kolter & Koltun (2018)",
        "Dropout of single values instead of whole channels; read at the last step.",
        takes="series",
    ),
)
