"""A small convolutional network of today's parts."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential
from pellucid.random import Seed, generator

__all__ = ["CNN"]


class CNN(Sequential):
    """Small convolutional network: blocks of convolution, batch normalisation, ReLU and pooling.

    Each block has one or more 3×3 convolutions and halves height and width; a dense layer gives
    the logits.

    LeCun et al. (1998); batch normalisation: Ioffe & Szegedy (2015).

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image.
    outputs : int
        Number of classes, or of values to predict.
    channels : sequence of int
        Channels of each block.
    convolutions : int
        Convolutions in each block.
    dropout : float
        Probability of dropping a number in front of the dense layer.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Raises
    ------
    ShapeError
        If the images are too small to be halved so often.

    Examples
    --------
    >>> import numpy as np
    >>> CNN((1, 28, 28), 10)(np.zeros((5, 1, 28, 28))).shape
    (5, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        channels: Sequence[int] = (16, 32, 64),
        convolutions: int = 1,
        dropout: float = 0.25,
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        if convolutions < 1 or not channels:
            raise DataError(
                f"a CNN has at least one block and one convolution in each, got channels="
                f"{tuple(channels)} and convolutions={convolutions}"
            )
        before, height, width = image_shape(input_shape, "CNN")
        smaller = min(height, width) // 2 ** len(channels)
        if not smaller:
            raise ShapeError(
                f"images of {height}×{width} cannot be halved {len(channels)} times; give fewer "
                "blocks, as in channels=(16, 32)"
            )
        super().__init__()
        for after in channels:
            for _ in range(convolutions):
                self.append(Conv2d(before, after, 3, padding=1, bias=False, dtype=dtype, rng=rng))
                self.append(BatchNorm2d(after, dtype=dtype))
                self.append(ReLU())
                before = after
            self.append(MaxPool2d(2))
            height, width = height // 2, width // 2
        self.append(Flatten())
        if dropout:
            self.append(Dropout(dropout, rng))
        self.append(Linear(before * height * width, outputs, dtype=dtype, rng=rng))
