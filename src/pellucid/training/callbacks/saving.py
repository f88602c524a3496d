"""Callbacks that write files while training: checkpoints and the table of the history."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pellucid.errors import CheckpointError, DataError
from pellucid.training.callbacks.callback import Callback
from pellucid.training.callbacks.early_stopping import Watch
from pellucid.training.files import Pathlike, describe_os_error
from pellucid.training.history import csv_row

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["CSVLog", "Checkpoint"]


class Checkpoint(Callback):
    """Save the whole state of the training, so that it can go on from there bit for bit.

    Without options it saves after every epoch. However it is set, it also saves when the training
    ends, Ctrl-C included, except with `best_only`.

    Parameters
    ----------
    path : path
        The file, replaced each time in one step.
    best_only : bool
        Save only after an epoch that is better than all before.
    every_steps : int, optional
        Save after every so many updates.
    every_seconds : float, optional
        Save when so many seconds have passed since the last time.
    monitor, mode
        Which curve says what is best, and whether "max" or "min" is: see :class:`EarlyStopping`.

    Examples
    --------
    >>> Checkpoint("runs/one/checkpoint.safetensors", every_seconds=60)
    Checkpoint('runs/one/checkpoint.safetensors')
    """

    runs_last: ClassVar[bool] = True

    def __init__(
        self,
        path: Pathlike,
        *,
        best_only: bool = False,
        every_steps: int | None = None,
        every_seconds: float | None = None,
        monitor: str | None = None,
        mode: Literal["max", "min"] | None = None,
    ) -> None:
        if every_steps is not None and every_steps < 1:
            raise DataError(f"every_steps is 1 or more, got {every_steps!r}")
        if every_seconds is not None and not every_seconds >= 0:
            raise DataError(f"every_seconds is zero or more, got {every_seconds!r}")
        if best_only and (every_steps is not None or every_seconds is not None):
            raise DataError(
                "best_only saves after epochs; it does not go with every_steps or every_seconds "
                "(use two Checkpoint callbacks with two files)"
            )
        self.path = Path(path)
        self.best_only = best_only
        self.every_steps = every_steps
        self.every_seconds = every_seconds
        self.watch = Watch(monitor, mode)
        self._improved = False
        self._saved_at = time.perf_counter()

    def on_batch_end(self, trainer: Trainer) -> None:
        """Save if it is time."""
        if self.every_steps is not None:
            if trainer.step % self.every_steps == 0:
                self._save(trainer)
        elif self.every_seconds is not None and self._is_time():
            self._save(trainer)

    def on_epoch_evaluated(self, trainer: Trainer, row: dict[str, float | None]) -> None:
        """Note whether the epoch was the best so far."""
        if self.best_only:
            self._improved = self.watch.improves(row, trainer.epoch + 1)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Save, unless something else decides when."""
        if self.best_only:
            if self._improved:
                self._save(trainer)
        elif self.every_seconds is not None:
            if self._is_time():
                self._save(trainer)
        elif self.every_steps is None:
            self._save(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        """Save the end."""
        if not self.best_only:
            self._save(trainer)

    def _is_time(self) -> bool:
        return time.perf_counter() - self._saved_at >= (self.every_seconds or 0.0)

    def _save(self, trainer: Trainer) -> None:
        trainer.save(self.path)
        self._saved_at = time.perf_counter()

    def state_dict(self) -> dict[str, Any]:
        """Return the best value so far."""
        return {"arrays": {}, "values": self.watch.values() if self.best_only else {}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        if self.best_only:
            self.watch.restore(state["values"])

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.path)!r})"


class CSVLog(Callback):
    """Keep the history in a CSV file, one line per epoch, added as it ends.

    When a training begins, also a resumed one, the file is made to agree with the history: epochs
    after the checkpoint, or a line that a killed process left half-written, go away.

    Parameters
    ----------
    path : path
        The file.
    """

    def __init__(self, path: Pathlike) -> None:
        self.path = Path(path)
        self._columns: list[str] = []

    def on_train_begin(self, trainer: Trainer) -> None:
        """Make the file agree with the history."""
        self._columns = list(trainer.history.columns)
        trainer.history.to_csv(self.path)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Add a line; where there is a new column, write the whole file anew."""
        history = trainer.history
        if list(history.columns) != self._columns:
            self.on_train_begin(trainer)
            return
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(csv_row(len(history), history.last))
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(line.getvalue())
        except OSError as error:
            raise CheckpointError(
                f"cannot write '{self.path}': {describe_os_error(error)}"
            ) from error
