"""Other sizes: interpolation, pixel shuffles, windows as columns."""

from pellucid.nn.resampling.patches import Fold, Unfold, fold, unfold
from pellucid.nn.resampling.shuffle import (
    PixelShuffle,
    PixelUnshuffle,
    pixel_shuffle,
    pixel_unshuffle,
)
from pellucid.nn.resampling.upsample import Upsample, upsample

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
