"""From settings to data."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from pellucid.cli.settings import Settings
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data import Dataset

__all__ = ["Kind", "fingerprint", "kind_of", "load_source", "run_name"]

Kind: TypeAlias = Literal["named", "images", "arrays", "table"]

_CUTS = ("test_fraction", "validation")
_TABLE = (
    "target",
    "task",
    "test",
    "categorical",
    "column_types",
    "missing",
    "missing_target",
    "delimiter",
    "header",
    "text_encoding",
    "decimal",
)
_TAKES: dict[Kind, tuple[str, ...]] = {
    "named": _CUTS,
    "images": (*_CUTS, "size"),
    "arrays": (*_CUTS, "target", "task"),
    "table": (*_CUTS, *_TABLE),
}
_CALLED: dict[Kind, str] = {
    "named": "a built-in data set",
    "images": "a folder of images",
    "arrays": "a file of arrays",
    "table": "a table",
}
_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}


def kind_of(source: str) -> Kind:
    """Tell what a source is from its name."""
    from pellucid.data import DATASETS

    if source.strip().lower().replace("_", "-") in DATASETS:
        return "named"
    path = Path(source).expanduser()
    if path.is_dir():
        return "images"
    return "arrays" if path.suffix.lower() in (".npz", ".npy") else "table"


def run_name(source: str) -> str:
    """Return what the run folder of a source is called.

    >>> run_name("digits"), run_name("data/passengers.csv.gz"), run_name("photos/")
    ('digits', 'passengers', 'photos')
    """
    return Path(source).expanduser().resolve().name.split(".")[0] or "run"


def load_source(settings: Settings) -> Dataset:
    """Load the data that the settings name.

    Raises
    ------
    DataError
        If the data fail a check, or an option does not go with this kind of source.
    """
    from pellucid.data import MISSING, load

    kind = kind_of(settings.source)
    if kind == "images" and (Path(settings.source) / "config.json").is_file():
        raise DataError(
            f"'{settings.source}' is the folder of a training, not of data; to go on with it: "
            f"pellucid train --resume {settings.source}"
        )
    given = {
        name: getattr(settings, name)
        for name in (*_CUTS, *_TABLE, "size")
        if getattr(settings, name) not in (None, ())
    }
    _check(kind, settings.source, given)
    options: dict[str, Any] = {**given, **settings.options("data")}
    if "categorical" in options:
        options["encoding"] = options.pop("categorical").replace("onehot", "one-hot")
    if "column_types" in options:
        options["column_types"] = dict(options["column_types"])
    if "missing" in options:
        options["missing"] = (*MISSING, *options["missing"])
    if "delimiter" in options:
        options["delimiter"] = _DELIMITERS.get(options["delimiter"], options["delimiter"])
    if kind == "arrays" and "target" in options:
        options["target"] = _position(options["target"])
    return load(settings.source, **options)


def _check(kind: Kind, source: str, given: dict[str, Any]) -> None:
    from pellucid.cli.training_options import TRAINING_OPTIONS

    for option in TRAINING_OPTIONS:
        if option.name in given and option.name not in _TAKES[kind]:
            takers = [_CALLED[k] for k, names in _TAKES.items() if option.name in names]
            raise DataError(
                f"{option.opts[0]} goes with {' or '.join(takers)}; '{source}' is {_CALLED[kind]}"
            )


def _position(target: str) -> int:
    try:
        return int(target)
    except ValueError:
        raise DataError(
            f"the target of an array is a column's position, such as -1, got '{target}'"
        ) from None


def fingerprint(data: Dataset) -> str:
    """Return a short text that changes with the training samples."""
    value = 0
    for array in (data.train.x, data.train.y):
        if array is not None:
            value = zlib.crc32(np.ascontiguousarray(array).data, value)
    return f"{len(data.train)}-{value:08x}"
