"""Cases of resampling: sizes and factors that divide and that do not, patches that overlap."""

from __future__ import annotations

import itertools
from typing import Any

from helpers.layers import LayerCase

from pellucid import nn

SIGNAL, IMAGE, VOLUME = (2, 2, 5), (2, 2, 3, 4), (1, 2, 2, 3, 2)


def _upsampled(shape: tuple[int, ...], mode: str, **how: Any) -> LayerCase:
    torch_how = {"scale_factor": how.get("scale_factor"), "size": how.get("size"), "mode": mode}
    if mode != "nearest":
        torch_how["align_corners"] = how.get("align_corners", False)
    return LayerCase(
        "Upsample",
        f"{mode} of {'×'.join(map(str, shape[2:]))}, "
        + ", ".join(f"{name} {value}" for name, value in how.items()),
        lambda: nn.Upsample(mode=mode, **how),  # type: ignore[arg-type]
        (shape,),
        lambda torch, p: lambda x: torch.nn.functional.interpolate(x, **torch_how),
    )


def _shuffled() -> list[LayerCase]:
    cases = []
    for r in (1, 2, 3):
        cases.append(
            LayerCase(
                "PixelShuffle",
                f"by {r}",
                lambda r=r: nn.PixelShuffle(r),
                ((2, 2 * r * r, 2, 3),),
                lambda torch, p, r=r: lambda x: torch.nn.functional.pixel_shuffle(x, r),
            )
        )
        cases.append(
            LayerCase(
                "PixelUnshuffle",
                f"by {r}",
                lambda r=r: nn.PixelUnshuffle(r),
                ((2, 2, 2 * r, r),),
                lambda torch, p, r=r: lambda x: torch.nn.functional.pixel_unshuffle(x, r),
            )
        )
    return cases


def _patches(kernel: Any, dilation: Any, padding: Any, stride: Any) -> list[LayerCase]:
    """Patches of a 5×6 image, and as many put back."""

    def per_axis(value: Any) -> tuple[int, int]:
        return value if isinstance(value, tuple) else (value, value)

    setting = f"{kernel}, dilation {dilation}, padding {padding}, stride {stride}"
    taps, patches = 1, 1
    axes = zip((5, 6), *map(per_axis, (kernel, dilation, padding, stride)), strict=True)
    for n, k, d, b, s in axes:
        taps *= k
        patches *= (n + 2 * b - d * (k - 1) - 1) // s + 1
    given = (kernel, dilation, padding, stride)
    return [
        LayerCase(
            "Unfold",
            setting,
            lambda: nn.Unfold(*given),
            ((2, 2, 5, 6),),
            lambda torch, p: lambda x: torch.nn.functional.unfold(x, *given),
        ),
        LayerCase(
            "Fold",
            setting,
            lambda: nn.Fold((5, 6), *given),
            ((2, 2 * taps, patches),),
            lambda torch, p: lambda x: torch.nn.functional.fold(x, (5, 6), *given),
        ),
    ]


CASES: list[LayerCase] = [
    *(
        _upsampled(shape, "nearest", **how)
        for shape, how in itertools.product(
            (SIGNAL, IMAGE, VOLUME),
            ({"scale_factor": 2}, {"scale_factor": 3.0}, {"scale_factor": 1.5}, {"size": 4}),
        )
    ),
    *(
        _upsampled(shape, mode, **how, align_corners=align)
        for (shape, mode), how, align in itertools.product(
            ((SIGNAL, "linear"), (IMAGE, "bilinear")),
            (
                {"scale_factor": 2},
                {"scale_factor": 1.5},
                {"scale_factor": 0.6},
                {"size": 1},
                {"size": 4},
                {"size": 7},
            ),
            (False, True),
        )
    ),
    _upsampled(IMAGE, "nearest", size=(6, 3)),
    _upsampled(IMAGE, "nearest", scale_factor=(2, 1)),
    _upsampled(IMAGE, "bilinear", size=(2, 9)),
    _upsampled(IMAGE, "bilinear", size=(3, 4)),
    _upsampled(IMAGE, "bilinear", scale_factor=(1.0, 2.5), align_corners=True),
    _upsampled((2, 1, 1, 1), "bilinear", size=(2, 3), align_corners=True),
    *_shuffled(),
    *(
        case
        for setting in itertools.product((1, 2, 3), (1, 2), (0, 1), (1, 2))
        for case in _patches(*setting)
    ),
    *_patches((2, 3), (2, 1), (0, 2), (1, 3)),
    *_patches(2, 1, 2, 2),
]
