"""Checks that several kinds of data share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["finite", "listed", "plural"]


def finite(array: Array, name: str) -> Array:
    """Return `array` if every number in it is finite.

    Raises
    ------
    DataError
        Naming how many numbers are NaN or infinite, and where the first one is.
    """
    if array.dtype.kind != "f":
        return array
    good = np.isfinite(array)
    if good.all():
        return array
    bad = array.size - int(np.count_nonzero(good))
    position = tuple(int(i) for i in np.unravel_index(int(good.argmin()), array.shape))
    where = f"sample {position[0]}" if position else "the value itself"
    if len(position) == 2:
        where += f", feature {position[1]}"
    elif len(position) > 2:
        where += f", position {position[1:]}"
    raise DataError(
        f"{name} has {plural(bad, 'value')} that {'is' if bad == 1 else 'are'} NaN or infinite, "
        f"the first ({array[position]}) in {where} (counting from 0); "
        "replace or remove them before training"
    )


def plural(count: int, noun: str) -> str:
    """Return for example "1 row" or "2,000 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names joined by commas, cut short after `most` of them."""
    names = list(names)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown}, … ({len(names):,} in all)"
