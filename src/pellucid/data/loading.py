"""`load`: find out what was given, a name or a path, and load it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pellucid.data.array_file import load_arrays
from pellucid.data.dataset import Dataset
from pellucid.data.images import load_images
from pellucid.data.registry import DATASETS
from pellucid.data.tabular import load_table
from pellucid.errors import DataError, UnknownNameError

__all__ = ["load"]


def load(name_or_path: str | Path, **options: Any) -> Dataset:
    """Load a data set by its name, or from a file or folder.

    Parameters
    ----------
    name_or_path : str or Path
        A name of `DATASETS`; or a table (.csv .tsv .txt .data, each perhaps with .gz; see
        `load_table`); or arrays (.npz .npy; see `load_arrays`); or a folder with one sub-folder of
        images for each class (see `load_images`).
    **options
        What that loader takes. All take `rng`, where splits and generated points come from; it is
        0 unless given, so that the same samples are the test samples every time.

    Returns
    -------
    Dataset

    Raises
    ------
    UnknownNameError
        If nothing has that name, or the loader has no such option.
    DataError
        If the data fail a check.
    MissingExtraError
        If a package is needed that is not installed.

    Examples
    --------
    >>> load("xor").train.x.tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> load("spirals", samples=300, classes=2)
    Dataset('spirals', classification, train 240, test 60, input (2,))
    """
    if isinstance(name_or_path, str):
        name = name_or_path.strip().lower().replace("_", "-")
        if name in DATASETS:
            return _call(DATASETS[name].loader, f"the data set '{name}'", options)
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return _call(load_images, "a folder of images", options, path)
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    loader = _LOADERS.get(suffix.lower())
    if path.is_file():
        if loader is None:
            raise DataError(
                f"'{path.name}' is of a kind that is not known; known are {', '.join(_LOADERS)} "
                "(the tables also gzipped), and folders of images"
            )
        return _call(loader, f"'{path.name}'", options, path)
    if loader is not None or path.name != str(name_or_path):
        raise DataError(
            f"there is no file or folder '{path}' (looked in '{path.parent.resolve()}')"
        )
    raise UnknownNameError("data set", str(name_or_path), DATASETS)


def _call(
    loader: Callable[..., Dataset], what: str, options: dict[str, Any], *path: Path
) -> Dataset:
    call = type(loader).__call__ if not inspect.isfunction(loader) else loader
    known = [
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    for option in options:
        if option not in known:
            raise UnknownNameError(f"option of {what}:", option, known)
    return loader(*path, **options)


_LOADERS: dict[str, Callable[..., Dataset]] = {
    ".csv": load_table,
    ".tsv": load_table,
    ".txt": load_table,
    ".data": load_table,
    ".npz": load_arrays,
    ".npy": load_arrays,
}
