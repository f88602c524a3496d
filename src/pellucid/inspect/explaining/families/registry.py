"""Which operations have an explainer of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pellucid.inspect.explaining.nodes import Block
from pellucid.inspect.explaining.scene import Scene
from pellucid.program import Instruction

__all__ = ["BACKWARD", "FORWARD", "Explainer", "backward", "forward"]

Explainer: TypeAlias = Callable[[Scene, Instruction], list[Block]]

FORWARD: dict[str, Explainer] = {}
"""By the name of the operation, of the forward pass and of the loss."""

BACKWARD: dict[str, Explainer] = {}
"""By the name of the operation of the backward pass."""


def forward(*names: str) -> Callable[[Explainer], Explainer]:
    """Register an explainer of operations of the forward pass or the loss."""

    def register(explainer: Explainer) -> Explainer:
        FORWARD.update(dict.fromkeys(names, explainer))
        return explainer

    return register


def backward(*names: str) -> Callable[[Explainer], Explainer]:
    """Register an explainer of operations of the backward pass."""

    def register(explainer: Explainer) -> Explainer:
        BACKWARD.update(dict.fromkeys(names, explainer))
        return explainer

    return register
