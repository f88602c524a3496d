"""Limit gradients before a step. Gradient arrays are replaced, never written into."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from pellucid.errors import DataError, NonFiniteError

if TYPE_CHECKING:
    from pellucid.dtypes import Array
    from pellucid.tensor import Tensor

__all__ = ["clip_each_grad_norm", "clip_grad_norm", "clip_grad_value", "grad_norm"]

_CHUNK = 65_536
"""Elements of one dot product: short enough that float32 sums stay accurate to 1e-6."""


def clip_grad_value(params: Iterable[Tensor], limit: float) -> None:
    """Clip every gradient element to [−limit, limit].

    Parameters
    ----------
    params : iterable of Parameter
        Those without a gradient are skipped.
    limit : float
        Largest absolute value, ≥ 0.
    """
    limit = _positive("limit", limit)
    for parameter in params:
        if parameter.grad is not None:
            parameter.grad = np.clip(parameter.grad, -limit, limit)


def clip_grad_norm(
    params: Iterable[Tensor],
    limit: float,
    *,
    norm: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    r"""Scale all gradients by one factor, so that their common norm is at most `limit`.

    .. math:: g ← g · \min\left(1, \frac{limit}{\|g\|_p + 10^{-6}}\right)

    (Pascanu, Mikolov & Bengio, 2013). A norm that is infinite or NaN leaves the gradients as they
    are, so that whatever looks for the cause finds it.

    Parameters
    ----------
    params : iterable of Parameter
        Those without a gradient are skipped.
    limit : float
        Largest norm, ≥ 0.
    norm : float
        p of the norm, > 0; ``math.inf`` is the largest absolute value.
    error_if_nonfinite : bool
        Raise instead where the norm is infinite or NaN.

    Returns
    -------
    float
        The norm of all gradients together, before clipping.

    Raises
    ------
    NonFiniteError
        See `error_if_nonfinite`.

    Examples
    --------
    >>> from pellucid import Parameter
    >>> weight = Parameter(np.zeros(2, np.float32))
    >>> weight.grad = np.array([3, 4], np.float32)
    >>> clip_grad_norm([weight], 1.0)
    5.0
    >>> weight.grad.round(5).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    limit = _positive("limit", limit)
    listed = list(params)
    total = grad_norm(listed, norm)
    if not math.isfinite(total):
        if error_if_nonfinite:
            raise NonFiniteError(
                f"the norm of the gradients is {total}; look at the loss and the learning rate "
                "of this step"
            )
        return total
    factor = limit / (total + 1e-6)
    if factor < 1:
        for parameter in listed:
            if parameter.grad is not None:
                parameter.grad = parameter.grad * factor
    return total


def clip_each_grad_norm(
    params: Iterable[Tensor], limit: float, *, norm: float = 2.0
) -> list[float]:
    """Clip the gradient of each parameter by its own norm.

    Parameters
    ----------
    params, limit, norm
        As for :func:`clip_grad_norm`.

    Returns
    -------
    list of float
        Each norm before clipping, for the parameters that have a gradient.
    """
    return [
        clip_grad_norm([parameter], limit, norm=norm)
        for parameter in params
        if parameter.grad is not None
    ]


def grad_norm(params: Iterable[Tensor], norm: float = 2.0) -> float:
    """Return the p-norm of all gradients as if they were one vector, summed in float64.

    Parameters
    ----------
    params : iterable of Parameter
        Those without a gradient are skipped.
    norm : float
        p, > 0; ``math.inf`` is the largest absolute value.
    """
    if not norm > 0:
        raise DataError(f"norm is a number > 0 or math.inf, got {norm!r}")
    gradients = [
        parameter.grad.reshape(-1)
        for parameter in params
        if parameter.grad is not None and parameter.grad.size
    ]
    if math.isinf(norm):
        return _largest(gradients)
    if norm == 2:
        with np.errstate(over="ignore", invalid="ignore"):
            total = sum(_square_sum(gradient) for gradient in gradients)
        if 1e-30 < total < math.inf:
            return math.sqrt(total)
    # Other powers; and squares that float32 cannot hold. Scaled, no power can overflow.
    scale = _largest(gradients)
    if scale == 0 or not math.isfinite(scale):
        return scale
    total = sum(
        float(np.sum((np.abs(gradient).astype(np.float64) / scale) ** norm))
        for gradient in gradients
    )
    return float(scale * total ** (1 / norm))


def _square_sum(flat: Array) -> float:
    return sum(
        float(np.dot(part, part))
        for part in (flat[i : i + _CHUNK] for i in range(0, flat.size, _CHUNK))
    )


def _largest(gradients: list[Array]) -> float:
    sizes = [float(np.max(np.abs(gradient))) for gradient in gradients]
    return math.nan if any(math.isnan(size) for size in sizes) else max(sizes, default=0.0)


def _positive(name: str, value: float) -> float:
    number = float(value)
    if math.isnan(number) or number < 0:
        raise DataError(f"{name} is a number ≥ 0, got {value!r}")
    return number
