"""The target column of a table: which one it is, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.checks import listed, plural
from pellucid.data.inference import as_numbers, category_order, parse_numbers, with_comma
from pellucid.data.table import Table
from pellucid.data.target import (
    MOST_CLASSES,
    ClassTarget,
    NumericTarget,
    Target,
    Task,
    infer_task,
)
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError

__all__ = ["TargetValues", "target_name", "target_values", "with_target"]


@dataclass(frozen=True)
class TargetValues:
    """The target column: as text, and as numbers if it holds numbers."""

    name: str
    task: Task
    texts: tuple[str, ...]
    numbers: Array | None
    distinct: int

    @property
    def labels(self) -> Array | None:
        """One whole number per class and row, to stratify by."""
        if self.task == "regression":
            return None
        return np.unique(np.array(self.texts), return_inverse=True)[1]

    def target(self, rows: Array, standardize: bool) -> Target:
        """Fit the target to the training rows."""
        if self.task == "classification":
            return ClassTarget(self.name, category_order({self.texts[row] for row in rows}))
        assert self.numbers is not None  # a regression target was parsed as numbers
        return NumericTarget.fit([self.name], self.numbers[rows, None], standardize=standardize)


def target_values(name: str, table: Table, task: Task | None) -> TargetValues:
    """Read the target column; tell the task if it is not given, and refuse a single value."""
    texts = tuple(table[name])
    numbers: Array | None = None
    if task == "regression" or as_numbers(texts) is not None:
        numbers = parse_numbers(name, texts, (), table.where)
    if task is None and (comma := with_comma(texts)):
        raise DataError(
            f"{table.where(texts.index(comma))}: the target '{name}' holds numbers with a comma, "
            f"such as '{comma}'; pass decimal=',' if it is the decimal point, remove it if it "
            "separates thousands, or pass task='classification' if these are names"
        )
    if numbers is not None and np.isnan(numbers).any():
        row = int(np.isnan(numbers).argmax())
        raise DataError(f"{table.where(row)}: the target '{name}' is '{texts[row]}'")
    task = task or infer_task(numbers)
    if task not in ("classification", "regression"):
        raise UnknownNameError("task", str(task), ("classification", "regression"))
    if task == "classification" and numbers is not None:
        # "1", "1.0" and "1.0000e+00" are one class.
        texts = tuple(
            str(int(number)) if number.is_integer() else text
            for number, text in zip(numbers.tolist(), texts, strict=True)
        )
    distinct = len(set(texts))
    if distinct == 1:
        raise DataError(
            f"the target '{name}' is '{texts[0]}' in every row; "
            "there is nothing to learn from one value"
        )
    if task == "classification" and 2 * distinct > len(texts) and distinct > MOST_CLASSES:
        raise DataError(
            f"the target '{name}' has {distinct:,} different texts in {len(texts):,} rows, "
            "which are hardly classes; choose another column with target="
        )
    return TargetValues(name, task, texts, numbers, distinct)


def target_name(target: str | int | None, table: Table) -> str:
    """Return the name of the column to predict, given by name, position, or not at all."""
    names = table.names
    if target is None:
        usual = [n for n in names if n.lower() in ("target", "label", "class", "y")]
        return usual[0] if usual else names[-1]
    if isinstance(target, str):
        if target in names:
            return target
        same = [name for name in names if name.lower() == target.strip().lower()]
        if len(same) == 1:
            return same[0]
        try:
            target = int(target)  # a position, from a command line
        except ValueError:
            raise UnknownNameError("target column", str(target), names) from None
    if not -len(names) <= target < len(names):
        raise DataError(
            f"there is no column {target}: '{table.source}' has {len(names)} columns, "
            f"0 … {len(names) - 1} or −{len(names)} … −1 from the end"
        )
    return names[target]


def with_target(table: Table, name: str, missing_target: str, notes: list[str]) -> Table:
    """Return the rows that have a target; raise or note if some do not."""
    missing = set(table.format.missing)
    values = table[name]
    lacking = [row for row, value in enumerate(values) if value in missing]
    if not lacking:
        return table
    count = f"{plural(len(lacking), 'row')} of {len(table):,}"
    if len(lacking) == len(table):
        raise DataError(f"'{table.source}': the target '{name}' is missing in every row")
    if missing_target == "error":
        lines = listed((str(table.lines[row]) for row in lacking), most=5)
        raise DataError(
            f"'{table.source}': the target '{name}' is missing in {count} (lines {lines}); "
            "fill it in, or leave these rows out with missing_target='drop'"
        )
    notes.append(f"{table.source}: {count} left out, since '{name}' is missing there")
    return table.take(row for row, value in enumerate(values) if value not in missing)
