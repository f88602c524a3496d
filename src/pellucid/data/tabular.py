"""A CSV or TSV file as a data set: target chosen, task inferred, rows split, columns fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from pellucid.data.checks import listed, plural
from pellucid.data.columns import CategoricalColumn, Column, Encoding, NumericColumn
from pellucid.data.csv_file import read_table
from pellucid.data.dataset import Dataset
from pellucid.data.inference import ColumnKind, counts_rows, infer_kind
from pellucid.data.kinds import text_column
from pellucid.data.part import Part
from pellucid.data.splits import split_indices
from pellucid.data.table import MISSING, CSVFormat, Table
from pellucid.data.table_preparation import TablePreparation
from pellucid.data.table_target import target_name, target_values, with_target
from pellucid.data.target import ClassTarget, Task
from pellucid.errors import DataError, UnknownNameError
from pellucid.random import Seed, generator

__all__ = ["load_table"]


def load_table(
    path: Path | str,
    *,
    target: str | int | None = None,
    task: Task | None = None,
    test: Path | str | None = None,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    encoding: Encoding = "one-hot",
    column_types: Mapping[str, ColumnKind] | None = None,
    missing_category: bool = True,
    missing_target: str = "error",
    standardize: bool = True,
    delimiter: str | None = None,
    header: bool | None = None,
    text_encoding: str = "utf-8",
    missing: Sequence[str] = MISSING,
    quote: str | None = '"',
    decimal: str = ".",
    rng: Seed = 0,
) -> Dataset:
    """Load a CSV, TSV or whitespace-separated file, gzipped or not.

    Means, deviations, medians and categories come from the training rows only, after validation
    and test rows are set aside. Categories that only those rows have are encoded as none of the
    known ones, and noted.

    Parameters
    ----------
    path : path
        The file.
    target : str or int, optional
        The column to predict: its name, or its position (negative counts from the end). Left out,
        it is the one called target, label, class or y, or else the last one.
    task : {"classification", "regression"}, optional
        Left out, it follows from the target: text or at most 20 different whole numbers are
        classes, other numbers a quantity.
    test : path, optional
        A file with test rows, in the same form. Left out, `test_fraction` of the rows.
    test_fraction, validation : float
        Shares of the rows set aside, 0 for none; stratified by class. `validation` is a share of
        the rows that are not test rows.
    encoding : {"one-hot", "ordinal"}
        How categories become numbers.
    column_types : mapping of str to {"numeric", "categorical", "drop"}, optional
        What columns hold, where that should not be inferred.
    missing_category : bool
        A missing category is a category of its own ("missing"); otherwise the most frequent one.
    missing_target : {"error", "drop"}
        What to do with rows that lack the target.
    standardize : bool
        Bring numeric columns and a numeric target to mean 0 and deviation 1.
    delimiter, header, missing, quote, decimal
        How to read the file; see `CSVFormat`.
    text_encoding : str
        The file's text encoding.
    rng : int, numpy.random.Generator or None
        Where the splits come from.

    Returns
    -------
    Dataset
        With a `TablePreparation` that reads and prepares new rows alike.

    Raises
    ------
    DataError
        Whatever is wrong with the file, with the line where there is one.
    """
    _check_options(encoding, missing_target)
    path = Path(path)
    draw = generator(rng)
    form = CSVFormat(delimiter, header, text_encoding, tuple(missing), quote, decimal)
    table = read_table(path, form)
    name = target_name(target, table)
    notes: list[str] = []
    if target is None:
        notes.append(f"the target is column '{name}' (target= chooses another)")
    table = with_target(table, name, missing_target, notes)
    values = target_values(name, table, task)
    kinds = _column_kinds(table, name, column_types or {}, notes)
    if task is None and values.numbers is not None:
        reason = "whole numbers" if values.task == "classification" else "numbers"
        notes.append(
            f"the task is {values.task}: '{name}' has {plural(values.distinct, 'different value')}"
            f", {reason} (task= overrides)"
        )
    labels = values.labels
    rows = np.arange(len(table))
    held = np.array([], np.int64)
    if test is None and test_fraction:
        rows, held = split_indices(len(table), test_fraction, labels=labels, rng=draw)
    checked = np.array([], np.int64)
    if validation:
        some = None if labels is None else labels[rows]
        kept, aside = split_indices(len(rows), validation, labels=some, rng=draw)
        rows, checked = rows[kept], rows[aside]

    training = table.take(rows)
    goal = values.target(rows, standardize)
    columns = _fit(training, kinds, encoding, missing_category, standardize, notes)
    if not columns:
        dropped = [note for note in notes if note.startswith("column ")]
        written = text_column(table.names, table.columns, table.format.missing)
        hint = f"; load_texts reads the texts in column '{written}'" if written else ""
        raise DataError(
            f"'{path.name}' has no column to predict '{name}' from: "
            f"{'; '.join(dropped) or 'none'}{hint}"
        )
    preparation = TablePreparation(tuple(columns), table.names, goal, table.format)
    parts = {"validation": table.take(checked), "test": table.take(held)}
    if test is not None:
        tested = preparation.table(preparation.read(test))
        if name not in tested.names:
            raise DataError(f"'{tested.source}' lacks the target column '{name}'")
        parts["test"] = with_target(tested, name, missing_target, notes)
    train = _prepared(preparation, training, "training", notes)
    others = {k: _prepared(preparation, t, k, notes) if len(t) else None for k, t in parts.items()}
    return Dataset(
        path.name.split(".")[0] or path.name,
        train,
        others["test"],
        others["validation"],
        values.task,
        goal.classes if isinstance(goal, ClassTarget) else (),
        preparation.feature_names,
        preparation=preparation,
        description=f"{path.name}, {plural(len(table), 'row')}, target '{name}'",
        notes=tuple(notes),
    )


def _column_kinds(
    table: Table, target: str, given: Mapping[str, ColumnKind], notes: list[str]
) -> dict[str, ColumnKind]:
    for name, kind in given.items():
        if name not in table.names:
            raise UnknownNameError("column", name, table.names)
        if kind not in ("numeric", "categorical", "drop"):
            raise UnknownNameError("column type", kind, ("numeric", "categorical", "drop"))
    kinds: dict[str, ColumnKind] = {}
    reasons: dict[str, str] = {}
    for name, values in zip(table.names, table.columns, strict=True):
        if name == target:
            continue
        if name in given:
            kinds[name] = given[name]
            continue
        kinds[name], reason = infer_kind(name, values, table.format.missing, table.where)
        if reason:
            reasons[name] = reason
    if all(kind == "drop" for kind in kinds.values()):
        for name in reasons:  # a count of the rows is a good input if it is the only one: a time
            if counts_rows(table[name]):
                kinds[name] = "numeric"
    notes += [reason for name, reason in reasons.items() if kinds[name] == "drop"]
    return kinds


def _fit(
    table: Table,
    kinds: Mapping[str, ColumnKind],
    encoding: Encoding,
    missing_category: bool,
    standardize: bool,
    notes: list[str],
) -> list[Column]:
    """Fit each column to the training rows; leave out those that are constant there."""
    missing = table.format.missing
    columns: list[Column] = []
    for name, kind in kinds.items():
        if kind == "drop":
            continue
        values = table[name]
        if len(set(values)) == 1:
            notes.append(f"column '{name}' is left out: it is the same in every training row")
        elif kind == "numeric":
            columns.append(
                NumericColumn.fit(name, values, missing, table.where, standardize=standardize)
            )
        else:
            columns.append(
                CategoricalColumn.fit(
                    name,
                    values,
                    missing,
                    encoding=encoding,
                    missing_category=missing_category,
                    standardize=standardize,
                )
            )
    return columns


def _prepared(preparation: TablePreparation, table: Table, part: str, notes: list[str]) -> Part:
    """Prepare rows; categories that the training rows do not have are ignored, and noted."""
    for column in preparation.columns:
        if isinstance(column, CategoricalColumn):
            values = table[column.name]
            codes = column.codes(values, table.format.missing)
            strange = {values[row] for row in np.flatnonzero(codes < 0).tolist()}
            if strange:
                notes.append(
                    f"column '{column.name}': {plural(int((codes < 0).sum()), f'{part} row')} "
                    f"with a category that no training row has ({listed(sorted(strange))}), "
                    "encoded as none of the known ones"
                )
    x = preparation.transform(table, unknown="ignore")
    return Part(x, preparation.target_transform(table))


def _check_options(encoding: str, missing_target: str) -> None:
    if encoding not in ("one-hot", "ordinal"):
        raise UnknownNameError("encoding of categories", encoding, ("one-hot", "ordinal"))
    if missing_target not in ("error", "drop"):
        raise UnknownNameError("missing_target", missing_target, ("error", "drop"))
