"""Elementwise primitives: arithmetic, and functions of one number.

Conventions where a derivative does not exist: ``|x|`` and ``relu`` have slope 0 at 0; ``clip``
passes the gradient at its limits; where two tensors tie in ``maximum`` or ``minimum`` they share
the gradient equally, and a tie with a constant belongs to the constant, so that
``maximum(0, z)`` is the ReLU.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives.comparison import (
    equal,
    greater,
    greater_equal,
    isinf,
    less,
    less_equal,
    logical_and,
)
from pellucid.primitives.declaration import (
    BinaryPrimitive,
    Primitive,
    UnaryPrimitive,
    Value,
    Vjp,
)

__all__ = [
    "absolute",
    "add",
    "cast",
    "ceil",
    "clip",
    "cos",
    "divide",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "identity",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "power",
    "reciprocal",
    "relu",
    "rint",
    "sigmoid",
    "sign",
    "sin",
    "softplus",
    "sqrt",
    "square",
    "step",
    "subtract",
    "tanh",
    "where",
]


def zero_slope(g: Value, y: Value, x: Value) -> Array:
    return np.zeros(x.shape, x.dtype)


# --- arithmetic -----------------------------------------------------------------------------------

add: BinaryPrimitive = BinaryPrimitive(
    "add",
    "x + y",
    np.add,
    source="{0} + {1}",
    vjps=[lambda g, z, x, y: g, lambda g, z, x, y: g],
    broadcasts=True,
    numpy=[np.add],
)
subtract: BinaryPrimitive = BinaryPrimitive(
    "subtract",
    "x − y",
    np.subtract,
    source="{0} - {1}",
    vjps=[lambda g, z, x, y: g, lambda g, z, x, y: negative(g)],
    broadcasts=True,
    numpy=[np.subtract],
)
multiply: BinaryPrimitive = BinaryPrimitive(
    "multiply",
    "x · y",
    np.multiply,
    source="{0} * {1}",
    vjps=[lambda g, z, x, y: multiply(g, y), lambda g, z, x, y: multiply(g, x)],
    broadcasts=True,
    numpy=[np.multiply],
)
divide: BinaryPrimitive = BinaryPrimitive(
    "divide",
    "x / y",
    np.divide,
    source="{0} / {1}",
    vjps=[
        lambda g, z, x, y: divide(g, y),
        lambda g, z, x, y: negative(divide(multiply(g, z), y)),
    ],
    broadcasts=True,
    numpy=[np.divide],
)


def _power_base_vjp(g: Value, z: Value, x: Value, y: Value) -> Value:
    # 0 · 0⁻¹ would be NaN; x⁰ is constant, at x = 0 too.
    origin = logical_and(equal(x, 0), equal(y, 0))
    exponent = where(origin, 1.0, subtract(y, 1))
    return multiply(g, multiply(y, power(x, exponent)))


def _power_exponent_vjp(g: Value, z: Value, x: Value, y: Value) -> Value:
    # 0^y is flat in y for y > 0, although log 0 = −∞; to the left of y = 0 it is infinite.
    flat = logical_and(equal(x, 0), greater_equal(y, 0))
    return multiply(g, multiply(z, log(where(flat, 1.0, x))))


power: BinaryPrimitive = BinaryPrimitive(
    "power",
    "xʸ",
    np.power,
    source="np.power({0}, {1})",
    vjps=[_power_base_vjp, _power_exponent_vjp],
    about="At x = 0 the derivative by y is 0 for y ≥ 0 and −∞ for y < 0. "
    "A negative base has no derivative by y.",
    broadcasts=True,
    numpy=[np.power, np.float_power],
)


def _extremum_vjp(argument: int, wins: Any) -> Vjp:
    """VJP of maximum and minimum: the winner takes the gradient, a tie gives `tie_share`."""

    def vjp(g: Value, z: Value, x: Value, y: Value, *, tie_share: float = 0.5) -> Value:
        mine, other = (x, y) if argument == 0 else (y, x)
        if tie_share == 0.0:
            return multiply(g, wins(mine, other))
        share = np.where(equal(mine, other), tie_share, wins(mine, other))
        return multiply(g, share.astype(g.dtype))

    return vjp


maximum: BinaryPrimitive = BinaryPrimitive(
    "maximum",
    "max(x, y)",
    lambda x, y, *, tie_share=0.5: np.maximum(x, y),
    source="np.maximum({0}, {1})",
    vjps=[_extremum_vjp(0, greater), _extremum_vjp(1, greater)],
    about="Where x = y each input receives `tie_share` of the gradient, by default one half.",
    broadcasts=True,
)
minimum: BinaryPrimitive = BinaryPrimitive(
    "minimum",
    "min(x, y)",
    lambda x, y, *, tie_share=0.5: np.minimum(x, y),
    source="np.minimum({0}, {1})",
    vjps=[_extremum_vjp(0, less), _extremum_vjp(1, less)],
    about="Where x = y each input receives `tie_share` of the gradient, by default one half.",
    broadcasts=True,
)
where: Primitive = Primitive(
    "where",
    "x where the condition holds, else y",
    np.where,
    source="np.where({0}, {1}, {2})",
    vjps=[
        lambda g, z, condition, x, y: multiply(g, 0.0),  # a choice has no slope
        lambda g, z, condition, x, y: where(condition, g, 0.0),
        lambda g, z, condition, x, y: where(condition, 0.0, g),
    ],
    broadcasts=True,
)


def _inside(x: Value, low: Any, high: Any) -> Array:
    if low is None or high is None:
        return greater_equal(x, low) if high is None else less_equal(x, high)
    return logical_and(greater_equal(x, low), less_equal(x, high))


clip: UnaryPrimitive = UnaryPrimitive(
    "clip",
    "min(max(x, low), high)",
    lambda x, *, low=None, high=None: np.clip(x, low, high),
    source="np.clip({0}, {low}, {high})",
    vjps=[lambda g, y, x, low=None, high=None: multiply(g, _inside(x, low, high))],
    about="The limits are constants. At a limit itself the gradient passes.",
)
negative: UnaryPrimitive = UnaryPrimitive(
    "negative",
    "−x",
    np.negative,
    source="-{0}",
    vjps=[lambda g, y, x: negative(g)],
    numpy=[np.negative],
)
absolute: UnaryPrimitive = UnaryPrimitive(
    "absolute",
    "|x|",
    np.absolute,
    source="np.abs({0})",
    vjps=[lambda g, y, x: multiply(g, sign(x))],
    about="The derivative at 0 is 0.",
    numpy=[np.absolute, np.fabs],
)
identity: UnaryPrimitive = UnaryPrimitive(
    "identity",
    "x",
    lambda x: x,
    source="{0}",
    vjps=[lambda g, y, x: g],
    numpy=[np.positive],
)
cast: UnaryPrimitive = UnaryPrimitive(
    "cast",
    "x in another floating-point type",
    lambda x, *, dtype: np.asanyarray(x).astype(dtype),
    source="{0}.astype({dtype})",
    vjps=[lambda g, y, x, dtype: cast(g, dtype=x.dtype)],
)

# --- steps: the derivative is zero wherever it exists ---------------------------------------------

sign: UnaryPrimitive = UnaryPrimitive(
    "sign", "sign(x)", np.sign, source="np.sign({0})", vjps=[zero_slope], numpy=[np.sign]
)
floor: UnaryPrimitive = UnaryPrimitive(
    "floor", "⌊x⌋", np.floor, source="np.floor({0})", vjps=[zero_slope], numpy=[np.floor]
)
ceil: UnaryPrimitive = UnaryPrimitive(
    "ceil", "⌈x⌉", np.ceil, source="np.ceil({0})", vjps=[zero_slope], numpy=[np.ceil]
)
rint: UnaryPrimitive = UnaryPrimitive(
    "rint",
    "nearest whole number",
    np.rint,
    source="np.rint({0})",
    vjps=[zero_slope],
    about="A half goes to the even neighbour.",
    numpy=[np.rint],
)


def _step(x: Any) -> Array:
    x = np.asanyarray(x)
    return np.greater_equal(x, 0).astype(x.dtype if x.dtype.kind == "f" else np.float64)


step: UnaryPrimitive = UnaryPrimitive(
    "step",
    "1 if x ≥ 0 else 0",
    _step,
    source="np.greater_equal({0}, 0).astype({0}.dtype)",
    vjps=[zero_slope],
    about="The threshold of the perceptron; its derivative is 0, so no gradient ever passes.",
)

# --- exponentials and roots -----------------------------------------------------------------------

exp: UnaryPrimitive = UnaryPrimitive(
    "exp",
    "eˣ",
    np.exp,
    source="np.exp({0})",
    vjps=[lambda g, y, x: multiply(g, y)],
    numpy=[np.exp],
)
expm1: UnaryPrimitive = UnaryPrimitive(
    "expm1",
    "eˣ − 1",
    np.expm1,
    source="np.expm1({0})",
    vjps=[lambda g, y, x: multiply(g, add(y, 1))],
    about="Accurate near 0, where eˣ − 1 loses its digits.",
    numpy=[np.expm1],
)
log: UnaryPrimitive = UnaryPrimitive(
    "log",
    "ln x",
    np.log,
    source="np.log({0})",
    vjps=[lambda g, y, x: divide(g, x)],
    numpy=[np.log],
)
log1p: UnaryPrimitive = UnaryPrimitive(
    "log1p",
    "ln(1 + x)",
    np.log1p,
    source="np.log1p({0})",
    vjps=[lambda g, y, x: divide(g, add(x, 1))],
    about="Accurate near 0, where 1 + x loses its digits.",
    numpy=[np.log1p],
)
exp2: UnaryPrimitive = UnaryPrimitive(
    "exp2",
    "2ˣ",
    np.exp2,
    source="np.exp2({0})",
    vjps=[lambda g, y, x: multiply(g, multiply(y, math.log(2)))],
    numpy=[np.exp2],
)
log2: UnaryPrimitive = UnaryPrimitive(
    "log2",
    "log₂ x",
    np.log2,
    source="np.log2({0})",
    vjps=[lambda g, y, x: divide(g, multiply(x, math.log(2)))],
    numpy=[np.log2],
)
log10: UnaryPrimitive = UnaryPrimitive(
    "log10",
    "log₁₀ x",
    np.log10,
    source="np.log10({0})",
    vjps=[lambda g, y, x: divide(g, multiply(x, math.log(10)))],
    numpy=[np.log10],
)


def _logaddexp_weight(g: Value, mine: Value, other: Value) -> Value:
    tie = logical_and(equal(mine, other), isinf(mine))  # ∞ − ∞ would be NaN
    return multiply(g, sigmoid(subtract(where(tie, 0.0, mine), where(tie, 0.0, other))))


logaddexp: BinaryPrimitive = BinaryPrimitive(
    "logaddexp",
    "ln(eˣ + e^y)",
    np.logaddexp,
    source="np.logaddexp({0}, {1})",
    vjps=[
        lambda g, z, x, y: _logaddexp_weight(g, x, y),
        lambda g, z, x, y: _logaddexp_weight(g, y, x),
    ],
    broadcasts=True,
    numpy=[np.logaddexp],
)
sqrt: UnaryPrimitive = UnaryPrimitive(
    "sqrt",
    "√x",
    np.sqrt,
    source="np.sqrt({0})",
    vjps=[lambda g, y, x: divide(multiply(g, 0.5), y)],
    about=(
        "At 0 the slope is +∞, as the mathematics says; "
        "`norm` and `std` avoid it and have slope 0 there."
    ),
    numpy=[np.sqrt],
)
square: UnaryPrimitive = UnaryPrimitive(
    "square",
    "x²",
    np.square,
    source="np.square({0})",
    vjps=[lambda g, y, x: multiply(multiply(g, 2.0), x)],
    numpy=[np.square],
)
reciprocal: UnaryPrimitive = UnaryPrimitive(
    "reciprocal",
    "1 / x",
    np.reciprocal,
    source="np.reciprocal({0})",
    vjps=[lambda g, y, x: negative(multiply(g, square(y)))],
    numpy=[np.reciprocal],
)

# --- waves and squashing functions ----------------------------------------------------------------

sin: UnaryPrimitive = UnaryPrimitive(
    "sin",
    "sin x",
    np.sin,
    source="np.sin({0})",
    vjps=[lambda g, y, x: multiply(g, cos(x))],
    numpy=[np.sin],
)
cos: UnaryPrimitive = UnaryPrimitive(
    "cos",
    "cos x",
    np.cos,
    source="np.cos({0})",
    vjps=[lambda g, y, x: negative(multiply(g, sin(x)))],
    numpy=[np.cos],
)
tanh: UnaryPrimitive = UnaryPrimitive(
    "tanh",
    "tanh x",
    np.tanh,
    source="np.tanh({0})",
    vjps=[lambda g, y, x: multiply(g, subtract(1, square(y)))],
    numpy=[np.tanh],
)
sigmoid: UnaryPrimitive = UnaryPrimitive(
    "sigmoid",
    "σ(x) = 1 / (1 + e⁻ˣ)",
    reference.sigmoid,
    source="sigmoid({0})",
    vjps=[lambda g, y, x: multiply(g, multiply(y, subtract(1, y)))],
)
relu: UnaryPrimitive = UnaryPrimitive(
    "relu",
    "max(0, x)",
    lambda x: np.maximum(x, 0),
    source="np.maximum({0}, 0)",
    vjps=[lambda g, y, x: multiply(g, greater(x, 0))],
    about="The derivative at 0 is 0. Fukushima (1969).",
)
softplus: UnaryPrimitive = UnaryPrimitive(
    "softplus",
    "ln(1 + eˣ)",
    reference.softplus,
    source="softplus({0})",
    vjps=[lambda g, y, x: multiply(g, sigmoid(x))],
    about="A smooth ReLU. Dugas et al. (2001).",
)
erf: UnaryPrimitive = UnaryPrimitive(
    "erf",
    "2/√π ∫₀ˣ e^(−t²) dt",
    reference.erf,
    source="erf({0})",
    vjps=[lambda g, y, x: multiply(g, multiply(exp(negative(square(x))), 2 / math.sqrt(math.pi)))],
    about="Computed as W. J. Cody (1969) does.",
)
