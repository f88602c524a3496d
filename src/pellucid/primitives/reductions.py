"""Primitives that fold axes away: sums, extrema, products, and their running versions."""

from __future__ import annotations

import operator

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import ShapeError
from pellucid.kernels import reference
from pellucid.primitives.comparison import equal
from pellucid.primitives.declaration import (
    Axis,
    ReductionPrimitive,
    UnaryPrimitive,
    Value,
)
from pellucid.primitives.elementwise import divide, exp, multiply, subtract, where
from pellucid.primitives.shape import broadcast_to, flip, reshape, transpose

__all__ = ["cumprod", "cumsum", "log_softmax", "logsumexp", "max", "min", "prod", "sum"]


def normal_axis(axis: int, ndim: int) -> int:
    """Return `axis` counted from the front.

    Raises
    ------
    ShapeError
        If there is no such axis.
    """
    axis = operator.index(axis)
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"axis {axis} does not exist: an array of {ndim} axes has "
            + (f"the axes 0 to {ndim - 1}" if ndim else "none")
        )
    return axis % ndim


def normal_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Return `axis` as a tuple of numbers from 0 to ndim − 1; None means all axes.

    Raises
    ------
    ShapeError
        If there is no such axis, or one is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    if not ndim and axes in ((0,), (-1,)):  # NumPy lets a number be folded so
        return ()
    normal = tuple(normal_axis(a, ndim) for a in axes)
    if len(set(normal)) != len(normal):
        raise ShapeError(f"an axis is named twice in {axis}")
    return normal


def keep_axes(value: Value, x: Value, axis: Axis, keepdims: bool) -> Value:
    """Give a result of reducing `x` its folded axes back, each of length 1."""
    if keepdims or axis is None:  # a single number broadcasts as it is
        return value
    axes = normal_axes(axis, len(x.shape))
    return reshape(value, shape=tuple(1 if a in axes else n for a, n in enumerate(x.shape)))


