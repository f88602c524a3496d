"""Inverse trigonometric and hyperbolic functions, roots of squares, remainders.

Conventions where a derivative does not exist: ``hypot`` and ``arctan2`` have slope 0 at the origin,
as the norm has; ``cbrt`` has the slope +∞ at 0, as the square root has.
"""

from __future__ import annotations

import numpy as np

from pellucid.kernels import reference
from pellucid.primitives.comparison import equal
from pellucid.primitives.declaration import BinaryPrimitive, MaskPrimitive, UnaryPrimitive, Value
from pellucid.primitives.elementwise import (
    add,
    divide,
    multiply,
    negative,
    rint,
    sqrt,
    square,
    subtract,
    where,
    zero_slope,
)

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "cbrt",
    "floor_divide",
    "fmod",
    "hypot",
    "remainder",
    "signbit",
    "sinc",
    "trunc",
]

signbit: MaskPrimitive = MaskPrimitive(
    "signbit", "x has a minus sign", np.signbit, source="np.signbit({0})", numpy=[np.signbit]
)


def _circle(x: Value) -> Value:
    """√(1 − x²), without the rounding of x² near ±1."""
    return sqrt(multiply(subtract(1, x), add(1, x)))


arcsin: UnaryPrimitive = UnaryPrimitive(
    "arcsin",
    "arcsin x",
    np.arcsin,
    source="np.arcsin({0})",
    vjps=[lambda g, y, x: divide(g, _circle(x))],
    numpy=[np.arcsin],
)
arccos: UnaryPrimitive = UnaryPrimitive(
    "arccos",
    "arccos x",
    np.arccos,
    source="np.arccos({0})",
    vjps=[lambda g, y, x: negative(divide(g, _circle(x)))],
    numpy=[np.arccos],
)


def _safe(r: Value) -> Value:
    """The length, or 1 at the origin, where the quotient by it is then 0."""
    return where(equal(r, 0), 1.0, r)


hypot: BinaryPrimitive = BinaryPrimitive(
    "hypot",
    "√(x² + y²)",
    np.hypot,
    source="np.hypot({0}, {1})",
    vjps=[
        lambda g, z, x, y: multiply(g, divide(x, _safe(z))),
        lambda g, z, x, y: multiply(g, divide(y, _safe(z))),
    ],
    about="Does not overflow. At the origin the gradient is 0, one of the subgradients there.",
    broadcasts=True,
    numpy=[np.hypot],
)
arctan: UnaryPrimitive = UnaryPrimitive(
    "arctan",
    "arctan x",
    np.arctan,
    source="np.arctan({0})",
    vjps=[lambda g, y, x: divide(divide(g, hypot(1.0, x)), hypot(1.0, x))],
    numpy=[np.arctan],
)


def _polar_slope(g: Value, across: Value, y: Value, x: Value) -> Value:
    r = _safe(hypot(y, x))
    return multiply(g, divide(divide(across, r), r))


arctan2: BinaryPrimitive = BinaryPrimitive(
    "arctan2",
    "angle of the point (x₂, x₁)",
    np.arctan2,
    source="np.arctan2({0}, {1})",
    vjps=[
        lambda g, z, y, x: _polar_slope(g, x, y, x),
        lambda g, z, y, x: negative(_polar_slope(g, y, y, x)),
    ],
    about="At the origin, which has no angle, the gradient is taken as 0.",
    broadcasts=True,
    numpy=[np.arctan2],
)
arcsinh: UnaryPrimitive = UnaryPrimitive(
    "arcsinh",
    "ln(x + √(x² + 1))",
    np.arcsinh,
    source="np.arcsinh({0})",
    vjps=[lambda g, y, x: divide(g, hypot(1.0, x))],
    numpy=[np.arcsinh],
)
arccosh: UnaryPrimitive = UnaryPrimitive(
    "arccosh",
    "ln(x + √(x² − 1))",
    np.arccosh,
    source="np.arccosh({0})",
    vjps=[lambda g, y, x: divide(g, multiply(sqrt(subtract(x, 1)), sqrt(add(x, 1))))],
    numpy=[np.arccosh],
)
cbrt: UnaryPrimitive = UnaryPrimitive(
    "cbrt",
    "∛x",
    np.cbrt,
    source="np.cbrt({0})",
    vjps=[lambda g, y, x: divide(g, multiply(square(y), 3.0))],
    about="At 0 the slope is +∞, as the mathematics says.",
    numpy=[np.cbrt],
)
sinc: UnaryPrimitive = UnaryPrimitive(
    "sinc",
    "sin(πx) / (πx)",
    reference.sinc,
    source="sinc({0}, order={order})",
    vjps=[lambda g, y, x, order=0: multiply(g, sinc(x, order=order + 1))],
    about="1 at 0. With `order` n its n-th derivative, which is smooth through 0.",
)

# --- steps and remainders -------------------------------------------------------------------------

trunc: UnaryPrimitive = UnaryPrimitive(
    "trunc",
    "x without its fraction",
    np.trunc,
    source="np.trunc({0})",
    vjps=[zero_slope],
    numpy=[np.trunc],
)
floor_divide: BinaryPrimitive = BinaryPrimitive(
    "floor_divide",
    "⌊x / y⌋",
    np.floor_divide,
    source="np.floor_divide({0}, {1})",
    vjps=[lambda g, z, x, y: multiply(g, 0.0), lambda g, z, x, y: multiply(g, 0.0)],
    broadcasts=True,
    numpy=[np.floor_divide],
)


def _by_divisor(g: Value, z: Value, x: Value, y: Value) -> Value:
    # The quotient of x = q·y + z is a whole number but for rounding; it must not be rounded down.
    return negative(multiply(g, rint(divide(subtract(x, z), y))))


remainder: BinaryPrimitive = BinaryPrimitive(
    "remainder",
    "x − y ⌊x / y⌋",
    np.remainder,
    source="np.remainder({0}, {1})",
    vjps=[
        lambda g, z, x, y: g,
        _by_divisor,
    ],
    about="The remainder has the sign of y.",
    broadcasts=True,
    numpy=[np.remainder],
)
fmod: BinaryPrimitive = BinaryPrimitive(
    "fmod",
    "x − y trunc(x / y)",
    np.fmod,
    source="np.fmod({0}, {1})",
    vjps=[
        lambda g, z, x, y: g,
        _by_divisor,
    ],
    about="The remainder has the sign of x.",
    broadcasts=True,
    numpy=[np.fmod],
)
