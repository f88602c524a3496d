"""`load`: find out what was given, a name or a path, and load it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pellucid.data.array_file import load_arrays
from pellucid.data.dataset import Dataset
from pellucid.data.images import load_images
from pellucid.data.kinds import find_kind
from pellucid.data.language import load_text
from pellucid.data.registry import DATASETS
from pellucid.data.series_file import load_series
from pellucid.data.table import MISSING, CSVFormat
from pellucid.data.tabular import load_table
from pellucid.data.texts import load_texts
from pellucid.errors import DataError, UnknownNameError

__all__ = ["load"]


def load(name_or_path: str | Path, **options: Any) -> Dataset:
    """Load a data set by its name, or from a file or folder.

    Parameters
    ----------
    name_or_path : str or Path
        A name of `DATASETS`; or a text (.txt; see `load_text`); or a table (.csv .tsv .txt .data;
        see `load_table`), perhaps of texts with their classes (see `load_texts`) or a series in
        time (see `load_series`), all of these also gzipped; or arrays (.npz .npy; see
        `load_arrays`); or a folder with one sub-folder of images for each class (see
        `load_images`).
    **options
        What that loader takes; where a file can be read in more than one way, an option that only
        one of them has decides, such as ``window=`` for a series. All take `rng`, where splits and
        generated points come from; it is 0 unless given, so that the same samples are the test
        samples every time.

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
    kinds = _SUFFIXES.get(suffix.lower())
    if path.is_file():
        if kinds is None:
            raise DataError(
                f"'{path.name}' is of a kind that is not known; known are {', '.join(_SUFFIXES)} "
                "(texts and tables also gzipped), and folders of images"
            )
        return _call(_choose(path, kinds, options), f"'{path.name}'", options, path)
    if kinds is not None or path.name != str(name_or_path):
        raise DataError(
            f"there is no file or folder '{path}' (looked in '{path.parent.resolve()}')"
        )
    raise UnknownNameError("data set", str(name_or_path), DATASETS)


def _choose(path: Path, kinds: tuple[str, ...], options: dict[str, Any]) -> Callable[..., Dataset]:
    """Return the loader that has the given options and suits what the file holds."""
    everything = sorted({option for kind in kinds for option in _options(_LOADERS[kind])})
    for option in options:
        if option not in everything:
            raise UnknownNameError(f"option of '{path.name}':", option, everything)
    fitting = [kind for kind in kinds if set(options).issubset(_options(_LOADERS[kind]))]
    if len(fitting) == 1:
        return _LOADERS[fitting[0]]
    form = CSVFormat(
        options.get("delimiter"),
        options.get("header"),
        options.get("text_encoding", "utf-8"),
        tuple(options.get("missing", MISSING)),
        options.get("quote", '"'),
        options.get("decimal", "."),
    )
    found = find_kind(path, form)
    return _LOADERS[found if found in fitting or not fitting else fitting[0]]


def _call(
    loader: Callable[..., Dataset], what: str, options: dict[str, Any], *path: Path
) -> Dataset:
    known = _options(loader)
    for option in options:
        if option not in known:
            raise UnknownNameError(f"option of {what}:", option, known)
    return loader(*path, **options)


def _options(loader: Callable[..., Dataset]) -> list[str]:
    """Return the names of the options that a loader takes."""
    call = type(loader).__call__ if not inspect.isfunction(loader) else loader
    return [
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]


_LOADERS: dict[str, Callable[..., Dataset]] = {
    "table": load_table,
    "text": load_text,
    "texts": load_texts,
    "series": load_series,
    "arrays": load_arrays,
}

_TABLES = ("table", "texts", "series")
_SUFFIXES: dict[str, tuple[str, ...]] = {
    ".csv": _TABLES,
    ".tsv": _TABLES,
    ".txt": ("text", *_TABLES),
    ".data": _TABLES,
    ".npz": ("arrays",),
    ".npy": ("arrays",),
}
"""What files of a suffix may hold; the first is taken where options leave a choice that the file
itself does not settle."""
