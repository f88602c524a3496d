"""How a transformer knows the order of its inputs, by name."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pellucid.dtypes import DTypeLike
from pellucid.errors import UnknownNameError
from pellucid.nn import LearnedPositions, Module, SinusoidalPositions
from pellucid.random import Seed

__all__ = ["Positions", "positions_of"]

Positions: TypeAlias = Literal["learned", "sinusoidal", "rotary", "alibi"]
"""Added to the inputs (learned, sinusoidal), or known to the heads of attention."""


def positions_of(
    name: Positions, length: int, width: int, dtype: DTypeLike | None, rng: Seed
) -> tuple[Module | None, Literal["rotary", "alibi"] | None]:
    """Return the layer that adds positions, if there is one, and the positions of the heads."""
    if name == "learned":
        return LearnedPositions(length, width, dtype=dtype, rng=rng), None
    if name == "sinusoidal":
        return SinusoidalPositions(width), None
    if name not in ("rotary", "alibi"):
        raise UnknownNameError(
            "kind of positions", name, ("learned", "sinusoidal", "rotary", "alibi")
        )
    return None, name
