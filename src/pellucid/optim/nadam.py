"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["NAdam"]


class NAdam(Optimizer):
    r"""Adam with Nesterov's momentum (Dozat, 2016).

    .. math::

        μ_t &= β_1 (1 - ½ · 0.96^{t ψ}) \\
        m_t &= β_1 m_{t-1} + (1 - β_1) g_t \\
        v_t &= β_2 v_{t-1} + (1 - β_2) g_t^2 \\
        \hat m_t &= \frac{μ_{t+1} m_t}{1 - \prod_{i=1}^{t+1} μ_i}
                  + \frac{(1 - μ_t) g_t}{1 - \prod_{i=1}^{t} μ_i} \\
        θ_t &= θ_{t-1} - η \frac{\hat m_t}{\sqrt{v_t / (1 - β_2^t)} + ε}

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
    momentum_decay : float
        ψ: how fast the momentum grows to β₁.
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
        momentum_decay: float = 4e-3,
        **common: Unpack[Common],
    ) -> None:
        options = {"lr": lr, "betas": betas, "eps": eps, "momentum_decay": momentum_decay}
        super().__init__(params, options, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the two moments, at zero, and the product of all momenta, at one."""
        return {
            "first_moment": np.zeros_like(parameter),
            "second_moment": np.zeros_like(parameter),
            "momentum_product": 1.0,
        }

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        beta1, beta2 = hyper["betas"]
        step, decay = hyper["step"], hyper["momentum_decay"]
        momentum = beta1 * (1 - 0.5 * 0.96 ** (step * decay))
        next_momentum = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * decay))
        product = state["momentum_product"] * momentum
        first = beta1 * state["first_moment"] + (1 - beta1) * gradient
        second = beta2 * state["second_moment"] + (1 - beta2) * (gradient * gradient)
        of_average = hyper["lr"] * next_momentum / (1 - product * next_momentum)
        of_gradient = hyper["lr"] * (1 - momentum) / (1 - product)
        root = np.sqrt(second / (1 - beta2**step)) + hyper["eps"]
        new = parameter - (of_average * first + of_gradient * gradient) / root
        new_state = {"first_moment": first, "second_moment": second, "momentum_product": product}
        return new, new_state
