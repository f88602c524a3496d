"""The network that began the return of neural networks to images."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.dtypes import DTypeLike
from pellucid.errors import ShapeError
from pellucid.models.images.parts import Maker, Stem, scaled, stem_for
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import Dropout, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential
from pellucid.nn.init import InitLike
from pellucid.random import Seed

__all__ = ["AlexNet"]


class AlexNet(Sequential):
    """AlexNet: five convolutions with ReLU, three poolings, and three dense layers with dropout.

    Krizhevsky, Sutskever & Hinton (2012), in one tower and without local response normalisation, as
    in Krizhevsky (2014). Small images get 3×3 convolutions and 2×2 pooling where the paper has
    11×11 with stride 4, 5×5, and 3×3 pooling.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image; 3 × 224 × 224 in the paper.
    outputs : int
        Number of classes.
    hidden : sequence of int
        Units of the dense layers before the last one; 4,096 and 4,096 in the paper.
    width : float
        Factor for all channels; 1 in the paper.
    dropout : float
        Probability of dropping a number in front of each hidden dense layer.
    stem : {"imagenet", "small"}, optional
        Which of the two it is, by default the one that suits the size.
    weight_init : Initializer, str or callable, optional
        What the weights start as, by default what suits the activation.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Raises
    ------
    ShapeError
        If the images are too small for three poolings.

    Examples
    --------
    >>> import numpy as np
    >>> AlexNet((1, 28, 28), 10, hidden=(32,), width=1 / 16)(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        hidden: Sequence[int] = (4096, 4096),
        width: float = 1.0,
        dropout: float = 0.5,
        stem: Stem | None = None,
        *,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        channels, height, wide = image_shape(input_shape, "AlexNet")
        make = Maker(dtype, rng, weight_init)
        c1, c2, c3, c4, c5 = (scaled(n, width) for n in (64, 192, 384, 256, 256))
        if stem_for(stem, height, wide) == "imagenet":
            first, second, pool = (11, 4, 2), (5, 1, 2), (3, 2)
            height, wide = ((n + 4 - 11) // 4 + 1 for n in (height, wide))
        else:
            first, second, pool = (3, 1, 1), (3, 1, 1), (2, 2)
        layers: list[Module] = [
            *make.conv_norm_relu(channels, c1, *first, batch_norm=False),
            MaxPool2d(*pool),
            *make.conv_norm_relu(c1, c2, *second, batch_norm=False),
            MaxPool2d(*pool),
            *make.conv_norm_relu(c2, c3, 3, 1, 1, batch_norm=False),
            *make.conv_norm_relu(c3, c4, 3, 1, 1, batch_norm=False),
            *make.conv_norm_relu(c4, c5, 3, 1, 1, batch_norm=False),
            MaxPool2d(*pool),
            Flatten(),
        ]
        for _ in range(3):
            height, wide = ((n - pool[0]) // pool[1] + 1 for n in (height, wide))
        if min(height, wide) < 1:
            raise ShapeError(
                f"images of {'×'.join(map(str, input_shape[1:]))} are too small for the three "
                "poolings of AlexNet; it takes 8×8 or more, or 63×63 with the stem 'imagenet'"
            )
        units = c5 * height * wide
        for size in (*hidden, None):
            if size is not None and dropout:
                layers.append(Dropout(dropout, make.rng))
            layers.append(
                Linear(
                    units,
                    outputs if size is None else size,
                    weight_init=weight_init,
                    dtype=dtype,
                    rng=make.rng,
                )
            )
            if size is not None:
                layers.append(ReLU())
                units = size
        super().__init__(*layers)
