"""Differences of neighbours, slopes and areas of sampled functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import ShapeError
from pellucid.ops.linear_algebra import numbers_of
from pellucid.ops.operands import composite, shape_of, typed
from pellucid.ops.shape import flatten
from pellucid.primitives.declaration import Axis, Operand, Value
from pellucid.primitives.reductions import normal_axes, normal_axis

__all__ = ["diff", "ediff1d", "gradient", "trapezoid"]


def block(x: Value, axis: int, start: int | None, stop: int | None = None) -> Value:
    """Entries from `start` to `stop` along one axis."""
    return p.getitem(x, index=(slice(None),) * axis + (slice(start, stop),))


@composite
def diff(
    x: Operand,
    n: int = 1,
    axis: int = -1,
    prepend: Operand | None = None,
    append: Operand | None = None,
) -> Value:
    """Differences of neighbours along `axis`, xᵢ₊₁ − xᵢ, taken `n` times."""
    if n < 0:
        raise ShapeError(f"diff is taken n ≥ 0 times, got {n}")
    shape = shape_of(x)
    if not shape:
        raise ShapeError("diff needs an array of one axis at least, got a single number")
    axis = normal_axis(axis, len(shape))
    if n == 0:
        return p.identity(x)
    parts = typed([part for part in (prepend, x, append) if part is not None])
    if len(parts) > 1:
        one = (*shape[:axis], 1, *shape[axis + 1 :])
        x = p.concatenate(
            *(part if shape_of(part) else p.broadcast_to(part, shape=one) for part in parts),
            axis=axis,
        )
    for _ in range(n):
        x = p.subtract(block(x, axis, 1), block(x, axis, None, -1))
    return x


@composite
def ediff1d(x: Operand, to_end: Any = None, to_begin: Any = None) -> Value:
    """Differences of neighbours of the flattened array, with values put at the ends."""
    differences = diff(flatten(x))
    parts = typed([part for part in (to_begin, differences, to_end) if part is not None])
    if len(parts) == 1:
        return differences
    return p.concatenate(*(flatten(part) for part in parts), axis=0)


@composite
def trapezoid(y: Operand, x: Operand | None = None, dx: float = 1.0, axis: int = -1) -> Value:
    """Area below a sampled function by the trapezoidal rule, Σ (xᵢ₊₁ − xᵢ)(yᵢ + yᵢ₊₁)/2."""
    axis = normal_axis(axis, len(shape_of(y)))
    rank = len(shape_of(y))
    step: Any = dx
    if x is not None:
        step = diff(x, 1, -1 if len(shape_of(x)) == 1 else axis)
        if len(shape_of(x)) == 1:
            step = p.reshape(step, shape=(-1,) + (1,) * (rank - axis - 1))
    heights = p.add(block(y, axis, 1), block(y, axis, None, -1))
    return p.sum(p.multiply(p.multiply(step, heights), 0.5), axis=axis)


def gradient(f: Operand, *spacing: Any, axis: Axis = None, edge_order: int = 1) -> Any:
    """Slopes of a sampled function: central differences inside, one-sided ones at the ends.

    Parameters
    ----------
    f : array or Tensor
        The samples.
    *spacing : number or vector
        One step for all axes, or a step or the coordinates for each axis. Constants.
    axis : int, tuple or None
    edge_order : {1, 2}

    Returns
    -------
    slopes : array or Tensor, or a tuple of them
        One for each axis, as ``np.gradient`` does.

    Raises
    ------
    ShapeError
        If an axis is too short, or the spacings do not fit.
    """
    shape = shape_of(f)
    axes = normal_axes(axis, len(shape))
    steps = [numbers_of(s) for s in spacing]
    if len(steps) <= 1 and all(s.ndim == 0 for s in steps):
        steps = (steps or [np.asarray(1.0)]) * len(axes)
    if len(steps) != len(axes):
        raise ShapeError(f"gradient along {len(axes)} axes with {len(steps)} spacings")
    dtype = numbers_of(f).dtype
    slopes = []
    for a, step in zip(axes, steps, strict=True):
        if shape[a] < edge_order + 1:
            raise ShapeError(
                f"gradient needs {edge_order + 1} samples along axis {a}, got {shape[a]}"
            )
        if step.ndim and step.shape != (shape[a],):
            raise ShapeError(f"axis {a} has {shape[a]} samples and coordinates {step.shape}")
        slopes.append(_slope(f, step, a, edge_order, dtype))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(f: Value, step: Array, axis: int, edge_order: int, dtype: Any) -> Value:
    n, rank = shape_of(f)[axis], len(shape_of(f))
    gaps = np.diff(step) if step.ndim else np.full(n - 1, float(step))

    def column(values: Array) -> Array:
        return values.reshape((-1,) + (1,) * (rank - axis - 1)).astype(dtype)

    before, after = gaps[:-1], gaps[1:]
    inside = [
        (-after / (before * (before + after)), None, -2),
        ((after - before) / (before * after), 1, -1),
        (before / (after * (before + after)), 2, None),
    ]
    parts = [_combined([(column(w), block(f, axis, i, j)) for w, i, j in inside])]
    if edge_order == 1:
        first, last = [-1 / gaps[0], 1 / gaps[0]], [-1 / gaps[-1], 1 / gaps[-1]]
    else:
        (a, b), (c, d) = gaps[:2], gaps[-2:]
        first = [-(2 * a + b) / (a * (a + b)), (a + b) / (a * b), -a / (b * (a + b))]
        last = [d / (c * (c + d)), -(c + d) / (c * d), (2 * d + c) / (d * (c + d))]
    for k, weights in ((0, first), (len(parts) + 1, last)):
        start = 0 if k == 0 else n - len(weights)
        edge = [
            (np.asarray(w, dtype), block(f, axis, start + i, start + i + 1))
            for i, w in enumerate(weights)
        ]
        parts.insert(k, _combined(edge))
    return p.concatenate(*parts, axis=axis)


def _combined(terms: Sequence[tuple[Array, Value]]) -> Value:
    weight, value = terms[0]
    total = p.multiply(weight, value)
    for weight, value in terms[1:]:
        total = p.add(total, p.multiply(weight, value))
    return total
