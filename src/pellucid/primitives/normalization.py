"""Batch and layer normalisation as one step each, because every normalised network takes them.

On plain arrays their VJPs are kernels that go over the data in blocks. On recorded values, when a
derivative of a derivative is wanted, the same formulas are spelled out in primitives.
"""

from __future__ import annotations

from typing import Any

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives.declaration import Primitive, Recorded, Value
from pellucid.primitives.elementwise import add, multiply, power, square, subtract
from pellucid.primitives.reductions import sum
from pellucid.primitives.shape import reshape

__all__ = ["batch_norm", "layer_norm"]


def _mean(x: Value, axes: tuple[int, ...]) -> Value:
    n = 1
    for axis in axes:
        n *= x.shape[axis]
    return multiply(sum(x, axis=axes, keepdims=True), 1.0 / max(1, n))


def _standard(x: Value, axes: tuple[int, ...], eps: float) -> tuple[Value, Value]:
    """Return x̂ and 1 / √(var + eps)."""
    deviation = subtract(x, _mean(x, axes))
    rate = power(add(_mean(square(deviation), axes), eps), -0.5)
    return multiply(deviation, rate), rate


def _slope(g: Value, x: Value, axes: tuple[int, ...], eps: float) -> Value:
    hat, rate = _standard(x, axes, eps)
    by_hat = multiply(hat, _mean(multiply(g, hat), axes))
    return multiply(rate, subtract(subtract(g, _mean(g, axes)), by_hat))


def _recorded(*values: Value) -> bool:
    return any(isinstance(value, Recorded) for value in values)


# --- batch ----------------------------------------------------------------------------------------


def _over(x: Value) -> tuple[int, ...]:
    """Return all axes but that of the channels."""
    return (0, *range(2, len(x.shape)))


def _channels(values: Value, x: Value) -> Value:
    """Bring one number for each channel into a form that multiplies (N, C, …)."""
    return reshape(values, shape=(-1, *(1 for _ in x.shape[2:])))


def _known(x: Array, moments: list[Array] | None) -> tuple[Array, Array]:
    """Return the mean and variance that the forward pass left, or take them again."""
    if moments is None:
        return reference.batch_moments(x)
    mean, var = moments
    return mean, var


def _batch_vjp(
    g: Value,
    y: Value,
    x: Value,
    weight: Value = None,
    bias: Value = None,
    *,
    eps: float = 1e-5,
    moments: list[Array] | None = None,
) -> Value:
    if not _recorded(g, x, weight):
        return reference.batch_norm_slope(g, x, weight, eps=eps, moments=_known(x, moments))
    scaled = g if weight is None else multiply(g, _channels(weight, x))
    return _slope(scaled, x, _over(x), eps)


def _batch_weight_vjp(
    g: Value,
    y: Value,
    x: Value,
    weight: Value,
    bias: Value = None,
    *,
    eps: float = 1e-5,
    moments: list[Array] | None = None,
) -> Value:
    if not _recorded(g, x):
        return reference.batch_norm_sums(g, x, eps=eps, moments=_known(x, moments))[1]
    return sum(multiply(g, _standard(x, _over(x), eps)[0]), axis=_over(x))


batch_norm: Primitive = Primitive(
    "batch_norm",
    "(x − mean) / √(var + eps) · w + b, for each channel",
    reference.batch_norm,
    source="batch_norm({inputs}, eps={eps})",
    vjps=[
        _batch_vjp,
        _batch_weight_vjp,
        lambda g, y, x, *rest, **attributes: sum(g, axis=_over(g)),
    ],
    about="Mean and variance over all axes but the second. `moments`, a list, receives "
    "them, for running statistics and for the way back. Ioffe & Szegedy (2015).",
)

# --- layer ----------------------------------------------------------------------------------------


def _layer_vjp(
    g: Value, y: Value, x: Value, weight: Value = None, bias: Value = None, *, eps: float = 1e-5
) -> Value:
    if not _recorded(g, x, weight):
        return reference.layer_norm_slope(g, x, weight, eps=eps)
    scaled = g if weight is None else multiply(g, weight)
    return _slope(scaled, x, (len(x.shape) - 1,), eps)


def _leading(x: Value) -> tuple[int, ...]:
    return tuple(range(len(x.shape) - 1))


def _layer_weight_vjp(
    g: Value, y: Value, x: Value, weight: Value, bias: Value = None, *, eps: float = 1e-5
) -> Value:
    if not _recorded(g, x):
        return reference.layer_norm_sums(g, x, eps=eps)
    return sum(multiply(g, _standard(x, (len(x.shape) - 1,), eps)[0]), axis=_leading(x))


def _layer_bias_vjp(g: Value, y: Value, *inputs: Value, **attributes: Any) -> Value:
    return sum(g, axis=_leading(g))


layer_norm: Primitive = Primitive(
    "layer_norm",
    "(x − mean) / √(var + eps) · w + b, for each row",
    reference.layer_norm,
    source="layer_norm({inputs}, eps={eps})",
    vjps=[_layer_vjp, _layer_weight_vjp, _layer_bias_vjp],
    about="Mean and variance over the last axis. Ba, Kiros & Hinton (2016).",
)
