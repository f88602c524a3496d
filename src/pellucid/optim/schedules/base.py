"""The base of all schedules: a learning rate as a function of a count."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from pellucid.errors import CheckpointError, DataError

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = ["Per", "Schedule", "check_count", "check_number", "has_momentum", "set_momentum"]

Per: TypeAlias = Literal["step", "epoch"]


class Schedule:
    """Sets an optimizer's learning rate from the number of times that :meth:`step` was called.

    The rate is a closed formula of that count and of the group's initial rate, so a restored
    schedule continues with the same bits. A subclass writes :meth:`learning_rate`.

    Parameters
    ----------
    optimizer : Optimizer
        The optimizer to steer. The rate that a group has when its first schedule is made is its
        initial one, kept in the group as ``"initial_lr"``.
    per : "step" or "epoch"
        How often whoever trains is asked to call :meth:`step`: after each update, or each epoch.

    Attributes
    ----------
    count : int
        How often :meth:`step` was called.
    last_lr : list of float
        The rate of each group now.
    """

    needs_metric: bool = False
    """Whether :meth:`step` needs the validation metric."""

    def __init__(self, optimizer: Optimizer, *, per: Per = "step") -> None:
        if per not in ("step", "epoch"):
            raise DataError(f"{type(self).__name__}: per is 'step' or 'epoch', got {per!r}")
        self.optimizer = optimizer
        self.per: Per = per
        self.count = 0
        self.initial_lrs: list[float] = []
        self.adopt_groups()
        self.apply()

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "step", **options: Any
    ) -> Schedule:
        """Make the schedule so that it fits a training of `total_steps` counts."""
        return cls(optimizer, per=per, **options)

    def learning_rate(self, count: int, initial: float) -> float:
        """Return the rate at a count for a group whose initial rate is `initial`."""
        raise NotImplementedError

    def momentum(self, count: int) -> float | None:
        """Return the momentum (or β₁) at a count; None leaves it alone."""
        return None

    def adopt_groups(self) -> None:
        """Note the initial rates of groups not seen before."""
        for group in self.optimizer.groups[len(self.initial_lrs) :]:
            self.initial_lrs.append(group.setdefault("initial_lr", float(group["lr"])))

    def apply(self) -> None:
        """Write the rates of the present count into the optimizer's groups."""
        self.adopt_groups()
        for group, initial in zip(self.optimizer.groups, self.initial_lrs, strict=True):
            group["lr"] = float(self.learning_rate(self.count, initial))
        momentum = self.momentum(self.count)
        if momentum is not None:
            set_momentum(self.optimizer, momentum)

    def step(self, metric: float | None = None) -> None:
        """Count one more, and set the learning rates.

        Parameters
        ----------
        metric : float, optional
            The validation metric; only :class:`~pellucid.optim.schedules.Plateau` looks at it.
        """
        self.count += 1
        self.apply()

    @property
    def last_lr(self) -> list[float]:
        """The learning rate of each group now."""
        return [float(group["lr"]) for group in self.optimizer.groups]

    def state_dict(self) -> dict[str, Any]:
        """Return the state as plain values for JSON."""
        return {
            "schedule": type(self).__name__,
            "count": self.count,
            "initial_lrs": list(self.initial_lrs),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that :meth:`state_dict` returned.

        Raises
        ------
        CheckpointError
            If it is damaged, or of another schedule or optimizer.
        """
        self.restore(state)
        self.apply()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a state without yet writing to the optimizer."""
        name = type(self).__name__
        try:
            saved, count, initial = state["schedule"], state["count"], list(state["initial_lrs"])
        except (KeyError, TypeError) as error:
            raise CheckpointError(
                f"the state of the schedule {name} is damaged: {error!r} is missing"
            ) from error
        if saved != name:
            raise CheckpointError(f"the state is that of the schedule {saved}, this one is {name}")
        if not isinstance(count, int) or count < 0 or len(initial) != len(self.initial_lrs):
            raise CheckpointError(
                f"the state of the schedule {name} is for {len(initial)} parameter groups at "
                f"count {count!r}; this optimizer has {len(self.initial_lrs)}"
            )
        self.count = count
        self.initial_lrs = [float(rate) for rate in initial]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(count={self.count}, last_lr={self.last_lr})"


def set_momentum(optimizer: Optimizer, momentum: float) -> None:
    """Set the momentum, or β₁, of every group."""
    for group in optimizer.groups:
        if "betas" in group:
            group["betas"] = (momentum, group["betas"][1])
        else:
            group["momentum"] = momentum


def has_momentum(optimizer: Optimizer) -> bool:
    """Return whether the optimizer has a momentum, or a β₁, to cycle."""
    return "betas" in optimizer.defaults or "momentum" in optimizer.defaults


def check_count(owner: object, name: str, value: Any, low: int = 1) -> int:
    """Return a whole number ≥ `low`.

    Raises
    ------
    DataError
        If it is not one.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < low:
        raise DataError(f"{type(owner).__name__}: {name} is a whole number ≥ {low}, got {value!r}")
    return int(value)


def check_number(
    owner: object, name: str, value: Any, low: float = 0.0, high: float = math.inf
) -> float:
    """Return a finite Python float from `low` to `high`.

    Raises
    ------
    DataError
        If it is not one.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and low <= number <= high):
        limits = f"≥ {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
        raise DataError(f"{type(owner).__name__}: {name} is a number {limits}, got {value!r}")
    return number
