"""RAdam: Adam that waits until its second moment can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["RAdam"]


class RAdam(Optimizer):
    r"""Adam with a rectified second moment (Liu et al., 2020).

    With :math:`ρ_∞ = 2 / (1 - β_2) - 1` and
    :math:`ρ_t = ρ_∞ - 2 t β_2^t / (1 - β_2^t)`,

    .. math::

        m_t &= β_1 m_{t-1} + (1 - β_1) g_t \\
        v_t &= β_2 v_{t-1} + (1 - β_2) g_t^2 \\
        r_t &= \sqrt{\frac{(ρ_t - 4)(ρ_t - 2) ρ_∞}{(ρ_∞ - 4)(ρ_∞ - 2) ρ_t}} \\
        θ_t &= θ_{t-1} - η \frac{m_t}{1 - β_1^t} \frac{r_t \sqrt{1 - β_2^t}}{\sqrt{v_t} + ε}

    and, while :math:`ρ_t ≤ 5`, plain momentum: the last factor is left out.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η.
    betas : tuple of float
        β₁ and β₂: how much of the two averages is kept.
    eps : float
        ε, against division by zero.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps}, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the two moments, at zero."""
        return {
            "first_moment": np.zeros_like(parameter),
            "second_moment": np.zeros_like(parameter),
        }

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        beta1, beta2 = hyper["betas"]
        step = hyper["step"]
        first = beta1 * state["first_moment"] + (1 - beta1) * gradient
        second = beta2 * state["second_moment"] + (1 - beta2) * (gradient * gradient)
        new_state = {"first_moment": first, "second_moment": second}
        lr = hyper["lr"] / (1 - beta1**step)
        correction2 = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / correction2
        if length <= 5:
            return parameter - lr * first, new_state
        rectification = (
            (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        ) ** 0.5
        scale = lr * rectification * correction2**0.5
        return parameter - scale * first / (np.sqrt(second) + hyper["eps"]), new_state
