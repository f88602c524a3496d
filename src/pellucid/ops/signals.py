"""Convolutions of sequences, polynomials, interpolation, and products of vectors in space."""

from __future__ import annotations

import builtins
from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.ops.linear_algebra import numbers_of
from pellucid.ops.operands import meet, shape_of, typed
from pellucid.ops.products import matmul
from pellucid.ops.shape import moveaxis
from pellucid.primitives.declaration import Operand, Value

__all__ = ["convolve", "correlate", "cross", "interp", "kron", "polyval", "vander"]

Mode = Literal["full", "same", "valid"]


def _sequences(x: Value, y: Value, what: str) -> tuple[Value, Value]:
    x, y = typed([x, y])
    x, y = (p.reshape(v, shape=(1,)) if shape_of(v) == () else v for v in (x, y))
    if len(shape_of(x)) != 1 or len(shape_of(y)) != 1:
        raise ShapeError(f"{what} takes vectors, got shapes {shape_of(x)} and {shape_of(y)}")
    if not shape_of(x)[0] or not shape_of(y)[0]:
        raise ShapeError(f"{what} of an empty vector is not defined")
    return x, y


def _check_mode(mode: str, what: str) -> None:
    if mode not in ("full", "same", "valid"):
        raise ShapeError(f"{what} has the modes 'full', 'same' and 'valid', got {mode!r}")


def convolve(x: Operand, y: Operand, mode: Mode = "full") -> Any:
    """Convolution of two vectors, Σₘ x_m y_{n−m}.

    Raises
    ------
    ShapeError
        If they are not vectors, one is empty, or there is no such mode.
    """
    _check_mode(mode, "convolve")
    x, y = _sequences(x, y, "convolve")
    if shape_of(y)[0] > shape_of(x)[0]:
        x, y = y, x
    n, m = shape_of(x)[0], shape_of(y)[0]
    border = {"full": m - 1, "same": m // 2, "valid": 0}[mode]
    length = {"full": n + m - 1, "same": n, "valid": n - m + 1}[mode]
    after = length + m - 1 - n - border
    wide = p.pad(x, widths=((border, after),), value=0.0)
    # (length, m): the window of each result, met by y in reverse order
    windows = p.getitem(wide, index=np.arange(length)[:, None] + np.arange(m))
    return matmul(windows, p.flip(y, axis=0))


def correlate(x: Operand, y: Operand, mode: Mode = "valid") -> Any:
    """Cross-correlation of two vectors, Σₘ x_{n+m} y_m.

    Raises
    ------
    ShapeError
        If they are not vectors, one is empty, or there is no such mode.
    """
    _check_mode(mode, "correlate")
    x, y = _sequences(x, y, "correlate")
    if shape_of(y)[0] > shape_of(x)[0]:
        return p.flip(correlate(y, x, mode), axis=0)
    return convolve(x, p.flip(y, axis=0), mode)


def cross(x: Operand, y: Operand, axisa: int = -1, axisb: int = -1, axisc: int = -1) -> Any:
    """Cross product of vectors in space, which lie along `axisa`, `axisb` and `axisc`.

    Raises
    ------
    ShapeError
        If the vectors have not three entries.
    """
    x, y = meet(x, y)
    x, y = moveaxis(x, axisa, -1), moveaxis(y, axisb, -1)
    if shape_of(x)[-1:] != (3,) or shape_of(y)[-1:] != (3,):
        raise ShapeError(
            f"the cross product takes vectors of three entries, got {shape_of(x)} and "
            f"{shape_of(y)}; of two entries, write x[0] * y[1] - x[1] * y[0]"
        )
    first, second = np.array([1, 2, 0]), np.array([2, 0, 1])

    def pick(v: Value, order: Any) -> Value:
        return p.getitem(v, index=(Ellipsis, order))

    product = p.subtract(
        p.multiply(pick(x, first), pick(y, second)), p.multiply(pick(x, second), pick(y, first))
    )
    return moveaxis(product, -1, axisc)


def kron(x: Operand, y: Operand) -> Any:
    """Kronecker product: `y` times each entry of `x`, in blocks."""
    x, y = typed([x, y])
    rank = builtins.max(len(shape_of(x)), len(shape_of(y)))
    left, right = ((1,) * (rank - len(shape_of(v))) + tuple(shape_of(v)) for v in (x, y))
    spread = p.multiply(
        p.reshape(x, shape=tuple(n for a in left for n in (a, 1))),
        p.reshape(y, shape=tuple(n for b in right for n in (1, b))),
    )
    return p.reshape(spread, shape=tuple(a * b for a, b in zip(left, right, strict=True)))


def polyval(coefficients: Operand, x: Operand) -> Any:
    """Polynomial with the given coefficients, highest power first, by Horner's rule."""
    coefficients, x = typed([coefficients, x])
    if len(shape_of(coefficients)) != 1:
        raise ShapeError(f"polyval takes a vector of coefficients, got {shape_of(coefficients)}")
    total = p.multiply(x, 0.0)
    for i in range(shape_of(coefficients)[0]):
        total = p.add(p.multiply(total, x), p.getitem(coefficients, index=i))
    return total


def vander(x: Operand, N: int | None = None, increasing: bool = False) -> Any:
    """Vandermonde matrix: the powers of each entry of a vector, highest first."""
    if len(shape_of(x)) != 1:
        raise ShapeError(f"vander takes a vector, got shape {shape_of(x)}")
    n = shape_of(x)[0] if N is None else N
    powers = np.arange(n) if increasing else np.arange(n)[::-1].copy()
    return p.power(p.reshape(x, shape=(-1, 1)), powers)


def interp(x: Operand, xp: Operand, fp: Operand, left: Any = None, right: Any = None) -> Any:
    """Piecewise linear function through the points (`xp`, `fp`), at `x`.

    Beyond the ends it is constant, `left` and `right` or the outermost `fp`. At a knot the slope by
    `x` is that of the piece on its right.

    Parameters
    ----------
    x : array or Tensor
    xp : vector
        Rising.
    fp : vector
        Of the same length.
    left, right : number, optional

    Raises
    ------
    ShapeError
        If `xp` and `fp` are not vectors of one length, or `xp` does not rise.
    """
    x, xp, fp = typed([x, xp, fp])
    if len(shape_of(xp)) != 1 or shape_of(xp) != shape_of(fp) or not shape_of(xp)[0]:
        raise ShapeError(
            f"interp takes points as two vectors of one length, got {shape_of(xp)} and "
            f"{shape_of(fp)}"
        )
    knots = numbers_of(xp)
    if (np.diff(knots) <= 0).any():
        raise ShapeError("interp needs points in rising order of xp; sort them first")
    n = len(knots)
    below, above = p.less(x, p.getitem(xp, index=0)), p.greater(x, p.getitem(xp, index=n - 1))
    if n == 1:
        inside = p.add(p.multiply(x, 0.0), p.getitem(fp, index=0))
    else:
        i = np.clip(np.searchsorted(knots, numbers_of(x), side="right") - 1, 0, n - 2)
        start, stop = p.getitem(xp, index=i), p.getitem(xp, index=i + 1)
        low, high = p.getitem(fp, index=i), p.getitem(fp, index=i + 1)
        rate = p.divide(p.subtract(high, low), p.subtract(stop, start))
        inside = p.add(low, p.multiply(rate, p.subtract(x, start)))
    first = p.getitem(fp, index=0) if left is None else left
    last = p.getitem(fp, index=n - 1) if right is None else right
    # NumPy takes the last point itself exactly, where the line through it may round.
    return p.where(below, first, p.where(above, last, inside))
