"""Networks of parallel convolutions of several sizes."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.models.images.parts import Maker, Stem, scaled, stem_for
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import (
    Dropout,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Module,
    Parallel,
    Sequential,
)
from pellucid.random import Seed

__all__ = ["GoogLeNet", "InceptionBlock"]

Branches = tuple[int, int, int, int, int, int]
"""Channels of the 1×1; of the reduction and the 3×3; of the reduction and the 5×5; of the pool."""

_STAGES: tuple[tuple[Branches, ...], ...] = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)
"""Blocks 3a–3b, 4a–4e and 5a–5b: table 1 of the paper."""


class InceptionBlock(Parallel):
    """A 1×1, a 3×3 and a 5×5 convolution and a pooling side by side, their channels joined.

    y = [c1(x), c3(c1(x)), c5(c1(x)), c1(pool(x))]

    The 1×1 convolutions in front keep the others cheap. Takes (N, before, H, W) to (N, sum of the
    branches, H, W). Szegedy et al. (2015).

    Parameters
    ----------
    before : int
        Channels of the input.
    branches : tuple of six int
        Channels of the 1×1; of the reduction and the 3×3; of the reduction and the 5×5; of the
        1×1 behind the pooling.
    batch_norm : bool
        Whether convolutions are followed by batch normalisation, which the paper does not have.
    large_kernel : int
        Size of the largest kernel; 5 in the paper.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(
        self,
        before: int,
        branches: Branches,
        batch_norm: bool = True,
        large_kernel: int = 5,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        make = Maker(dtype, rng)
        one, reduce_three, three, reduce_five, five, pooled = branches

        def conv(before: int, after: int, kernel: int) -> list[Module]:
            return make.conv_norm_relu(before, after, kernel, 1, kernel // 2, batch_norm)

        super().__init__(
            Sequential(*conv(before, one, 1)),
            Sequential(*conv(before, reduce_three, 1), *conv(reduce_three, three, 3)),
            Sequential(*conv(before, reduce_five, 1), *conv(reduce_five, five, large_kernel)),
            Sequential(MaxPool2d(3, 1, 1), *conv(before, pooled, 1)),
            combine="concatenate",
        )


class GoogLeNet(Sequential):
    """GoogLeNet: nine inception blocks between poolings, and one dense layer.

    Szegedy et al. (2015). Different here: batch normalisation by default, as in Ioffe & Szegedy
    (2015), and no auxiliary classifiers half-way, which it makes superfluous.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image; 3 × 224 × 224 in the paper.
    outputs : int
        Number of classes.
    width : float
        Factor for all channels; 1 in the paper.
    batch_norm : bool
        Whether convolutions are followed by batch normalisation.
    dropout : float
        Probability of dropping a number in front of the dense layer.
    stem : {"imagenet", "small"}, optional
        Three poolings before the first block, as in the paper; or one convolution and one pooling,
        which is the default for images below 96 pixels.
    large_kernel : int
        Size of the largest kernels; 5 in the paper.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Examples
    --------
    >>> import numpy as np
    >>> GoogLeNet((3, 32, 32), 10, width=1 / 16)(np.zeros((2, 3, 32, 32))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        width: float = 1.0,
        batch_norm: bool = True,
        dropout: float = 0.2,
        stem: Stem | None = None,
        large_kernel: int = 5,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, *size = image_shape(input_shape, "GoogLeNet")
        make = Maker(dtype, rng)

        def wide(n: int) -> int:
            return scaled(n, width)

        if stem_for(stem, *size) == "imagenet":
            layers = [
                *make.conv_norm_relu(channels, wide(64), 7, 2, 3, batch_norm),
                MaxPool2d(3, 2, ceil_mode=True),
                *make.conv_norm_relu(wide(64), wide(64), 1, batch_norm=batch_norm),
            ]
        else:
            layers = make.conv_norm_relu(channels, wide(64), 3, 1, 1, batch_norm)
        layers += make.conv_norm_relu(wide(64), wide(192), 3, 1, 1, batch_norm)
        before = wide(192)
        for i, stage in enumerate(_STAGES):
            # as the paper has it: 3×3 pooling in front of each stage, 2×2 in front of the last
            layers.append(MaxPool2d(3 if i < 2 else 2, 2, ceil_mode=True))
            for branches in stage:
                sizes: Branches = tuple(map(wide, branches))  # type: ignore[assignment]
                layers.append(
                    InceptionBlock(
                        before, sizes, batch_norm, large_kernel, dtype=dtype, rng=make.rng
                    )
                )
                before = sizes[0] + sizes[2] + sizes[4] + sizes[5]
        layers.append(GlobalAvgPool2d())
        if dropout:
            layers.append(Dropout(dropout, make.rng))
        super().__init__(*layers, Linear(before, outputs, dtype=dtype, rng=make.rng))
