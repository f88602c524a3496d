"""The data sets that can be loaded by name."""

from __future__ import annotations

from pellucid.data.catalogue import CATALOGUE
from pellucid.data.source import Source
from pellucid.errors import DataError

__all__ = ["DATASETS", "describe", "register"]

DATASETS: dict[str, Source] = {source.name: source for source in CATALOGUE}
"""Every data set that has a name."""


def register(source: Source) -> None:
    """Add a data set to those that `load` knows by name.

    Raises
    ------
    DataError
        If the name is taken.
    """
    if source.name in DATASETS:
        raise DataError(f"there is a data set called '{source.name}' already")
    DATASETS[source.name] = source


def describe() -> list[dict[str, str]]:
    """Return one row for each named data set, for a table: name, task, size, needs and so on."""
    return [
        {
            "name": source.name,
            "task": source.task,
            "size": source.size,
            "description": source.description,
            "origin": source.origin,
            "licence": source.licence,
            "needs": "a download"
            if source.download
            else f"pellucid[{source.extra}]"
            if source.extra
            else "nothing",
        }
        for source in DATASETS.values()
    ]
