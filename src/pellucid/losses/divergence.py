"""The distance between a predicted distribution and a given one."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.losses.checks import float_tensor, like, numbers, place, refuse_positive
from pellucid.losses.labels import class_distribution
from pellucid.losses.reduction import Reduction, reduce, sample_weights
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["kl_divergence"]


def kl_divergence(
    log_probabilities: Value,
    targets: Value,
    *,
    log_targets: bool = False,
    axis: int = -1,
    sample_weight: Value | None = None,
    reduction: Reduction | Literal["batchmean"] = "mean",
) -> Tensor:
    """Kullback-Leibler divergence of predicted from target distributions.

    ℓ = t (ln t − ln q), per entry; its sum over a distribution is KL(t ‖ q)

    Parameters
    ----------
    log_probabilities : Tensor or array_like of floats ≤ 0, at least one axis
        ln q, as log_softmax gives it.
    targets : array_like, of the same shape
        Probabilities t, where 0 ln 0 = 0; or ln t with `log_targets`.
    log_targets : bool
        Whether `targets` are logarithms.
    axis : int
        Axis along which each distribution lies.
    sample_weight : array_like, optional
        One weight per sample, (N,), or per entry. The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "batchmean", "sum", "none"}
        ``"mean"`` averages over all entries, as in PyTorch; ``"batchmean"`` divides the sum by the
        number of samples N (or the sum of their weights) and is the divergence proper.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ, or ``"batchmean"`` of nothing is asked for.
    DataError
        If a prediction is above 0 and so is no log-probability, targets are NaN, outside of [0, 1],
        or do not sum to 1, or a weight is negative; or weights per entry meet ``"batchmean"``.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Kullback and Leibler (1951).

    Examples
    --------
    >>> import numpy as np
    >>> q = np.log(np.array([[0.5, 0.5]]))
    >>> kl_divergence(q, np.array([[1.0, 0.0]]), reduction="batchmean")
    Tensor(0.69314718, dtype=float64)
    """
    loss = "kl_divergence"
    log_q = float_tensor(log_probabilities)
    shape, dtype = log_q.data.shape, log_q.data.dtype
    if not shape:
        raise ShapeError(f"{loss}: the predictions are a single number, not a distribution")
    refuse_positive(loss, log_q)
    if log_targets:
        log_t = like(loss, log_q, targets)
        t = p.exp(log_t)
        totals = np.add.reduce(numbers(t), axis=axis)
        wrong = np.abs(totals - 1) > 1e-3
        if wrong.any():
            raise DataError(
                f"{loss}: e^targets at {place(wrong)} sums to "
                f"{totals[np.unravel_index(int(np.argmax(wrong)), wrong.shape)]:.6g}, not to 1; "
                "with log_targets=True the targets are log-probabilities"
            )
    else:
        t = class_distribution(loss, log_q, targets, axis)
        log_t = p.log(p.where(p.equal(t, 0), 1.0, t))
    losses = p.multiply(t, p.subtract(log_t, log_q))
    weights = sample_weights(loss, sample_weight, shape, dtype)
    if reduction != "batchmean":
        return reduce(loss, losses, reduction, weights)
    if weights is not None and weights.size != shape[0]:
        raise DataError(f"{loss}: 'batchmean' takes one weight per sample, shape {shape[:1]}")
    total = shape[0] if weights is None else float(weights.sum())
    return reduce(loss, losses, "mean", weights, total=float(total))
