"""Adamax: Adam with the largest recent gradient as the measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Adamax"]


class Adamax(Optimizer):
    r"""Adam with the infinity norm (Kingma & Ba, 2015, section 7.1).

    .. math::

        m_t &= β_1 m_{t-1} + (1 - β_1) g_t \\
        u_t &= \max(β_2 u_{t-1}, |g_t| + ε) \\
        θ_t &= θ_{t-1} - \frac{η}{1 - β_1^t} \frac{m_t}{u_t}

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η: the largest size of a step.
    betas : tuple of float
        β₁ and β₂: how much of the average and of the maximum is kept.
    eps : float
        ε, against division by zero.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps}, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the average and the maximum, at zero."""
        return {
            "first_moment": np.zeros_like(parameter),
            "infinity_norm": np.zeros_like(parameter),
        }

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        beta1, beta2 = hyper["betas"]
        first = beta1 * state["first_moment"] + (1 - beta1) * gradient
        norm = np.maximum(beta2 * state["infinity_norm"], np.abs(gradient) + hyper["eps"])
        lr = hyper["lr"] / (1 - beta1 ** hyper["step"])
        return parameter - lr * first / norm, {"first_moment": first, "infinity_norm": norm}
