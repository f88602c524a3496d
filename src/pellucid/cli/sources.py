"""From settings to data."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from pellucid.cli.settings import Settings
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data import Dataset

__all__ = ["Content", "Kind", "content_of", "fingerprint", "kind_of", "load_source", "run_name"]

Kind: TypeAlias = Literal["named", "images", "arrays", "table"]
Content: TypeAlias = Literal["rows", "images", "language", "texts", "series"]
"""What the samples of a source are."""

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
_READING = ("delimiter", "header", "text_encoding", "decimal", "missing")
_LANGUAGE = ("tokenizer", "context")
_SERIES = ("window", "horizon")
_TAKES: dict[str, tuple[str, ...]] = {
    "named": _CUTS,
    "images": (*_CUTS, "size"),
    "arrays": (*_CUTS, "target", "task"),
    "table": (*_CUTS, *_TABLE),
    "language": (*_CUTS, *_LANGUAGE, "text_encoding"),
    "texts": (*_CUTS, "target", "task", "test", "missing_target", "tokenizer", *_READING),
    "series": (*_CUTS, "target", *_SERIES, *_READING),
    "named language": (*_CUTS, *_LANGUAGE),
    "named texts": (*_CUTS, "tokenizer"),
    "named series": (*_CUTS, *_SERIES),
}
_CALLED: dict[str, str] = {
    "named": "a built-in data set",
    "images": "a folder of images",
    "arrays": "a file of arrays",
    "table": "a table",
    "language": "running text",
    "texts": "a table of texts with classes",
    "series": "a series in time",
}
_EVERY = tuple(dict.fromkeys((*_CUTS, *_TABLE, "size", *_LANGUAGE, *_SERIES)))
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


def content_of(settings: Settings) -> Content:
    """Tell what the samples of a source are, from its name or the first lines of its file.

    A named set tells it by the options of its loader: one of series takes a window.
    """
    from pellucid.data import DATASETS

    kind = kind_of(settings.source)
    if kind == "images":
        return "images"
    if kind == "named":
        name = settings.source.strip().lower().replace("_", "-")
        loader = DATASETS[name].loader
        call: Any = loader if inspect.isfunction(loader) else type(loader).__call__
        options = inspect.signature(call).parameters
        if "window" in options:
            return "series"
        if "tokenizer" in options:
            return "language" if "context" in options else "texts"
        return "images" if "flat" in options and name != "ecg5000" else "rows"
    if kind == "arrays":
        return "rows"
    return _content_of_file(settings)


def _content_of_file(settings: Settings) -> Content:
    from pellucid.data import MISSING, CSVFormat
    from pellucid.data.kinds import find_kind

    if settings.normal_label is not None:
        return "rows"
    if settings.window is not None or settings.horizon is not None:
        return "series"
    path = Path(settings.source).expanduser()
    delimiter = settings.delimiter
    form = CSVFormat(
        delimiter=_DELIMITERS.get(delimiter or "", delimiter),
        header=settings.header,
        encoding=settings.text_encoding or "utf-8",
        missing=(*MISSING, *settings.missing),
    )
    if not path.is_file() or not path.stat().st_size:
        return "rows"  # whoever reads it in earnest says what is wrong
    if ".txt" in path.suffixes and settings.context is not None:
        return "language"
    contents: dict[str, Content] = {"text": "language", "texts": "texts", "series": "series"}
    found = contents.get(find_kind(path, form), "rows")
    # Texts that are much alike look like categories; a tokenizer says that they are texts
    return "texts" if found == "rows" and settings.tokenizer is not None else found


def run_name(source: str) -> str:
    """Return what the run folder of a source is called.

    >>> run_name("digits"), run_name("data/passengers.csv.gz"), run_name("photos/")
    ('digits', 'passengers', 'photos')
    """
    return Path(source).expanduser().resolve().name.split(".")[0] or "run"


def load_source(settings: Settings, more: Mapping[str, Any] | None = None) -> Dataset:
    """Load the data that the settings name.

    Parameters
    ----------
    settings : Settings
        What was asked for.
    more : mapping, optional
        Options that the task adds.

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
        for name in _EVERY
        if getattr(settings, name) not in (None, ())
    }
    content = content_of(settings)
    special = content in ("language", "texts", "series")
    _check(kind, content if special else None, settings.source, given)
    options: dict[str, Any] = {**(more or {}), **given, **settings.options("data")}
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
    if kind == "table" and content == "rows" and Path(settings.source).is_file():
        from pellucid.data import load_table

        known = inspect.signature(load_table).parameters
        if all(option in known for option in options):
            return load_table(settings.source, **options)
    return load(settings.source, **options)


def _check(kind: Kind, content: Content | None, source: str, given: dict[str, Any]) -> None:
    from pellucid.cli.training_options import TRAINING_OPTIONS

    named = kind == "named"
    takes = _TAKES[f"named {content}" if named and content else content or kind]
    called = _CALLED[content or kind]
    for option in TRAINING_OPTIONS:
        if option.name in given and option.name not in takes:
            takers = [
                _CALLED[k] for k, names in _TAKES.items() if option.name in names and k in _CALLED
            ]
            raise DataError(
                f"{option.opts[0]} goes with {' or '.join(takers)}; '{source}' is {called}"
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
        if array is None:
            continue
        if data.task == "language":  # windows share their tokens: each is counted once
            array = np.concatenate([array[:, 0], array[-1]])
        value = zlib.crc32(np.ascontiguousarray(array).data, value)
    return f"{len(data.train)}-{value:08x}"
