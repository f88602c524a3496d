"""Scores with a class axis, (N, C, …), seen as rows (M, C) with one label and one weight each."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.losses.reduction import reduce, sample_weights
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["class_axis_last", "fold_rows", "picked", "row_weights", "times"]


def class_axis_last(x: Value) -> Value:
    """Return (N, C, …) as rows (N·…, C); (N, C) is returned as it is."""
    shape = x.shape
    if len(shape) == 2:
        return x
    last = p.transpose(x, axes=(0, *range(2, len(shape)), 1))  # (N, C, …) -> (N, …, C)
    return p.reshape(last, shape=(-1, shape[1]))  # (N, …, C) -> (N·…, C)


def picked(rows: Tensor, labels: Array) -> Tensor:
    """Return the entry of each row (M, C) at its label."""
    return p.getitem(rows, index=(np.arange(len(labels)), labels))


def times(a: Array | None, b: Array | None) -> Array | None:
    """Multiply weights, where None stands for ones."""
    if a is None or b is None:
        return b if a is None else a
    product: Array = a * b
    return product


def row_weights(
    loss: str,
    sample_weight: Any,
    outer: tuple[int, ...],
    dtype: np.dtype[Any],
    keep: Array | None = None,
) -> Array | None:
    """Return the weight of each row, (M,): that of its sample, and 0 if it is not kept."""
    weights = sample_weights(loss, sample_weight, outer, dtype)
    if weights is not None:
        weights = np.broadcast_to(weights, outer).reshape(-1)
    return times(weights, None if keep is None else keep.astype(dtype))


def fold_rows(
    loss: str,
    losses: Tensor,
    outer: tuple[int, ...],
    reduction: str,
    weights: Array | None,
    total: float | None = None,
    scale: float = 1.0,
) -> Tensor:
    """Fold one loss per row; unreduced, they get the shape `outer` (N, …) back."""
    result = reduce(loss, losses, reduction, weights, total=total, scale=scale)
    if reduction == "none" and len(outer) != 1:
        return p.reshape(result, shape=outer)
    return result
