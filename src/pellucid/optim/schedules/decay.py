"""Rates that fall (or rise) by a simple rule: constant, stepwise, exponential, polynomial."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pellucid.errors import DataError
from pellucid.optim.schedules.base import Per, Schedule, check_count, check_number

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = [
    "Constant",
    "Exponential",
    "Function",
    "InverseSqrt",
    "Linear",
    "MultiStep",
    "Noam",
    "Polynomial",
    "StepDecay",
]


class Constant(Schedule):
    r"""The initial rate, or a part of it for the first counts: :math:`η_t = f η_0` for t < n.

    Parameters
    ----------
    optimizer : Optimizer
    factor : float
        f.
    steps : int or None
        n; None is for ever.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        *,
        factor: float = 1.0,
        steps: int | None = None,
        per: Per = "step",
    ) -> None:
        self.factor = check_number(self, "factor", factor)
        self.steps = None if steps is None else check_count(self, "steps", steps, 0)
        super().__init__(optimizer, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        return initial * self.factor if self.steps is None or count < self.steps else initial


class StepDecay(Schedule):
    r"""A rate multiplied by γ every n counts: :math:`η_t = η_0 γ^{⌊t / n⌋}`.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
        n.
    gamma : float
        γ.
    per : "step" or "epoch"
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, *, gamma: float = 0.1, per: Per = "step"
    ) -> None:
        self.step_size = check_count(self, "step_size", step_size)
        self.gamma = check_number(self, "gamma", gamma)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule with three levels over the training."""
        options.setdefault("step_size", max(1, -(-total_steps // 3)))
        return cls(optimizer, per=per, **options)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        return initial * self.gamma ** (count // self.step_size)


class MultiStep(Schedule):
    r"""A rate multiplied by γ at each milestone: :math:`η_t = η_0 γ^{|\{m : m ≤ t\}|}`.

    Parameters
    ----------
    optimizer : Optimizer
    milestones : sequence of int
        The counts m.
    gamma : float
        γ.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Sequence[int],
        *,
        gamma: float = 0.1,
        per: Per = "step",
    ) -> None:
        self.milestones = sorted(check_count(self, "a milestone", m, 0) for m in milestones)
        self.gamma = check_number(self, "gamma", gamma)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule with milestones after a half and three quarters of the training."""
        options.setdefault("milestones", [total_steps // 2, total_steps * 3 // 4])
        return cls(optimizer, per=per, **options)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        return initial * self.gamma ** bisect_right(self.milestones, count)


class Exponential(Schedule):
    r"""A rate multiplied by γ at each count: :math:`η_t = η_0 γ^t`.

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float
        γ.
    per : "step" or "epoch"
    """

    def __init__(self, optimizer: Optimizer, gamma: float, *, per: Per = "step") -> None:
        self.gamma = check_number(self, "gamma", gamma)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule end at a hundredth of the initial rate."""
        options.setdefault("gamma", 0.01 ** (1 / max(1, total_steps)))
        return cls(optimizer, per=per, **options)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        return float(initial * self.gamma**count)


class Polynomial(Schedule):
    r"""A rate that falls to an end as a power of the time left.

    .. math:: η_t = η_{end} + (η_0 - η_{end}) (1 - t / T)^p

    and :math:`η_{end}` after T.

    Parameters
    ----------
    optimizer : Optimizer
    total_steps : int
        T.
    power : float
        p; 1 is a straight line.
    end_lr : float
        The last rate.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        *,
        power: float = 1.0,
        end_lr: float = 0.0,
        per: Per = "step",
    ) -> None:
        self.total_steps = check_count(self, "total_steps", total_steps)
        self.power = check_number(self, "power", power)
        self.end_lr = check_number(self, "end_lr", end_lr)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule end with the training."""
        return cls(optimizer, **{"total_steps": total_steps, **options}, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        left = 1 - min(count, self.total_steps) / self.total_steps
        return float(self.end_lr + (initial - self.end_lr) * left**self.power)


class Linear(Schedule):
    r"""A straight line from one part of the initial rate to another.

    .. math:: η_t = η_0 (a + (b - a) \min(t, T) / T)

    Parameters
    ----------
    optimizer : Optimizer
    total_steps : int
        T.
    start_factor, end_factor : float
        a and b.
    per : "step" or "epoch"
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        *,
        start_factor: float = 1.0,
        end_factor: float = 0.0,
        per: Per = "step",
    ) -> None:
        self.total_steps = check_count(self, "total_steps", total_steps)
        self.start_factor = check_number(self, "start_factor", start_factor)
        self.end_factor = check_number(self, "end_factor", end_factor)
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
        return initial * (self.start_factor + (self.end_factor - self.start_factor) * done)


class InverseSqrt(Schedule):
    r"""A straight rise to the initial rate over w counts, then a fall as :math:`1/\sqrt t`.

    .. math:: η_t = η_0 \min\left(\frac{t + 1}{w}, \sqrt{\frac{w}{t + 1}}\right)

    Parameters
    ----------
    optimizer : Optimizer
    warm_up : int
        w.
    per : "step" or "epoch"
    """

    def __init__(self, optimizer: Optimizer, warm_up: int = 1, *, per: Per = "step") -> None:
        self.warm_up = check_count(self, "warm_up", warm_up)
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule rise over a tenth of the training."""
        return cls(optimizer, **{"warm_up": max(1, total_steps // 10), **options}, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        now = count + 1
        return float(initial * min(now / self.warm_up, (self.warm_up / now) ** 0.5))


class Noam(InverseSqrt):
    r"""The Transformer's schedule (Vaswani et al., 2017): :class:`InverseSqrt` with its own height.

    .. math:: η_t = η_0 \, d^{-1/2} \min((t+1)^{-1/2}, (t+1) \, w^{-3/2})

    The rate thus peaks at :math:`η_0 / \sqrt{d w}`; :math:`η_0` is usually 1.

    Parameters
    ----------
    optimizer : Optimizer
    width : int
        d, the width of the model.
    warm_up : int
        w.
    per : "step" or "epoch"
    """

    def __init__(
        self, optimizer: Optimizer, width: int = 512, warm_up: int = 4000, *, per: Per = "step"
    ) -> None:
        self.width = check_count(self, "width", width)
        super().__init__(optimizer, warm_up, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        now = count + 1
        return float(initial * self.width**-0.5 * min(now**-0.5, now * self.warm_up**-1.5))


class Function(Schedule):
    """A rate that is the initial one times any function of the count.

    Parameters
    ----------
    optimizer : Optimizer
    function : callable
        Takes the count, an int, and returns a factor. It is not part of the saved state: give the
        same one when you resume.
    per : "step" or "epoch"
    """

    def __init__(
        self, optimizer: Optimizer, function: Callable[[int], float], *, per: Per = "step"
    ) -> None:
        if not callable(function):
            raise DataError(f"Function: function takes a count, got {function!r}")
        self.function = function
        super().__init__(optimizer, per=per)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the initial rate times the function's value."""
        return initial * check_number(self, f"function({count})", self.function(count))