def _sum_vjp(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    return broadcast_to(keep_axes(g, x, axis, keepdims), shape=x.shape)


def _extremum_vjp(
    g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False
) -> Value:
    hit = equal(x, keep_axes(y, x, axis, keepdims))
    axes = normal_axes(axis, len(x.shape))
    share = (hit / np.sum(hit, axis=axes, keepdims=True)).astype(g.dtype)
    return multiply(keep_axes(g, x, axis, keepdims), share)


def _others_product(x: Value, axes: tuple[int, ...]) -> Value:
    """For each entry of `x`, the product of all the others along `axes`, zeros included."""
    ndim = len(x.shape)
    kept = tuple(a for a in range(ndim) if a not in axes)
    order = kept + axes
    shape = tuple(x.shape[a] for a in order)
    count = int(np.prod([x.shape[a] for a in axes], dtype=int))
    rows = reshape(transpose(x, axes=order), shape=(*shape[: len(kept)], 1, count))
    # (..., count, count): row i holds all entries but the i-th, which is replaced by 1
    others = prod(where(np.eye(count, dtype=bool), 1.0, rows), axis=-1)
    return transpose(reshape(others, shape=shape), axes=tuple(int(a) for a in np.argsort(order)))


def _prod_vjp(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    spread = keep_axes(g, x, axis, keepdims)
    if equal(x, 0).any():
        return multiply(spread, _others_product(x, normal_axes(axis, len(x.shape))))
    return divide(multiply(spread, keep_axes(y, x, axis, keepdims)), x)


def _logsumexp_vjp(
    g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False
) -> Value:
    total = keep_axes(y, x, axis, keepdims)
    # A row of −∞ only has the answer −∞; its weights are 0, not exp(−∞ + ∞).
    total = where(equal(total, -np.inf), 0.0, total)
    return multiply(keep_axes(g, x, axis, keepdims), exp(subtract(x, total)))


def _log_softmax_vjp(g: Value, y: Value, x: Value, *, axis: int = -1) -> Value:
    return subtract(g, multiply(exp(y), sum(g, axis=axis, keepdims=True)))


def _cumprod_vjp(g: Value, y: Value, x: Value, *, axis: int) -> Value:
    if not equal(x, 0).any():
        later = flip(cumsum(flip(multiply(g, y), axis=axis), axis=axis), axis=axis)
        return divide(later, x)
    # Through a zero: every running product by itself, the factors that come later replaced by 1.
    ndim = len(x.shape)
    axis = normal_axis(axis, ndim)
    n = x.shape[axis]
    order = (*(a for a in range(ndim) if a != axis), axis)
    rows = transpose(x, axes=order)
    # (..., 1, n) and (..., n, 1): row i holds the factors of the i-th product
    spread = where(np.tri(n, dtype=bool), reshape(rows, shape=(*rows.shape[:-1], 1, n)), 1.0)
    each = reshape(transpose(g, axes=order), shape=(*rows.shape[:-1], n, 1))
    others = where(np.tri(n, dtype=bool), _others_product(spread, (ndim,)), 0.0)
    slopes = sum(multiply(each, others), axis=-2)
    return transpose(slopes, axes=tuple(int(a) for a in np.argsort(order)))


def _sum(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    x = np.asanyarray(x)
    if x.dtype.kind == "f":
        return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return np.asanyarray(np.sum(x, axis=axis, keepdims=keepdims))


sum: ReductionPrimitive = ReductionPrimitive(
    "sum",
    "Σ x",
    _sum,
    source="np.sum({0}, axis={axis}, keepdims={keepdims})",
    vjps=[_sum_vjp],
    numpy=[np.sum],
)
max: ReductionPrimitive = ReductionPrimitive(
    "max",
    "max x",
    np.max,
    source="np.max({0}, axis={axis}, keepdims={keepdims})",
    vjps=[_extremum_vjp],
    about="Equal largest entries share the gradient equally.",
    numpy=[np.max, np.amax],
)
min: ReductionPrimitive = ReductionPrimitive(
    "min",
    "min x",
    np.min,
    source="np.min({0}, axis={axis}, keepdims={keepdims})",
    vjps=[_extremum_vjp],
    about="Equal smallest entries share the gradient equally.",
    numpy=[np.min, np.amin],
)
prod: ReductionPrimitive = ReductionPrimitive(
    "prod",
    "Π x",
    np.prod,
    source="np.prod({0}, axis={axis}, keepdims={keepdims})",
    vjps=[_prod_vjp],
    about="The gradient is exact at zeros too: the product of all the other entries.",
    numpy=[np.prod],
)
logsumexp: ReductionPrimitive = ReductionPrimitive(
    "logsumexp",
    "ln Σ eˣ",
    reference.logsumexp,
    source="logsumexp({0}, axis={axis}, keepdims={keepdims})",
    vjps=[_logsumexp_vjp],
    about="Shifted by the largest entry, so that it never overflows.",
)
log_softmax: UnaryPrimitive = UnaryPrimitive(
    "log_softmax",
    "xᵢ − ln Σⱼ e^xⱼ",
    reference.log_softmax,
    source="log_softmax({0}, axis={axis})",
    vjps=[_log_softmax_vjp],
    about="Fused, because every classification loss takes it: one pass instead of five.",
)
cumsum: UnaryPrimitive = UnaryPrimitive(
    "cumsum",
    "yₙ = x₁ + … + xₙ",
    lambda x, *, axis: np.cumsum(x, axis=axis),
    source="np.cumsum({0}, axis={axis})",
    vjps=[lambda g, y, x, axis: flip(cumsum(flip(g, axis=axis), axis=axis), axis=axis)],
)
cumprod: UnaryPrimitive = UnaryPrimitive(
    "cumprod",
    "yₙ = x₁ · … · xₙ",
    lambda x, *, axis: np.cumprod(x, axis=axis),
    source="np.cumprod({0}, axis={axis})",
    vjps=[_cumprod_vjp],
    about="The gradient is exact at zeros too.",
)
