"""Prepare a series: logarithm, differences, standardised values, windows; and exactly back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pellucid.data.checks import finite, listed, plural
from pellucid.data.csv_file import read_table
from pellucid.data.inference import parse_numbers
from pellucid.data.part import Part
from pellucid.data.preparation import VERSION, Preparation, Unknown
from pellucid.data.table import CSVFormat, Table
from pellucid.data.target import NumericTarget, Target
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError

__all__ = ["SeriesPreparation"]


@dataclass(frozen=True)
class SeriesPreparation(Preparation):
    """Values in time as windows of T steps, and the h steps after each.

    zₜ = log vₜ, if wanted; dₜ = zₜ − zₜ₋ₗ, if wanted; uₜ = (dₜ − center) / scale

    Parameters
    ----------
    names : tuple of str
        The columns of values, F of them.
    target_column : int
        Which of them is predicted.
    window, horizon : int
        Steps that a network sees, T, and steps that it predicts, h.
    center, scale : tuple of float
        Mean and deviation of the training steps, one for each column.
    log : bool
        Whether logarithms are taken.
    difference : int
        The lag of the differences, l; 0 for none.
    format : CSVFormat
        How the training file was read.
    """

    kind: ClassVar[str] = "series"
    names: tuple[str, ...]
    target_column: int
    window: int
    horizon: int
    center: tuple[float, ...]
    scale: tuple[float, ...]
    log: bool = False
    difference: int = 0
    format: CSVFormat = field(default_factory=CSVFormat)
    target: Target | None = field(init=False)

    def __post_init__(self) -> None:
        name, many = self.names[self.target_column], self.horizon > 1
        names = tuple(f"{name} +{step}" for step in range(1, self.horizon + 1)) if many else (name,)
        center = (self.center[self.target_column],) * self.horizon
        scale = (self.scale[self.target_column],) * self.horizon
        object.__setattr__(self, "target", NumericTarget(names, center, scale))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Empty: a window has T values of each column."""
        return ()

    @property
    def ordered(self) -> bool:
        """Windows overlap."""
        return True

    def levels(self, values: Array) -> Array:
        """Return zₜ: the values, or their logarithms; float64.

        Raises
        ------
        DataError
            If a logarithm is wanted of a value that is not above 0.
        """
        values = np.asarray(values, np.float64)
        if self.log and values.size and values.min() <= 0:
            raise DataError(
                f"log=True needs values above 0, but there is {values.min():g}; leave it out"
            )
        return np.log(values) if self.log else values

    def standardized(self, values: Array) -> Array:
        """Return uₜ of raw values (L, F): float32, shape (L − l, F)."""
        levels = self.levels(values)
        lag = self.difference
        steps = levels[lag:] - levels[:-lag] if lag else levels
        return ((steps - self.center) / self.scale).astype(np.float32)

    def read(self, path: Path | str) -> Table:
        """Read a file that is written as the training file was."""
        return read_table(path, self.format)

    def values(self, rows: Any) -> Array:
        """Return raw values as float64, shape (L, F), of a table, a vector or a matrix.

        Raises
        ------
        DataError
            If a column is absent or a value is missing or no number.
        """
        if isinstance(rows, Table):
            if absent := [name for name in self.names if name not in rows.names]:
                raise DataError(
                    f"{rows.source or 'the rows'}: column{'s' if len(absent) > 1 else ''} "
                    f"{listed(map(repr, absent))} missing (found: {listed(rows.names)})"
                )
            columns = [
                parse_numbers(name, rows[name], self.format.missing, rows.where)
                for name in self.names
            ]
            return finite(np.stack(columns, axis=1), "the series")
        values = finite(as_array(rows), "the series").astype(np.float64)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise ShapeError(
                f"expected a series of shape (L, {len(self.names)}), one column for each of "
                f"{listed(self.names)}; got {values.shape}"
            )
        return values

    def transform(self, rows: Any, *, unknown: Unknown = "error") -> Array:
        """Return every window of a series, float32, (N, T, F); the last one ends with its end.

        Parameters
        ----------
        rows : Table or array_like, shape (L,) or (L, F)
            L ≥ T + l values in time order.

        Raises
        ------
        DataError
            If the series is shorter than one window.
        """
        values = self.values(rows)
        needed = self.window + self.difference
        if len(values) < needed:
            more = f" and {self.difference} for the differences" if self.difference else ""
            raise DataError(
                f"the series has {plural(len(values), 'value')}, but a window needs "
                f"{self.window}{more}"
            )
        return windows_of(self.standardized(values), self.window)

    def pairs(self, rows: Any) -> Part:
        """Return every window that has h values after it, with these: x (N, T, F), y (N, h).

        Raises
        ------
        DataError
            If the series is shorter than one window and its horizon.
        """
        values = self.values(rows)
        x = self.transform(values)[: -self.horizon]
        if not len(x):
            raise DataError(
                f"the series has {plural(len(values), 'value')}, which are a window, but not the "
                f"{plural(self.horizon, 'step')} after it"
            )
        steps = self.standardized(values)[self.window :, self.target_column]
        return Part(x, sliding_window_view(steps, self.horizon))

    def target_transform(self, values: Any) -> Array:
        """Raise: what is to be predicted follows from the series; see `pairs`."""
        raise DataError("a series is prepared with its targets: pairs(rows).x and .y")

    def inverse_target(self, predictions: Array, history: Array | None = None) -> Array:
        """Return predictions (N, h) in the series' own unit.

        Parameters
        ----------
        predictions : ndarray, shape (N, h)
            Standardised, as a network gives them.
        history : ndarray, shape (N, T) with T ≥ l, optional
            Raw values before each prediction; needed where differences were taken, since a
            difference is added to what was before.

        Raises
        ------
        DataError
            If differences were taken and there is no history.
        ShapeError
            If a shape does not fit.
        """
        predictions = np.asarray(predictions)
        if predictions.ndim != 2 or predictions.shape[1] != self.horizon:
            raise ShapeError(
                f"expected predictions of shape (N, {self.horizon}), got {predictions.shape}"
            )
        dtype = predictions.dtype if predictions.dtype.kind == "f" else np.dtype(np.float32)
        center, scale = self.center[self.target_column], self.scale[self.target_column]
        steps = predictions.astype(np.float64) * scale + center
        if self.difference:
            steps = self._summed(steps, history)
        return (np.exp(steps) if self.log else steps).astype(dtype)

    def _summed(self, steps: Array, history: Array | None) -> Array:
        """Add each difference to the level l steps before, a predicted one where need be."""
        lag = self.difference
        if history is None:
            raise DataError(
                "differences are predicted, which are added to the values before them: "
                "inverse_target(predictions, history), or dataset.forecast(predictions)"
            )
        history = np.asarray(history)
        if history.ndim != 2 or len(history) != len(steps) or history.shape[1] < lag:
            raise ShapeError(
                f"expected a history of shape ({len(steps)}, T) with T ≥ {lag}, got {history.shape}"
            )
        known = self.levels(history[:, history.shape[1] - lag :])
        levels = np.concatenate([known, steps], axis=1)  # (N, l + h)
        for step in range(lag, levels.shape[1]):
            levels[:, step] += levels[:, step - lag]
        return levels[:, lag:]

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "names": list(self.names),
            "target_column": self.target_column,
            "window": self.window,
            "horizon": self.horizon,
            "center": list(self.center),
            "scale": list(self.scale),
            "log": self.log,
            "difference": self.difference,
            "format": asdict(self.format) | {"missing": list(self.format.missing)},
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        form = state["format"]
        return cls(
            tuple(state["names"]),
            state["target_column"],
            state["window"],
            state["horizon"],
            tuple(state["center"]),
            tuple(state["scale"]),
            state["log"],
            state["difference"],
            CSVFormat(**form | {"missing": tuple(form["missing"])}),
        )


def windows_of(steps: Array, window: int) -> Array:
    """Return every window of a series (L, F), as a view of shape (N, T, F)."""
    return sliding_window_view(steps, window, axis=0).transpose(0, 2, 1)  # (N, F, T) → (N, T, F)
