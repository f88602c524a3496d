"""Order statistics, statistics that leave NaN out, and covariances."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.ops.indexing import take
from pellucid.ops.linear_algebra import numbers_of
from pellucid.ops.operands import composite, shape_of, typed
from pellucid.ops.reductions import safe_root, sort
from pellucid.ops.shape import flatten, moveaxis, swapaxes
from pellucid.primitives.declaration import Axis, Operand, Value
from pellucid.primitives.reductions import normal_axes

__all__ = [
    "corrcoef",
    "cov",
    "cumprod",
    "median",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
    "ptp",
    "quantile",
]


@composite
def cumprod(x: Operand, axis: int | None = None) -> Value:
    """Running product along `axis`; None runs over all entries in order."""
    if axis is None:
        return p.cumprod(flatten(x), axis=0)
    return p.cumprod(x, axis=axis)


@composite
def ptp(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Range of the values, max x − min x."""
    return p.subtract(
        p.max(x, axis=axis, keepdims=keepdims), p.min(x, axis=axis, keepdims=keepdims)
    )


QuantileMethod = Literal["linear", "lower", "higher", "nearest", "midpoint"]


def _places(q: Array, n: int, method: str) -> tuple[Array, Array, Array]:
    """The two neighbours of each quantile in n sorted values, and how far between them it lies."""
    place = q * (n - 1)
    low, high = np.floor(place), np.ceil(place)
    between = {
        "linear": place - low,
        "lower": np.zeros_like(place),
        "higher": np.ones_like(place),
        "nearest": np.rint(place) - low,
        "midpoint": np.where(low == high, 0.0, 0.5),
    }[method]
    return low.astype(np.intp), high.astype(np.intp), between


@composite
def quantile(
    x: Operand,
    q: Any,
    axis: Axis = None,
    method: QuantileMethod = "linear",
    keepdims: bool = False,
) -> Value:
    """Quantiles over `axis` (all axes by default), interpolated between neighbours.

    (1 − t) x₍ᵢ₎ + t x₍ᵢ₊₁₎ of the sorted values, with i + t = q (n − 1), i whole and t < 1.
    The neighbours share the gradient in these parts.

    Parameters
    ----------
    x : array or Tensor
    q : number or array of numbers from 0 to 1
        Constant.
    axis : int, tuple or None
    method : {"linear", "lower", "higher", "nearest", "midpoint"}
    keepdims : bool

    Raises
    ------
    ShapeError
        If there are no values, or `q` is not between 0 and 1.
    UnsupportedError
        For another method.
    """
    if method not in get_args(QuantileMethod):
        raise UnsupportedError(
            f"quantile by the method '{method}' is not recorded for differentiation; use one of "
            + ", ".join(f"'{m}'" for m in get_args(QuantileMethod))
        )
    wanted = np.asarray(numbers_of(q), dtype=np.float64)
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise ShapeError(f"quantiles lie between 0 and 1 (percentiles: 0 and 100), got {q!r}")
    shape = shape_of(x)
    axes = normal_axes(axis, len(shape))
    n = math.prod(shape[a] for a in axes)
    if n == 0:
        raise ShapeError(f"quantile of no values: the shape is {shape}, the axis {axis}")
    kept = tuple(a for a in range(len(shape)) if a not in axes)
    rows = p.reshape(p.transpose(x, axes=(*kept, *axes)), shape=(*(shape[a] for a in kept), n))
    rows = sort(rows)
    low, high, between = _places(wanted.reshape(-1), n, method)
    between = between.astype(numbers_of(rows).dtype)
    lower, higher = take(rows, low, -1), take(rows, high, -1)
    found = p.add(lower, p.multiply(between, p.subtract(higher, lower)))
    # NaN is sorted to the end, and belongs to every quantile.
    last = take(rows, [n - 1], -1)
    found = p.where(p.isnan(last), last, found)
    found = moveaxis(found, -1, 0)
    rest = tuple(1 if a in axes else m for a, m in enumerate(shape)) if keepdims else None
    return p.reshape(found, shape=(*wanted.shape, *(rest or tuple(shape[a] for a in kept))))


