"""Rates that fall along a cosine, once or again and again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pellucid.optim.schedules.base import Per, Schedule, check_count, check_number

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = ["Cosine", "CosineRestarts"]


class Cosine(Schedule):
    r"""Half a cosine from the initial rate to the least (Loshchilov & Hutter, 2017).

    .. math:: η_t = η_{min} + ½ (η_0 - η_{min}) (1 + \cos(π t / T))

    and :math:`η_{min}` after T (where PyTorch's climbs again).

    Parameters
    ----------
    optimizer : Optimizer
    total_steps : int
        T.
    min_lr : float
        The last rate.
    per : "step" or "epoch"
    """

    def __init__(
        self, optimizer: Optimizer, total_steps: int, *, min_lr: float = 0.0, per: Per = "step"
    ) -> None:
        self.total_steps = check_count(self, "total_steps", total_steps)
        self.min_lr = check_number(self, "min_lr", min_lr)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule end with the training."""
        return cls(optimizer, **{"total_steps": total_steps, **options}, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        done = min(count, self.total_steps) / self.total_steps
        return self.min_lr + (initial - self.min_lr) * (1 + math.cos(math.pi * done)) / 2


class CosineRestarts(Schedule):
    r"""Half a cosine again and again, each longer than the last (Loshchilov & Hutter, 2017).

    The i-th has :math:`T_i = T_0 m^i` counts and starts at the initial rate.

    Parameters
    ----------
    optimizer : Optimizer
    first_period : int
        T₀.
    multiplier : int
        m.
    min_lr : float
        The rate that each one falls to.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        first_period: int,
        *,
        multiplier: int = 1,
        min_lr: float = 0.0,
        per: Per = "step",
    ) -> None:
        self.first_period = check_count(self, "first_period", first_period)
        self.multiplier = check_count(self, "multiplier", multiplier)
        self.min_lr = check_number(self, "min_lr", min_lr)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make three periods, each twice as long as the last, that end with the training."""
        if "first_period" not in options:
            options["first_period"] = max(1, -(-total_steps // 7))  # 1 + 2 + 4 parts
            options.setdefault("multiplier", 2)
        return cls(optimizer, per=per, **options)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        period = self.first_period
        if self.multiplier == 1:
            count %= period
        while count >= period:
            count -= period
            period *= self.multiplier
        return self.min_lr + (initial - self.min_lr) * (1 + math.cos(math.pi * count / period)) / 2
