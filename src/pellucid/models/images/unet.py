"""A class for each pixel."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.models.images.parts import Maker
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import ConvTranspose2d, MaxPool2d, Module, Sequential, SkipConnection
from pellucid.random import Seed

__all__ = ["UNet"]


class UNet(Sequential):
    """U-Net: a class for each pixel, from what is around it and what is at its place.

    Each level has two 3×3 convolutions, passes what it found down at half the size, gets the answer
    from below at double size, joins both, and has two convolutions more. Takes (N, C, H, W) to
    logits (N, classes, H, W), as :func:`pellucid.losses.cross_entropy` has them.

    Ronneberger, Fischer & Brox (2015). Different here: convolutions are padded, so that the output
    has the size of the input, and followed by batch normalisation by default; 16 channels at the
    top instead of 64.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image.
    outputs : int
        Number of classes of a pixel.
    width : int
        Channels of the top level, doubled on each level below; 64 in the paper.
    depth : int
        How often the size is halved; 4 in the paper.
    batch_norm : bool
        Whether convolutions are followed by batch normalisation.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Raises
    ------
    ShapeError
        If height or width cannot be halved so often.

    Examples
    --------
    >>> import numpy as np
    >>> UNet((1, 16, 24), 3, width=4, depth=2)(np.zeros((2, 1, 16, 24))).shape
    (2, 3, 16, 24)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        width: int = 16,
        depth: int = 2,
        batch_norm: bool = True,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        if depth < 1:
            raise DataError(f"a U-Net halves the size at least once, got depth={depth}")
        channels, height, wide = image_shape(input_shape, "U-Net")
        step = 2**depth
        if height % step or wide % step:
            raise ShapeError(
                f"a U-Net of depth {depth} takes heights and widths that are multiples of {step}, "
                f"got {height}×{wide}; pad to {-(-height // step) * step}×"
                f"{-(-wide // step) * step}, or take a smaller depth"
            )
        make = Maker(dtype, rng)

        def double(before: int, after: int) -> list[Module]:
            return [
                *make.conv_norm_relu(before, after, 3, 1, 1, batch_norm),
                *make.conv_norm_relu(after, after, 3, 1, 1, batch_norm),
            ]

        def level(before: int, wide: int, below: int) -> list[Module]:
            if not below:
                return double(before, wide)
            lower = [
                MaxPool2d(2),
                *level(wide, 2 * wide, below - 1),
                ConvTranspose2d(2 * wide, wide, 2, 2, dtype=dtype, rng=make.rng),
            ]
            return [
                *double(before, wide),
                SkipConnection(Sequential(*lower)),
                *double(2 * wide, wide),
            ]

        super().__init__(*level(channels, width, depth), make.conv(width, outputs, 1))
