"""Products of vectors and sequences, and polynomials, with NumPy's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.ops import signals

__all__ = ["FUNCTIONS"]

Function = Callable[..., Any]


def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    return signals.cross(a, b, axisa, axisb, axisc)


FUNCTIONS: dict[Function, Function] = {
    np.cross: _cross,
    np.kron: lambda a, b: signals.kron(a, b),
    np.convolve: lambda a, v, mode="full": signals.convolve(a, v, mode),
    np.correlate: lambda a, v, mode="valid": signals.correlate(a, v, mode),
    np.polyval: lambda p, x: signals.polyval(p, x),
    np.vander: lambda x, N=None, increasing=False: signals.vander(x, N, increasing),
}
