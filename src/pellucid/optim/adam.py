"""Adam and its two closest relatives, AdamW and AMSGrad."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Unpack

import numpy as np

from pellucid.optim.blocks import State
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.options import Common, Hyper
from pellucid.optim.parameters import Params

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["AMSGrad", "Adam", "AdamW"]


class Adam(Optimizer):
    r"""Momentum divided by the root of the average square (Kingma & Ba, 2015).

    .. math::

        m_t &= β_1 m_{t-1} + (1 - β_1) g_t \\
        v_t &= β_2 v_{t-1} + (1 - β_2) g_t^2 \\
        θ_t &= θ_{t-1} - η \frac{m_t / (1 - β_1^t)}{\sqrt{v_t / (1 - β_2^t)} + ε}

    The last line is computed as the paper's section 2 proposes, which saves two passes over the
    arrays: :math:`θ_{t-1} - \hat η \, m_t / (\sqrt{v_t} + \hat ε)` with
    :math:`\hat ε = ε \sqrt{1 - β_2^t}` and :math:`\hat η = η \sqrt{1 - β_2^t} / (1 - β_1^t)`.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; see :class:`~pellucid.optim.Optimizer`.
    lr : float
        Learning rate η: about the size of a step.
    betas : tuple of float
        β₁ and β₂: how much of the two averages is kept.
    eps : float
        ε, against division by zero.
    amsgrad : bool
        Put the largest :math:`v` so far in place of :math:`v_t` (Reddi, Kale & Kumar, 2018).
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
        amsgrad: bool = False,
        **common: Unpack[Common],
    ) -> None:
        options = {"lr": lr, "betas": betas, "eps": eps, "amsgrad": amsgrad}
        super().__init__(params, options, common)

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return the two moments, and for AMSGrad the largest second one, at zero."""
        names = ["first_moment", "second_moment"]
        if hyper["amsgrad"]:
            names.append("largest_second_moment")
        return {name: np.zeros_like(parameter) for name in names}

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return parameter and state after one step (the equations are the class's)."""
        beta1, beta2 = hyper["betas"]
        first = beta1 * state["first_moment"] + (1 - beta1) * gradient
        second = beta2 * state["second_moment"] + (1 - beta2) * (gradient * gradient)
        new_state: State = {"first_moment": first, "second_moment": second}
        if hyper["amsgrad"]:
            second = np.maximum(state["largest_second_moment"], second)
            new_state["largest_second_moment"] = second
        correction1 = 1 - beta1 ** hyper["step"]
        correction2 = (1 - beta2 ** hyper["step"]) ** 0.5
        lr = hyper["lr"] * correction2 / correction1
        eps = hyper["eps"] * correction2
        return parameter - lr * first / (np.sqrt(second) + eps), new_state


class AdamW(Adam):
    r"""Adam with decoupled weight decay (Loshchilov & Hutter, 2019).

    First :math:`θ ← (1 - η λ) θ`, then Adam's step from a gradient that has no decay in it.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, **common
        As for :class:`Adam`; ``weight_decay`` is 0.01 unless given, and decoupled.
    """

    defaults_of_common: ClassVar[Common] = {
        "weight_decay": 0.01,
        "l1": 0.0,
        "decoupled_weight_decay": True,
        "maximize": False,
    }


class AMSGrad(Adam):
    r"""Adam with a second moment that never falls (Reddi, Kale & Kumar, 2018).

    The same as ``Adam(..., amsgrad=True)``.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, **common
        As for :class:`Adam`.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        amsgrad: bool = True,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(params, lr, betas=betas, eps=eps, amsgrad=amsgrad, **common)
