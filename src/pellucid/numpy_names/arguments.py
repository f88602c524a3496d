"""What the families share: constants among arguments, and functions that a NumPy may lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.errors import UnsupportedError
from pellucid.primitives.declaration import Recorded

__all__ = ["available", "constant", "refuse"]


def constant(value: Any, function: str, argument: str) -> Any:
    """Return the plain numbers of an argument that has no gradient.

    Raises
    ------
    UnsupportedError
        If it wants one.
    """
    if isinstance(value, Recorded):
        if value.requires_grad:
            raise UnsupportedError(
                f"{function} on a Tensor takes {argument} as a constant, without a gradient; "
                f"pass its plain numbers, {argument}.data"
            )
        return value.data
    return value


def refuse(function: str, argument: str, instead: str) -> UnsupportedError:
    """Return the error about an argument that is not supported."""
    return UnsupportedError(f"{function} on a Tensor does not take {argument}; {instead}")


def available(
    table: dict[str, Callable[..., Any]], module: Any = np
) -> dict[Callable[..., Any], Callable[..., Any]]:
    """Leave out of a table by name what the installed NumPy does not have."""
    return {getattr(module, name): f for name, f in table.items() if hasattr(module, name)}
