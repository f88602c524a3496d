"""Rates that go up and down: cyclic, and one-cycle. Both can move the momentum the other way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pellucid.errors import DataError
from pellucid.optim.schedules.base import Per, Schedule, check_count, check_number, has_momentum

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = ["Cyclic", "OneCycle"]


class OneCycle(Schedule):
    r"""One rise to the largest rate and one long fall (Smith & Topin, 2018).

    From :math:`η_{max} / D` up to :math:`η_{max}` over the first part of the training, then down
    to :math:`η_{max} / (D F)`, along half cosines or straight lines. The momentum (or Adam's β₁)
    goes the other way. Details are as in PyTorch.

    Parameters
    ----------
    optimizer : Optimizer
    total_steps : int
        Counts until the end, where the rate then stays.
    max_lr : float or None
        The largest rate; None is the optimizer's own.
    rising : float
        The part of the counts that the rise takes, from 0 to 1.
    anneal : "cos" or "linear"
        The shape.
    cycle_momentum : bool or None
        Whether the momentum moves; None is where the optimizer has one.
    base_momentum, max_momentum : float
        Momentum at the peak of the rate, and at both ends.
    div_factor, final_div_factor : float
        D and F.
    three_phase : bool
        Fall to the first rate in as many counts as the rise took, and in the rest to the last.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        *,
        max_lr: float | None = None,
        rising: float = 0.3,
        anneal: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool | None = None,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        per: Per = "step",
    ) -> None:
        self.total_steps = check_count(self, "total_steps", total_steps)
        self.max_lr = None if max_lr is None else check_number(self, "max_lr", max_lr)
        if anneal not in ("cos", "linear"):
            raise DataError(f"OneCycle: anneal is 'cos' or 'linear', got {anneal!r}")
        self.anneal = anneal
        self.cycle_momentum = _cycles(self, optimizer, cycle_momentum)
        self.base_momentum = check_number(self, "base_momentum", base_momentum, 0, 1)
        self.max_momentum = check_number(self, "max_momentum", max_momentum, 0, 1)
        self.div_factor = check_number(self, "div_factor", div_factor, 1)
        self.final_div_factor = check_number(self, "final_div_factor", final_div_factor, 1)
        rise = check_number(self, "rising", rising, 0, 1) * total_steps
        # (last count, height there) of each phase; heights: 0 the end, 1 the start, 2 the peak
        self.phases = [(rise - 1, 2), (2 * rise - 2, 1), (total_steps - 1, 0)]
        if not three_phase:
            del self.phases[1]
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the cycle end with the training."""
        return cls(optimizer, **{"total_steps": total_steps, **options}, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        peak = initial if self.max_lr is None else self.max_lr
        start = peak / self.div_factor
        return self._between(count, (start / self.final_div_factor, start, peak))

    def momentum(self, count: int) -> float | None:
        """Return the momentum, or None where it stays."""
        if not self.cycle_momentum:
            return None
        return self._between(count, (self.max_momentum, self.max_momentum, self.base_momentum))

    def _between(self, count: int, heights: tuple[float, float, float]) -> float:
        """Find the phase, and how far it is between its two heights."""
        count = min(count, self.total_steps - 1)
        first, height = 0.0, heights[1]
        for last, number in self.phases:
            if count <= last:
                done = (count - first) / (last - first) if last > first else 1.0
                if self.anneal == "linear":
                    return (heights[number] - height) * done + height
                wave = math.cos(math.pi * done) + 1
                return heights[number] + (height - heights[number]) / 2 * wave
            first, height = last, heights[number]
        return height


class Cyclic(Schedule):
    r"""Rises and falls between two rates, again and again (Smith, 2017).

    With h going from 0 up to 1 and back in each cycle, :math:`η_t = η_{base} + (η_{max} -
    η_{base}) \, h \, s`, where s is 1 ("triangular"), is halved each cycle ("triangular2") or is
    :math:`γ^t` ("exp_range"). The momentum (or Adam's β₁) goes the other way.

    Parameters
    ----------
    optimizer : Optimizer
    up : int
        Counts of a rise.
    down : int or None
        Counts of a fall; None is as many.
    base_lr, max_lr : float or None
        The two rates; None is a quarter of the largest, and the optimizer's own.
    mode : "triangular", "triangular2" or "exp_range"
        How the height of the cycles goes on.
    gamma : float
        γ.
    cycle_momentum : bool or None
        Whether the momentum moves; None is where the optimizer has one.
    base_momentum, max_momentum : float
        Momentum at the largest rate and at the smallest.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        up: int = 2000,
        *,
        down: int | None = None,
        base_lr: float | None = None,
        max_lr: float | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        cycle_momentum: bool | None = None,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        per: Per = "step",
    ) -> None:
        self.up = check_count(self, "up", up)
        self.down = self.up if down is None else check_count(self, "down", down)
        self.base_lr = None if base_lr is None else check_number(self, "base_lr", base_lr)
        self.max_lr = None if max_lr is None else check_number(self, "max_lr", max_lr)
        if mode not in ("triangular", "triangular2", "exp_range"):
            raise DataError(
                f"Cyclic: mode is 'triangular', 'triangular2' or 'exp_range', got {mode!r}"
            )
        self.mode = mode
        self.gamma = check_number(self, "gamma", gamma)
        self.cycle_momentum = _cycles(self, optimizer, cycle_momentum)
        self.base_momentum = check_number(self, "base_momentum", base_momentum, 0, 1)
        self.max_momentum = check_number(self, "max_momentum", max_momentum, 0, 1)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make four cycles over the training."""
        return cls(optimizer, **{"up": max(1, total_steps // 8), **options}, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        top = initial if self.max_lr is None else self.max_lr
        base = top / 4 if self.base_lr is None else self.base_lr
        return base + (top - base) * self._height(count)

    def momentum(self, count: int) -> float | None:
        """Return the momentum, or None where it stays."""
        if not self.cycle_momentum:
            return None
        return self.max_momentum - (self.max_momentum - self.base_momentum) * self._height(count)

    def _height(self, count: int) -> float:
        cycle, place = divmod(count, self.up + self.down)
        height = place / self.up if place <= self.up else (self.up + self.down - place) / self.down
        if self.mode == "triangular2":
            return height / 2**cycle
        return float(height * self.gamma**count) if self.mode == "exp_range" else height


def _cycles(owner: object, optimizer: Optimizer, wanted: bool | None) -> bool:
    """Return whether the momentum is cycled: as wanted, or where there is one."""
    able = has_momentum(optimizer)
    if wanted and not able:
        raise DataError(
            f"{type(owner).__name__}: {type(optimizer).__name__} has neither momentum nor betas; "
            "leave cycle_momentum out"
        )
    return able if wanted is None else wanted
