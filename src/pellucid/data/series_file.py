"""A file of values in time as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pellucid.data.checks import listed, plural
from pellucid.data.csv_file import read_table
from pellucid.data.dates import parse_dates
from pellucid.data.inference import as_numbers, parse_numbers
from pellucid.data.kinds import date_column
from pellucid.data.series import from_series
from pellucid.data.series_dataset import SeriesDataset
from pellucid.data.table import MISSING, CSVFormat, Table
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError
from pellucid.random import Seed

__all__ = ["load_series"]


def load_series(
    path: Path | str,
    *,
    window: int = 24,
    horizon: int = 1,
    season: int | None = None,
    target: str | int | None = None,
    log: bool = False,
    difference: int = 0,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    standardize: bool = True,
    delimiter: str | None = None,
    header: bool | None = None,
    text_encoding: str = "utf-8",
    missing: Sequence[str] = MISSING,
    quote: str | None = '"',
    decimal: str = ".",
    rng: Seed = 0,
) -> SeriesDataset:
    """Load a file with one row for each point in time, to forecast one of its columns.

    A column of dates is recognised, and rows are sorted by it; all columns of numbers are seen by
    the network. A missing value is taken to be the one before it, and noted.

    Parameters
    ----------
    path : path
        The file.
    target : str or int, optional
        The column to forecast: its name, or its position among the columns of numbers; left out, it
        is the last one.
    window, horizon, season, log, difference, test_fraction, validation, standardize
        As in `from_series`.
    delimiter, header, missing, quote, decimal
        How to read the file; see `CSVFormat`.
    text_encoding : str
        The file's text encoding.
    rng : int, numpy.random.Generator or None
        Not used: a series is cut in time order. It is here since all loaders take it.

    Raises
    ------
    DataError
        If there is no column of numbers, or the series is too short.
    """
    path = Path(path)
    form = CSVFormat(delimiter, header, text_encoding, tuple(missing), quote, decimal)
    table = read_table(path, form)
    notes: list[str] = []
    table, dates = _in_time_order(table, notes)
    names, values = _numbers(table, dates is not None, notes)
    return from_series(
        path.name.split(".")[0] or path.name,
        values,
        window=window,
        horizon=horizon,
        season=season,
        target=_target(target, names),
        log=log,
        difference=difference,
        test_fraction=test_fraction,
        validation=validation,
        standardize=standardize,
        names=names,
        dates=dates,
        format=table.format,
        description=f"{path.name}, {plural(len(table), 'step')} in time",
        notes=notes,
    )


def _in_time_order(table: Table, notes: list[str]) -> tuple[Table, Array | None]:
    """Return the rows sorted by their dates, and the dates, if there are any."""
    name = date_column(table.names, table.columns)
    if name is None:
        return table, None
    dates = parse_dates(table[name])
    assert dates is not None  # so it was found
    order = np.argsort(dates, kind="stable")
    if (order[1:] < order[:-1]).any():
        notes.append(f"the rows are sorted by '{name}'")
        table, dates = table.take(order), dates[order]
    gaps = np.diff(dates)
    if len(gaps) and gaps.max() > 1.5 * np.median(gaps.astype(np.int64)).astype(gaps.dtype):
        where = int(gaps.argmax())
        notes.append(
            f"the steps in time are not equal: nothing between {table[name][where]} and "
            f"{table[name][where + 1]}"
        )
    elif len(gaps) and gaps.min() == np.timedelta64(0):
        raise DataError(
            f"{table.where(int(gaps.argmin()) + 1)}: '{name}' is "
            f"{table[name][int(gaps.argmin())]} for a second time; a series has one row for each "
            "point in time"
        )
    return table, dates


def _numbers(table: Table, dated: bool, notes: list[str]) -> tuple[tuple[str, ...], Array]:
    """Return the columns of numbers: their names, and their values (L, F)."""
    missing = frozenset(table.format.missing)
    skip = date_column(table.names, table.columns) if dated else None
    names: list[str] = []
    columns: list[Array] = []
    for name, texts in zip(table.names, table.columns, strict=True):
        known = [text for text in texts if text not in missing]
        if name == skip:
            continue
        if not known or as_numbers(known) is None:
            notes.append(f"column '{name}' is left out: it does not hold numbers")
            continue
        values = _filled(name, parse_numbers(name, texts, missing, table.where), table, notes)
        if not dated and not names and _counts_time(values) and len(table.names) > 1:
            notes.append(f"column '{name}' is left out: it only counts the steps in time")
            continue
        names.append(name)
        columns.append(values)
    if not names:
        raise DataError(
            f"'{table.source}' has no column of numbers to forecast (found: {listed(table.names)})"
        )
    return tuple(names), np.stack(columns, axis=1)


def _counts_time(values: Array) -> bool:
    """Return whether values rise by the same amount in each row, as years do."""
    steps = np.diff(values)
    return len(steps) > 1 and steps[0] > 0 and bool((steps == steps[0]).all())


def _filled(name: str, values: Array, table: Table, notes: list[str]) -> Array:
    """Replace each missing value by the one before it: the one after is not known in use."""
    lacking = np.isnan(values)
    if not lacking.any():
        return values
    if lacking[0]:
        raise DataError(f"{table.where(0)}: '{name}' is missing, and there is no value before it")
    notes.append(
        f"column '{name}': {plural(int(lacking.sum()), 'missing value')} taken to be the one before"
    )
    last = np.maximum.accumulate(np.where(lacking, 0, np.arange(len(values))))
    return values[last]


def _target(target: str | int | None, names: Sequence[str]) -> int:
    if target is None:
        return -1
    if isinstance(target, int):
        return target
    if target in names:
        return list(names).index(target)
    try:
        return int(target)  # a position, from a command line
    except ValueError:
        raise UnknownNameError("column of numbers", target, names) from None
