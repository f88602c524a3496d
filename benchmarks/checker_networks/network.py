"""A network with a backward pass by hand, and the mistakes that can be planted in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Expected", "Network"]

Expected = tuple[tuple[str, ...], int | None]
"""What the checker should say: the kinds that are right, and the layer (0 the loss, None any)."""


class Network(NamedTuple):
    """A network, its loss, its backward pass, and the mistakes that can be planted in it.

    ``gradients(parameters, faults)`` is the backward pass with the mistakes of these names.
    """

    name: str
    parameters: dict[str, Any]
    loss: Callable[..., Any]
    gradients: Callable[..., Any]
    faults: dict[str, Expected]
