"""Losses for measurements: how far a number is from the number that it should be."""

from __future__ import annotations

from typing import Any

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.losses.checks import float_tensor, like
from pellucid.losses.fused import huber_function, log_cosh_function
from pellucid.losses.reduction import Reduction, reduce, sample_weights
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = [
    "half_squared_error",
    "huber",
    "log_cosh",
    "mean_absolute_error",
    "mean_squared_error",
    "smooth_l1",
]


def _difference(loss: str, predictions: Any, targets: Any) -> Tensor:
    x = float_tensor(predictions)
    return p.subtract(x, like(loss, x, targets))


def _fold(
    loss: str, losses: Tensor, sample_weight: Any, reduction: str, scale: float = 1.0
) -> Tensor:
    weights = sample_weights(loss, sample_weight, losses.data.shape, losses.data.dtype)
    return reduce(loss, losses, reduction, weights, scale=scale)


def mean_squared_error(
    predictions: Value,
    targets: Value,
    *,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Squared distance between predictions and targets, averaged.

    ℓ = (p − y)²

    Parameters
    ----------
    predictions : Tensor or array_like of floats, any shape
    targets : array_like, of the same shape
        Taken in the type of the predictions.
    sample_weight : array_like, optional
        One weight per sample, (N,), or per entry. The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}
        The mean over all entries, their sum, or one loss per entry.

    Returns
    -------
    Tensor
        One number, or one per entry; in the type of the predictions.

    Raises
    ------
    ShapeError
        If the shapes differ, as (N, 1) and (N,) do; nothing is broadcast.
    DataError
        If a target is NaN, or a weight is negative or not finite.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Legendre (1805); Gauss (1809): the maximum likelihood fit under normally distributed errors.

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """
    losses = p.square(_difference("mean_squared_error", predictions, targets))
    return _fold("mean_squared_error", losses, sample_weight, reduction)


def half_squared_error(
    predictions: Value,
    targets: Value,
    *,
    sample_weight: Value | None = None,
    reduction: Reduction = "sum",
) -> Tensor:
    """Half the squared distance, summed: its gradient is simply p − y, as tutorials have it.

    ℓ = ½ (p − y)²

    Parameters, result and errors are those of :func:`mean_squared_error`, but the default
    reduction is ``"sum"``. Rumelhart, Hinton and Williams (1986).

    Examples
    --------
    >>> half_squared_error([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """
    losses = p.square(_difference("half_squared_error", predictions, targets))
    return _fold("half_squared_error", losses, sample_weight, reduction, scale=0.5)


def mean_absolute_error(
    predictions: Value,
    targets: Value,
    *,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Absolute distance between predictions and targets, averaged: fits the median.

    ℓ = |p − y|

    Its slope where p = y is 0. Parameters, result and errors are those of
    :func:`mean_squared_error`. Boscovich (1757), Laplace (1774).

    Examples
    --------
    >>> mean_absolute_error([1.0, 2.0], [1.0, 4.0])
    Tensor(1.)
    """
    losses = p.absolute(_difference("mean_absolute_error", predictions, targets))
    return _fold("mean_absolute_error", losses, sample_weight, reduction)


def huber(
    predictions: Value,
    targets: Value,
    *,
    delta: float = 1.0,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Squared near the target and absolute far from it, so that outliers pull less.

    ℓ = ½ d² if |d| ≤ δ, else δ (|d| − ½ δ), with d = p − y

    Parameters
    ----------
    predictions, targets, sample_weight, reduction
        As in :func:`mean_squared_error`.
    delta : float > 0
        Distance δ at which the parabola turns into a line.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DataError, UnknownNameError
        As :func:`mean_squared_error`; DataError also if `delta` is not positive.

    Notes
    -----
    Huber (1964).

    Examples
    --------
    >>> huber([0.5, 3.0], [0.0, 0.0], reduction="none")
    Tensor([0.125, 2.5  ])
    """
    if not delta > 0:
        raise DataError(f"huber: delta is a distance greater than 0, got {delta}")
    losses = huber_function(_difference("huber", predictions, targets), delta=float(delta))
    return _fold("huber", losses, sample_weight, reduction)


def smooth_l1(
    predictions: Value,
    targets: Value,
    *,
    beta: float = 1.0,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Absolute distance with its corner at 0 rounded off over a width of β.

    ℓ = ½ d² / β if |d| < β, else |d| − ½ β, with d = p − y

    This is :func:`huber` divided by its δ: the slope far away stays 1 whatever β is.

    Parameters
    ----------
    predictions, targets, sample_weight, reduction
        As in :func:`mean_squared_error`.
    beta : float ≥ 0
        Width β of the rounding; 0 gives the absolute distance.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DataError, UnknownNameError
        As :func:`mean_squared_error`; DataError also if `beta` is negative.

    Notes
    -----
    Girshick, "Fast R-CNN" (2015).

    Examples
    --------
    >>> smooth_l1([0.5, 3.0], [0.0, 0.0], beta=2.0, reduction="none")
    Tensor([0.0625, 2.    ])
    """
    if not beta >= 0:
        raise DataError(f"smooth_l1: beta is a distance of at least 0, got {beta}")
    d = _difference("smooth_l1", predictions, targets)
    if beta == 0:
        return _fold("smooth_l1", p.absolute(d), sample_weight, reduction)
    losses = huber_function(d, delta=float(beta))
    return _fold("smooth_l1", losses, sample_weight, reduction, scale=1.0 / beta)


def log_cosh(
    predictions: Value,
    targets: Value,
    *,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Logarithm of the hyperbolic cosine of the distance: a Huber loss without a seam.

    ℓ = ln cosh(p − y), about ½ d² near 0 and |d| − ln 2 far away; its slope is tanh(p − y)

    It neither overflows nor loses digits near 0. Parameters, result and errors are those of
    :func:`mean_squared_error`. Green (1990).

    Examples
    --------
    >>> log_cosh([0.0, 1000.0], [0.0, 0.0], reduction="none")
    Tensor([  0.    , 999.3068])
    """
    losses = log_cosh_function(_difference("log_cosh", predictions, targets))
    return _fold("log_cosh", losses, sample_weight, reduction)
