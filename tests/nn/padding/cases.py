"""Settings of borders: every mode, one to three axes, both sides."""

from __future__ import annotations

from typing import Any

from helpers.layers import LayerCase

from pellucid import nn

LENGTHS = {1: (5,), 2: (3, 4), 3: (3, 4, 3)}
NAMES = {
    "Zero": "constant",
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}


def _case(layer: str, mode: str, rank: int, padding: Any, *value: float) -> LayerCase:
    pairs = [(n, n) if isinstance(n, int) else n for n in padding]
    sides = [side for pair in reversed(pairs) for side in pair]
    return LayerCase(
        layer=layer,
        setting=f"{padding} {value}",
        make=lambda: getattr(nn, layer)(padding, *value),
        inputs=((2, 2, *LENGTHS[rank]),),
        theirs=lambda torch, p: (
            lambda x: torch.nn.functional.pad(x, sides, mode=mode, value=value[0] if value else 0)
        ),
    )


PADDINGS: dict[int, list[Any]] = {
    1: [(2,), ((1, 3),), ((0, 2),)],
    2: [(1, 2), ((0, 1), (2, 0))],
    3: [(1, 2, 1), ((0, 1), (2, 0), (1, 2))],
}

CASES: list[LayerCase] = [
    _case(f"{name}Pad{rank}d", mode, rank, padding)
    for name, mode in NAMES.items()
    for rank in (1, 2, 3)
    for padding in PADDINGS[rank]
]
CASES += [
    _case(f"ConstantPad{rank}d", "constant", rank, PADDINGS[rank][-1], 1.5) for rank in (1, 2, 3)
]
CASES += [
    LayerCase(
        layer="Pad",
        setting="last axis, reflect",
        make=lambda: nn.Pad(2, "reflect"),
        inputs=((2, 2, 4),),
        theirs=lambda torch, p: lambda x: torch.nn.functional.pad(x, (2, 2), mode="reflect"),
    ),
]
