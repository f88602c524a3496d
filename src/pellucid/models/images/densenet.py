"""Densely connected networks."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.dtypes import DTypeLike
from pellucid.models.images.parts import Maker, Stem, stem_for
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import (
    AvgPool2d,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    SkipConnection,
)
from pellucid.random import Seed

__all__ = ["DenseBlock", "DenseNet"]


class DenseBlock(Sequential):
    """Layers that each see the outputs of all before them.

    xᵢ = [xᵢ₋₁, f(xᵢ₋₁)], f = batch norm, ReLU, 1×1 conv, batch norm, ReLU, 3×3 conv

    Takes (N, before, H, W) to (N, before + layers · growth, H, W). Huang et al. (2017), with
    bottlenecks of 4 · growth channels.

    Parameters
    ----------
    before : int
        Channels of the input.
    layers : int
        How many.
    growth : int
        Channels that each adds.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(
        self,
        before: int,
        layers: int,
        growth: int,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        make = Maker(dtype, rng)
        super().__init__(
            *(SkipConnection(self._layer(make, before + i * growth, growth)) for i in range(layers))
        )

    @staticmethod
    def _layer(make: Maker, before: int, growth: int) -> Sequential:
        return Sequential(
            make.norm(before),
            ReLU(),
            make.conv(before, 4 * growth, 1, bias=False),
            make.norm(4 * growth),
            ReLU(),
            make.conv(4 * growth, growth, 3, 1, 1, bias=False),
        )


class DenseNet(Sequential):
    """DenseNet: dense blocks, between them transitions that halve channels, height and width.

    Huang, Liu, van der Maaten & Weinberger (2017), DenseNet-BC. DenseNet-121 is growth=32,
    blocks=(6, 12, 24, 16); by default it is a small one.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image.
    outputs : int
        Number of classes.
    growth : int
        Channels that each layer adds.
    blocks : sequence of int
        Layers of each block.
    stem : {"imagenet", "small"}, optional
        A 7×7 convolution with stride 2 and pooling; or a 3×3 convolution, which is the default for
        images below 96 pixels. Either makes 2 · growth channels.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Examples
    --------
    >>> import numpy as np
    >>> DenseNet((1, 28, 28), 10, growth=4, blocks=(2, 2))(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        growth: int = 12,
        blocks: Sequence[int] = (4, 4, 4),
        stem: Stem | None = None,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, *size = image_shape(input_shape, "DenseNet")
        make = Maker(dtype, rng)
        before = 2 * growth
        layers: list[Module]
        if stem_for(stem, *size) == "imagenet":
            layers = [*make.conv_norm_relu(channels, before, 7, 2, 3), MaxPool2d(3, 2, 1)]
        else:
            layers = [make.conv(channels, before, 3, 1, 1, bias=False)]
        for i, count in enumerate(blocks):
            if i:  # a transition
                after = before // 2
                layers += [make.norm(before), ReLU(), make.conv(before, after, 1, bias=False)]
                layers.append(AvgPool2d(2))
                before = after
            layers.append(DenseBlock(before, count, growth, dtype=dtype, rng=make.rng))
            before += count * growth
        layers += [make.norm(before), ReLU(), GlobalAvgPool2d()]
        super().__init__(*layers, Linear(before, outputs, dtype=dtype, rng=make.rng))
