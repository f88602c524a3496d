"""Negative log-likelihoods of measurements and of counts."""

from __future__ import annotations

import math

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.losses.checks import float_tensor, like, numbers, refuse
from pellucid.losses.reduction import Reduction, reduce, sample_weights
from pellucid.primitives.declaration import Recorded, Value
from pellucid.tensor import Tensor

__all__ = ["gaussian_nll", "poisson_nll"]


def _variance(loss: str, mean: Tensor, variance: Value, eps: float) -> Value:
    data = numbers(variance)
    shape = mean.data.shape
    if data.shape not in (shape, (), (*shape[:-1], 1)):
        raise ShapeError(
            f"{loss}: the predictions have shape {shape}, the variance {data.shape}; give one "
            f"variance per entry, one per row {(*shape[:-1], 1)}, or a single number"
        )
    refuse(loss, "variances", data, ~(data >= 0), "a variance is at least 0: use softplus or exp")
    values: Value = variance if isinstance(variance, Recorded) else data
    if data.dtype != mean.data.dtype:
        values = p.cast(values, dtype=mean.data.dtype)
        data = numbers(values)
    # The missing part is a constant, so that the gradient also lifts a variance that is too small.
    missing = np.maximum(eps - data, 0)
    return p.add(values, missing) if missing.any() else values


def gaussian_nll(
    predictions: Value,
    targets: Value,
    variance: Value,
    *,
    full: bool = False,
    eps: float = 1e-6,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Negative log-likelihood under a normal distribution whose width is predicted too.

    ℓ = ½ (ln v + (y − p)² / v), plus ½ ln 2π if `full`

    Parameters
    ----------
    predictions : Tensor or array_like of floats, any shape
        The expected values p.
    targets : array_like, of the same shape
    variance : Tensor or array_like of floats ≥ 0
        v: of the same shape, of shape (…, 1) for one variance a row, or a single number.
    full : bool
        Add the constant term.
    eps : float > 0
        Smallest variance that counts. The gradient ignores this limit, as in PyTorch.
    sample_weight : array_like, optional
        One weight per sample, (N,), or per entry. The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If shapes do not fit.
    DataError
        If a target is NaN, a variance or weight negative, or `eps` not positive.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Nix and Weigend (1994).

    Examples
    --------
    >>> gaussian_nll([0.0, 0.0], [1.0, 1.0], [1.0, 4.0], reduction="none")
    Tensor([0.5      , 0.8181472])
    """
    loss = "gaussian_nll"
    x = float_tensor(predictions)
    y = like(loss, x, targets)
    if not eps > 0:
        raise DataError(f"{loss}: eps is a variance greater than 0, got {eps}")
    v = _variance(loss, x, variance, eps)
    losses = p.add(p.log(v), p.divide(p.square(p.subtract(x, y)), v))
    if full:
        losses = p.add(losses, math.log(2 * math.pi))
    weights = sample_weights(loss, sample_weight, x.data.shape, x.data.dtype)
    return reduce(loss, losses, reduction, weights, scale=0.5)


def poisson_nll(
    predictions: Value,
    targets: Value,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Negative log-likelihood of counts under a Poisson distribution.

    ℓ = e^p − y·p, or p − y·ln(p + ε) if the rates themselves are predicted; plus ln y! if `full`

    Parameters
    ----------
    predictions : Tensor or array_like of floats, any shape
        Logarithms of the expected counts, or the expected counts (≥ 0) if not `log_input`.
        A logarithm above 88 (float32) or 709 (float64) gives an infinite loss.
    targets : array_like ≥ 0, of the same shape
        Counts.
    log_input : bool
        Whether the predictions are logarithms.
    full : bool
        Add Stirling's approximation y ln y − y + ½ ln(2πy) of ln y!, for y > 1.
    eps : float
        Keeps the logarithm finite if the rates are predicted.
    sample_weight : array_like, optional
        One weight per sample, (N,), or per entry. The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ.
    DataError
        If a target is NaN or negative, a predicted rate or a weight negative.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Nelder and Wedderburn (1972).

    Examples
    --------
    >>> poisson_nll([0.0, 0.0], [0, 3], reduction="none")
    Tensor([1., 1.])
    """
    loss = "poisson_nll"
    x = float_tensor(predictions)
    y = like(loss, x, targets)
    counts = numbers(y)
    refuse(loss, "targets", counts, counts < 0, "a count is at least 0")
    if log_input:
        with np.errstate(over="ignore"):
            rate = p.exp(x)
        losses = p.subtract(rate, p.multiply(y, x))
    else:
        refuse(
            loss,
            "predictions",
            x.data,
            x.data < 0,
            "a rate is at least 0; for logarithms of rates pass log_input=True",
        )
        losses = p.subtract(x, p.multiply(y, p.log(p.add(x, float(eps)))))
    if full:
        large = counts > 1
        n = p.where(large, y, 1.0)
        root = p.multiply(p.log(p.multiply(n, 2 * math.pi)), 0.5)
        stirling = p.add(p.subtract(p.multiply(n, p.log(n)), n), root)
        losses = p.add(losses, p.where(large, stirling, 0.0))
    weights = sample_weights(loss, sample_weight, x.data.shape, x.data.dtype)
    return reduce(loss, losses, reduction, weights)
