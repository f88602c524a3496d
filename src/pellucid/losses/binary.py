"""Losses for yes or no: one number per question, from a logit or from a probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.losses.checks import (
    constants,
    float_tensor,
    like,
    numbers,
    warn_if_squashed,
    within,
)
from pellucid.losses.fused import bernoulli_loss, logistic_loss
from pellucid.losses.labels import class_weights
from pellucid.losses.reduction import Reduction, reduce, sample_weights
from pellucid.primitives.declaration import Primitive, Value
from pellucid.tensor import Tensor

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "binary_weights"]


def binary_weights(
    loss: str, targets: Value, class_weight: Any, sample_weight: Any, dtype: np.dtype[Any]
) -> Array | None:
    """Return the weight of each entry: w₀ (1 − y) + w₁ y, times the weight of its sample."""
    data = numbers(targets)
    weights = sample_weights(loss, sample_weight, data.shape, dtype)
    if class_weight is None:
        return weights
    constants(loss, "a target that class_weight depends on", targets)
    w = class_weights(loss, class_weight, 2, dtype)
    chosen: Array = w[0] + (w[1] - w[0]) * data
    return chosen if weights is None else chosen * weights


def _positive_weight(loss: str, weight: Any, x: Tensor) -> Array:
    data = constants(loss, "pos_weight", weight).astype(x.data.dtype)
    if data.ndim and data.shape != x.data.shape[-1:]:
        raise ShapeError(
            f"{loss}: pos_weight has shape {data.shape}; give one number, or one per column of the "
            f"predictions, which have shape {x.data.shape}"
        )
    if not np.isfinite(data).all() or (data < 0).any():
        raise DataError(f"{loss}: pos_weight is finite and at least 0, got {data.tolist()}")
    return data


def _binary_loss(
    loss: str,
    each: Primitive,
    x: Tensor,
    targets: Any,
    class_weight: Any,
    pos_weight: Any,
    sample_weight: Any,
    reduction: str,
) -> Tensor:
    y = like(loss, x, targets)
    within(loss, "targets", numbers(y), 0.0, 1.0, "they are 0, 1, or a probability in between")
    if pos_weight is None:
        losses = each(x, y)
    else:
        positive = p.multiply(y, _positive_weight(loss, pos_weight, x))
        losses = p.add(
            p.multiply(positive, each(x, 1.0)), p.multiply(p.subtract(1, y), each(x, 0.0))
        )
    weights = binary_weights(loss, y, class_weight, sample_weight, x.data.dtype)
    return reduce(loss, losses, reduction, weights)


def binary_cross_entropy_with_logits(
    logits: Value,
    targets: Value,
    *,
    class_weight: Value | None = None,
    pos_weight: Value | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Cross-entropy between yes/no targets and σ(logits), computed without the sigmoid.

    ℓ = −y ln σ(z) − (1 − y) ln(1 − σ(z)) = max(z, 0) − z·y + ln(1 + e^(−|z|))

    Parameters
    ----------
    logits : Tensor or array_like of floats, any shape
        Scores before the sigmoid; no size overflows.
    targets : array_like, of the same shape
        0, 1, or probabilities in between.
    class_weight : (float, float), optional
        Weights of targets 0 and 1; they count in the divisor of the mean, as sample weights do.
    pos_weight : float or (K,) array_like, optional
        Factor on the term of y = 1, for all or per column. As in PyTorch it is part of the loss
        and does not count in the divisor.
    sample_weight : array_like, optional
        One weight per sample, (N,), or per entry. The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ, as (N, 1) and (N,) do; nothing is broadcast.
    DataError
        If a target is NaN or outside of [0, 1], or a weight is negative or not finite.
    UnknownNameError
        If the reduction is unknown.

    Warns
    -----
    LossInputWarning
        If the logits come out of a sigmoid or softmax.

    Notes
    -----
    Cox, "The regression analysis of binary sequences" (1958).

    Examples
    --------
    >>> binary_cross_entropy_with_logits([0.0, 1000.0], [1, 1], reduction="none")
    Tensor([0.6931472, 0.       ])
    """
    loss = "binary_cross_entropy_with_logits"
    z = float_tensor(logits)
    warn_if_squashed(loss, z)
    return _binary_loss(
        loss, logistic_loss, z, targets, class_weight, pos_weight, sample_weight, reduction
    )


def binary_cross_entropy(
    probabilities: Value,
    targets: Value,
    *,
    class_weight: Value | None = None,
    pos_weight: Value | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Cross-entropy between yes/no targets and predicted probabilities.

    ℓ = −y ln q − (1 − y) ln(1 − q)

    Prefer :func:`binary_cross_entropy_with_logits`, which keeps its digits where q rounds to 0 or
    1. Here logarithms are at least −100 and the slope (q − y) / (q (1 − q)) is divided by at least
    10⁻¹², as in PyTorch, so that values and gradients stay finite.

    Parameters
    ----------
    probabilities : Tensor or array_like of floats in [0, 1], any shape
    targets, class_weight, pos_weight, sample_weight, reduction
        As in :func:`binary_cross_entropy_with_logits`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DataError, UnknownNameError
        As :func:`binary_cross_entropy_with_logits`; DataError also for a prediction outside of
        [0, 1].

    Examples
    --------
    >>> binary_cross_entropy([0.5, 0.0], [1, 1], reduction="none")
    Tensor([  0.6931472, 100.       ])
    """
    loss = "binary_cross_entropy"
    q = float_tensor(probabilities)
    within(
        loss,
        "predictions",
        q.data,
        0.0,
        1.0,
        "probabilities lie between 0 and 1; for logits use binary_cross_entropy_with_logits",
    )
    return _binary_loss(
        loss, bernoulli_loss, q, targets, class_weight, pos_weight, sample_weight, reduction
    )
