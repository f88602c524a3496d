"""Read .npz and .npy files, without pickle."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pellucid.data.arrays import Scale, from_arrays
from pellucid.data.checks import listed
from pellucid.data.dataset import Dataset
from pellucid.data.target import Task
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.random import Seed

__all__ = ["load_arrays"]

_KEYS = (
    "x and y, or x_train, y_train, x_test and y_test "
    "(and perhaps x_validation, y_validation, class_names, feature_names)"
)


def load_arrays(
    path: Path | str,
    *,
    target: int = -1,
    task: Task | None = None,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    scale: Scale = "auto",
    flat: bool = False,
    rng: Seed = 0,
) -> Dataset:
    """Load a .npz with x and y, or x_train, y_train, x_test and y_test; or a .npy matrix.

    Nothing is unpickled: such a file could run any code.

    Parameters
    ----------
    path : path
        The file.
    target : int
        For a .npy: the column to predict (negative counts from the end).
    task, scale, flat, rng
        As in `from_arrays`.
    test_fraction, validation : float
        Shares of the training rows set aside, where the file has no such part.

    Raises
    ------
    DataError
        If the file is damaged, holds pickled objects or lacks a key (those found are listed), or
        its numbers fail a check.
    """
    path = Path(path)
    found = _read(path)
    names: Sequence[str] = ()
    if isinstance(found, dict):
        parts, class_names, names = _parts_of(found, path)
    else:
        parts, class_names = {"train": _cut_target(found, target, path)}, []
    return from_arrays(
        path.stem,
        parts["train"],
        parts.get("test"),
        parts.get("validation"),
        task=task,
        test_fraction=test_fraction,
        validation_fraction=validation,
        scale=scale,
        flat=flat,
        class_names=class_names,
        feature_names=names,
        description=f"arrays of {path.name}",
        rng=rng,
    )


def _read(path: Path) -> Array | dict[str, Array]:
    try:
        with path.open("rb") as file:  # np.load leaves a damaged file open
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            return {key: loaded[key] for key in loaded.files}
    except FileNotFoundError as error:
        raise DataError(f"there is no file '{path}'") from error
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if str(error).startswith("Object arrays"):
            raise DataError(
                f"'{path.name}' holds pickled Python objects, which could run any code and are "
                "not loaded; save arrays of numbers or text instead"
            ) from error
        raise DataError(f"'{path.name}' is damaged or not a NumPy file ({error})") from error
    except OSError as error:
        raise DataError(f"'{path.name}' cannot be read: {error.strerror or error}") from error


def _parts_of(
    found: dict[str, Array], path: Path
) -> tuple[dict[str, tuple[Array, Array]], list[str], list[str]]:
    """Sort the arrays of a .npz into parts; capital X is taken as x."""
    keys = {key.lower(): key for key in found}
    pairs = {
        "train": ("x_train", "y_train") if "x_train" in keys else ("x", "y"),
        "test": ("x_test", "y_test"),
        "validation": ("x_val", "y_val") if "x_val" in keys else ("x_validation", "y_validation"),
    }
    parts = {}
    for part, pair in pairs.items():
        absent = [key for key in pair if key not in keys]
        if len(absent) == 1 or (absent and part == "train"):
            raise DataError(
                f"'{path.name}' lacks {listed(map(repr, absent))}; expected {_KEYS}; "
                f"found {listed(found) or 'nothing'}"
            )
        if not absent:
            parts[part] = (found[keys[pair[0]]], found[keys[pair[1]]])
    names = [
        [str(name) for name in found[keys[key]].ravel()] if key in keys else []
        for key in ("class_names", "feature_names")
    ]
    return parts, names[0], names[1]


def _cut_target(array: Array, target: int, path: Path) -> tuple[Array, Array]:
    if array.ndim != 2 or array.shape[1] < 2:
        raise DataError(
            f"'{path.name}' has shape {array.shape}; expected a matrix of samples with the target "
            "as one of two or more columns (or a .npz with x and y)"
        )
    if not -array.shape[1] <= target < array.shape[1]:
        raise DataError(f"there is no column {target}: '{path.name}' has {array.shape[1]} columns")
    return np.delete(array, target, axis=1), array[:, target]
