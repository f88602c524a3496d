"""Adafactor: Adam's second moment from its row and column means alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    r"""Adaptive steps with n + m numbers of memory for an n × m matrix (Shazeer & Stern, 2018).

    With :math:`1 - \hat β_t = t^{γ}`, for a matrix (for more axes: its last two)

    .. math::

        R_t &= \hat β_t R_{t-1} + (1 - \hat β_t) \operatorname{mean}_{columns}(g_t^2) \\
        C_t &= \hat β_t C_{t-1} + (1 - \hat β_t) \operatorname{mean}_{rows}(g_t^2) \\
        \hat V_t &= R_t C_t / \operatorname{mean}(R_t) \\
        u_t &= g_t / \sqrt{\hat V_t} \\
        θ_t &= θ_{t-1} - α_t \, u_t / \max(1, \operatorname{rms}(u_t) / d)

    with :math:`α_t = \max(ε_2, \operatorname{rms}(θ_{t-1})) \min(η, 1/\sqrt t)`. For a vector,
    :math:`\hat V_t` is the average of :math:`g_t^2` itself. Details are as in PyTorch.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        η: the largest step, relative to the size of the parameters.
    beta2_decay : float
        γ: the power by which the average gets longer.
    factored_eps : tuple of (float or None, float)
        ε₁, the least mean square (None is the precision of the dtype), and ε₂, the least size that
        parameters are taken to have.
    clip_threshold : float
        d: the largest root mean square of an update.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay`` (True unless given), ``maximize``.
    """

    elementwise: ClassVar[bool] = False
    decays_itself: ClassVar[bool] = True
    defaults_of_common: ClassVar[Common] = {
        "weight_decay": 0.0,
        "l1": 0.0,
        "decoupled_weight_decay": True,
        "maximize": False,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        *,
        beta2_decay: float = -0.8,
        factored_eps: tuple[float | None, float] = (None, 1e-3),
        clip_threshold: float = 1.0,
        **common: Unpack[Common],
    ) -> None:
        options = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "factored_eps": factored_eps,
            "clip_threshold": clip_threshold,
        }
        super().__init__(params, options, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the row and column means, or a vector's average, at zero."""
        if parameter.ndim < 2:
            return {"second_moment": np.zeros_like(parameter)}
        return {
            "row_moment": np.zeros_like(parameter[..., :1]),  # (..., n, 1)
            "column_moment": np.zeros_like(parameter[..., :1, :]),  # (..., 1, m)
        }

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        step, lr, decay = hyper["step"], hyper["lr"], hyper["weight_decay"]
        least_square, least_size = hyper["factored_eps"]
        if least_square is None:
            least_square = float(np.finfo(parameter.dtype).eps)
        new_weight = step ** hyper["beta2_decay"]
        size = max(least_size, _rms(parameter))
        if decay and hyper["decoupled_weight_decay"]:
            parameter = parameter * (1 - lr * decay)
        elif decay:
            gradient = gradient + decay * parameter

        square = gradient * gradient
        if "second_moment" in state:
            second = _average(state["second_moment"], square, new_weight)
            new_state = {"second_moment": second}
        else:
            row = _average(state["row_moment"], _mean(square, -1), new_weight)
            column = _average(state["column_moment"], _mean(square, -2), new_weight)
            new_state = {"row_moment": row, "column_moment": column}
            # (..., n, 1) times (..., 1, m)
            second = row * column / np.maximum(_mean(row, -2), least_square)
        direction = gradient / np.sqrt(np.maximum(second, least_square**2))
        clip = max(1.0, _rms(direction) / hyper["clip_threshold"])
        scale = size * min(lr, step**-0.5) / clip
        return parameter - scale * direction, new_state


def _average(old: Array, new: Array, weight: float) -> Array:
    return (1 - weight) * old + weight * new


def _mean(array: Array, axis: int) -> Any:
    return np.sum(array, axis=axis, keepdims=True) / array.shape[axis]


def _rms(array: Array) -> Any:
    return np.sqrt(np.sum(array * array) / array.size)
