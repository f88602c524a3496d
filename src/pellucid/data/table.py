"""A table of text: what a CSV file holds before anything is known about its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any, Self

import numpy as np

from pellucid.data.checks import listed
from pellucid.errors import DataError

__all__ = ["MISSING", "CSVFormat", "Table"]

MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None")
"""What stands for a missing value, unless told otherwise."""


@dataclass(frozen=True)
class CSVFormat:
    """How a file is read; None means: find out.

    Parameters
    ----------
    delimiter : str, optional
        What separates values: one character, or "whitespace" for runs of spaces and tabs.
    header : bool, optional
        Whether the first line names the columns.
    encoding : str
        The text encoding, for example "utf-8" or "latin-1".
    missing : tuple of str
        Texts that stand for a missing value.
    quote : str, optional
        The character around values that contain the delimiter; None if quotes mean nothing.
    decimal : str
        The decimal separator, "." or ",".
    """

    delimiter: str | None = None
    header: bool | None = None
    encoding: str = "utf-8"
    missing: tuple[str, ...] = MISSING
    quote: str | None = '"'
    decimal: str = "."


@dataclass(frozen=True)
class Table:
    """Columns of text, and where each row comes from.

    Parameters
    ----------
    names : tuple of str
        The columns' names.
    columns : tuple of sequences of str
        The values, column by column.
    lines : sequence of int
        For each row its line in the file, or its position among the rows given.
    source : str
        The file's name; empty for rows that came from Python.
    format : CSVFormat
        How the file was read, everything found out.
    """

    names: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    lines: Sequence[int]
    source: str = ""
    format: CSVFormat = field(default_factory=CSVFormat)

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, name: str) -> Sequence[str]:
        return self.columns[self.names.index(name)]

    def take(self, rows: Iterable[int]) -> Self:
        """Return the table with these rows, in this order."""
        positions = [int(row) for row in rows]
        columns = tuple(_pick(column, positions) for column in self.columns)
        return replace(self, columns=columns, lines=_pick(self.lines, positions))

    def where(self, row: int) -> str:
        """Say where a row is, for messages."""
        if self.source:
            return f"{self.source}, line {self.lines[row]}"
        return f"row {self.lines[row]} (counting from 0)"

    @classmethod
    def from_rows(cls, rows: Any, names: Sequence[str]) -> Self:
        """Make a table of rows given in Python.

        Parameters
        ----------
        rows : sequence of mappings, sequence of sequences, 2-D array, mapping of columns, DataFrame
            Values are numbers or text; None and NaN stand for missing values.
        names : sequence of str
            The columns' names, for rows that have none of their own.
        """
        if hasattr(rows, "to_dict"):  # a DataFrame of pandas
            rows = rows.to_dict("list")
        if isinstance(rows, Mapping):
            lengths = {name: len(values) for name, values in rows.items()}
            if len(set(lengths.values())) > 1:
                raise DataError(f"the columns differ in length: {lengths}")
            found = tuple(str(name) for name in rows)
            columns = [[_text(value) for value in values] for values in rows.values()]
        else:
            if isinstance(rows, str) or not isinstance(rows, (Sequence, np.ndarray)):
                raise DataError(
                    f"expected a list of rows, each a list or a dict, got {type(rows).__name__}"
                )
            found, columns = _from_sequence(list(rows), tuple(names))
        return cls(found, tuple(columns), range(len(columns[0]) if columns else 0))


def _pick(values: Sequence[Any], positions: list[int]) -> Sequence[Any]:
    if len(positions) == 1:  # itemgetter of one position returns the value bare
        return (values[positions[0]],)
    picked: Sequence[Any] = itemgetter(*positions)(values) if positions else ()
    return picked


def _from_sequence(
    rows: list[Any], names: tuple[str, ...]
) -> tuple[tuple[str, ...], list[list[str]]]:
    if rows and all(isinstance(row, Mapping) for row in rows):
        names = tuple(str(name) for name in rows[0])
        for position, row in enumerate(rows):
            if set(row) != set(rows[0]):
                differing = set(row).symmetric_difference(rows[0])
                raise DataError(
                    f"row {position} (counting from 0) and row 0 have different columns: "
                    f"{listed(sorted(map(str, differing)))} "
                    f"{'is' if len(differing) == 1 else 'are'} in only one of them"
                )
        return names, [[_text(row[name]) for row in rows] for name in rows[0]]
    for position, row in enumerate(rows):
        if isinstance(row, (str, bytes)) or not isinstance(row, (Sequence, np.ndarray)):
            raise DataError(
                f"row {position} (counting from 0) is {row!r}; expected a list or a dict of values"
            )
        if len(row) != len(names):
            raise DataError(
                f"row {position} (counting from 0) has {len(row)} values; "
                f"expected {len(names)}: {listed(names)}"
            )
    return names, [[_text(row[i]) for row in rows] for i in range(len(names))]


def _text(value: Any) -> str:
    """Write a value as a CSV file would hold it."""
    if value is None:
        return ""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if number != number:
            return ""
        # 3.0 and 3 are the same category, whether they came as floats or as whole numbers.
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value).strip()
