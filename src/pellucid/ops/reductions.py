"""Composites that fold axes away: means, spreads, norms, the softmax."""

from __future__ import annotations

import math
from typing import Literal

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.ops.indexing import take_along_axis
from pellucid.ops.operands import composite, meet, shape_of
from pellucid.ops.shape import flatten
from pellucid.primitives import shares
from pellucid.primitives.declaration import Axis, Operand, Value
from pellucid.primitives.reductions import normal_axes, normal_axis

__all__ = ["average", "cumsum", "mean", "norm", "softmax", "sort", "std", "var"]


def _count(x: Value, axis: Axis) -> int:
    shape = shape_of(x)
    return math.prod(shape[a] for a in normal_axes(axis, len(shape)))


@composite
def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Arithmetic mean over `axis` (all axes by default).

    (1/n) Σ x

    Raises
    ------
    ShapeError
        If there is nothing to average.
    """
    n = _count(x, axis)
    if n == 0:
        raise ShapeError(f"mean of no values: the shape is {shape_of(x)}, the axis {axis}")
    return p.multiply(p.sum(x, axis=axis, keepdims=keepdims), shares.share(n))


@composite
def var(x: Operand, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Value:
    """Variance over `axis`: (1/(n − ddof)) Σ (x − x̄)²."""
    n = _count(x, axis) - ddof
    if n <= 0:
        raise ShapeError(
            f"variance of {n + ddof} values with ddof={ddof} is undefined; the shape is "
            f"{shape_of(x)}"
        )
    deviation = p.subtract(x, mean(x, axis, True))
    squares = p.sum(p.square(deviation), axis=axis, keepdims=keepdims)
    return p.multiply(squares, shares.share(n))


def safe_root(squares: Value) -> Value:
    """√x with slope 0 at 0: the root never sees the zero, so the slope +∞ never arises."""
    zero = p.equal(squares, 0)
    return p.where(zero, 0.0, p.sqrt(p.where(zero, 1.0, squares)))


@composite
def std(x: Operand, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Value:
    """Standard deviation over `axis`, √var; its gradient is 0 where all values are equal."""
    return safe_root(var(x, axis, ddof, keepdims))


@composite
def average(x: Operand, axis: Axis = None, weights: Operand | None = None) -> Value:
    """Weighted mean, Σ w x / Σ w; a vector of weights runs along `axis`."""
    if weights is None:
        return mean(x, axis)
    x, weights = meet(x, weights)
    shape, given = shape_of(x), shape_of(weights)
    if given != shape:
        if len(given) != 1 or not isinstance(axis, int):
            raise ShapeError(
                f"average of shape {shape} with weights of shape {given}: give weights of the same "
                "shape, or a vector of them and the axis along which they run"
            )
        axis = normal_axis(axis, len(shape))
        if given[0] != shape[axis]:
            raise ShapeError(
                f"average along axis {axis} of length {shape[axis]} with {given[0]} weights"
            )
        weights = p.reshape(weights, shape=(-1,) + (1,) * (len(shape) - axis - 1))
    weighted = p.sum(p.multiply(x, weights), axis=axis)
    total = p.sum(p.add(p.multiply(x, 0.0), weights), axis=axis)
    return p.divide(weighted, total)


@composite
def norm(
    x: Operand,
    ord: float | Literal["fro"] | None = None,
    axis: Axis = None,
    keepdims: bool = False,
) -> Value:
    """Norm of the entries along `axis`: (Σ |x|ᵖ)^(1/p), with p = `ord`, by default 2.

    At the zero vector the gradient is 0, one of the subgradients there.

    Parameters
    ----------
    x : array or Tensor
    ord : float, ``"fro"`` or None
        2, None or "fro": √Σ x²; 1: Σ |x|; ∞ and −∞: largest and smallest |x|; 0: number of entries
        that are not zero; any other p > 0: (Σ |x|ᵖ)^(1/p). Unlike NumPy, the entries of a matrix
        are always taken as one long vector: for the spectral norm use its singular values.
    axis : int, tuple or None
    keepdims : bool
    """
    if ord is None or ord == "fro" or ord == 2:
        return safe_root(p.sum(p.square(x), axis=axis, keepdims=keepdims))
    size = p.absolute(x)
    if ord == 1:
        return p.sum(size, axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return p.max(size, axis=axis, keepdims=keepdims)
    if ord == -math.inf:
        return p.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return p.sum(p.absolute(p.sign(x)), axis=axis, keepdims=keepdims)
    if not isinstance(ord, (int, float)) or ord < 0:
        raise ShapeError(f"norm of order {ord!r} is not supported; use 0, 1, 2, p > 0, ±inf")
    zero = p.equal(size, 0)
    powers = p.where(zero, 0.0, p.power(p.where(zero, 1.0, size), ord))
    total = p.sum(powers, axis=axis, keepdims=keepdims)
    empty = p.equal(total, 0)
    return p.where(empty, 0.0, p.power(p.where(empty, 1.0, total), 1.0 / ord))


@composite
def cumsum(x: Operand, axis: int | None = None) -> Value:
    """Running sum along `axis`; None runs over all entries in order."""
    if axis is None:
        return p.cumsum(p.reshape(x, shape=(-1,)), axis=0)
    return p.cumsum(x, axis=axis)


@composite
def softmax(x: Operand, axis: int = -1) -> Value:
    """Softmax over one axis, e^xᵢ / Σⱼ e^xⱼ, shifted by the largest entry against overflow.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return p.exp(p.log_softmax(x, axis=axis))


@composite
def sort(x: Operand, axis: int | None = -1) -> Value:
    """Entries in rising order along `axis` (None flattens); each keeps its own gradient."""
    if axis is None:
        x, axis = flatten(x), 0
    return take_along_axis(x, p.argsort(x, axis=axis), axis)
