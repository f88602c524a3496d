"""Settings of convolutions: a grid of strides, borders, dilations and groups."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from helpers.layers import LayerCase

from pellucid import nn

LENGTHS = {1: (7,), 2: (6, 7), 3: (4, 5, 4)}


def _theirs(rank: int, how: dict[str, Any], torch: Any, state: dict[str, Any]) -> Any:
    how = dict(how)
    function = getattr(torch.nn.functional, f"conv{rank}d")
    mode, padding = how.pop("padding_mode", "zeros"), how.get("padding", 0)
    bias = state.get("bias")
    if padding == "same":  # PyTorch warns of a copy where the kernel is even
        totals = [how["dilation"] * (k - 1) for k in state["weight"].shape[:1:-1]]
        sides = [side for n in totals for side in (n // 2, n - n // 2)]
        how["padding"] = 0
        return lambda x: function(torch.nn.functional.pad(x, sides), state["weight"], bias, **how)
    if mode == "zeros":
        return lambda x: function(x, state["weight"], bias, **how)
    how["padding"] = 0
    widths = (padding,) * (2 * rank)
    return lambda x: function(
        torch.nn.functional.pad(x, widths, mode=mode), state["weight"], bias, **how
    )


def _conv(rank: int, kernel: Any, out: int = 4, bias: bool = True, **how: Any) -> LayerCase:
    layer = f"Conv{rank}d"
    setting = ", ".join([f"kernel {kernel}", *(f"{k} {v}" for k, v in how.items())])
    return LayerCase(
        layer=layer,
        setting=setting + ("" if bias else ", no bias"),
        make=lambda: getattr(nn, layer)(2, out, kernel, bias=bias, **how),
        inputs=((2, 2, *LENGTHS[rank]),),
        theirs=partial(_theirs, rank, how),
    )


def _transposed(rank: int, **how: Any) -> LayerCase:
    layer = f"ConvTranspose{rank}d"
    function = f"conv_transpose{rank}d"
    return LayerCase(
        layer=layer,
        setting=", ".join(f"{k} {v}" for k, v in how.items()),
        make=lambda: getattr(nn, layer)(2, 4, 3, **how),
        inputs=((2, 2, *(3, 4)[:rank]),),
        theirs=lambda torch, p: (
            lambda x: getattr(torch.nn.functional, function)(x, p["weight"], p["bias"], **how)
        ),
    )


CASES: list[LayerCase] = [
    _conv(rank, 2 if rank == 3 else 3, stride=s, padding=b, dilation=d, groups=g)
    for rank, s, b, d, g in itertools.product((1, 2, 3), (1, 2), (0, 1), (1, 2), (1, 2))
]
CASES += [
    _conv(rank, k, padding=b, dilation=d)
    for rank, k, b, d in itertools.product((1, 2), (2, 3), ("same", "valid"), (1, 2))
]
CASES += [
    _conv(rank, 3, padding=2, stride=s, padding_mode=mode)
    for rank, s, mode in itertools.product((1, 2), (1, 2), ("reflect", "replicate", "circular"))
]
CASES += [_conv(rank, 1, bias=False) for rank in (1, 2, 3)]
CASES += [
    _conv(2, (2, 3), stride=(2, 1), padding=(0, 2), dilation=(1, 2)),
    _conv(2, (3, 1), out=3, bias=False),
]
CASES += [
    _transposed(rank, stride=s, padding=b, output_padding=o, dilation=d, groups=g)
    for rank, (s, o), b, d, g in itertools.product(
        (1, 2), ((1, 0), (2, 0), (2, 1)), (0, 1), (1, 2), (1, 2)
    )
]
CASES += [
    LayerCase(
        layer=f"DepthwiseConv{rank}d",
        setting=f"multiplier {m}, stride {s}",
        make=lambda rank=rank, m=m, s=s: getattr(nn, f"DepthwiseConv{rank}d")(3, 3, m, s, 1),
        inputs=((2, 3, *LENGTHS[rank]),),
        theirs=partial(_theirs, rank, {"stride": s, "padding": 1, "groups": 3}),
    )
    for rank, m, s in itertools.product((1, 2), (1, 2), (1, 2))
]
CASES += [
    LayerCase(
        layer="SeparableConv2d",
        setting="padding same",
        make=lambda: nn.SeparableConv2d(2, 3, 3, padding="same"),
        inputs=((2, 2, 4, 5),),
        theirs=lambda torch, p: (
            lambda x: torch.nn.functional.conv2d(
                torch.nn.functional.conv2d(x, p["depthwise.weight"], padding=1, groups=2),
                p["pointwise.weight"],
                p["pointwise.bias"],
            )
        ),
    ),
]
