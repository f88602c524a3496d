"""LAMB: Adam's direction, scaled layer by layer to the size of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["LAMB"]


class LAMB(Optimizer):
    r"""Layerwise adaptive moments, for large batches (You et al., 2020, algorithm 2).

    .. math::

        m_t &= β_1 m_{t-1} + (1 - β_1) g_t \\
        v_t &= β_2 v_{t-1} + (1 - β_2) g_t^2 \\
        u_t &= \frac{m_t / (1 - β_1^t)}{\sqrt{v_t / (1 - β_2^t)} + ε} + λ θ_{t-1} \\
        θ_t &= θ_{t-1} - η \frac{\|θ_{t-1}\|}{\|u_t\|} u_t

    for each parameter by itself. Where one of the norms is 0 the ratio is 1.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η: the size of a step relative to that of the weights.
    betas : tuple of float
        β₁ and β₂: how much of the two averages is kept.
    eps : float
        ε, against division by zero.
    **common
        ``weight_decay`` (λ, 0.01 unless given; part of u unless
        ``decoupled_weight_decay=False``, which adds λθ to the gradient), ``l1``, ``maximize``.
    """

    elementwise: ClassVar[bool] = False
    decays_itself: ClassVar[bool] = True
    defaults_of_common: ClassVar[Common] = {
        "weight_decay": 0.01,
        "l1": 0.0,
        "decoupled_weight_decay": True,
        "maximize": False,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
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
        step, decay = hyper["step"], hyper["weight_decay"]
        if not hyper["decoupled_weight_decay"]:
            gradient, decay = gradient + decay * parameter, 0.0
        first = beta1 * state["first_moment"] + (1 - beta1) * gradient
        second = beta2 * state["second_moment"] + (1 - beta2) * (gradient * gradient)
        direction = first / (1 - beta1**step) / (np.sqrt(second / (1 - beta2**step)) + hyper["eps"])
        direction = direction + decay * parameter
        weight_norm, direction_norm = _norm(parameter), _norm(direction)
        ratio = weight_norm / direction_norm if weight_norm > 0 and direction_norm > 0 else 1.0
        new = parameter - hyper["lr"] * ratio * direction
        return new, {"first_moment": first, "second_moment": second}


def _norm(array: Array) -> Any:
    return np.sqrt(np.sum(array * array))
