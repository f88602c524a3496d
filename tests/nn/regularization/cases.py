"""Cases of regularisation: the same random numbers, put through the formulas in PyTorch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from helpers.layers import LayerCase

from pellucid import nn

SEED = 13  # what the default generator is seeded with before each call
SATURATION = -1.7580993408473766

Formula = Callable[[Any, Any, Any, float], Any]


def _uniform(torch: Any, shape: tuple[int, ...], p: float) -> Any:
    """A mask of ones with probability 1 − p."""
    drawn = np.random.default_rng(SEED).random(shape, dtype=np.float32)
    return torch.tensor((drawn >= np.float32(p)).astype(np.float64))


def _normal(torch: Any, shape: tuple[int, ...]) -> Any:
    drawn = np.random.default_rng(SEED).standard_normal(shape, dtype=np.float32)
    return torch.tensor(drawn.astype(np.float64))


def _channels(torch: Any, x: Any, p: float) -> Any:
    return x * _uniform(torch, (*x.shape[:2], *(1 for _ in x.shape[2:])), p) / (1 - p)


def _samples(torch: Any, x: Any, p: float) -> Any:
    return x * _uniform(torch, (x.shape[0], *(1 for _ in x.shape[1:])), p) / (1 - p)


def _alpha(torch: Any, x: Any, p: float) -> Any:
    m = _uniform(torch, tuple(x.shape), p)
    a = ((1 - p) * (1 + p * SATURATION**2)) ** -0.5
    return a * (x * m + SATURATION * (1 - m)) - a * p * SATURATION


def _noise(torch: Any, x: Any, std: float) -> Any:
    return x + std * _normal(torch, tuple(x.shape))


def _factor(torch: Any, x: Any, p: float) -> Any:
    return x * (1 + math.sqrt(p / (1 - p)) * _normal(torch, tuple(x.shape)))


FAMILY: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {
    "SpatialDropout1d": (_channels, ((3, 4, 5), (1, 2, 1))),
    "SpatialDropout2d": (_channels, ((3, 4, 2, 3), (1, 2, 1, 1))),
    "AlphaDropout": (_alpha, ((4, 5), (2, 3, 4))),
    "DropPath": (_samples, ((6, 3), (4, 2, 3, 2), (5,))),
    "GaussianNoise": (_noise, ((4, 5), (2, 3, 4))),
    "GaussianDropout": (_factor, ((4, 5), (2, 3, 4))),
}


def _case(layer: str, shape: tuple[int, ...], amount: float, training: bool) -> LayerCase:
    formula = FAMILY[layer][0]

    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        return lambda x: formula(torch, x, amount) if training and amount else x * 1

    return LayerCase(
        layer,
        f"{shape}, {amount:g}{'' if training else ', evaluation'}",
        lambda: getattr(nn, layer)(amount),
        (shape,),
        theirs,
        training=training,
    )


CASES: list[LayerCase] = [
    _case(layer, shape, amount, training)
    for layer, (_, shapes) in FAMILY.items()
    for shape, amount, training in itertools.product(shapes, (0.0, 0.3, 0.6), (True, False))
]
