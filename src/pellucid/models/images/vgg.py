"""Deep networks of 3×3 convolutions."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.dtypes import DTypeLike
from pellucid.errors import UnknownNameError
from pellucid.models.images.parts import Maker, scaled
from pellucid.models.images.shapes import ImageShape, image_shape
from pellucid.nn import Dropout, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential
from pellucid.nn.init import InitLike
from pellucid.random import Seed

__all__ = ["VGG"]

_STAGES = {
    11: ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    16: ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3),
}
"""Channels of the convolutions of each stage, by depth: configurations A and D of the paper."""


class VGG(Sequential):
    """VGG network: five stages of 3×3 convolutions, each followed by pooling, and dense layers.

    Simonyan & Zisserman (2015), configurations A (11 layers with weights) and D (16). Where a
    length is odd, pooling rounds up, so that images of 28×28 and 32×32 pass too.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of an image; 3 × 224 × 224 in the paper.
    outputs : int
        Number of classes.
    depth : {11, 16}
        Layers with weights.
    hidden : sequence of int
        Units of the dense layers before the last one; 4,096 and 4,096 in the paper.
    width : float
        Factor for all channels; 1 in the paper.
    batch_norm : bool
        Whether convolutions are followed by batch normalisation, which the paper does not have.
    dropout : float
        Probability of dropping a unit behind each hidden dense layer.
    weight_init : Initializer, str or callable, optional
        What the weights start as, by default what suits the activation.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Raises
    ------
    UnknownNameError
        If there is no configuration of that depth.

    Examples
    --------
    >>> import numpy as np
    >>> VGG((1, 28, 28), 10, hidden=(32,), width=1 / 16)(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_shape: ImageShape,
        outputs: int,
        depth: int = 11,
        hidden: Sequence[int] = (4096, 4096),
        width: float = 1.0,
        batch_norm: bool = False,
        dropout: float = 0.5,
        *,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        if depth not in _STAGES:
            raise UnknownNameError("depth of VGG", str(depth), [str(n) for n in _STAGES])
        before, height, wide = image_shape(input_shape, "VGG")
        make = Maker(dtype, rng, weight_init)
        layers: list[Module] = []
        for stage in _STAGES[depth]:
            for channels in stage:
                after = scaled(channels, width)
                layers += make.conv_norm_relu(before, after, 3, 1, 1, batch_norm)
                before = after
            layers.append(MaxPool2d(2, ceil_mode=True))
            height, wide = -(-height // 2), -(-wide // 2)
        layers.append(Flatten())
        units = before * height * wide
        for size in hidden:
            layers += [self._dense(make, units, size), ReLU()]
            if dropout:
                layers.append(Dropout(dropout, make.rng))
            units = size
        super().__init__(*layers, self._dense(make, units, outputs))

    @staticmethod
    def _dense(make: Maker, before: int, after: int) -> Linear:
        return Linear(before, after, weight_init=make.weight_init, dtype=make.dtype, rng=make.rng)
