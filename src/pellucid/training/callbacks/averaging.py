"""Judging and ending with an average of the weights instead of the last ones."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

from pellucid.errors import DataError
from pellucid.training.callbacks.callback import Callback

if TYPE_CHECKING:
    from pellucid.optim import Average
    from pellucid.training.trainer import Trainer

__all__ = ["Averaging"]


class Averaging(Callback):
    """Keep an average of the weights, judge each epoch by it, and end with it.

    Parameters
    ----------
    average : EMA or SWA
        An average over the network in training.
    per : "step" or "epoch"
        Whether the weights are taken in after each update (for EMA) or each epoch (for SWA).
    start : int
        How many epochs pass before the first are taken in.

    Examples
    --------
    >>> from pellucid import nn, optim
    >>> net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    >>> averaging = Averaging(optim.EMA(net, decay=0.99))
    """

    def __init__(
        self, average: Average, *, per: Literal["step", "epoch"] = "step", start: int = 0
    ) -> None:
        if per not in ("step", "epoch"):
            raise DataError(f"per is 'step' or 'epoch', got {per!r}")
        if isinstance(start, bool) or not isinstance(start, int) or start < 0:
            raise DataError(f"start is a number of epochs ≥ 0, got {start!r}")
        self.average = average
        self.per = per
        self.start = start

    def on_batch_end(self, trainer: Trainer) -> None:
        """Take the weights in, if it is done after each update."""
        if self.per == "step" and trainer.epoch >= self.start:
            self.average.update()

    def evaluation_weights(self, trainer: Trainer) -> AbstractContextManager[None]:
        """Put the average into the network; before the first update there is none."""
        if self.per == "epoch" and trainer.epoch >= self.start:
            self.average.update()
        return self.average.applied() if self.average.updates else nullcontext()

    def on_train_end(self, trainer: Trainer) -> None:
        """Leave the average in the network, unless early stopping has brought back its best."""
        if self.average.updates and trainer.training_weights is None:
            with self.average.applied():
                weights = trainer.net.state_dict()
            trainer.present(weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the average."""
        return self.average.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        self.average.load_state_dict(state)
