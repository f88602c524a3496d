"""Samples for a trained network, from files that are prepared as its training data were."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pellucid.data.checks import listed, plural
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data import ArrayPreparation, Part, Preparation, SeriesPreparation, Table
    from pellucid.dtypes import Array

__all__ = ["read_part", "read_samples", "read_series"]

Unknown = Literal["error", "ignore"]


def read_samples(preparation: Preparation, path: str, unknown: Unknown = "error") -> Array:
    """Return the samples of a file as network input, with or without targets in it.

    Parameters
    ----------
    preparation : Preparation
        What the run saved.
    path : str
        A table, arrays or images, whatever the training data were; "-" is a table on stdin.
    unknown : "error" or "ignore"
        What to do with a category that the training rows do not have.

    Raises
    ------
    DataError
        If the file does not fit, with the row and column.
    """
    from pellucid.data import SeriesPreparation, TablePreparation, TextPreparation

    if isinstance(preparation, TextPreparation) and path != "-" and _is_text(path):
        return preparation.transform(_lines(path))
    if isinstance(preparation, (TablePreparation, TextPreparation, SeriesPreparation)):
        with _file(path) as file:
            return preparation.transform(preparation.read(file), unknown=unknown)
    return preparation.transform(_raw(_array_preparation(preparation), path)[0])


def read_part(preparation: Preparation, path: str, unknown: Unknown = "error") -> Part:
    """Return the samples of a file with their targets.

    Raises
    ------
    DataError
        If the file does not fit or has no targets.
    """
    from pellucid.data import (
        LanguagePreparation,
        Part,
        SeriesPreparation,
        TablePreparation,
        TextPreparation,
    )

    if isinstance(preparation, LanguagePreparation):
        return preparation.pairs(_text(path))
    if isinstance(preparation, SeriesPreparation):
        with _file(path) as file:
            return preparation.pairs(preparation.read(file))
    if isinstance(preparation, (TablePreparation, TextPreparation)):
        with _file(path) as file:
            table = preparation.read(file)
        return Part(
            preparation.transform(table, unknown=unknown), preparation.target_transform(table)
        )
    x, y = _raw(_array_preparation(preparation), path)
    if y is None:
        raise DataError(f"'{path}' holds no targets to compare the predictions with")
    return Part(preparation.transform(x), preparation.target_transform(y))


def read_series(preparation: SeriesPreparation, path: str) -> Array:
    """Return the values of a file with a row for each step in time, (L, F)."""
    with _file(path) as file:
        values: Array = preparation.values(preparation.read(file))
    return values


def _is_text(path: str) -> bool:
    """Tell whether a file holds a text in each line, and no columns."""
    return ".txt" in Path(path).suffixes and "\t" not in _text(path)


def _lines(path: str) -> list[str]:
    return [line for line in _text(path).splitlines() if line.strip()]


def _text(path: str) -> str:
    from pellucid.data.csv_file import decode, read_bytes

    with _file(path) as file:
        return decode(read_bytes(file), file, "utf-8").replace("\r\n", "\n")


@contextmanager
def _file(path: str) -> Iterator[Path]:
    """Yield the file; what comes on stdin is put into one, called so in messages."""
    if path != "-":
        yield Path(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stdin"
        file.write_bytes(sys.stdin.buffer.read())
        yield file


def _array_preparation(preparation: Preparation) -> ArrayPreparation:
    from pellucid.data import ArrayPreparation

    if not isinstance(preparation, ArrayPreparation):
        raise DataError("this network goes on with a text: pellucid sample RUN --prompt TEXT")
    return preparation


def _raw(preparation: ArrayPreparation, path: str) -> tuple[Any, Any]:
    """Return raw samples and, where the file has them, raw targets."""
    file = Path(path)
    suffix = file.suffix.lower()
    if path != "-" and suffix in (".npz", ".npy"):
        return _arrays(preparation, file)
    if path != "-" and preparation.image_shape is not None and (file.is_dir() or _is_image(file)):
        return _images(preparation, file)
    return _numbers(preparation, path)


def _arrays(preparation: ArrayPreparation, file: Path) -> tuple[Any, Any]:
    try:
        with file.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            found = (
                None
                if isinstance(loaded, np.ndarray)
                else {key.lower(): loaded[key] for key in loaded.files}
            )
    except FileNotFoundError as error:
        raise DataError(f"there is no file '{file}'") from error
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"'{file}' is damaged or not a NumPy file ({error})") from error
    if found is None:
        return _cut(preparation, loaded, file.name)
    for x, y in (("x_test", "y_test"), ("x", "y")):
        if x in found:
            return found[x], found.get(y)
    raise DataError(f"'{file}' lacks 'x' (or 'x_test'); found {', '.join(found) or 'nothing'}")


def _cut(preparation: ArrayPreparation, rows: Array, name: str) -> tuple[Any, Any]:
    """Cut the target off a matrix that has one column more than the network takes."""
    width = int(np.prod(preparation.input_shape, dtype=np.int64))
    if rows.ndim == 2 and rows.shape[1] == width + 1 and preparation.target is not None:
        return rows[:, :-1], rows[:, -1]
    if rows.ndim < 2 or int(np.prod(rows.shape[1:], dtype=np.int64)) != width:
        raise DataError(
            f"'{name}' has shape {rows.shape}; expected {width} numbers for each sample"
        )
    return rows, None


def _numbers(preparation: ArrayPreparation, path: str) -> tuple[Any, Any]:
    """Return the columns of a table of numbers: by name where both have names, else in order."""
    from pellucid.data import read_table

    with _file(path) as file:
        table = read_table(file)
    names = preparation.feature_names
    width = int(np.prod(preparation.input_shape, dtype=np.int64))
    target = preparation.target.name if preparation.target is not None else ""
    columns: list[str]
    if names and all(name in table.names for name in names):
        columns = list(names)
    else:
        columns = [name for name in table.names if name != target]
        if len(columns) == width + 1 and target not in table.names:
            target = columns.pop()
    if len(columns) != width:
        raise DataError(
            f"{table.source or path} has {plural(len(columns), 'column')}; the network takes "
            f"{width} numbers{': ' if names else ''}{listed(names)}"
        )
    x = np.stack([_parsed(table, name) for name in columns], axis=1)
    return x, (list(table[target]) if target in table.names else None)


def _parsed(table: Table, name: str) -> Array:
    values = table[name]
    try:
        return np.array(list(map(float, values)), np.float64)
    except ValueError:
        row = next(i for i, value in enumerate(values) if not _is_number(value))
        raise DataError(
            f"{table.where(row)}: column '{name}' has '{values[row]}', which is not a number"
        ) from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_image(file: Path) -> bool:
    from pellucid.data.images import SUFFIXES

    return file.suffix.lower() in SUFFIXES


def _images(preparation: ArrayPreparation, place: Path) -> tuple[Any, Any]:
    """Return pixels; with the names of the classes where the folder has one for each."""
    from pellucid.data import read_images

    assert preparation.image_shape is not None  # asked before
    channels, height, width = preparation.image_shape
    files = [place] if place.is_file() else sorted(f for f in place.iterdir() if _is_image(f))
    names: list[str] | None = None
    if not files:
        pairs = [
            (file, folder.name)
            for folder in sorted(place.iterdir())
            if folder.is_dir()
            for file in sorted(folder.iterdir())
            if _is_image(file)
        ]
        files, names = [file for file, _ in pairs], [name for _, name in pairs]
    pixels = read_images(files, size=(height, width), color="grayscale" if channels == 1 else "rgb")
    return pixels, names
