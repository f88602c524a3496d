"""Lion: only the sign of the momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Lion"]


class Lion(Optimizer):
    r"""Step by the sign of the momentum (Chen et al., 2023, algorithm 2).

    .. math::

        c_t &= β_1 m_{t-1} + (1 - β_1) g_t \\
        θ_t &= θ_{t-1} - η (\operatorname{sign}(c_t) + λ θ_{t-1}) \\
        m_t &= β_2 m_{t-1} + (1 - β_2) g_t

    Every parameter moves by η, so η is chosen 3 to 10 times smaller than for Adam, and the decay λ
    that much larger.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η.
    betas : tuple of float
        β₁, for the step, and β₂, for the momentum that is kept.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay`` (True unless given), ``maximize``.
    """

    defaults_of_common: ClassVar[Common] = {
        "weight_decay": 0.0,
        "l1": 0.0,
        "decoupled_weight_decay": True,
        "maximize": False,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        **common: Unpack[Common],
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas}, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the momentum, at zero."""
        return {"momentum": np.zeros_like(parameter)}

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        beta1, beta2 = hyper["betas"]
        direction = np.sign(beta1 * state["momentum"] + (1 - beta1) * gradient)
        momentum = beta2 * state["momentum"] + (1 - beta2) * gradient
        return parameter - hyper["lr"] * direction, {"momentum": momentum}
