"""Losses for one class out of several: cross-entropy from logits, and from log-probabilities."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnsupportedError
from pellucid.losses.checks import float_tensor, numbers, refuse_positive, warn_if_squashed
from pellucid.losses.labels import class_distribution, class_labels, class_shape, class_weights
from pellucid.losses.reduction import Reduction, factor
from pellucid.losses.rows import class_axis_last, fold_rows, picked, row_weights, times
from pellucid.losses.softmax_cross_entropy import softmax_cross_entropy
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["cross_entropy", "negative_log_likelihood"]


def cross_entropy(
    logits: Value,
    labels: Value,
    *,
    class_weight: Value | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Cross-entropy between classes and softmax(logits): the loss of a classifier.

    ℓ = −Σ_c t_c ln softmax(z)_c, for a label y: ℓ = ln Σ_c e^(z_c) − z_y

    Parameters
    ----------
    logits : Tensor or array_like of floats, (N, C) or (N, C, …)
        Scores before the softmax; no size overflows.
    labels : array_like
        Whole numbers 0 … C − 1 of shape (N, …), or distributions over the classes, of the shape of
        the logits (one-hot rows, for example).
    class_weight : (C,) array_like, optional
        Weight w_c of each class. With labels the mean is Σ w_y·ℓ / Σ w_y. With distributions each
        term is weighted, −Σ w_c t_c ln softmax(z)_c, and the mean divides by the number of rows (or
        the sum of their sample weights), as in PyTorch.
    label_smoothing : float in [0, 1]
        Share ε of the target that is spread over all classes: t ← (1 − ε) t + ε / C.
    ignore_index : int, optional
        Rows with this label have loss 0 and do not count in the mean.
    sample_weight : array_like, optional
        One weight per sample, (N,), or per label; they multiply the class weights.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor
        One number, or with ``"none"`` one per label; in the type of the logits.

    Raises
    ------
    ShapeError
        If there is no class axis, or not one label (or distribution) per row.
    DTypeError
        If labels are not whole numbers.
    DataError
        If a label is no class, a distribution does not sum to 1, or a weight is negative.
    UnknownNameError
        If the reduction is unknown.

    Warns
    -----
    LossInputWarning
        If the logits come out of a softmax or sigmoid.

    Notes
    -----
    Bridle (1990); label smoothing: Szegedy et al. (2016).

    Examples
    --------
    >>> cross_entropy([[0.0, 0.0], [1000.0, -1000.0]], [1, 1], reduction="none")
    Tensor([6.931472e-01, 2.000000e+03])
    """
    loss = "cross_entropy"
    z = float_tensor(logits)
    warn_if_squashed(loss, z)
    outer = class_shape(loss, z.data.shape)
    classes, dtype = z.data.shape[1], z.data.dtype
    if not 0 <= label_smoothing <= 1:
        raise DataError(f"{loss}: label_smoothing is between 0 and 1, got {label_smoothing}")
    each = None if class_weight is None else class_weights(loss, class_weight, classes, dtype)
    if numbers(labels).shape == z.data.shape:
        if ignore_index is not None:
            raise UnsupportedError(
                f"{loss}: ignore_index names a label, but the targets are distributions; "
                "leave rows out with sample_weight=0"
            )
        t = class_axis_last(class_distribution(loss, z, labels))
        rows = _distribution_rows(class_axis_last(z), t, label_smoothing, each)
        weights = row_weights(loss, sample_weight, outer, dtype)
        return fold_rows(loss, rows, outer, reduction, weights)

    y, keep = class_labels(loss, labels, z.data.shape, ignore_index)
    z = class_axis_last(z)
    weights = row_weights(loss, sample_weight, outer, dtype, keep)
    counted = weights if each is None else times(weights, each[y])
    if label_smoothing:
        t = p.one_hot(y, classes=classes, dtype=dtype)
        rows = _distribution_rows(z, t, label_smoothing, each)
        # The class weights are inside of the rows here, but it is still they that the mean counts.
        total = None if counted is None else float(counted.sum())
        return fold_rows(loss, rows, outer, reduction, weights, total)
    if reduction == "none":
        rows = picked(p.log_softmax(z, axis=1), y)
        return fold_rows(loss, rows, outer, reduction, counted, scale=-1.0)
    result: Tensor = softmax_cross_entropy(z, y, factor(loss, reduction, counted, y.size))
    return result


def _distribution_rows(
    z: Tensor, targets: Value, smoothing: float, class_weight: Array | None
) -> Tensor:
    """−Σ_c w_c t_c ln softmax(z)_c, one per row of `z` (M, C)."""
    if smoothing:
        targets = p.add(p.multiply(targets, 1.0 - smoothing), smoothing / z.data.shape[1])
    if class_weight is not None:
        targets = p.multiply(targets, class_weight)
    return p.negative(p.sum(p.multiply(p.log_softmax(z, axis=1), targets), axis=1))


def negative_log_likelihood(
    log_probabilities: Value,
    labels: Value,
    *,
    class_weight: Value | None = None,
    ignore_index: int | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Minus the log-probability that the network gives to the true class.

    ℓ = −ln q_y

    For a network that ends in log_softmax; :func:`cross_entropy` does both in one step.

    Parameters
    ----------
    log_probabilities : Tensor or array_like of floats ≤ 0, (N, C) or (N, C, …)
    labels : array_like of int, (N, …)
    class_weight, ignore_index, sample_weight, reduction
        As in :func:`cross_entropy`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, UnknownNameError
        As :func:`cross_entropy`.
    DataError
        If a label is no class, or a prediction is above 0 and so is no log-probability.

    Notes
    -----
    Fisher (1922).

    Examples
    --------
    >>> import numpy as np
    >>> negative_log_likelihood(np.log(np.array([[0.25, 0.75]])), [1])
    Tensor(0.28768207, dtype=float64)
    """
    loss = "negative_log_likelihood"
    log_q = float_tensor(log_probabilities)
    outer = class_shape(loss, log_q.data.shape)
    refuse_positive(loss, log_q)
    y, keep = class_labels(loss, labels, log_q.data.shape, ignore_index)
    weights = row_weights(loss, sample_weight, outer, log_q.data.dtype, keep)
    if class_weight is not None:
        w = class_weights(loss, class_weight, log_q.data.shape[1], log_q.data.dtype)
        weights = times(weights, w[y])
    return fold_rows(loss, picked(class_axis_last(log_q), y), outer, reduction, weights, scale=-1.0)
