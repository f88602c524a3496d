"""Recognise and read dates."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pellucid.dtypes import Array

__all__ = ["parse_dates"]

_TIME = r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?Z?)?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?" + _TIME)  # 1949-01, 1949-01-31
_LOCAL = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})" + _TIME)  # 31.1.1949, 1/31/1949
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")  # 19490131


def parse_dates(values: Sequence[str]) -> Array | None:
    """Return texts as dates, datetime64[ms], or None if one of them is no date.

    Known are year-month, year-month-day and 19490131, day.month.year, and day/month/year or
    month/day/year, whichever all values allow (the day first, if both); each but the third perhaps
    with a time of day. A bare year is a number.

    Examples
    --------
    >>> parse_dates(["1949-01", "1949-02"]).astype("datetime64[D]").tolist()
    [datetime.date(1949, 1, 1), datetime.date(1949, 2, 1)]
    >>> parse_dates(["1/31/1949", "2/1/1949"]).astype("datetime64[D]").tolist()
    [datetime.date(1949, 1, 31), datetime.date(1949, 2, 1)]
    >>> parse_dates(["112", "118"])
    """
    if not values:
        return None
    for read in (_iso, _day_first, _month_first, _compact):
        dates = []
        for value in values:
            parts = read(value.strip())
            if parts is None:
                break
            try:
                dates.append(np.datetime64(parts, "ms"))
            except ValueError:  # no such day
                break
        else:
            return np.array(dates)
    return None


def _iso(value: str) -> str | None:
    match = _ISO.fullmatch(value)
    return _written(*match.groups()) if match else None


def _day_first(value: str) -> str | None:
    match = _LOCAL.fullmatch(value)
    if match is None:
        return None
    day, _, month, year, *time = match.groups()
    return _written(year, month, day, *time)


def _month_first(value: str) -> str | None:
    match = _LOCAL.fullmatch(value)
    if match is None or match[2] != "/":
        return None
    month, _, day, year, *time = match.groups()
    return _written(year, month, day, *time)


def _compact(value: str) -> str | None:
    match = _COMPACT.fullmatch(value)
    return _written(*match.groups()) if match and value[:2] in ("18", "19", "20") else None


def _written(
    year: str,
    month: str,
    day: str | None = None,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
) -> str:
    """Write a date as NumPy reads it."""
    text = f"{year}-{int(month):02}-{int(day or 1):02}"
    return f"{text}T{int(hour):02}:{minute}:{second or '00'}" if hour else text
