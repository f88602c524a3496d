"""Schedules made of schedules: a warm-up before any other, one after the other, all at once."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.errors import CheckpointError, DataError
from pellucid.optim.schedules.base import Schedule, check_count, check_number

__all__ = ["Chained", "Sequential", "WarmUp"]


class _Composite(Schedule):
    """Steers an optimizer through other schedules, which share its count and its unit."""

    def __init__(self, schedules: Sequence[Schedule], *, plateau: bool = False) -> None:
        name = type(self).__name__
        self.schedules = list(schedules)
        if not self.schedules:
            raise DataError(f"{name} got no schedules")
        for schedule in self.schedules:
            if not isinstance(schedule, Schedule):
                raise DataError(f"{name} takes schedules, got {type(schedule).__name__}")
        first = self.schedules[0]
        if any(schedule.optimizer is not first.optimizer for schedule in self.schedules):
            raise DataError(f"{name}: every schedule inside is made with the same optimizer")
        if any(schedule.per != first.per for schedule in self.schedules):
            raise DataError(f"{name}: its schedules go per step and per epoch; choose one")
        if not plateau and any(schedule.needs_metric for schedule in self.schedules):
            raise DataError(
                f"{name} cannot hold a Plateau, which depends on a metric and not on a count; "
                "only WarmUp can go before one"
            )
        super().__init__(first.optimizer, per=first.per)

    def state_dict(self) -> dict[str, Any]:
        """Return the state as plain values for JSON, with those of the schedules inside."""
        inner = [schedule.state_dict() for schedule in self.schedules]
        return super().state_dict() | {"schedules": inner}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a state without yet writing to the optimizer."""
        super().restore(state)
        inner = state.get("schedules")
        if not isinstance(inner, list) or len(inner) != len(self.schedules):
            raise CheckpointError(
                f"the state of the schedule {type(self).__name__} lacks its inner schedules"
            )
        for schedule, saved in zip(self.schedules, inner, strict=True):
            schedule.restore(saved)


class WarmUp(_Composite):
    r"""A straight rise over the first counts, then another schedule from its beginning.

    .. math:: η_t = η^{after}_0 \left(a + (1 - a) \frac{t}{w}\right) \quad (t < w)

    Parameters
    ----------
    after : Schedule
        What follows; it can be any, :class:`~pellucid.optim.schedules.Plateau` too.
    steps : int
        w.
    start_factor : float
        a: the part of the rate to begin with.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import Parameter
    >>> from pellucid.optim import SGD
    >>> from pellucid.optim.schedules import Cosine
    >>> optimizer = SGD([Parameter(np.zeros(1))], lr=1.0)
    >>> schedule = WarmUp(Cosine(optimizer, 4), steps=2)
    >>> for _ in range(6):
    ...     print(round(optimizer.groups[0]["lr"], 3), end=" ")
    ...     schedule.step()
    0.0 0.5 1.0 0.854 0.5 0.146
    """

    def __init__(self, after: Schedule, steps: int, *, start_factor: float = 0.0) -> None:
        self.steps = check_count(self, "steps", steps)
        self.start_factor = check_number(self, "start_factor", start_factor, 0, 1)
        self.after = after
        self.needs_metric = getattr(after, "needs_metric", False)
        super().__init__([after], plateau=True)

    def _rise(self, count: int) -> float:
        return self.start_factor + (1 - self.start_factor) * count / self.steps

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        if count < self.steps:
            return self.after.learning_rate(0, initial) * self._rise(count)
        return self.after.learning_rate(count - self.steps, initial)

    def momentum(self, count: int) -> float | None:
        """Return the momentum that the schedule that follows says."""
        return self.after.momentum(max(0, count - self.steps))

    def apply(self) -> None:
        """Write the rates of the present count into the optimizer's groups."""
        self.adopt_groups()
        self.after.apply()  # its own state counts, which a Plateau cannot compute from a number
        if self.count < self.steps:
            for group in self.optimizer.groups:
                group["lr"] = group["lr"] * self._rise(self.count)

    def step(self, metric: float | None = None) -> None:
        """Count one more; after the warm-up, hand on to the schedule that follows."""
        self.count += 1
        if self.count > self.steps:
            self.after.step(metric)
        else:
            self.apply()


class Sequential(_Composite):
    """One schedule after the other, each from its own beginning.

    Parameters
    ----------
    schedules : sequence of Schedule
        In order; none may be a :class:`~pellucid.optim.schedules.Plateau`.
    milestones : sequence of int
        The counts at which the next one starts: one fewer than schedules.
    """

    def __init__(self, schedules: Sequence[Schedule], milestones: Sequence[int]) -> None:
        self.milestones = [check_count(self, "a milestone", m) for m in milestones]
        if len(self.milestones) != len(schedules) - 1 or self.milestones != sorted(
            set(self.milestones)
        ):
            raise DataError(
                f"Sequential: {len(schedules)} schedules need {len(schedules) - 1} milestones in "
                f"rising order, got {list(milestones)}"
            )
        super().__init__(schedules)

    def _now(self, count: int) -> tuple[Schedule, int]:
        number = bisect_right(self.milestones, count)
        return self.schedules[number], count - (self.milestones[number - 1] if number else 0)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate that the schedule of this count says."""
        schedule, own_count = self._now(count)
        return schedule.learning_rate(own_count, initial)

    def momentum(self, count: int) -> float | None:
        """Return the momentum that the schedule of this count says."""
        schedule, own_count = self._now(count)
        return schedule.momentum(own_count)


class Chained(_Composite):
    r"""All schedules at once, multiplied: :math:`η_t = η_0 \prod_i η^{(i)}_t / η_0`.

    Parameters
    ----------
    schedules : sequence of Schedule
        None may be a :class:`~pellucid.optim.schedules.Plateau`.
    """

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        super().__init__(schedules)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate (the formula is the class's)."""
        if initial == 0:
            return 0.0
        rates = (schedule.learning_rate(count, initial) for schedule in self.schedules)
        return initial * math.prod(rate / initial for rate in rates)

    def momentum(self, count: int) -> float | None:
        """Return the momentum of the last schedule that has one."""
        found = [schedule.momentum(count) for schedule in self.schedules]
        return next((momentum for momentum in reversed(found) if momentum is not None), None)
