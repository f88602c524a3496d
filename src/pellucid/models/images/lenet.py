"""The network that read cheques."""

from __future__ import annotations

from typing import Literal

from pellucid.dtypes import DTypeLike, float_dtype
from pellucid.errors import ShapeError, UnknownNameError
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import (
    AvgPool2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Module,
    Sequential,
    find_activation,
)
from pellucid.random import Seed, generator

__all__ = ["LeNet5"]

_POOLINGS: dict[str, type[AvgPool2d] | type[MaxPool2d]] = {"average": AvgPool2d, "max": MaxPool2d}


class LeNet5(Sequential):
    """LeNet-5: three convolutions with pooling between them, and two dense layers.

    C1 6@5×5, S2, C3 16@5×5, S4, C5 120@5×5, F6 84, one output per class. Images of 28×28 are padded
    to the 32×32 that the paper has.

    LeCun, Bottou, Bengio & Haffner (1998). Different here: each map of C3 sees all of S2 and not a
    chosen few, pooling has no weights of its own, and the last layer gives logits and not distances
    to drawn prototypes.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image.
    outputs : int
        Number of classes.
    activation : str
        Name in :data:`pellucid.nn.ACTIVATIONS`; the paper has a scaled tanh.
    pooling : {"average", "max"}
        How 2×2 pixels become one; the paper takes averages.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Raises
    ------
    ShapeError
        If the images are smaller than 28×28.

    Examples
    --------
    >>> import numpy as np
    >>> net = LeNet5((1, 28, 28), 10)
    >>> net(np.zeros((5, 1, 28, 28))).shape, net.num_parameters()
    ((5, 10), 61706)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        activation: str = "tanh",
        pooling: Literal["average", "max"] = "average",
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, height, width = image_shape(input_shape, "LeNet-5")
        if min(height, width) < 28:
            raise ShapeError(
                f"LeNet-5 takes images of at least 28×28, got {height}×{width}; use the model "
                "'cnn' for smaller ones"
            )
        if pooling not in _POOLINGS:
            raise UnknownNameError("pooling", str(pooling), _POOLINGS)
        rng = None if rng is None else generator(rng)
        kind = find_activation(activation)

        def bend() -> Module:
            return kind.make().astype(float_dtype(dtype))

        padding = 2 if min(height, width) < 32 else 0
        tall, wide = (((n + 2 * padding - 4) // 2 - 4) // 2 - 4 for n in (height, width))
        super().__init__(
            Conv2d(channels, 6, 5, padding=padding, dtype=dtype, rng=rng),
            bend(),
            _POOLINGS[pooling](2),
            Conv2d(6, 16, 5, dtype=dtype, rng=rng),
            bend(),
            _POOLINGS[pooling](2),
            Conv2d(16, 120, 5, dtype=dtype, rng=rng),
            bend(),
            Flatten(),
            Linear(120 * tall * wide, 84, dtype=dtype, rng=rng),
            bend(),
            Linear(84, outputs, dtype=dtype, rng=rng),
        )
