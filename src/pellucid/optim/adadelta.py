"""Adadelta: steps in the parameters' own unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    r"""Scale the gradient by the ratio of recent steps to recent gradients (Zeiler, 2012).

    .. math::

        s_t &= ρ s_{t-1} + (1 - ρ) g_t^2 \\
        Δ_t &= \frac{\sqrt{u_{t-1} + ε}}{\sqrt{s_t + ε}} g_t \\
        u_t &= ρ u_{t-1} + (1 - ρ) Δ_t^2 \\
        θ_t &= θ_{t-1} - η Δ_t

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η; 1 in the paper.
    rho : float
        ρ: how much of the averages is kept.
    eps : float
        ε; it also sets the size of the first steps.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        *,
        rho: float = 0.9,
        eps: float = 1e-6,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps}, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the two averages, at zero."""
        return {
            "square_average": np.zeros_like(parameter),
            "square_delta_average": np.zeros_like(parameter),
        }

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        rho, eps = hyper["rho"], hyper["eps"]
        square = rho * state["square_average"] + (1 - rho) * (gradient * gradient)
        square_delta = state["square_delta_average"]
        delta = np.sqrt(square_delta + eps) / np.sqrt(square + eps) * gradient
        square_delta = rho * square_delta + (1 - rho) * (delta * delta)
        new = parameter - hyper["lr"] * delta
        return new, {"square_average": square, "square_delta_average": square_delta}
