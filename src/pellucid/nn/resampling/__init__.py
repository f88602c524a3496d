"""Resampling: images at other sizes, pixels and channels exchanged, patches taken and put back."""

from pellucid.nn.resampling.patches import Fold, Unfold, fold, unfold
from pellucid.nn.resampling.shuffling import (
    PixelShuffle,
    PixelUnshuffle,
    pixel_shuffle,
    pixel_unshuffle,
)
from pellucid.nn.resampling.upsampling import Upsample, upsample

__all__ = [
    "Fold",
    "PixelShuffle",
    "PixelUnshuffle",
    "Unfold",
    "Upsample",
    "fold",
    "pixel_shuffle",
    "pixel_unshuffle",
    "unfold",
    "upsample",
]
