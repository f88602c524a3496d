"""Primitives that the losses add to the table, each where one call replaces several.

At the sizes of small networks the cost of a loss is the number of recorded calls, not arithmetic;
fusing also keeps digits that the chain of single steps would cancel away.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.primitives.declaration import Primitive, Value

__all__ = ["bernoulli_loss", "huber_function", "log_cosh_function", "logistic_loss", "weighted_sum"]


def _weighted_sum(x: Array, w: Any) -> Array:
    if isinstance(w, float):
        return np.add.reduce(x, axis=None) * w
    return np.add.reduce(x * w, axis=None)


weighted_sum = Primitive(
    "weighted_sum",
    "Σ w·x",
    _weighted_sum,
    source="weighted_sum({0}, {1})",
    vjps=[
        lambda g, y, x, w: p.broadcast_to(p.multiply(g, w), shape=x.shape),
        lambda g, y, x, w: p.multiply(g, x),
    ],
    about="Every reduction of a loss: the weights hold 1/n for a mean and 1 for a sum.",
    broadcasts=True,
)


def _logistic_loss(z: Array, y: Array) -> Array:
    loss = np.abs(z, out=np.empty_like(z))
    np.negative(loss, out=loss)
    np.exp(loss, out=loss)
    np.log1p(loss, out=loss)
    loss += np.maximum(z, 0) - z * y
    return loss


logistic_loss = Primitive(
    "logistic_loss",
    "max(z, 0) − z·y + ln(1 + e^(−|z|))",
    _logistic_loss,
    source="np.maximum({0}, 0) - {0} * {1} + np.log1p(np.exp(-np.abs({0})))",
    vjps=[
        lambda g, loss, z, y: p.multiply(g, p.subtract(p.sigmoid(z), y)),
        lambda g, loss, z, y: p.negative(p.multiply(g, z)),
    ],
    about="Binary cross-entropy of a logit z and a target y: −y ln σ(z) − (1 − y) ln(1 − σ(z)). "
    "Keeps the tail e^(−|z|) that softplus(z) − z·y would round away. Cox (1958).",
)

# As PyTorch's: a logarithm of at least −100, and a slope divided by at least 10⁻¹².
_LOG_FLOOR = -100.0
_VARIANCE_FLOOR = 1e-12


def _bernoulli_loss(q: Array, y: Array) -> Array:
    with np.errstate(divide="ignore"):
        hit = np.maximum(np.log(q), _LOG_FLOOR)
        miss = np.maximum(np.log1p(-q), _LOG_FLOOR)
    return (y - 1) * miss - y * hit


def _bernoulli_probability_vjp(g: Value, loss: Value, q: Value, y: Value) -> Value:
    variance = p.clip(p.multiply(q, p.subtract(1, q)), low=_VARIANCE_FLOOR)
    return p.multiply(g, p.divide(p.subtract(q, y), variance))


def _bernoulli_target_vjp(g: Value, loss: Value, q: Value, y: Value) -> Value:
    tiny = math.exp(_LOG_FLOOR) if q.dtype == np.float64 else float(np.finfo(q.dtype).tiny)
    miss = p.log(p.clip(p.subtract(1, q), low=tiny))
    return p.multiply(g, p.subtract(miss, p.log(p.clip(q, low=tiny))))


bernoulli_loss = Primitive(
    "bernoulli_loss",
    "−y·ln q − (1 − y)·ln(1 − q)",
    _bernoulli_loss,
    source="({1} - 1) * np.maximum(np.log1p(-{0}), -100.0) - {1} * np.maximum(np.log({0}), -100.0)",
    vjps=[_bernoulli_probability_vjp, _bernoulli_target_vjp],
    about="Logarithms are at least −100 and the slope (q − y) / (q·(1 − q)) is divided by at least "
    "10⁻¹², so that certain and wrong predictions stay finite.",
)


def _log_cosh(x: Array) -> Array:
    size = np.abs(x)
    # Near 0, |x| + … − ln 2 would cancel; there ½ ln(1 + sinh² x) keeps all digits.
    near = np.log1p(np.square(np.sinh(np.minimum(size, 1)))) * 0.5
    far = size + np.log1p(np.exp(-2 * size)) - math.log(2)
    return np.where(size < 1, near, far)


log_cosh_function = Primitive(
    "log_cosh",
    "ln cosh x",
    _log_cosh,
    source="log_cosh({0})",
    vjps=[lambda g, y, x: p.multiply(g, p.tanh(x))],
    about="A smooth |x|: ½x² near 0 and |x| − ln 2 far from it.",
)


def _huber(x: Array, *, delta: float) -> Array:
    inner = np.clip(x, -delta, delta)
    return inner * (x - 0.5 * inner)


huber_function = Primitive(
    "huber",
    "½x² if |x| ≤ δ, else δ·(|x| − ½δ)",
    _huber,
    source="np.clip({0}, -{delta}, {delta}) * ({0} - 0.5 * np.clip({0}, -{delta}, {delta}))",
    vjps=[lambda g, y, x, delta: p.multiply(g, p.clip(x, low=-delta, high=delta))],
    about="Huber (1964).",
)
