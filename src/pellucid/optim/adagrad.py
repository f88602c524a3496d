"""Adagrad: a learning rate for each parameter that shrinks with the gradients seen so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    r"""Divide by the root of the sum of all squared gradients (Duchi, Hazan & Singer, 2011).

    .. math::

        s_t &= s_{t-1} + g_t^2 \\
        θ_t &= θ_{t-1} - \frac{η}{1 + (t-1) δ} \frac{g_t}{\sqrt{s_t} + ε}

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η.
    lr_decay : float
        δ: how fast the learning rate itself falls.
    initial_accumulator_value : float
        s₀.
    eps : float
        ε, against division by zero.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        *,
        lr_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        **common: Unpack[Common],
    ) -> None:
        options = {
            "lr": lr,
            "lr_decay": lr_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
        }
        super().__init__(params, options, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the sum of squares, at its initial value."""
        return {"square_sum": np.full_like(parameter, hyper["initial_accumulator_value"])}

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        lr = hyper["lr"] / (1 + (hyper["step"] - 1) * hyper["lr_decay"])
        square_sum = state["square_sum"] + gradient * gradient
        new = parameter - lr * gradient / (np.sqrt(square_sum) + hyper["eps"])
        return new, {"square_sum": square_sum}