@composite
def median(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Middle value over `axis`; of an even number of values the mean of the two in the middle."""
    return quantile(x, 0.5, axis, "linear", keepdims)


# --- without NaN ----------------------------------------------------------------------------------


def _filled(x: Value, value: float) -> Value:
    return p.where(p.isnan(x), value, x)


def _counts(x: Value, axis: Axis, keepdims: bool) -> Array:
    there = p.logical_not(p.isnan(x))
    axes = normal_axes(axis, len(shape_of(x)))
    counts: Array = np.sum(there, axis=axes, keepdims=keepdims)
    return counts


def _nan_where(empty: Array, x: Value) -> Value:
    return p.where(empty, math.nan, x) if np.any(empty) else x


@composite
def nansum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Sum over `axis` of what is not NaN."""
    return p.sum(_filled(x, 0.0), axis=axis, keepdims=keepdims)


@composite
def nanprod(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Product over `axis` of what is not NaN."""
    return p.prod(_filled(x, 1.0), axis=axis, keepdims=keepdims)


@composite
def nancumsum(x: Operand, axis: int | None = None) -> Value:
    """Running sum along `axis`, NaN counting as 0; None runs over all entries in order."""
    x = _filled(x, 0.0)
    return p.cumsum(flatten(x), axis=0) if axis is None else p.cumsum(x, axis=axis)


@composite
def nancumprod(x: Operand, axis: int | None = None) -> Value:
    """Running product along `axis`, NaN counting as 1; None runs over all entries in order."""
    return cumprod(_filled(x, 1.0), axis)


@composite
def nanmean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Mean over `axis` of what is not NaN; NaN where nothing is."""
    counts = _counts(x, axis, keepdims)
    total = nansum(x, axis, keepdims)
    dtype = numbers_of(x).dtype
    mean = p.divide(total, np.maximum(counts, 1).astype(dtype))
    return _nan_where(counts == 0, mean)


@composite
def nanvar(x: Operand, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Value:
    """Variance over `axis` of what is not NaN; NaN where there are not more than `ddof`."""
    missing = p.isnan(x)
    deviation = p.subtract(p.where(missing, 0.0, x), nanmean(x, axis, True))
    deviation = p.where(missing, 0.0, deviation)
    counts = _counts(x, axis, keepdims) - ddof
    total = p.sum(p.square(deviation), axis=axis, keepdims=keepdims)
    few = counts <= 0
    dtype = numbers_of(x).dtype
    return _nan_where(few, p.divide(total, np.where(few, 1, counts).astype(dtype)))


@composite
def nanstd(x: Operand, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Value:
    """Standard deviation over `axis` of what is not NaN; its slope is 0 where all are equal."""
    return safe_root(nanvar(x, axis, ddof, keepdims))


@composite
def nanmax(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Largest value over `axis` that is not NaN; NaN where nothing is."""
    found = p.max(_filled(x, -math.inf), axis=axis, keepdims=keepdims)
    return _nan_where(_counts(x, axis, keepdims) == 0, found)


@composite
def nanmin(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Smallest value over `axis` that is not NaN; NaN where nothing is."""
    found = p.min(_filled(x, math.inf), axis=axis, keepdims=keepdims)
    return _nan_where(_counts(x, axis, keepdims) == 0, found)


# --- covariances ----------------------------------------------------------------------------------


def _variables(x: Value, rowvar: bool) -> Value:
    shape = shape_of(x)
    if len(shape) > 2:
        raise ShapeError(f"covariances need a vector or a matrix of observations, got {shape}")
    if len(shape) < 2:
        return p.reshape(x, shape=(1, -1))
    return x if rowvar else swapaxes(x, 0, 1)


def cov(
    m: Operand,
    y: Operand | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
) -> Any:
    """Covariance matrix of variables, one in each row (in each column for ``rowvar=False``).

    (1/(n − ddof)) (M − M̄)(M − M̄)ᵀ

    Parameters
    ----------
    m, y : array or Tensor
        Observations, `y` being more variables.
    rowvar : bool
    bias : bool
        Divide by n instead of n − 1.
    ddof : int, optional
        Divide by n − ddof, whatever `bias` says.

    Raises
    ------
    ShapeError
        If there are more than two axes, or too few observations.
    """
    if y is None:
        rows = _variables(m, rowvar)
    else:
        m, y = typed([m, y])
        rows = p.concatenate(_variables(m, rowvar), _variables(y, rowvar), axis=0)
    n = shape_of(rows)[1]
    divisor = n - (ddof if ddof is not None else 0 if bias else 1)
    if divisor <= 0:
        raise ShapeError(
            f"the covariance of {n} observations divided by n − {n - divisor} is undefined; "
            "bias=True divides by n"
        )
    mean = p.multiply(p.sum(rows, axis=1, keepdims=True), 1.0 / n)
    deviation = p.subtract(rows, mean)
    products = p.matmul(deviation, swapaxes(deviation, 0, 1))
    return _without_unit_axes(p.multiply(products, 1.0 / divisor))


def _without_unit_axes(x: Value) -> Value:
    return p.reshape(x, shape=tuple(n for n in shape_of(x) if n != 1))


def corrcoef(x: Operand, y: Operand | None = None, rowvar: bool = True) -> Any:
    """Correlation coefficients of Pearson: covariances over the product of standard deviations.

    Raises
    ------
    ShapeError
        If there are more than two axes, or too few observations.
    """
    covariance = cov(x, y, rowvar)
    if not shape_of(covariance):
        return p.divide(covariance, covariance)
    n = shape_of(covariance)[0]
    places = np.arange(n)
    deviations = p.sqrt(p.getitem(covariance, index=(places, places)))
    rows = p.divide(covariance, p.reshape(deviations, shape=(n, 1)))
    return p.clip(p.divide(rows, deviations), low=-1, high=1)  # rounding may pass ±1
