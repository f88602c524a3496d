"""What the activation layers share."""

from __future__ import annotations

from typing import ClassVar

from pellucid.nn.module import Module

__all__ = ["ActivationLayer"]


class ActivationLayer(Module):
    """A layer that applies an activation function; its options are shown in the repr."""

    options: ClassVar[tuple[str, ...]] = ()

    def extra_repr(self) -> str:
        """Return the options and their values."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.options)
