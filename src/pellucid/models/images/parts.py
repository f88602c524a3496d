"""What several image models are made of."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, UnknownNameError
from pellucid.nn import BatchNorm2d, Conv2d, Module, ReLU
from pellucid.nn.init import InitLike
from pellucid.random import Seed, generator

__all__ = ["Maker", "Stem", "scaled", "stem_for"]

Stem: TypeAlias = Literal["imagenet", "small"]
"""How a network begins: by a quarter of the size, or as it is for small images."""

_STEMS = ("imagenet", "small")
_SMALL = 96  # pixels


def stem_for(stem: Stem | None, height: int, width: int) -> Stem:
    """Return the stem, by default the one that suits the size of the images.

    Raises
    ------
    UnknownNameError
        If there is no such stem.
    """
    if stem is None:
        return "small" if min(height, width) < _SMALL else "imagenet"
    if stem not in _STEMS:
        raise UnknownNameError("stem", str(stem), _STEMS)
    return stem


def scaled(channels: int, width: float) -> int:
    """Return a number of channels times the width multiplier, at least 1.

    Raises
    ------
    DataError
        If the multiplier is not positive.
    """
    if width <= 0:
        raise DataError(f"the width multiplies all channels and is above 0, got {width:g}")
    return max(1, round(channels * width))


class Maker:
    """Makes layers of one type from one stream of random numbers.

    Parameters
    ----------
    dtype : dtype, optional
        Type of the parameters.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    weight_init : Initializer, str or callable, optional
        What weights start as, by default what suits the activation that follows.
    """

    def __init__(
        self, dtype: DTypeLike | None, rng: Seed, weight_init: InitLike | None = None
    ) -> None:
        self.dtype = dtype
        self.rng = None if rng is None else generator(rng)
        self.weight_init = weight_init

    def conv(
        self,
        before: int,
        after: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
    ) -> Conv2d:
        """Return a convolution."""
        return Conv2d(
            before,
            after,
            kernel,
            stride,
            padding,
            bias=bias,
            weight_init=self.weight_init,
            dtype=self.dtype,
            rng=self.rng,
        )

    def norm(self, channels: int) -> BatchNorm2d:
        """Return a batch normalisation."""
        return BatchNorm2d(channels, dtype=self.dtype)

    def conv_norm_relu(
        self,
        before: int,
        after: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        batch_norm: bool = True,
    ) -> list[Module]:
        """Return a convolution, perhaps batch normalisation in the place of its bias, and ReLU."""
        found: list[Module] = [self.conv(before, after, kernel, stride, padding, not batch_norm)]
        if batch_norm:
            found.append(self.norm(after))
        return [*found, ReLU()]
