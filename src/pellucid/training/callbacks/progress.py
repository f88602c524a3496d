"""Showing how a training goes."""

from __future__ import annotations

import itertools
import math
import sys
import time
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias, get_args

from pellucid.errors import UnknownNameError
from pellucid.training.callbacks.callback import Callback
from pellucid.training.callbacks.views import Lines, Notebook, View, in_notebook, terminal_bar

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["ProgressDisplay", "ProgressStyle", "duration"]

ProgressStyle: TypeAlias = Literal["auto", "bar", "lines", "none"]

_SECONDS_BETWEEN = 0.1
_MOST_LINES = 40


class ProgressDisplay(Callback):
    """Show each epoch: loss, metrics, learning rate if it changes, time, speed and time left.

    Parameters
    ----------
    style : "auto", "bar", "lines" or "none"
        "bar" shows a bar within the epoch and a line for each that is done; "lines" only the
        lines, for pipes and log files; "auto" takes the bar on a terminal or in a notebook. Of
        more than 40 epochs, "auto" and "bar" show a line for every few.
    stream : text file, optional
        Where to write; the standard error stream, so that a program's output stays clean.
    tell_end : bool
        Whether to say why it ended, if before its time.
    """

    def __init__(
        self, style: ProgressStyle = "auto", *, stream: TextIO | None = None, tell_end: bool = True
    ) -> None:
        if style not in get_args(ProgressStyle):
            raise UnknownNameError("progress style", str(style), get_args(ProgressStyle))
        self.style = style
        self.tell_end = tell_end
        self._stream = stream
        self._view: View | None = None
        self._every = 1
        self._samples = 0
        self._next = 0.0
        self._spent: list[float] = []

    def on_train_begin(self, trainer: Trainer) -> None:
        """Find out where to show it."""
        self._view = self._choose()
        self._every = 1 if self.style == "lines" else _epochs_per_line(trainer.epochs)
        loader = trainer.loader
        self._samples = len(loader.part) if loader.epoch_size is None else loader.epoch_size
        if loader.drop_last:
            self._samples -= self._samples % loader.batch_size
        if trainer.length.validate_every is not None:
            self._samples = trainer.batches_of_epoch()[1] * loader.batch_size
        self._spent = []
        self._next = time.perf_counter() + _SECONDS_BETWEEN
        goes_on = 0 < trainer.epoch < trainer.epochs and trainer.stop_reason is None
        if self._view is not None and goes_on:
            self._view.line(f"going on after epoch {trainer.epoch}")

    def _choose(self) -> View | None:
        stream = sys.stderr if self._stream is None else self._stream
        if self.style == "none":
            return None
        if self.style == "lines":
            return Lines(stream)
        if self._stream is None and in_notebook():
            return Notebook()
        if self.style == "bar" or stream.isatty():
            return terminal_bar(stream)
        return Lines(stream)

    def on_batch_end(self, trainer: Trainer) -> None:
        """Show the bar anew, ten times a second at most."""
        now = time.perf_counter()
        view = self._view
        if now < self._next or view is None or not view.moves:
            return
        self._next = now + _SECONDS_BETWEEN
        done, batches = trainer.batches_of_epoch()
        fraction = done / batches
        parts = [
            f"epoch {trainer.epoch + 1}/{trainer.epochs}",
            f"batch {done}/{batches}",
            f"loss {number(trainer.tally.mean_loss)}",
        ]
        if trainer.seconds > 0:
            parts.append(f"{fraction * self._samples / trainer.seconds:,.0f} samples/s")
            # Whole epochs say more than the first batches of this one
            epoch = self._mean_epoch() if self._spent else trainer.seconds / fraction
            left = epoch * (trainer.epochs - trainer.epoch - fraction)
            parts.append(f"{duration(left)} left")
        view.refresh(fraction, "  ".join(parts))

    def say(self, text: str) -> bool:
        """Show a line that stays, above the bar; return whether anything is shown at present."""
        if self._view is not None:
            self._view.line(text)
        return self._view is not None

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Show the line of the epoch."""
        row = trainer.history.last
        seconds = row["seconds"] or 0.0
        self._spent = [*self._spent, seconds][-20:]
        epoch = trainer.epoch
        last = epoch == trainer.epochs or trainer.stop_reason is not None
        if self._view is None or not (epoch == 1 or last or epoch % self._every == 0):
            return
        width = len(str(trainer.epochs))
        parts = [f"epoch {epoch:>{width}}/{trainer.epochs}"]
        for name, value in row.items():
            if name in ("seconds", "lr"):
                continue
            parts.append(f"{name} {number(value)}")
        if trainer.schedule is not None:
            parts.append(f"lr {number(row['lr'])}")
        parts.append(duration(seconds))
        if trainer.seconds > 0:
            parts.append(f"{self._samples / trainer.seconds:,.0f} samples/s")
        if not last:
            parts.append(f"{duration(self._mean_epoch() * (trainer.epochs - epoch))} left")
        self._view.line("  ".join(parts))

    def _mean_epoch(self) -> float:
        """Return how long the last epochs took, in seconds."""
        return sum(self._spent) / len(self._spent)

    def on_train_end(self, trainer: Trainer) -> None:
        """Say why it ended, if before its time."""
        if self._view is None:
            return
        if not self.tell_end:
            pass
        elif trainer.history.interrupted:
            self._view.line(
                f"interrupted in epoch {trainer.epoch + 1}, after {trainer.step:,} updates"
            )
        elif trainer.stop_reason is not None:
            self._view.line(f"stopped after epoch {trainer.epoch}: {trainer.stop_reason}")
        self._view.close()
        self._view = None

    def on_train_error(self, trainer: Trainer) -> None:
        """Take the bar away, so that the error stands alone."""
        if self._view is not None:
            self._view.close()
            self._view = None


def _epochs_per_line(epochs: int) -> int:
    """Return 1, 2, 5, 10, 20, 50 …, so that `epochs` need no more than 40 lines or so."""
    every, steps = 1, itertools.cycle((2, 2.5, 2))
    while epochs > _MOST_LINES * every:
        every = round(every * next(steps))
    return every


def number(value: float | None) -> str:
    """Return four significant digits, of a length that rarely changes from line to line."""
    if value is None:
        return "–"
    if math.isfinite(value) and 1e-3 <= abs(value) < 1e4:
        return f"{value:.4f}" if abs(value) < 10 else f"{value:.5g}"
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return for example "3 ms", "12.5 s", "4:05" or "2:04:05"."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
