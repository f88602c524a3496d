"""Activation functions as learners write them: their values, their slopes, and wrong slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array

__all__ = ["ELEMENTWISE", "Activation", "slope_formulas", "softmax", "softmax_jacobian"]

Function = Callable[[Array], Array]


class Activation(NamedTuple):
    """A function of each entry, and its slope.

    Attributes
    ----------
    name : str
    value : callable
        f(z).
    slope : callable
        f′(z), computed from the pre-activation.
    slope_of_output : callable or None
        f′(z), computed from the output a = f(z) where that is how people write it.
    formula : str
        The slope as NumPy, over ``{a}`` and ``{z}``.
    """

    name: str
    value: Function
    slope: Function
    slope_of_output: Function | None
    formula: str


def _sigmoid(z: Array) -> Array:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def _sigmoid_slope(z: Array) -> Array:
    return _sigmoid(z) * (1 - _sigmoid(z))


def _gelu(z: Array) -> Array:
    return 0.5 * z * (1 + np.tanh(_ROOT * (z + 0.044715 * z**3)))


def _gelu_slope(z: Array) -> Array:
    t = np.tanh(_ROOT * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * _ROOT * (1 + 3 * 0.044715 * z**2)


_ROOT = float(np.sqrt(2 / np.pi))

SIGMOID = Activation("sigmoid", _sigmoid, _sigmoid_slope, lambda a: a * (1 - a), "{a} * (1 - {a})")
TANH = Activation(
    "tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda a: 1 - a**2, "(1 - {a}**2)"
)
RELU = Activation(
    "ReLU", lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float), None, "({z} > 0)"
)


def _leaky(slope: float) -> Activation:
    return Activation(
        f"leaky ReLU ({slope:g})",
        lambda z: np.where(z > 0, z, slope * z),
        lambda z: np.where(z > 0, 1.0, slope),
        None,
        f"np.where({{z}} > 0, 1, {slope:g})",
    )


ELEMENTWISE: tuple[Activation, ...] = (
    SIGMOID,
    TANH,
    RELU,
    *(_leaky(slope) for slope in (0.01, 0.1, 0.2, 0.3, 0.05, 0.02)),
    Activation(
        "softplus",
        lambda z: np.logaddexp(0, z),
        _sigmoid,
        None,
        "1 / (1 + np.exp(-{z}))",
    ),
    Activation(
        "ELU",
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
        None,
        "np.where({z} > 0, 1, np.exp({z}))",
    ),
    Activation(
        "SiLU",
        lambda z: z * _sigmoid(z),
        lambda z: _sigmoid(z) * (1 + z * (1 - _sigmoid(z))),
        None,
        "s * (1 + {z} * (1 - s)), with s = sigmoid({z})",
    ),
    Activation("GELU", _gelu, _gelu_slope, None, "GELU's derivative at {z}"),
)
"""The functions that are recognised, those that people write most often first."""


def slope_formulas(own: Activation, z: Array, a: Array) -> list[tuple[str, str, Array]]:
    """Return wrong slopes that people write for `own`: kind, description, numbers.

    Parameters
    ----------
    own : Activation
    z, a : ndarray
        The pre-activation and the output.
    """
    with np.errstate(all="ignore"):
        true = own.slope(z)
        found = [
            ("missing-derivative", "", np.ones_like(z)),
            ("derivative-at-activation", "", own.slope(a)),
        ]
        if own.slope_of_output is not None:
            found.append(("derivative-at-pre-activation", "", own.slope_of_output(z)))
        others = [SIGMOID, TANH, RELU, ELEMENTWISE[3]]
        if "ReLU" in own.name:
            others += [one for one in ELEMENTWISE if "leaky" in one.name]
        for other in others:
            if other.name == own.name:
                continue
            if other.slope_of_output is None:
                found.append(("other-derivative", f"{other.name}'s", other.slope(z)))
                continue
            found.append(("other-derivative", f"{other.name}'s", other.slope_of_output(a)))
            found.append(("other-derivative", f"{other.name}'s, of {{z}},", other.slope(z)))
        found.append(("extra-derivative", "", true**2))
        found += [("wrong-derivative", text, slope) for text, slope in _near_misses(own, z, a)]
    return found


def _near_misses(own: Activation, z: Array, a: Array) -> list[tuple[str, Array]]:
    """Return formulas that differ from the right one by a slip of the pen."""
    slips: list[tuple[str, Array]] = [("{a}", a), ("{z}", z)]
    s = _sigmoid(z)
    if own.name == "sigmoid":
        slips += [("(1 - {a})", 1 - a), ("{a} * (1 + {a})", a * (1 + a))]
        slips += [("{a} * ({a} - 1)", a * (a - 1))]
    elif own.name == "tanh":
        slips += [("(1 - {a})", 1 - a), ("(1 + {a}**2)", 1 + a**2), ("{a}**2", a**2)]
    elif own.name == "ReLU":
        slips += [("({z} < 0)", (z < 0).astype(float)), ("({z} > 1)", (z > 1).astype(float))]
    elif "leaky" in own.name:
        leak = float(np.min(own.slope(np.array([-1.0, 1.0]))))
        slips += [(f"np.where({{z}} > 0, {leak:g}, 1)", np.where(z > 0, leak, 1.0))]
        slips += [(f"np.where({{z}} > 0, 1, -{leak:g})", np.where(z > 0, 1.0, -leak))]
        slips += [(f"np.where({{z}} > 0, {{z}}, {leak:g})", np.where(z > 0, z, leak))]
    elif own.name == "softplus":
        slips += [("1 / (1 + np.exp({z}))", 1 - s), ("1 / (1 + np.exp(-{a}))", _sigmoid(a))]
        slips += [("np.exp({z})", np.exp(z)), ("1 / (1 + np.exp(-{z})) ** 2", s**2)]
    elif own.name == "ELU":
        slips += [("np.exp({z})", np.exp(z)), ("{a} + 1", a + 1)]
        slips += [("np.where({z} > 0, 1, {a})", np.where(z > 0, 1, a))]
        slips += [("np.where({z} > 0, 1, {z})", np.where(z > 0, 1, z))]
        slips += [("np.where({z} > 0, {z}, np.exp({z}))", np.where(z > 0, z, np.exp(z)))]
    elif own.name == "SiLU":
        slips += [("sigmoid({z})", s), ("{z} * s * (1 - s)", z * s * (1 - s))]
        slips += [("s + s * (1 - s)", s + s * (1 - s)), ("{a} + s * (1 - s)", a + s * (1 - s))]
        slips += [("s + {z} * (1 - s)", s + z * (1 - s))]
        slips += [("s - {z} * s * (1 - s)", s - z * s * (1 - s))]
    elif own.name == "GELU":
        slips += _slips_of_gelu(z)
    return slips


def _slips_of_gelu(z: Array) -> list[tuple[str, Array]]:
    """Return what is left of GELU's derivative when a part is forgotten; u is tanh's argument."""
    u = _ROOT * (z + 0.044715 * z**3)
    t, du = np.tanh(u), _ROOT * (1 + 3 * 0.044715 * z**2)
    first, second = 0.5 * (1 + t), 0.5 * z * (1 - t**2)
    return [
        ("0.5 * (1 + tanh(u)), without the second term,", first),
        ("the second term alone", second * du),
        ("a formula without du, the derivative of tanh's argument,", first + second),
        ("a formula with 0.044715 * {z}**2 in place of 3 * 0.044715 * {z}**2",
         first + second * _ROOT * (1 + 0.044715 * z**2)),
        ("a formula without sqrt(2 / pi)", first + second * (1 + 3 * 0.044715 * z**2)),
        ("a formula with tanh(u) in place of 1 - tanh(u)**2", first + 0.5 * z * t * du),
        ("the derivative of {z} * sigmoid(1.702 * {z})", _slope_of_quick_gelu(z)),
    ]  # fmt: skip


def _slope_of_quick_gelu(z: Array) -> Array:
    s = _sigmoid(1.702 * z)
    return s + 1.702 * z * s * (1 - s)


def softmax(z: Array, axis: int) -> Array:
    """Softmax of `z` along `axis`."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_jacobian(g: Array, p: Array, axis: int) -> Array:
    """Return the gradient by z from that by p = softmax(z): p · (g − Σ g p)."""
    return p * (g - np.sum(g * p, axis=axis, keepdims=True))
