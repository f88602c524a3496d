"""Find out what kind of data a text file holds: running text, a table, texts or a series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from pellucid.data.csv_file import peek
from pellucid.data.dates import parse_dates
from pellucid.data.inference import as_numbers, is_free_text
from pellucid.data.table import CSVFormat

__all__ = ["FileKind", "are_classes", "date_column", "find_kind", "text_column"]

FileKind: TypeAlias = Literal["text", "table", "texts", "series"]

_CLASSES = 20  # a column of so many different texts at most may be the classes of texts
_FEW = 5  # so many lines with equally many commas are no coincidence


def find_kind(path: Path, form: CSVFormat) -> FileKind:
    """Tell what a file holds by its first lines.

    "series": dates and a single column of numbers. "texts": one column of free text, and one
    other of classes. "text": a .txt file that is neither, and whose lines are not cut into equally
    many values of which some are numbers. "table": everything else.
    """
    text, names, columns = peek(path, form)
    if len(columns) > 1:
        date = date_column(names, columns)
        if date is not None and len(columns) == 2:
            numbers = columns[1 - names.index(date)]
            if as_numbers([n for n in numbers if n not in form.missing]) is not None:
                return "series"
        written = text_column(names, columns, form.missing)
        # Prose with a comma in each line looks like two columns, of which one is text.
        if written is not None and (".txt" not in path.suffixes or "\t" in text):
            others = [c for n, c in zip(names, columns, strict=True) if n != written]
            if len([c for c in others if are_classes(c, form.missing)]) == 1 and all(
                are_classes(c, form.missing) or not _tells(c, form.missing) for c in others
            ):
                return "texts"
    if ".txt" in path.suffixes and form.delimiter is None and not _is_table(text, columns):
        return "text"
    return "table"


def date_column(names: Sequence[str], columns: Sequence[Sequence[str]]) -> str | None:
    """Return the name of the first column of dates, or None."""
    for name, values in zip(names, columns, strict=True):
        if parse_dates(values) is not None:
            return name
    return None


def text_column(
    names: Sequence[str], columns: Sequence[Sequence[str]], missing: Sequence[str]
) -> str | None:
    """Return the name of the column with the longest free texts, or None."""
    found = [
        (sum(map(len, values)), name)
        for name, values in zip(names, columns, strict=True)
        if is_free_text(values, missing)
    ]
    return max(found)[1] if found else None


def are_classes(values: Sequence[str], missing: Sequence[str]) -> bool:
    """Return whether a column holds a few different values, each twice on average."""
    distinct = set(values).difference(missing)
    return 2 <= len(distinct) <= _CLASSES and 2 * len(distinct) <= len(values)


def _tells(values: Sequence[str], missing: Sequence[str]) -> bool:
    """Return whether a column that holds no classes is more than names, numbers of rows or gaps."""
    known = [value for value in values if value not in missing]
    numbers = as_numbers(known) if known else None
    return numbers is not None and not bool((numbers[1:] - numbers[:-1] == 1).all())


def _is_table(text: str, columns: Sequence[Sequence[str]]) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    values = text.replace(",", " ").replace(";", " ").split()
    if values and 2 * sum(as_numbers([v]) is not None for v in values) > len(values):
        return True  # mostly numbers, if perhaps not equally many in each line
    if len(columns) < 2 or len(lines) < 2:
        return False
    if any(as_numbers(column) is not None for column in columns if column):
        return True
    for delimiter in "\t;|,":
        counts = Counter(line.count(delimiter) for line in lines)
        if len(counts) == 1 and 0 not in counts and len(lines) >= _FEW:
            return True
    return False
