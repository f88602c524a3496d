"""Focal losses: cross-entropy that turns away from what is classified well already.

Both are computed from the log-odds d of the true class, for which −ln p_t = softplus(−d) and
1 − p_t = e^(−softplus(d)): neither a power of a small number nor a logarithm of one is ever taken.
"""

from __future__ import annotations

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.losses.binary import binary_weights
from pellucid.losses.checks import float_tensor, like, numbers, refuse, warn_if_squashed
from pellucid.losses.labels import class_labels, class_shape, class_weights
from pellucid.losses.reduction import Reduction, reduce
from pellucid.losses.rows import class_axis_last, fold_rows, picked, row_weights
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["binary_focal", "focal"]


def _check_gamma(loss: str, gamma: float) -> None:
    if not gamma >= 0:
        raise DataError(f"{loss}: gamma is at least 0 (0 is plain cross-entropy), got {gamma}")


def _focal(odds: Tensor, gamma: float) -> Tensor:
    """−(1 − p_t)^γ ln p_t, with ln(p_t / (1 − p_t)) = `odds`."""
    surprise = p.softplus(p.negative(odds))
    if gamma == 0:
        return surprise
    return p.multiply(surprise, p.exp(p.multiply(p.softplus(odds), -float(gamma))))


def binary_focal(
    logits: Value,
    targets: Value,
    *,
    gamma: float = 2.0,
    alpha: float | None = 0.25,
    class_weight: Value | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Binary cross-entropy from logits, scaled down where the answer is right already.

    ℓ = −α_t (1 − p_t)^γ ln p_t, where p_t = σ(z) and α_t = α for target 1, and p_t = 1 − σ(z) and
    α_t = 1 − α for target 0

    Parameters
    ----------
    logits : Tensor or array_like of floats, any shape
        Scores before the sigmoid; no size overflows.
    targets : array_like of 0 and 1, of the same shape
    gamma : float ≥ 0
        Focus γ; 0 gives the cross-entropy.
    alpha : float in [0, 1] or None
        Balance α between targets 1 and 0; part of the loss, it does not count in the divisor of
        the mean. None leaves it out.
    class_weight : (float, float), optional
        Weights of targets 0 and 1, which do count in the divisor.
    sample_weight, reduction
        As in :func:`binary_cross_entropy_with_logits`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DataError, UnknownNameError
        As :func:`binary_cross_entropy_with_logits`; DataError also for a target that is neither 0
        nor 1, a negative `gamma`, or an `alpha` outside of [0, 1].

    Warns
    -----
    LossInputWarning
        If the logits come out of a sigmoid or softmax.

    Notes
    -----
    Lin et al., "Focal loss for dense object detection" (2017).

    Examples
    --------
    >>> binary_focal([0.0, 1000.0, -1000.0], [1, 1, 1], gamma=1.0, alpha=0.5, reduction="none")
    Tensor([1.732868e-01, 0.000000e+00, 5.000000e+02])
    """
    loss = "binary_focal"
    z = float_tensor(logits)
    warn_if_squashed(loss, z)
    _check_gamma(loss, gamma)
    if alpha is not None and not 0 <= alpha <= 1:
        raise DataError(f"{loss}: alpha is between 0 and 1, got {alpha}")
    y = numbers(like(loss, z, targets))
    refuse(loss, "targets", y, (y != 0) & (y != 1), "they are 0 or 1")
    losses = _focal(p.multiply(z, 2 * y - 1), gamma)
    if alpha is not None:
        losses = p.multiply(losses, (1 - alpha) + (2 * alpha - 1) * y)
    weights = binary_weights(loss, y, class_weight, sample_weight, z.data.dtype)
    return reduce(loss, losses, reduction, weights)


def focal(
    logits: Value,
    labels: Value,
    *,
    gamma: float = 2.0,
    alpha: Value | None = None,
    ignore_index: int | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Cross-entropy from logits, scaled down where the answer is right already.

    ℓ = −α_y (1 − p_y)^γ ln p_y, with p = softmax(z)

    Parameters
    ----------
    logits : Tensor or array_like of floats, (N, C) or (N, C, …), C ≥ 2
        Scores before the softmax; no size overflows.
    labels : array_like of int, (N, …)
    gamma : float ≥ 0
        Focus γ; 0 gives the cross-entropy.
    alpha : (C,) array_like, optional
        Factor of each class; part of the loss, it does not count in the divisor of the mean.
    ignore_index, sample_weight, reduction
        As in :func:`cross_entropy`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, DataError, UnknownNameError
        As :func:`cross_entropy`; ShapeError also for a single class, DataError for a negative
        `gamma`.

    Warns
    -----
    LossInputWarning
        If the logits come out of a softmax or sigmoid.

    Notes
    -----
    Lin et al., "Focal loss for dense object detection" (2017), for several classes. The log-odds
    of the true class are z_y − ln Σ_{c ≠ y} e^(z_c).

    Examples
    --------
    >>> focal([[0.0, 0.0], [0.0, 1000.0]], [0, 0], reduction="none")
    Tensor([1.732868e-01, 1.000000e+03])
    """
    loss = "focal"
    z = float_tensor(logits)
    warn_if_squashed(loss, z)
    _check_gamma(loss, gamma)
    outer = class_shape(loss, z.data.shape)
    classes, dtype = z.data.shape[1], z.data.dtype
    if classes < 2:
        raise ShapeError(f"{loss}: needs at least 2 classes; for one column use binary_focal")
    y, keep = class_labels(loss, labels, z.data.shape, ignore_index)
    rows = class_axis_last(z)
    true = p.one_hot(y, classes=classes, dtype=bool)
    others = p.logsumexp(p.where(true, -np.inf, rows), axis=1)
    losses = _focal(p.subtract(picked(rows, y), others), gamma)
    if alpha is not None:
        losses = p.multiply(losses, class_weights(loss, alpha, classes, dtype)[y])
    weights = row_weights(loss, sample_weight, outer, dtype, keep)
    return fold_rows(loss, losses, outer, reduction, weights)
