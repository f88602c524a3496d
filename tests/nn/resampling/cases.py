"""Settings of the layers that change sizes, next to PyTorch's."""

from __future__ import annotations

import itertools
from typing import Any

from helpers.layers import LayerCase

from pellucid import nn


def _upsample(rank: int, mode: str, wanted: dict[str, Any], align: bool) -> LayerCase:
    words = ", ".join(f"{name} {value}" for name, value in wanted.items())
    options = {"align_corners": align} if mode != "nearest" else {}
    return LayerCase(
        "Upsample",
        f"{rank}d {mode}, {words}{', align_corners' if align else ''}",
        lambda: nn.Upsample(mode=mode, align_corners=align, **wanted),
        ((2, 2, 5) if rank == 1 else (2, 2, 3, 4),),
        lambda torch, p: (
            lambda x: torch.nn.functional.interpolate(x, mode=mode, **wanted, **options)
        ),
    )


def _fold(kernel: Any, dilation: Any, padding: Any, stride: Any) -> list[LayerCase]:
    given = {"dilation": dilation, "padding": padding, "stride": stride}
    words = f"{kernel}, dilation {dilation}, padding {padding}, stride {stride}"
    image = (2, 2, 6, 5)
    columns = nn.Unfold(kernel, **given)(_zeros(image)).shape
    return [
        LayerCase(
            "Unfold",
            words,
            lambda: nn.Unfold(kernel, **given),
            (image,),
            lambda torch, p: torch.nn.Unfold(kernel, **given),
        ),
        LayerCase(
            "Fold",
            words,
            lambda: nn.Fold((6, 5), kernel, **given),
            (columns,),
            lambda torch, p: torch.nn.Fold((6, 5), kernel, **given),
        ),
    ]


def _zeros(shape: tuple[int, ...]) -> Any:
    import numpy as np

    return np.zeros(shape, np.float32)


_WANTED: tuple[dict[str, Any], ...] = (
    {"scale_factor": 2},
    {"scale_factor": 1.7},
    {"scale_factor": 0.6},
    {"size": 7},
    {"size": 1},
)

CASES: list[LayerCase] = [
    *(
        _upsample(rank, mode, wanted, align)
        for rank, modes in ((1, ("nearest", "linear")), (2, ("nearest", "bilinear")))
        for mode, wanted in itertools.product(modes, _WANTED)
        for align in ((False,) if mode == "nearest" else (False, True))
    ),
    _upsample(2, "bilinear", {"size": (5, 9)}, False),
    _upsample(2, "nearest", {"size": (6, 4)}, False),
    *(
        LayerCase(
            "PixelShuffle",
            f"by {r}",
            lambda r=r: nn.PixelShuffle(r),
            ((2, 2 * r * r, 2, 3),),
            lambda torch, p, r=r: torch.nn.PixelShuffle(r),
        )
        for r in (1, 2, 3)
    ),
    *(
        LayerCase(
            "PixelUnshuffle",
            f"by {r}",
            lambda r=r: nn.PixelUnshuffle(r),
            ((2, 2, 2 * r, 3 * r),),
            lambda torch, p, r=r: torch.nn.PixelUnshuffle(r),
        )
        for r in (1, 2, 3)
    ),
    *(
        case
        for setting in (
            (2, 1, 0, 1),
            (3, 1, 1, 2),
            (2, 2, 0, 1),
            ((3, 2), 1, (1, 0), (2, 1)),
            (2, 1, 0, 2),
            ((2, 3), (2, 1), (0, 1), 3),
        )
        for case in _fold(*setting)
    ),
]
