"""What happened in training: every curve, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from pellucid.errors import CheckpointError, DataError, UnknownNameError
from pellucid.training.files import Pathlike, write_atomically
from pellucid.training.metrics import better_is

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Best", "History"]

Number = float | None


class Best(NamedTuple):
    """The best value of a curve, and the epoch (from 1) that it was reached in."""

    epoch: int
    value: float


class History:
    """Curves of a training: one number per epoch for the loss, each metric and the rest.

    Attributes
    ----------
    columns : dict of str to list
        The curves, all as long as the number of epochs; None where nothing was measured.
    step_losses : list of float
        The loss of every update, if the training was asked to keep them.
    interrupted : bool
        Whether Ctrl-C ended the training.
    stopped_by : str or None
        Why the training ended before its time, in words.

    Examples
    --------
    >>> history = History()
    >>> history.add({"loss": 0.7, "val_loss": 0.8})
    >>> history.add({"loss": 0.4, "val_loss": 0.6})
    >>> history["loss"], len(history), history.best("val_loss")
    ([0.7, 0.4], 2, Best(epoch=2, value=0.6))
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[Number]] = {}
        self.step_losses: list[float] = []
        self.interrupted = False
        self.stopped_by: str | None = None

    def add(self, row: Mapping[str, Number]) -> None:
        """Add what was measured in one more epoch."""
        epochs = len(self)
        for name, value in row.items():
            self.columns.setdefault(name, [None] * epochs).append(value)
        for curve in self.columns.values():
            if len(curve) == epochs:
                curve.append(None)

    def __len__(self) -> int:
        """Return the number of epochs."""
        return max((len(curve) for curve in self.columns.values()), default=0)

    def __getitem__(self, name: str) -> list[Number]:
        """Return one curve."""
        if name not in self.columns:
            raise UnknownNameError("curve", name, self.columns)
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def row(self, epoch: int) -> dict[str, Number]:
        """Return what was measured in an epoch, counted from 1; -1 is the last."""
        index = epoch if epoch < 0 else epoch - 1
        return {name: curve[index] for name, curve in self.columns.items()}

    @property
    def last(self) -> dict[str, Number]:
        """What was measured in the last epoch; empty before the first."""
        return self.row(-1) if len(self) else {}

    def best(self, name: str | None = None, mode: Literal["max", "min"] | None = None) -> Best:
        """Return the best value of a curve, and its epoch.

        Parameters
        ----------
        name : str, optional
            The curve; ``"val_loss"`` if there is one, else ``"loss"``.
        mode : "max" or "min", optional
            Which is better; known for the library's own metrics.

        Raises
        ------
        UnknownNameError
            If there is no such curve.
        DataError
            If it has no finite number.
        """
        if name is None:
            name = "val_loss" if "val_loss" in self.columns else "loss"
        pairs = [
            (value, epoch)
            for epoch, value in enumerate(self[name], start=1)
            if value is not None and math.isfinite(value)
        ]
        if not pairs:
            raise DataError(f"the curve '{name}' has no finite number yet")
        sign = -1.0 if (mode or better_is(name)) == "max" else 1.0
        value, epoch = min(pairs, key=lambda pair: (sign * pair[0], pair[1]))
        return Best(epoch, value)

    # --- plain values -----------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "columns": {name: list(curve) for name, curve in self.columns.items()},
            "step_losses": list(self.step_losses),
            "interrupted": self.interrupted,
            "stopped_by": self.stopped_by,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a history from :meth:`to_dict`.

        Raises
        ------
        CheckpointError
            If the values do not describe one.
        """
        history = cls()
        try:
            history.columns = {name: list(curve) for name, curve in values["columns"].items()}
            history.step_losses = list(values["step_losses"])
            history.interrupted = bool(values["interrupted"])
            history.stopped_by = values["stopped_by"]
        except (KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"the saved history is damaged: {error!r}") from error
        if len({len(curve) for curve in history.columns.values()}) > 1:
            raise CheckpointError("the saved history is damaged: its curves differ in length")
        return history

    def to_csv(self, path: Pathlike) -> None:
        """Write the curves as a CSV file, one line per epoch; numbers keep all their digits."""
        write_atomically(path, self.csv_text().encode())

    def csv_text(self) -> str:
        """Return the curves as CSV text with a header line."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *self.columns])
        for epoch in range(1, len(self) + 1):
            writer.writerow(csv_row(epoch, self.row(epoch)))
        return text.getvalue()

    @classmethod
    def from_csv(cls, path: Pathlike) -> Self:
        """Read the curves that :meth:`to_csv` wrote.

        Raises
        ------
        CheckpointError
            If the file is not such a table.
        """
        history = cls()
        try:
            with Path(path).open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file, strict=True):
                    del row["epoch"]
                    history.add({name: float(text) if text else None for name, text in row.items()})
        except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
            raise CheckpointError(f"cannot read the history '{path}': {error}") from error
        return history

    # --- for people -------------------------------------------------------------------------------

    def plot(self, ax: Axes | None = None) -> Any:
        """Draw the loss, the metrics and the learning rate over the epochs.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draw only the loss, here; otherwise a new figure holds a panel for each kind of curve.

        Returns
        -------
        matplotlib Figure or Axes
            What was drawn on.
        """
        from pellucid.training import curves

        return curves.plot(self, ax)

    def save_plot(self, path: Pathlike) -> None:
        """Draw the curves into an image file; the ending of the name says which kind."""
        from pellucid.training import curves

        curves.save(self, path)

    def __repr__(self) -> str:
        epochs = len(self)
        if not epochs:
            return "History(no epoch yet)"
        shown = list(range(1, epochs + 1))
        if epochs > 12:
            shown = [*shown[:5], 0, *shown[-5:]]
        names = ["epoch", *self.columns]
        table = [names]
        for epoch in shown:
            values = self.row(epoch).values() if epoch else ["…"] * len(self.columns)
            table.append([str(epoch) if epoch else "…", *map(_cell, values)])
        widths = [max(len(line[i]) for line in table) for i in range(len(names))]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in table
        ]
        if self.stopped_by:
            lines.append(f"stopped: {self.stopped_by}")
        return "\n".join(lines)


def csv_row(epoch: int, row: Mapping[str, Number]) -> list[str]:
    """Return the cells of an epoch's line: the shortest text that gives the same bits back."""
    return [str(epoch), *("" if value is None else repr(float(value)) for value in row.values())]


def _cell(value: Number | str) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else f"{value:.4g}"
