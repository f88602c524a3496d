"""Division with whole quotients: what is left over, and how often the divisor fits."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array
from pellucid.primitives.declaration import BinaryPrimitive, Value
from pellucid.primitives.elementwise import divide, multiply, negative, rint, subtract

__all__ = ["floor_divide", "fmod", "remainder"]


def _whole_quotient(z: Value, x: Value, y: Value) -> Value:
    """Return the whole number q of x = q·y + z, whose slope is 0."""
    return rint(divide(subtract(x, z), y))


def _zeros_like_x(g: Value, z: Value, x: Value, y: Value) -> Array:
    return np.zeros(x.shape, x.dtype)


def _zeros_like_y(g: Value, z: Value, x: Value, y: Value) -> Array:
    return np.zeros(y.shape, y.dtype)


def _by_divisor(g: Value, z: Value, x: Value, y: Value) -> Value:
    return negative(multiply(g, _whole_quotient(z, x, y)))


remainder: BinaryPrimitive = BinaryPrimitive(
    "remainder",
    "x − y ⌊x / y⌋",
    np.remainder,
    source="np.remainder({0}, {1})",
    vjps=[lambda g, z, x, y: g, _by_divisor],
    about="Python's `%`: the result has the sign of y.",
    broadcasts=True,
    numpy=[np.remainder],
)
fmod: BinaryPrimitive = BinaryPrimitive(
    "fmod",
    "x − y trunc(x / y)",
    np.fmod,
    source="np.fmod({0}, {1})",
    vjps=[lambda g, z, x, y: g, _by_divisor],
    about="The remainder of C: the result has the sign of x.",
    broadcasts=True,
    numpy=[np.fmod],
)
floor_divide: BinaryPrimitive = BinaryPrimitive(
    "floor_divide",
    "⌊x / y⌋",
    np.floor_divide,
    source="{0} // {1}",
    vjps=[_zeros_like_x, _zeros_like_y],
    about="A step function: its slope is 0.",
    broadcasts=True,
    numpy=[np.floor_divide],
)
