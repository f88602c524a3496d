"""A series in time as a data set: windows, and what comes after them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pellucid.data.checks import finite, plural
from pellucid.data.part import Part
from pellucid.data.series_dataset import SeriesDataset
from pellucid.data.series_preparation import SeriesPreparation, windows_of
from pellucid.data.table import CSVFormat
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError

__all__ = ["from_series"]


def from_series(
    name: str,
    values: Array,
    *,
    window: int = 24,
    horizon: int = 1,
    season: int | None = None,
    target: int = -1,
    log: bool = False,
    difference: int = 0,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    standardize: bool = True,
    names: Sequence[str] = (),
    dates: Array | None = None,
    format: CSVFormat | None = None,
    description: str = "",
    notes: Sequence[str] = (),
) -> SeriesDataset:
    """Make a data set of a series: T steps are seen, the h after them predicted.

    It is cut in time order: the last steps are test, those before them validation. A sample belongs
    to the part in which all the steps lie that it predicts; what it sees may reach back into the
    part before, as it would in use. Mean and deviation come from the training steps only.

    Parameters
    ----------
    name : str
        The data set's name.
    values : ndarray, shape (L,) or (L, F)
        The series, in time order.
    window, horizon : int
        T and h.
    season : int, optional
        How many steps a season has, for `SeriesDataset.baseline`.
    target : int
        Which column is predicted; negative counts from the last.
    log : bool
        Take logarithms first: a growth by a factor becomes one by a sum.
    difference : int
        Predict differences to the value so many steps before, 0 for none: 1 takes away a trend, a
        season's steps take away the season.
    test_fraction, validation : float
        Shares of the steps set aside, 0 for none. `validation` is a share of what is not test.
    standardize : bool
        Bring each column to mean 0 and deviation 1.
    names : sequence of str
        The columns' names.
    dates : ndarray of datetime64, shape (L,), optional
        When each value was measured.
    format : CSVFormat, optional
        How the file was read, so that new ones are read alike.
    description : str
        One line for people.
    notes : sequence of str
        What was decided before.

    Returns
    -------
    SeriesDataset
        x is float32, (N, T, F); y float32, (N, h).

    Raises
    ------
    DataError
        If a part has too few steps for one sample.

    Examples
    --------
    >>> data = from_series("ramp", np.arange(40.0), window=5, horizon=2)
    >>> data
    SeriesDataset('ramp', regression, train 26, test 7, input (5, 1))
    >>> data.actual()[0], data.forecast(data.test.y)[0]
    (array([32., 33.]), array([32., 33.], dtype=float32))
    >>> data.baseline("naive")[0]
    array([31., 31.])
    """
    values = finite(as_array(values), "the series").astype(np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2:
        raise ShapeError(f"expected a series of shape (L,) or (L, F), got {values.shape}")
    steps, columns = values.shape
    _check_counts(window=window, horizon=horizon, season=season, difference=difference)
    if not -columns <= target < columns:
        raise DataError(f"there is no column {target}: the series has {columns}")
    for share, value in (("test_fraction", test_fraction), ("validation", validation)):
        if not 0 <= value < 1:
            raise DataError(f"{share} is a share of the steps from 0 to below 1, got {value!r}")
    kept = steps - round(steps * test_fraction)
    first = kept - round(kept * validation)
    spans = {"train": (window + difference, first), "validation": (first, kept)}
    spans["test"] = (kept, steps)
    wanted = {"train": True, "validation": validation > 0, "test": test_fraction > 0}
    origins = {
        part: _origins(part, start, end, horizon, window + difference, steps)
        for part, (start, end) in spans.items()
        if wanted[part]
    }
    column = target % columns
    labels = tuple(names) or tuple(f"value{i}" if columns > 1 else "value" for i in range(columns))
    plain = SeriesPreparation(
        labels,
        column,
        window,
        horizon,
        (0.0,) * columns,
        (1.0,) * columns,
        log,
        difference,
        format or CSVFormat(),
    )
    preparation = _standardizing(plain, values[:first]) if standardize else plain
    prepared = preparation.standardized(values)  # (L − l, F)
    x = windows_of(prepared, window)  # (all windows, T, F)
    y = np.lib.stride_tricks.sliding_window_view(prepared[:, column], horizon)
    parts = {
        part: Part(
            x[where[0] - difference - window : where[-1] - difference - window + 1],
            y[where[0] - difference : where[-1] - difference + 1],
        )
        for part, where in origins.items()
    }
    return SeriesDataset(
        name,
        parts["train"],
        parts.get("test"),
        parts.get("validation"),
        "regression",
        preparation=preparation,
        description=description,
        notes=tuple(notes),
        series=values[:, column],
        origins=origins,
        season=season,
        dates=dates,
    )


def _origins(part: str, start: int, end: int, horizon: int, before: int, steps: int) -> Array:
    """Return the first predicted steps of a part's samples."""
    start = max(start, before)
    if end - start < horizon:
        raise DataError(
            f"no sample fits into the {part} part: of {plural(steps, 'step')} it has "
            f"{max(end - start, 0)} with {before} before them, but the horizon is {horizon}; "
            "use a shorter window or horizon, or another share"
        )
    return np.arange(start, end - horizon + 1)


def _standardizing(plain: SeriesPreparation, training: Array) -> SeriesPreparation:
    """Return the preparation with mean and deviation of the training steps."""
    levels = plain.levels(training)
    lag = plain.difference
    steps = levels[lag:] - levels[:-lag] if lag else levels
    varies = steps.min(axis=0) < steps.max(axis=0)
    return SeriesPreparation(
        plain.names,
        plain.target_column,
        plain.window,
        plain.horizon,
        tuple(steps.mean(axis=0).tolist()),
        tuple(np.where(varies, steps.std(axis=0), 1.0).tolist()),
        plain.log,
        lag,
        plain.format,
    )


def _check_counts(**counts: int | None) -> None:
    for name, value in counts.items():
        least = 0 if name == "difference" else 1
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least
        ):
            raise DataError(f"{name} is a whole number ≥ {least}, got {value!r}")
