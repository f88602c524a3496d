"""NumPy's reductions with all the options that NumPy gives them.

``where=`` leaves entries out: the neutral element stands in their place. ``initial=`` joins one
more number. ``dtype=`` is the floating-point type that is computed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import float_dtype
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.ops.operands import shape_of
from pellucid.ops.reductions import safe_root
from pellucid.primitives.declaration import Axis, Value
from pellucid.primitives.reductions import normal_axes

__all__ = ["FUNCTIONS", "maximum", "mean", "minimum", "product", "std", "total", "var"]


def _in_type(a: Value, dtype: Any) -> Value:
    return a if dtype is None else p.cast(a, dtype=float_dtype(dtype))


def _kept(a: Value, where: Any, neutral: Any) -> Value:
    """Return `a` with the neutral element wherever `where` does not hold."""
    return a if where is True else p.where(np.asarray(where, bool), a, neutral)


def total(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Value:
    """Record ``np.sum``."""
    found = p.sum(_kept(_in_type(a, dtype), where, 0.0), axis=axis, keepdims=keepdims)
    return found if initial is None else p.add(found, initial)


def product(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Value:
    """Record ``np.prod``."""
    found = p.prod(_kept(_in_type(a, dtype), where, 1.0), axis=axis, keepdims=keepdims)
    return found if initial is None else p.multiply(found, initial)


def _extremum(name: str, fold: Any, join: Callable[[Any, Any], Any]) -> Callable[..., Value]:
    def extremum(
        a: Value,
        axis: Axis = None,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Value:
        a = _in_type(a, dtype)
        if initial is None:
            if where is not True:
                raise UnsupportedError(
                    f"np.{name} with where= needs initial=, the answer where nothing is left"
                )
            return fold(a, axis=axis, keepdims=keepdims)
        if not math.prod(shape_of(a)):
            raise ShapeError(f"np.{name} of no values: the shape is {shape_of(a)}")
        return join(fold(_kept(a, where, initial), axis=axis, keepdims=keepdims), initial)

    extremum.__name__ = name
    extremum.__doc__ = f"Record ``np.{name}``."
    return extremum


maximum = _extremum("max", p.max, ops.maximum)
minimum = _extremum("min", p.min, ops.minimum)


def _count(a: Value, axis: Axis, where: Any) -> Any:
    """Return how many entries are left along `axis`, with the folded axes kept."""
    shape = shape_of(a)
    left = np.broadcast_to(np.asarray(where, bool), shape)
    return np.sum(left, axis=normal_axes(axis, len(shape)), keepdims=True)


def mean(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Any = True,
) -> Value:
    """Record ``np.mean``."""
    a = _in_type(a, dtype)
    if where is True:
        return ops.mean(a, axis, keepdims)
    left = _count(a, axis, where)
    if not np.all(left):
        raise ShapeError("mean of no values: where= leaves none of them")
    average = p.divide(total(a, axis, keepdims=True, where=where), left)
    return _without_axes(average, axis, keepdims)


def _without_axes(x: Value, axis: Axis, keepdims: bool) -> Value:
    return x if keepdims else ops.squeeze(x, normal_axes(axis, len(shape_of(x))))


def var(
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: int = 0,
    correction: int | None = None,
    keepdims: bool = False,
    where: Any = True,
) -> Value:
    """Record ``np.var``."""
    if correction is not None and ddof != 0:
        raise UnsupportedError(
            "np.var on a Tensor does not take both ddof= and correction=: they are the same"
        )
    a, ddof = _in_type(a, dtype), ddof if correction is None else correction
    if where is True:
        return ops.var(a, axis, ddof, keepdims)
    left = _count(a, axis, where) - ddof
    if np.any(left <= 0):
        raise ShapeError(f"variance of {np.min(left) + ddof} values with ddof={ddof} is undefined")
    squares = p.square(p.subtract(a, mean(a, axis, keepdims=True, where=where)))
    spread = p.divide(total(squares, axis, keepdims=True, where=where), left)
    return _without_axes(spread, axis, keepdims)


def std(a: Value, axis: Axis = None, dtype: Any = None, **options: Any) -> Value:
    """Record ``np.std``; its gradient is 0 where all values are equal."""
    if set(options) <= {"ddof", "keepdims"}:
        return ops.std(_in_type(a, dtype), axis, **options)
    return safe_root(var(a, axis, dtype, **options))


FUNCTIONS: dict[Callable[..., Any], Callable[..., Value]] = {
    np.sum: total,
    np.prod: product,
    np.max: maximum,
    np.amax: maximum,
    np.min: minimum,
    np.amin: minimum,
    np.mean: mean,
    np.var: var,
    np.std: std,
}
"""NumPy's reductions, and what records them."""
