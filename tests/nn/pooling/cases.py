"""Cases of pooling: windows, steps, borders, dilation, sizes that do not divide."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from helpers.layers import LayerCase

from pellucid import nn


def _distinct(*shape: int) -> np.ndarray:
    """Numbers in random order, each 1/32 from the next, so that no kink is near."""
    n = int(np.prod(shape))
    return (np.random.default_rng(0).permutation(n).reshape(shape) - n / 2 + 0.5) / 32


INPUTS: dict[int, np.ndarray] = {1: _distinct(2, 2, 9), 2: _distinct(2, 2, 7, 6)}


def _theirs(function: str, *given: Any, **options: Any) -> Callable[..., Any]:
    return lambda torch, p: lambda x: getattr(torch.nn.functional, function)(x, *given, **options)


def _made(layer: str, *given: Any, **options: Any) -> Callable[[], Any]:
    return lambda: getattr(nn, layer)(*given, **options)


def _max_cases() -> list[LayerCase]:
    cases = []
    grid = itertools.product((1, 2), (2, 3), (None, 1, 2), (0, 1), (1, 2), (False, True))
    for rank, k, s, b, d, ceil in grid:
        options = {"stride": s, "padding": b, "dilation": d, "ceil_mode": ceil}
        cases.append(
            LayerCase(
                f"MaxPool{rank}d",
                f"{k}, stride {s}, padding {b}, dilation {d}{', ceil' if ceil else ''}",
                _made(f"MaxPool{rank}d", k, **options),
                (INPUTS[rank],),
                _theirs(f"max_pool{rank}d", k, **options),
            )
        )
    return cases


def _average_cases() -> list[LayerCase]:
    cases = []
    grid = itertools.product((1, 2), (2, 3), (None, 2), (0, 1), (False, True), (False, True))
    for rank, k, s, b, ceil, counted in grid:
        options = {"stride": s, "padding": b, "ceil_mode": ceil, "count_include_pad": counted}
        cases.append(
            LayerCase(
                f"AvgPool{rank}d",
                f"{k}, stride {s}, padding {b}{', ceil' if ceil else ''}"
                f"{'' if counted else ', not counted'}",
                _made(f"AvgPool{rank}d", k, **options),
                (INPUTS[rank],),
                _theirs(f"avg_pool{rank}d", k, **options),
            )
        )
    for rank, norm, s in itertools.product((1, 2), (2.0, 4.0), (None, 1)):
        cases.append(
            LayerCase(
                f"LPPool{rank}d",
                f"p {norm:g}, stride {s}",
                _made(f"LPPool{rank}d", norm, 2, stride=s),
                (INPUTS[rank],),
                _theirs(f"lp_pool{rank}d", norm, 2, stride=s),
            )
        )
    return cases


def _adaptive_cases() -> list[LayerCase]:
    cases = []
    for kind, rank in itertools.product(("avg", "max"), (1, 2)):
        name = f"{kind.title()}Pool{rank}d"
        for size in (1, 2, 3, 5, *([] if rank == 1 else [(3, 2), (None, 4)])):
            cases.append(
                LayerCase(
                    f"Adaptive{name}",
                    f"to {size}",
                    _made(f"Adaptive{name}", size),
                    (INPUTS[rank],),
                    _theirs(f"adaptive_{kind}_pool{rank}d", size),
                )
            )
        pooled = f"adaptive_{kind}_pool{rank}d"
        cases.append(
            LayerCase(
                f"Global{name}",
                "all of it",
                _made(f"Global{name}"),
                (INPUTS[rank],),
                lambda torch, p, f=pooled: (
                    lambda x: getattr(torch.nn.functional, f)(x, 1).flatten(1)
                ),
            )
        )
    return cases


PAIRS = np.array([[[1, 2, 5], [0, 3, 4]]])
PLANES = np.array([[[[1, 2], [8, 11]], [[4, 3], [12, 15]]]])

UNPOOLING = [
    LayerCase(
        f"MaxUnpool{rank}d",
        "apart",
        _made(f"MaxUnpool{rank}d", 2),
        (indices.shape, indices),
        lambda torch, p, rank=rank: (
            lambda x, i: getattr(torch.nn.functional, f"max_unpool{rank}d")(x, i, 2)
        ),
    )
    for rank, indices in ((1, PAIRS), (2, PLANES))
]

RECTANGLES = [
    LayerCase(
        "MaxPool2d",
        "3×2, stride 1×2, padding 1×0, with indices",
        _made("MaxPool2d", (3, 2), stride=(1, 2), padding=(1, 0), return_indices=True),
        (INPUTS[2],),
        _theirs("max_pool2d", (3, 2), (1, 2), (1, 0), return_indices=True),
    ),
    LayerCase(
        "AvgPool2d",
        "3×2, stride 1×2, padding 1×0",
        _made("AvgPool2d", (3, 2), stride=(1, 2), padding=(1, 0)),
        (INPUTS[2],),
        _theirs("avg_pool2d", (3, 2), (1, 2), (1, 0)),
    ),
]

CASES = [*_max_cases(), *_average_cases(), *_adaptive_cases(), *UNPOOLING, *RECTANGLES]
