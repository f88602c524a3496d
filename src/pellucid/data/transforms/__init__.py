"""Batches changed at random while training: augmentation, seeded by the Loader.

>>> import numpy as np
>>> from pellucid.data import Loader, transforms
>>> images = np.zeros((8, 1, 6, 6), np.float32), np.arange(8)
>>> augment = transforms.Compose(transforms.RandomShift(1), transforms.RandomFlip())
>>> x, y = next(iter(Loader(images, 4, transform=augment, rng=0)))
>>> x.shape
(4, 1, 6, 6)
"""

from pellucid.data.transforms.geometry import (
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomScale,
    RandomShift,
)
from pellucid.data.transforms.mixing import CutMix, MixUp
from pellucid.data.transforms.pixels import AddNoise, Cutout, RandomBrightness, RandomContrast
from pellucid.data.transforms.series import (
    Jitter,
    MagnitudeWarp,
    Scaling,
    TimeWarp,
    WindowSlice,
)
from pellucid.data.transforms.tokens import TokenDropout, TokenSwap
from pellucid.data.transforms.transform import BatchTransform, Compose, SampleTransform

__all__ = [
    "AddNoise",
    "BatchTransform",
    "Compose",
    "CutMix",
    "Cutout",
    "Jitter",
    "MagnitudeWarp",
    "MixUp",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomScale",
    "RandomShift",
    "SampleTransform",
    "Scaling",
    "TimeWarp",
    "TokenDropout",
    "TokenSwap",
    "WindowSlice",
]
