"""Prepare the rows of a table, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.data.checks import listed
from pellucid.data.columns import CategoricalColumn, Column, NumericColumn
from pellucid.data.csv_file import read_table
from pellucid.data.preparation import VERSION, Preparation, Unknown
from pellucid.data.table import CSVFormat, Table
from pellucid.data.target import Target, target_from_json
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["TablePreparation"]


@dataclass(frozen=True)
class TablePreparation(Preparation):
    """Rows of a table: each column imputed, then standardised or encoded.

    Parameters
    ----------
    columns : tuple of NumericColumn or CategoricalColumn
        The fitted columns that are used.
    source_names : tuple of str
        All columns of the training file in their order, with the target and those left out.
    target : ClassTarget or NumericTarget, optional
        What is predicted.
    format : CSVFormat
        How the training file was read; files for prediction are read alike.

    Examples
    --------
    >>> column = NumericColumn("age", fill=40.0, center=40.0, scale=10.0)
    >>> preparation = TablePreparation((column,), ("age",))
    >>> preparation.transform([{"age": 50}, {"age": None}])
    array([[1.],
           [0.]], dtype=float32)
    """

    kind: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    source_names: tuple[str, ...]
    target: Target | None = None
    format: CSVFormat = field(default_factory=CSVFormat)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each number of a prepared row."""
        return tuple(name for column in self.columns for name in column.feature_names)

    def read(self, path: Path | str) -> Table:
        """Read a file that is written as the training file was; the target may be absent.

        Raises
        ------
        DataError
            As `read_table` does.
        """
        return read_table(path, self.format)

    def transform(self, rows: Any, *, unknown: Unknown = "error") -> Array:
        """Return raw rows as network input, float32, (N, D).

        Parameters
        ----------
        rows : Table, sequence of mappings or sequences, mapping of columns, DataFrame
            The rows. Columns are found by name; rows without names have the training file's
            columns in its order, with or without the target.
        unknown : {"error", "ignore"}
            What to do with a category that the training rows do not have: raise, or encode it as
            none of the known ones.

        Raises
        ------
        DataError
            If a column is absent, a value is no number, or a category is unknown; with the row.
        """
        if unknown not in ("error", "ignore"):
            raise DataError(f"unknown is 'error' or 'ignore', got {unknown!r}")
        table = self.table(rows)
        blocks = [
            column.encode(table[column.name], self.format.missing, table.where, unknown)
            for column in self.columns
        ]
        return np.concatenate(blocks, axis=1)

    def target_transform(self, values: Any) -> Array:
        """Return raw targets as y; a table gives its target column."""
        target = self._target()
        if isinstance(values, Table):
            table = self.table(values)
            if target.name not in table.names:
                raise DataError(f"there is no column '{target.name}' with the target")
            return target.encode(table[target.name], table.where)
        return target.encode(values)

    def table(self, rows: Any) -> Table:
        """Return rows as a table that has every column that is used, under its name."""
        without_target = tuple(
            name for name in self.source_names if not self.target or name != self.target.name
        )
        if isinstance(rows, Table):
            table = rows
            if table.format.header is False:
                names = {len(n): n for n in (without_target, self.source_names)}.get(
                    len(table.names)
                )
                if names is None:
                    raise DataError(
                        f"{table.source or 'the table'} has {len(table.names)} columns; "
                        f"the training file had {len(self.source_names)} with the target"
                    )
                table = Table(names, table.columns, table.lines, table.source, table.format)
        else:
            names = self.source_names
            first = rows[0] if isinstance(rows, (Sequence, np.ndarray)) and len(rows) else None
            if isinstance(first, (Sequence, np.ndarray)) and len(first) == len(without_target):
                names = without_target
            table = Table.from_rows(rows, names)
        absent = [column.name for column in self.columns if column.name not in table.names]
        if absent:
            raise DataError(
                f"{table.source or 'the rows'}: column{'s' if len(absent) > 1 else ''} "
                f"{listed(map(repr, absent))} missing (found: {listed(table.names)})"
            )
        return table

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "columns": [column.to_json() for column in self.columns],
            "source_names": list(self.source_names),
            "target": None if self.target is None else self.target.to_json(),
            "format": asdict(self.format) | {"missing": list(self.format.missing)},
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        kinds: dict[str, type[NumericColumn] | type[CategoricalColumn]] = {
            kind.kind: kind for kind in (NumericColumn, CategoricalColumn)
        }
        form = state["format"]
        return cls(
            tuple(kinds[column["kind"]].from_json(column) for column in state["columns"]),
            tuple(state["source_names"]),
            None if state["target"] is None else target_from_json(state["target"]),
            CSVFormat(**form | {"missing": tuple(form["missing"])}),
        )
