"""Composites that treat each entry by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import as_array, refuse_no_numbers
from pellucid.errors import UnsupportedError
from pellucid.ops.operands import composite
from pellucid.primitives.declaration import ArrayLike, Operand, Recorded, Value

__all__ = ["arctanh", "clip", "cosh", "maximum", "minimum", "sinh", "tan", "where"]


def _is_constant(x: Value) -> bool:
    return not (isinstance(x, Recorded) and x.requires_grad)


def _tie_share(x: Value, y: Value) -> float:
    return 0.0 if _is_constant(x) or _is_constant(y) else 0.5


def maximum(x: Operand, y: Operand) -> Any:
    """Elementwise maximum of `x` and `y`, broadcast against each other.

    max(x, y)

    Where two differentiated tensors tie, each receives half of the gradient. A tie with a constant
    belongs to the constant: ``maximum(0, z)`` is the ReLU, with slope 0 at 0.
    """
    return p.maximum(x, y, tie_share=_tie_share(x, y))


def minimum(x: Operand, y: Operand) -> Any:
    """Elementwise minimum of `x` and `y`, broadcast against each other.

    min(x, y)

    Ties are handled as in :func:`maximum`.
    """
    return p.minimum(x, y, tie_share=_tie_share(x, y))


def where(condition: Operand, x: Operand, y: Operand) -> Any:
    """Entries of `x` where `condition` holds, entries of `y` elsewhere, broadcast together."""
    return p.where(condition, x, y)


@composite
def clip(x: Operand, low: ArrayLike | None = None, high: ArrayLike | None = None) -> Value:
    """Limit the entries of `x` to the range from `low` to `high`, which are constants.

    min(max(x, low), high); the gradient passes where low ≤ x ≤ high, the limits included.
    """
    if isinstance(low, Recorded) or isinstance(high, Recorded):
        raise UnsupportedError(
            "the limits of clip are constants without a gradient; for limits that are Tensors use "
            "maximum(low, minimum(x, high)), or pass their numbers low.data"
        )
    if low is None and high is None:
        return p.identity(x)
    # A NumPy scalar has no type of its own (dtypes.py): it must not widen x.
    low, high = (v.item() if isinstance(v, np.generic) else v for v in (low, high))
    for limit in (low, high):
        if limit is not None:
            refuse_no_numbers("clip", np.asarray(limit).dtype)
    if isinstance(x, Recorded):
        low, high = (_limit(v, x.data.dtype) for v in (low, high))
    return p.clip(x, low=low, high=high)


def _limit(limit: ArrayLike | None, dtype: np.dtype[Any]) -> ArrayLike | None:
    """Return a limit of a Tensor's entries; whole numbers take the type of its floats."""
    if limit is None or isinstance(limit, (bool, int, float)):
        return limit
    array = as_array(limit)
    return array.astype(dtype) if dtype.kind == "f" and array.dtype.kind in "iub" else array


@composite
def tan(x: Operand) -> Value:
    """Tangent, sin x / cos x."""
    return p.divide(p.sin(x), p.cos(x))


@composite
def sinh(x: Operand) -> Value:
    """Hyperbolic sine, (eˣ − e⁻ˣ) / 2, accurate near 0."""
    return p.multiply(p.subtract(p.expm1(x), p.expm1(p.negative(x))), 0.5)


@composite
def cosh(x: Operand) -> Value:
    """Hyperbolic cosine, (eˣ + e⁻ˣ) / 2."""
    return p.multiply(p.add(p.exp(x), p.exp(p.negative(x))), 0.5)


@composite
def arctanh(x: Operand) -> Value:
    """Inverse hyperbolic tangent, (ln(1 + x) − ln(1 − x)) / 2."""
    return p.multiply(p.subtract(p.log1p(x), p.log1p(p.negative(x))), 0.5)
