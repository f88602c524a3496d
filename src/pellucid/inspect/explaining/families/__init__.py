"""How operations are explained that are more than one formula: a module for each family."""

from __future__ import annotations

from collections.abc import Callable

from pellucid.inspect.explaining.nodes import Block
from pellucid.inspect.explaining.scene import Scene
from pellucid.program import Instruction

__all__ = ["BACKWARD", "FORWARD", "Explainer"]

Explainer = Callable[[Scene, Instruction], list[Block]]

FORWARD: dict[str, Explainer] = {}
"""By the name of the operation, of the forward pass and of the loss."""

BACKWARD: dict[str, Explainer] = {}
"""By the name of the operation of the backward pass."""
