"""Stopping when nothing gets better any more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pellucid.errors import CheckpointError, DataError, UnknownNameError
from pellucid.training.callbacks.callback import Callback
from pellucid.training.metrics import better_is

if TYPE_CHECKING:
    from pellucid.dtypes import Array
    from pellucid.training.trainer import Trainer

__all__ = ["EarlyStopping", "Watch"]


class Watch:
    """A curve that is watched for new best values.

    Parameters
    ----------
    monitor : str, optional
        The curve; ``"val_loss"`` where there is one, else ``"loss"``.
    mode : "max" or "min", optional
        Which is better; known for the library's own metrics.
    min_delta : float
        How much better counts as better.
    """

    def __init__(
        self,
        monitor: str | None = None,
        mode: Literal["max", "min"] | None = None,
        min_delta: float = 0.0,
    ) -> None:
        if mode not in (None, "max", "min"):
            raise DataError(f"mode is 'max', 'min' or None, got {mode!r}")
        if not min_delta >= 0 or not math.isfinite(min_delta):
            raise DataError(f"min_delta is zero or more, got {min_delta!r}")
        self.monitor = monitor
        self.mode = mode
        self.min_delta = min_delta
        self.best: float | None = None
        self.best_epoch = 0

    def improves(self, row: Mapping[str, float | None], epoch: int) -> bool:
        """Return whether an epoch is better than all before it, and remember it if so.

        A NaN is never better.
        """
        name = self.monitor or ("val_loss" if "val_loss" in row else "loss")
        if name not in row:
            raise UnknownNameError("curve to monitor", name, row)
        value = row[name]
        if value is None or math.isnan(value):
            return False
        if self.best is not None:
            sign = -1.0 if (self.mode or better_is(name)) == "max" else 1.0
            if sign * (self.best - value) <= self.min_delta:
                return False
        self.best, self.best_epoch = value, epoch
        return True

    def values(self) -> dict[str, Any]:
        """Return what it remembers as plain values for JSON."""
        return {"best": self.best, "best_epoch": self.best_epoch}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Take back what :meth:`values` gave."""
        try:
            best = values["best"]
            self.best = None if best is None else float(best)
            self.best_epoch = int(values["best_epoch"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"the saved best value is damaged: {error!r}") from error


class EarlyStopping(Callback):
    """Stop when a curve has not become better for some epochs, and bring the best weights back.

    Parameters
    ----------
    patience : int
        How many epochs in a row may pass without improvement.
    monitor : str, optional
        The curve; ``"val_loss"`` where there is one, else ``"loss"``.
    min_delta : float
        How much better counts as better.
    mode : "max" or "min", optional
        Which is better; known for the library's own metrics.
    restore_best : bool
        Whether the network ends with the weights of the best epoch, also when the training was not
        stopped early. The training itself can still be continued from its last weights.

    Notes
    -----
    Prechelt (1998), "Early stopping — but when?".
    """

    def __init__(
        self,
        patience: int = 10,
        *,
        monitor: str | None = None,
        min_delta: float = 0.0,
        mode: Literal["max", "min"] | None = None,
        restore_best: bool = True,
    ) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 0:
            raise DataError(f"patience is a whole number ≥ 0, got {patience!r}")
        self.patience = patience
        self.restore_best = restore_best
        self.watch = Watch(monitor, mode, min_delta)
        self.waited = 0
        self._weights: dict[str, Array] = {}

    def on_epoch_evaluated(self, trainer: Trainer, row: dict[str, float | None]) -> None:
        """Judge the epoch."""
        epoch = trainer.epoch + 1
        if self.watch.improves(row, epoch):
            self.waited = 0
            if self.restore_best:
                self._weights = trainer.net.state_dict()
            return
        self.waited += 1
        if self.waited > self.patience:
            epochs = "1 epoch" if self.waited == 1 else f"{self.waited} epochs"
            trainer.stop(f"no improvement for {epochs}; epoch {self.watch.best_epoch} was best")

    def on_train_end(self, trainer: Trainer) -> None:
        """Bring the best weights back."""
        if self._weights:
            trainer.present(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the best weights and value so far, and how long nothing was better."""
        arrays = {name: np.array(array) for name, array in self._weights.items()}
        return {"arrays": arrays, "values": {**self.watch.values(), "waited": self.waited}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        self.watch.restore(state["values"])
        self.waited = int(state["values"].get("waited", 0))
        self._weights = dict(state["arrays"])
