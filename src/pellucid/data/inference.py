"""Find out what the columns of a table hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, TypeAlias

import numpy as np

from pellucid.data.checks import plural
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = [
    "ColumnKind",
    "Where",
    "as_numbers",
    "category_order",
    "counts_rows",
    "infer_kind",
    "is_free_text",
    "parse_numbers",
    "with_comma",
]

ColumnKind: TypeAlias = Literal["numeric", "categorical", "drop"]
Where: TypeAlias = Callable[[int], str]

_MOSTLY = 0.95  # above this share of numbers, a column with some text has typing errors in it
_FEW = 20  # a text column with at most so many values is never taken for names or identifiers
_WORDS = 3  # so many words on average are a text, not a name
_COUNTER = 20  # so many rows numbered one after the other are not a coincidence


def infer_kind(
    name: str, values: Sequence[str], missing: Collection[str], where: Where
) -> tuple[ColumnKind, str]:
    """Find out what a column holds, and say why if it is to be left out.

    Returns
    -------
    kind, reason : str
        "numeric", "categorical" or "drop", with the reason for a drop: nothing in it, one value
        only, names or identifiers (all texts distinct, or more than half of them and more than
        20), a count of the rows (0 or 1, and on, one by one).

    Raises
    ------
    DataError
        If nearly all values are numbers (95 %) but some are not, or they are numbers but for a
        comma in them.
    """
    missing = frozenset(missing)
    known = [value for value in values if value not in missing]
    distinct = len(set(known))
    if not known:
        return "drop", f"column '{name}' is left out: it holds no values"
    if distinct == 1 and len(known) == len(values):
        return "drop", f"column '{name}' is left out: it is '{known[0]}' in every row"
    numbers = as_numbers(known)
    if numbers is not None:
        if counts_rows(values):
            return "drop", (
                f"column '{name}' is left out: it only counts the rows "
                f"(column_types={{'{name}': 'numeric'}} keeps it)"
            )
        return "numeric", ""
    if comma := with_comma(known):
        raise DataError(
            f"{where(values.index(comma))}: column '{name}' holds numbers with a comma, such as "
            f"'{comma}'; pass decimal=',' if it is the decimal point, remove it if it separates "
            f"thousands, or pass column_types={{'{name}': 'categorical'}}"
        )
    texts = {value for value in set(known) if not _number(value)}
    text = [row for row, value in enumerate(values) if value in texts]
    if len(text) <= (1 - _MOSTLY) * len(known):
        raise DataError(
            f"{where(text[0])}: column '{name}' holds '{values[text[0]]}' among numbers "
            f"({plural(len(text), 'such value')} in {plural(len(values), 'row')}); correct it, "
            f"name it in missing=, or pass column_types={{'{name}': 'categorical'}}"
        )
    if distinct > 1 and (distinct == len(known) or (distinct > _FEW and distinct > len(known) / 2)):
        return "drop", (
            f"column '{name}' is left out: {distinct:,} different texts in "
            f"{plural(len(known), 'row')} look like names or identifiers, not categories "
            f"(column_types={{'{name}': 'categorical'}} keeps it)"
        )
    return "categorical", ""


def category_order(categories: Collection[str]) -> tuple[str, ...]:
    """Sort categories, by number where all are numbers ("2" before "10")."""
    numbers = as_numbers(list(categories))
    if numbers is None:
        return tuple(sorted(categories))
    order = sorted(zip(numbers.tolist(), categories, strict=True))
    return tuple(category for _, category in order)


def is_free_text(values: Sequence[str], missing: Collection[str]) -> bool:
    """Return whether a column holds sentences: three words each and more, hardly two alike."""
    known = [value for value in values if value not in missing]
    if not known or as_numbers(known) is not None:
        return False
    words = sum(len(value.split()) for value in known)
    return words >= _WORDS * len(known) and 2 * len(set(known)) > len(known)


def parse_numbers(
    name: str, values: Sequence[str], missing: Collection[str], where: Where
) -> Array:
    """Return the values as float64, shape (N,), NaN where one is missing.

    Raises
    ------
    DataError
        If a value is no number, or infinite.
    """
    missing = frozenset(missing)
    try:
        numbers = np.array([np.nan if v in missing else float(v) for v in values], np.float64)
    except ValueError:
        row = next(i for i, v in enumerate(values) if v not in missing and not _number(v))
        raise DataError(
            f"{where(row)}: column '{name}' has '{values[row]}', which is not a number"
        ) from None
    if np.isinf(numbers).any():
        row = int(np.isinf(numbers).argmax())
        raise DataError(
            f"{where(row)}: column '{name}' has '{values[row]}', which is not a finite number; "
            "correct it or name it in missing="
        )
    return numbers


def as_numbers(values: Sequence[str]) -> Array | None:
    """Return texts as numbers, or None if one of them is no number ("1_000" is none here)."""
    try:
        numbers = np.array(list(map(float, values)), np.float64)
    except ValueError:
        return None
    return None if any("_" in value for value in values) else numbers


def with_comma(values: Sequence[str]) -> str | None:
    """Return the first value with a comma if, but for commas, all values are numbers."""
    comma = next((value for value in values if "," in value), None)
    if comma is None or as_numbers([value.replace(",", "") for value in values]) is None:
        return None
    return comma


def counts_rows(values: Sequence[str]) -> bool:
    """Return whether a column counts 20 rows or more from 0 or 1, one by one."""
    numbers = as_numbers(values) if len(values) >= _COUNTER else None
    return numbers is not None and numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())


def _number(value: str) -> bool:
    return as_numbers([value]) is not None
