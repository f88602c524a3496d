"""Residual networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, UnknownNameError
from pellucid.models.images.parts import Maker, Stem, stem_for
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import GlobalAvgPool2d, Linear, MaxPool2d, Module, ReLU, Residual, Sequential
from pellucid.nn.inputs import floats
from pellucid.primitives.declaration import Value
from pellucid.random import Seed

__all__ = ["BasicBlock", "BottleneckBlock", "CIFARResNet", "PaddedShortcut", "ResNet"]

Shortcut = Literal["projection", "padding"]
_SHORTCUTS = ("projection", "padding")


class PaddedShortcut(Module):
    """Brings x to more channels and fewer pixels without weights: every other pixel, and zeros.

    He et al. (2016), option A.

    Parameters
    ----------
    channels : int
        How many channels of zeros are added, half of them on each side.
    stride : int
        Every how many pixels one is kept.
    """

    transparent = True

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels = int(channels)
        self.stride = int(stride)

    def forward(self, x: Value) -> Value:
        """Return images (N, C + channels, ⌈H / stride⌉, ⌈W / stride⌉)."""
        kept = slice(None, None, self.stride)
        y = p.getitem(floats(x), index=(slice(None), slice(None), kept, kept))
        before = self.channels // 2
        widths = ((0, 0), (before, self.channels - before), (0, 0), (0, 0))
        return p.pad(y, widths=widths, value=0.0)

    def extra_repr(self) -> str:
        """Return the channels and the stride."""
        return f"{self.channels} channels of zeros, stride {self.stride}"


def _shortcut(make: Maker, before: int, after: int, stride: int, kind: str) -> Module | None:
    if kind not in _SHORTCUTS:
        raise UnknownNameError("shortcut", str(kind), _SHORTCUTS)
    if before == after and stride == 1:
        return None
    if kind == "padding":
        return PaddedShortcut(after - before, stride)
    return Sequential(make.conv(before, after, 1, stride, bias=False), make.norm(after))


class BasicBlock(Sequential):
    """Two 3×3 convolutions and a shortcut: ReLU(f(x) + s(x)).

    f = conv, batch norm, ReLU, conv, batch norm. Takes (N, before, H, W) to (N, after, H/stride,
    W/stride). He et al. (2016).

    Parameters
    ----------
    before, after : int
        Channels of the input and of the output.
    stride : int
        Of the first convolution.
    shortcut : {"projection", "padding"}
        What s does where the shapes differ: a 1×1 convolution, or :class:`PaddedShortcut`.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    expansion = 1

    def __init__(
        self,
        before: int,
        after: int,
        stride: int = 1,
        shortcut: Shortcut = "projection",
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        make = Maker(dtype, rng)
        block = Sequential(
            *make.conv_norm_relu(before, after, 3, stride, 1),
            make.conv(after, after, 3, 1, 1, bias=False),
            make.norm(after),
        )
        super().__init__(Residual(block, _shortcut(make, before, after, stride, shortcut)), ReLU())


class BottleneckBlock(Sequential):
    """A 1×1, a 3×3 and a 1×1 convolution and a shortcut: ReLU(f(x) + s(x)).

    The first convolution makes few channels, the last one four times as many. Takes (N, before, H,
    W) to (N, 4·width, H/stride, W/stride). He et al. (2016); the stride is in the 3×3 convolution,
    as in most implementations since.

    Parameters
    ----------
    before : int
        Channels of the input.
    width : int
        Channels of the 3×3 convolution.
    stride, shortcut, dtype, rng
        As for :class:`BasicBlock`.
    """

    expansion = 4

    def __init__(
        self,
        before: int,
        width: int,
        stride: int = 1,
        shortcut: Shortcut = "projection",
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        make = Maker(dtype, rng)
        after = width * self.expansion
        block = Sequential(
            *make.conv_norm_relu(before, width, 1),
            *make.conv_norm_relu(width, width, 3, stride, 1),
            make.conv(width, after, 1, bias=False),
            make.norm(after),
        )
        super().__init__(Residual(block, _shortcut(make, before, after, stride, shortcut)), ReLU())


class ResNet(Sequential):
    """Residual network: blocks whose input is added to their output.

    A stem, four stages of blocks (each but the first halves height and width and doubles the
    channels), the mean over the pixels, and a dense layer.

    He, Zhang, Ren & Sun (2016). ResNet-18 has (2, 2, 2, 2) basic blocks, ResNet-34 (3, 4, 6, 3),
    ResNet-50 as many bottleneck blocks.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image.
    outputs : int
        Number of classes.
    blocks : sequence of int
        Blocks of each stage.
    bottleneck : bool
        Whether they are :class:`BottleneckBlock`.
    width : int
        Channels of the first stage; 64 in the paper.
    stem : {"imagenet", "small"}, optional
        A 7×7 convolution with stride 2 and pooling, as in the paper; or a 3×3 convolution, which is
        the default for images below 96 pixels.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Examples
    --------
    >>> import numpy as np
    >>> ResNet((3, 32, 32), 10, (1, 1, 1, 1), width=8)(np.zeros((2, 3, 32, 32))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        blocks: Sequence[int] = (2, 2, 2, 2),
        bottleneck: bool = False,
        width: int = 64,
        stem: Stem | None = None,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, *size = image_shape(input_shape, "ResNet")
        make = Maker(dtype, rng)
        if stem_for(stem, *size) == "imagenet":
            layers = [*make.conv_norm_relu(channels, width, 7, 2, 3), MaxPool2d(3, 2, 1)]
        else:
            layers = make.conv_norm_relu(channels, width, 3, 1, 1)
        kind = BottleneckBlock if bottleneck else BasicBlock
        before = width
        for stage, count in enumerate(blocks):
            wide = width * 2**stage
            for i in range(count):
                stride = 2 if stage and not i else 1
                layers.append(kind(before, wide, stride, dtype=dtype, rng=make.rng))
                before = wide * kind.expansion
        super().__init__(
            *layers, GlobalAvgPool2d(), Linear(before, outputs, dtype=dtype, rng=make.rng)
        )


class CIFARResNet(Sequential):
    """Residual network for small images: three stages of 16, 32 and 64 channels.

    A 3×3 convolution, 3 · n basic blocks, the mean over the pixels, and a dense layer: 6 n + 2
    layers with weights.

    He, Zhang, Ren & Sun (2016), section 4.2; ResNet-20 has depth 20 and about 0.27 million
    parameters.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image.
    outputs : int
        Number of classes.
    depth : int
        6 n + 2.
    width : int
        Channels of the first stage.
    shortcut : {"padding", "projection"}
        What brings x to more channels: the paper's option A, without weights, or B.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Raises
    ------
    DataError
        If the depth is not 6 n + 2.
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        depth: int = 20,
        width: int = 16,
        shortcut: Shortcut = "padding",
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, _, _ = image_shape(input_shape, "ResNet")
        if depth < 8 or depth % 6 != 2:
            raise DataError(f"the depth is 6·n + 2: 8, 14, 20, 32, 44, 56 …; got {depth}")
        make = Maker(dtype, rng)
        layers = make.conv_norm_relu(channels, width, 3, 1, 1)
        before = width
        for stage in range(3):
            wide = width * 2**stage
            for i in range((depth - 2) // 6):
                stride = 2 if stage and not i else 1
                block = BasicBlock(before, wide, stride, shortcut, dtype=dtype, rng=make.rng)
                layers.append(block)
                before = wide
        super().__init__(
            *layers, GlobalAvgPool2d(), Linear(before, outputs, dtype=dtype, rng=make.rng)
        )
