"""A rate that falls when a metric stops getting better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pellucid.errors import CheckpointError, DataError
from pellucid.optim.schedules.base import Per, Schedule, check_count, check_number

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = ["Plateau"]


class Plateau(Schedule):
    """Multiply the rate by a factor when the metric has not improved for a while.

    It is the one schedule that depends on how the training goes, so the rates are in its state.

    Parameters
    ----------
    optimizer : Optimizer
    mode : "min" or "max"
        Whether smaller or larger is better.
    factor : float
        What the rate is multiplied by, below 1.
    patience : int
        How many counts without improvement are let pass.
    threshold : float
        How much counts as an improvement.
    threshold_mode : "rel" or "abs"
        Whether `threshold` is a part of the best value, or a difference to it.
    cooldown : int
        How many counts after a change nothing is judged.
    min_lr : float
        The least rate.
    eps : float
        A smaller change than this is not made.
    per : "step" or "epoch"
        "epoch" unless given.
    """

    needs_metric = True

    def __init__(
        self,
        optimizer: Optimizer,
        *,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
        per: Per = "epoch",
    ) -> None:
        if mode not in ("min", "max"):
            raise DataError(f"Plateau: mode is 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise DataError(f"Plateau: threshold_mode is 'rel' or 'abs', got {threshold_mode!r}")
        self.mode = mode
        self.factor = check_number(self, "factor", factor, 0, 1)
        self.patience = check_count(self, "patience", patience, 0)
        self.threshold = check_number(self, "threshold", threshold)
        self.threshold_mode = threshold_mode
        self.cooldown = check_count(self, "cooldown", cooldown, 0)
        self.min_lr = check_number(self, "min_lr", min_lr)
        self.eps = check_number(self, "eps", eps)
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_counts = 0
        self.cooling = 0
        self.rates: list[float] = []
        super().__init__(optimizer, per=per)

    @classmethod
    def for_total(
        cls, optimizer: Optimizer, total_steps: int, *, per: Per = "epoch", **options: Any
    ) -> Schedule:
        """Make the schedule; it does not depend on the length of the training."""
        return cls(optimizer, per=per, **options)

    def apply(self) -> None:
        """Write the present rates into the optimizer's groups."""
        self.adopt_groups()
        self.rates += self.initial_lrs[len(self.rates) :]
        for group, rate in zip(self.optimizer.groups, self.rates, strict=True):
            group["lr"] = rate

    def step(self, metric: float | None = None) -> None:
        """Judge the metric, and lower the rates if it was too bad for too long.

        A NaN is no improvement.
        """
        if metric is None:
            raise DataError(
                "Plateau.step needs the metric it watches, for example the validation loss: "
                "schedule.step(loss)"
            )
        value = float(metric)
        self.count += 1
        if self._is_better(value):
            self.best = value
            self.bad_counts = 0
        else:
            self.bad_counts += 1
        if self.cooling > 0:
            self.cooling -= 1
            self.bad_counts = 0
        if self.bad_counts > self.patience:
            lower = [max(rate * self.factor, self.min_lr) for rate in self.rates]
            self.rates = [
                new if old - new > self.eps else old
                for old, new in zip(self.rates, lower, strict=True)
            ]
            self.cooling = self.cooldown
            self.bad_counts = 0
        self.apply()

    def _is_better(self, value: float) -> bool:
        margin = self.threshold
        if self.threshold_mode == "rel" and math.isfinite(self.best):
            margin *= abs(self.best)  # a margin, for negative values too
        return value < self.best - margin if self.mode == "min" else value > self.best + margin

    def state_dict(self) -> dict[str, Any]:
        """Return the state as plain values for JSON."""
        return super().state_dict() | {
            "best": self.best if math.isfinite(self.best) else None,
            "bad_counts": self.bad_counts,
            "cooling": self.cooling,
            "rates": list(self.rates),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a state without yet writing to the optimizer."""
        super().restore(state)
        try:
            best, rates = state["best"], [float(rate) for rate in state["rates"]]
            self.bad_counts, self.cooling = int(state["bad_counts"]), int(state["cooling"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"the state of the schedule Plateau is damaged: {error!r}"
            ) from error
        worst = math.inf if self.mode == "min" else -math.inf
        self.best = worst if best is None else float(best)
        self.rates = rates
