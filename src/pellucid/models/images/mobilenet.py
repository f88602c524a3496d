"""Networks for small machines."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.models.images.parts import Maker, Stem, scaled, stem_for
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import BatchNorm2d, DepthwiseConv2d, GlobalAvgPool2d, Linear, ReLU, Sequential
from pellucid.random import Seed

__all__ = ["MobileNet", "SeparableBlock"]

_BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
"""Channels and stride of each block: table 1 of the paper."""


class SeparableBlock(Sequential):
    """A depthwise 3×3 convolution and one of 1×1, each with batch normalisation and ReLU.

    Takes (N, before, H, W) to (N, after, ⌈H/stride⌉, ⌈W/stride⌉) for about a ninth of the products
    of a full 3×3 convolution. Howard et al. (2017).

    Parameters
    ----------
    before, after : int
        Channels of the input and of the output.
    stride : int
        Of the depthwise convolution.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(
        self,
        before: int,
        after: int,
        stride: int = 1,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        make = Maker(dtype, rng)
        super().__init__(
            DepthwiseConv2d(
                before, 3, stride=stride, padding=1, bias=False, dtype=dtype, rng=make.rng
            ),
            BatchNorm2d(before, dtype=dtype),
            ReLU(),
            *make.conv_norm_relu(before, after, 1),
        )


class MobileNet(Sequential):
    """MobileNet: a convolution, thirteen separable blocks, the mean over the pixels, a dense layer.

    Howard et al. (2017), version 1.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image; 3 × 224 × 224 in the paper.
    outputs : int
        Number of classes.
    width : float
        Factor for all channels, the paper's width multiplier.
    stem : {"imagenet", "small"}, optional
        Five strides of 2, as in the paper; or, for images below 96 pixels, two fewer at the
        beginning.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Examples
    --------
    >>> import numpy as np
    >>> MobileNet((3, 32, 32), 10, width=1 / 16)(np.zeros((2, 3, 32, 32))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        width: float = 1.0,
        stem: Stem | None = None,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, *size = image_shape(input_shape, "MobileNet")
        make = Maker(dtype, rng)
        small = stem_for(stem, *size) == "small"
        before = scaled(32, width)
        layers = make.conv_norm_relu(channels, before, 3, 1 if small else 2, 1)
        for i, (wide, stride) in enumerate(_BLOCKS):
            after = scaled(wide, width)
            step = 1 if small and i == 1 else stride
            layers.append(SeparableBlock(before, after, step, dtype=dtype, rng=make.rng))
            before = after
        super().__init__(
            *layers, GlobalAvgPool2d(), Linear(before, outputs, dtype=dtype, rng=make.rng)
        )
