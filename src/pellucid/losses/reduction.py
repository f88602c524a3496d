"""From one loss per entry to one number: reductions and weights, in exactly one place.

With weights w, the mean is the weighted one, Σ w·ℓ / Σ w: a weight of 2 counts as if the sample
were there twice. The sum is Σ w·ℓ, and ``"none"`` gives w·ℓ. If all weights are 0 there is nothing
to learn from, and mean and gradient are 0.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.losses.checks import constants
from pellucid.losses.fused import weighted_sum
from pellucid.primitives import shares
from pellucid.tensor import Tensor

__all__ = ["Reduction", "factor", "reduce", "sample_weights"]

Reduction: TypeAlias = Literal["none", "mean", "sum"]

_REDUCTIONS = ("none", "mean", "sum")


def sample_weights(loss: str, weights: Any, shape: tuple[int, ...], dtype: Any) -> Array | None:
    """Return weights that broadcast against losses of `shape`: one per sample, or one per entry.

    Raises
    ------
    ShapeError
        If their shape is neither (N,) nor `shape`.
    DataError
        If a weight is negative or not finite.
    """
    if weights is None:
        return None
    data = constants(loss, "sample_weight", weights)
    if data.shape != shape and data.shape != shape[:1]:
        allowed = str(shape[:1]) if len(shape) < 2 else f"{shape[:1]} or {shape}"
        raise ShapeError(
            f"{loss}: sample_weight has shape {data.shape}; give one weight per sample: {allowed}"
        )
    if data.size and not (np.minimum.reduce(data, axis=None) >= 0 and np.isfinite(data).all()):
        raise DataError(f"{loss}: sample weights are finite numbers of at least 0")
    data = data.astype(dtype, copy=False)
    return data.reshape(data.shape + (1,) * (len(shape) - data.ndim))  # (N,) -> (N, 1, …)


def factor(
    loss: str,
    reduction: str,
    weights: Array | None,
    size: int,
    total: float | None = None,
) -> float | Array:
    """Return what the losses are multiplied with before they are summed.

    Parameters
    ----------
    loss : str
        Name for messages.
    reduction : {"none", "mean", "sum"}
    weights : array or None
        Broadcastable to the losses.
    size : int
        Number of losses.
    total : float, optional
        What the mean divides by, if it is not the sum of the weights.

    Raises
    ------
    UnknownNameError
        If the reduction is none of the three.
    ShapeError
        If the mean of no losses is asked for.
    """
    if reduction == "mean":
        if size == 0:
            raise ShapeError(f"{loss}: the batch is empty, and there is no mean of nothing")
        if total is None:
            if weights is None:
                return shares.share(size)
            total = float(np.add.reduce(weights, axis=None)) * (size / weights.size)
        if total == 0.0:
            return 0.0
        return shares.share(total) if weights is None else shares.weighted_shares(weights, total)
    if reduction not in _REDUCTIONS:
        raise UnknownNameError("reduction", str(reduction), _REDUCTIONS)
    return 1.0 if weights is None else weights


def reduce(
    loss: str,
    losses: Tensor,
    reduction: str,
    weights: Array | None = None,
    *,
    total: float | None = None,
    scale: float = 1.0,
) -> Tensor:
    """Fold `losses`, multiplied by `scale`, as :func:`factor` says."""
    each = factor(loss, reduction, weights, losses.data.size, total)
    if scale != 1.0:
        each = each * scale
    if reduction == "none":
        return losses if isinstance(each, float) and each == 1.0 else p.multiply(losses, each)
    folded: Tensor = weighted_sum(losses, each)
    return folded
