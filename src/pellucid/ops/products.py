"""Products of vectors, matrices and tensors."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.ops.operands import composite, meet, shape_of
from pellucid.ops.shape import flatten
from pellucid.primitives.declaration import Operand, Value
from pellucid.primitives.linalg import explicit_subscripts
from pellucid.primitives.reductions import normal_axes

__all__ = ["dot", "einsum", "inner", "matmul", "outer", "tensordot", "trace", "vdot"]


def matmul(x: Operand, y: Operand) -> Any:
    """Matrix product of vectors, matrices, or batches of matrices, as NumPy's ``@``.

    Raises
    ------
    ShapeError
        If the inner sizes differ, or one side is a plain number.
    """
    x, y = meet(x, y)
    x_shape, y_shape = shape_of(x), shape_of(y)
    if not x_shape or not y_shape:
        raise ShapeError("the matrix product @ needs vectors or matrices; use * with a number")
    if x_shape[-1] != y_shape[-2 if len(y_shape) > 1 else 0]:
        raise ShapeError(
            f"cannot multiply {x_shape} @ {y_shape}: the inner sizes {x_shape[-1]} and "
            f"{y_shape[-2 if len(y_shape) > 1 else 0]} differ"
        )
    if len(x_shape) > 1 and len(y_shape) > 1:
        return p.matmul(x, y)
    left = x if len(x_shape) > 1 else p.reshape(x, shape=(1, *x_shape))
    right = y if len(y_shape) > 1 else p.reshape(y, shape=(*y_shape, 1))
    product = p.matmul(left, right)
    shape = shape_of(product)
    if len(x_shape) == 1:
        shape = (*shape[:-2], shape[-1])
    if len(y_shape) == 1:
        shape = shape[:-1]
    return p.reshape(product, shape=shape)


def dot(x: Operand, y: Operand) -> Any:
    """NumPy's dot: the matrix product for vectors and matrices, the plain product for numbers.

    With more than two axes, the last axis of `x` meets the second to last of `y`.
    """
    x_rank, y_rank = len(shape_of(x)), len(shape_of(y))
    if x_rank == 0 or y_rank == 0:
        return p.multiply(x, y)
    if x_rank <= 2 and y_rank <= 2:
        return matmul(x, y)
    return tensordot(x, y, axes=([x_rank - 1], [builtins.max(y_rank - 2, 0)]))


def inner(x: Operand, y: Operand) -> Any:
    """Sum of products over the last axis of both."""
    x_rank, y_rank = len(shape_of(x)), len(shape_of(y))
    if x_rank == 0 or y_rank == 0:
        return p.multiply(x, y)
    return tensordot(x, y, axes=([x_rank - 1], [y_rank - 1]))


def vdot(x: Operand, y: Operand) -> Any:
    """Sum of the products of all entries."""
    return matmul(flatten(x), flatten(y))


def outer(x: Operand, y: Operand) -> Any:
    """Outer product of all entries of `x` with all entries of `y`, xᵢ yⱼ: a matrix."""
    return p.multiply(p.reshape(x, shape=(-1, 1)), p.reshape(y, shape=(1, -1)))


def tensordot(x: Operand, y: Operand, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Any:
    """Sum of products over the given axes of `x` and of `y`, as NumPy's."""
    x, y = meet(x, y)
    x_rank, y_rank = len(shape_of(x)), len(shape_of(y))
    if isinstance(axes, int):
        x_axes = list(range(x_rank - axes, x_rank))
        y_axes = list(range(axes))
    else:
        x_axes, y_axes = (list(np.atleast_1d(a)) for a in axes)
    x_axes, y_axes = (
        list(normal_axes(tuple(x_axes), x_rank)),
        list(normal_axes(tuple(y_axes), y_rank)),
    )
    x_free = [a for a in range(x_rank) if a not in x_axes]
    y_free = [a for a in range(y_rank) if a not in y_axes]
    x_shape, y_shape = shape_of(x), shape_of(y)
    if [x_shape[a] for a in x_axes] != [y_shape[a] for a in y_axes]:
        raise ShapeError(
            f"tensordot of {x_shape} and {y_shape}: the axes {x_axes} of the first and {y_axes} of "
            "the second differ in length"
        )
    folded = math.prod(x_shape[a] for a in x_axes)
    left = p.reshape(
        p.transpose(x, axes=tuple(x_free + x_axes)),
        shape=(math.prod(x_shape[a] for a in x_free), folded),
    )
    right = p.reshape(
        p.transpose(y, axes=tuple(y_axes + y_free)),
        shape=(folded, math.prod(y_shape[a] for a in y_free)),
    )
    shape = tuple(x_shape[a] for a in x_free) + tuple(y_shape[a] for a in y_free)
    return p.reshape(p.matmul(left, right), shape=shape)


def einsum(subscripts: str, *operands: Operand) -> Any:
    """Einstein summation, as NumPy's, with ellipses and repeated letters.

    Examples
    --------
    >>> einsum("ij,jk->ik", np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 2.],
           [3., 4.]])
    """
    ranks = tuple(len(shape_of(x)) for x in operands)
    return p.einsum(*operands, subscripts=explicit_subscripts(subscripts, ranks))


@composite
def trace(x: Operand) -> Value:
    """Sum of the diagonal of a matrix: the entries whose first two indices are equal."""
    shape = shape_of(x)
    if len(shape) < 2:
        raise ShapeError(f"the trace needs a matrix, got shape {shape}")
    places = np.arange(builtins.min(shape[:2]))
    return p.sum(p.getitem(x, index=(places, places)), axis=0)
