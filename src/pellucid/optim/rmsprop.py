"""RMSProp: divide by the root mean square of recent gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["RMSProp"]


class RMSProp(Optimizer):
    r"""Divide the gradient by its recent root mean square (Tieleman & Hinton, 2012).

    .. math::

        s_t &= α s_{t-1} + (1 - α) g_t^2 \\
        d_t &= g_t / (\sqrt{s_t} + ε) \\
        θ_t &= θ_{t-1} - η d_t

    Centred (Graves, 2013), :math:`s_t - \bar g_t^2` stands under the root, with
    :math:`\bar g_t = α \bar g_{t-1} + (1-α) g_t`. With momentum,
    :math:`v_t = μ v_{t-1} + d_t` takes the place of :math:`d_t` in the last line.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η.
    alpha : float
        α: how much of the averages is kept.
    eps : float
        ε, against division by zero.
    momentum : float
        μ: how much of the last step goes on.
    centered : bool
        Divide by the standard deviation instead of the root mean square.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        centered: bool = False,
        **common: Unpack[Common],
    ) -> None:
        options = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "momentum": momentum,
            "centered": centered,
        }
        super().__init__(params, options, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the averages in use, at zero."""
        names = ["square_average"]
        if hyper["centered"]:
            names.append("average")
        return {name: np.zeros_like(parameter) for name in names}

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        lr, alpha, momentum = hyper["lr"], hyper["alpha"], hyper["momentum"]
        square = alpha * state["square_average"] + (1 - alpha) * (gradient * gradient)
        new_state: State = {"square_average": square}
        variance = square
        if hyper["centered"]:
            average = alpha * state["average"] + (1 - alpha) * gradient
            new_state["average"] = average
            # Rounding can take the difference just below zero when gradients hardly change.
            variance = np.maximum(square - average * average, 0.0)
        direction = gradient / (np.sqrt(variance) + hyper["eps"])
        if momentum:
            if "velocity" in state:
                direction = momentum * state["velocity"] + direction
            new_state["velocity"] = direction
        return parameter - lr * direction, new_state
