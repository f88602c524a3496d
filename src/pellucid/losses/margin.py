"""Margin losses: zero once the right answer leads by enough."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.losses.checks import float_tensor, like, numbers, refuse
from pellucid.losses.labels import class_labels, class_shape, class_weights
from pellucid.losses.reduction import Reduction, reduce, sample_weights
from pellucid.losses.rows import class_axis_last, fold_rows, picked, row_weights, times
from pellucid.primitives import shares
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["hinge", "multiclass_hinge", "squared_hinge"]

_VARIANTS = ("crammer-singer", "weston-watkins")


def _shortfall(loss: str, scores: Any, targets: Any) -> Tensor:
    """max(0, 1 − y·s): by how much the score misses the margin."""
    s = float_tensor(scores)
    y = numbers(like(loss, s, targets))
    refuse(loss, "targets", y, np.abs(y) != 1, "they are −1 or +1; from 0 and 1 make 2 * y - 1")
    return p.relu(p.subtract(1.0, p.multiply(s, y)))


def hinge(
    scores: Value,
    targets: Value,
    *,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """How far a score is from the right side of the margin: the loss of a support vector machine.

    ℓ = max(0, 1 − y·s)

    Parameters
    ----------
    scores : Tensor or array_like of floats, any shape
        Their sign is the decision.
    targets : array_like of −1 and +1, of the same shape
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
        If a target is neither −1 nor +1, or a weight is negative or not finite.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Cortes and Vapnik (1995). The slope at the margin itself is 0.

    Examples
    --------
    >>> hinge([2.0, 0.25, -1.0], [1, 1, 1], reduction="none")
    Tensor([0.  , 0.75, 2.  ])
    """
    losses = _shortfall("hinge", scores, targets)
    weights = sample_weights("hinge", sample_weight, losses.data.shape, losses.data.dtype)
    return reduce("hinge", losses, reduction, weights)


def squared_hinge(
    scores: Value,
    targets: Value,
    *,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Square of the hinge loss: smooth at the margin, and harder on gross mistakes.

    ℓ = max(0, 1 − y·s)²

    Parameters, result and errors are those of :func:`hinge`. Lee and Mangasarian (2001).

    Examples
    --------
    >>> squared_hinge([2.0, 0.25, -1.0], [1, 1, 1], reduction="none")
    Tensor([0.    , 0.5625, 4.    ])
    """
    losses = p.square(_shortfall("squared_hinge", scores, targets))
    weights = sample_weights("squared_hinge", sample_weight, losses.data.shape, losses.data.dtype)
    return reduce("squared_hinge", losses, reduction, weights)


def multiclass_hinge(
    scores: Value,
    labels: Value,
    *,
    margin: float = 1.0,
    power: Literal[1, 2] = 1,
    variant: Literal["crammer-singer", "weston-watkins"] = "crammer-singer",
    class_weight: Value | None = None,
    ignore_index: int | None = None,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """How far the score of the true class is from leading all others by a margin.

    Crammer-Singer: ℓ = max(0, m + max_{c≠y} s_c − s_y)ᵖ
    Weston-Watkins: ℓ = (1/C) Σ_{c≠y} max(0, m + s_c − s_y)ᵖ

    Parameters
    ----------
    scores : Tensor or array_like of floats, (N, C) or (N, C, …), C ≥ 2
        The largest is the decision.
    labels : array_like of int, (N, …)
    margin : float
        The lead m that is asked for.
    power : {1, 2}
        The exponent p.
    variant : {"crammer-singer", "weston-watkins"}
        Only the strongest rival counts, as in scikit-learn and Keras; or every one, as in PyTorch.
    class_weight, ignore_index, sample_weight, reduction
        As in :func:`cross_entropy`: the mean is Σ w·ℓ / Σ w, where PyTorch's ``multi_margin_loss``
        divides by the number of samples.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If there is no class axis, a single class, or not one label per row.
    DTypeError
        If labels are not whole numbers.
    DataError
        If a label is no class, `power` is neither 1 nor 2, or a weight is negative.
    UnknownNameError
        If the variant or the reduction is unknown.

    Notes
    -----
    Crammer and Singer (2001); Weston and Watkins (1999). Rivals of equal score share the gradient.

    Examples
    --------
    >>> multiclass_hinge([[2.0, 1.5, 1.25]], [0])
    Tensor(0.5)
    >>> multiclass_hinge([[2.0, 1.5, 1.25]], [0], variant="weston-watkins")
    Tensor(0.25)
    """
    loss = "multiclass_hinge"
    s = float_tensor(scores)
    outer = class_shape(loss, s.data.shape)
    classes, dtype = s.data.shape[1], s.data.dtype
    if classes < 2:
        raise ShapeError(f"{loss}: needs at least 2 classes; for one column use hinge")
    if power not in (1, 2):
        raise DataError(f"{loss}: power is 1 or 2, got {power}")
    if variant not in _VARIANTS:
        raise UnknownNameError("variant of multiclass_hinge", str(variant), _VARIANTS)
    y, keep = class_labels(loss, labels, s.data.shape, ignore_index)
    rows = class_axis_last(s)
    true = p.one_hot(y, classes=classes, dtype=bool)
    rivals = p.where(true, -np.inf, rows)
    own = picked(rows, y)
    if variant == "crammer-singer":
        lead = p.subtract(p.max(rivals, axis=1), own)
    else:
        lead = p.subtract(rivals, p.reshape(own, shape=(-1, 1)))
    short = p.relu(p.add(lead, float(margin)))
    losses = short if power == 1 else p.square(short)
    if variant == "weston-watkins":
        losses = p.multiply(p.sum(losses, axis=1), shares.share(classes))
    weights = row_weights(loss, sample_weight, outer, dtype, keep)
    if class_weight is not None:
        weights = times(weights, class_weights(loss, class_weight, classes, dtype)[y])
    return fold_rows(loss, losses, outer, reduction, weights)
