"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from pellucid.errors import DataError
from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["SGD"]


class SGD(Optimizer):
    r"""Stochastic gradient descent (Robbins & Monro, 1951), with momentum (Polyak, 1964).

    .. math::

        v_t &= μ v_{t-1} + (1 - τ) g_t \qquad (v_1 = g_1) \\
        θ_t &= θ_{t-1} - η v_t

    With Nesterov's momentum (Nesterov, 1983; in this form Sutskever et al., 2013) the second line
    is :math:`θ_t = θ_{t-1} - η (g_t + μ v_t)`; without momentum :math:`v_t = g_t`.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η.
    momentum : float
        μ: how much of the last step goes on.
    dampening : float
        τ: how much of the gradient the velocity leaves out, from the second step on.
    nesterov : bool
        Look one step of momentum ahead; needs ``momentum > 0`` and ``dampening=0``.
    **common
        ``weight_decay``, ``l1``, ``decoupled_weight_decay``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        dampening: float = 0.0,
        nesterov: bool = False,
        **common: Unpack[Common],
    ) -> None:
        options = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "nesterov": nesterov,
        }
        super().__init__(params, options, common)

    def check_group(self, group: Mapping[str, Any]) -> None:
        """Refuse Nesterov's momentum without momentum, or dampened."""
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise DataError(
                "SGD: nesterov=True needs momentum > 0 and dampening=0, got "
                f"momentum={group['momentum']} and dampening={group['dampening']}"
            )

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        lr, momentum = hyper["lr"], hyper["momentum"]
        if not momentum:
            return parameter - lr * gradient, state
        if "velocity" in state:
            velocity = momentum * state["velocity"] + (1 - hyper["dampening"]) * gradient
        else:  # a product, so that the state never shares the gradient's memory
            velocity = 1.0 * gradient
        direction = gradient + momentum * velocity if hyper["nesterov"] else velocity
        return parameter - lr * direction, {"velocity": velocity}
