"""What enters a dense network: so many features, or samples of some shape to be flattened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from pellucid.nn import Flatten, Module

__all__ = ["InputShape", "input_layers"]

InputShape: TypeAlias = int | Sequence[int] | None
"""A number of features, the shape of one sample, or None: inferred from the first batch."""


def input_layers(shape: InputShape) -> tuple[list[Module], int | None]:
    """Return the layers that make one row of each sample, and the length of that row."""
    if not isinstance(shape, Iterable):
        return [], shape
    lengths = tuple(int(n) for n in shape)
    return ([] if len(lengths) == 1 else [Flatten()]), math.prod(lengths)
