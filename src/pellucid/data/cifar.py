"""CIFAR-10, whole or a few thousand pictures of it."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path

import numpy as np

from pellucid.data.arrays import Scale, from_arrays
from pellucid.data.csv_file import read_bytes
from pellucid.data.dataset import Dataset
from pellucid.data.progress import Progress
from pellucid.data.remote import RemoteFile, find_file
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.random import Seed

__all__ = ["ARCHIVE", "CLASSES", "cifar10", "cifar10_subset", "read_cifar"]

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
ARCHIVE = RemoteFile(
    "cifar10",
    "cifar-10-binary.tar.gz",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    ("cifar10", "cifar-10", "CIFAR10", "."),
    ("cifar-10-binary.tar.gz",),
)
_BATCHES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_TEST = "test_batch.bin"
_FOLDERS = (
    "cifar10",
    "cifar-10",
    "CIFAR10",
    "cifar-10-batches-bin",
    "cifar10/cifar-10-batches-bin",
)
_SUBSET_FOLDERS = ("cifar10_subset", "cifar10-subset")
_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32  # a label, then the red, green and blue pixels


def cifar10(
    *,
    flat: bool = True,
    validation: float = 0.0,
    scale: Scale = "standard",
    progress: Progress = "auto",
    rng: Seed = 0,
) -> Dataset:
    """Load 50,000 training and 10,000 test pictures of 32×32 pixels in colour.

    Parameters
    ----------
    flat : bool
        Give x as rows (N, 3072); otherwise as images (N, 3, 32, 32).
    validation : float
        The share of the training samples set aside, 0 for none; stratified by class.
    scale : str
        "standard": one mean and deviation for all pixels; "unit": 0 … 1; others as in
        `from_arrays`.
    progress : "auto", bool or callable
        How to show the download of 170 MB.
    rng : int, numpy.random.Generator or None
        Where the validation split comes from.

    Raises
    ------
    DataError
        If a file is damaged, or is neither on disk nor to be downloaded.
    """
    parts = [read_cifar(data, name) for name, data in _files((*_BATCHES, _TEST), progress).items()]
    train = (np.concatenate([x for x, _ in parts[:-1]]), np.concatenate([y for _, y in parts[:-1]]))
    return _dataset("cifar10", train, parts[-1], flat, validation, scale, rng)


def cifar10_subset(
    *,
    flat: bool = True,
    validation: float = 0.0,
    scale: Scale = "standard",
    progress: Progress = "auto",
    rng: Seed = 0,
) -> Dataset:
    """Load the first 4,000 training and the first 1,000 test pictures of CIFAR-10.

    Parameters
    ----------
    flat, validation, scale, progress, rng
        As for the whole set, from which it is taken where it is not there by itself.

    Raises
    ------
    DataError
        If a file is damaged, or is neither on disk nor to be downloaded.
    """
    own = [
        find_file(_SUBSET_FOLDERS, (f"lossless_{part}.bin.gz", f"{part}.bin.gz", f"{part}.bin"))
        for part in ("train_first4000", "test_first1000")
    ]
    if own[0] is not None and own[1] is not None:
        train, test = (read_cifar(read_bytes(path), path.name) for path in own if path is not None)
    else:
        files = _files((_BATCHES[0], _TEST), progress)
        train, test = (read_cifar(data, name) for name, data in files.items())
        train, test = (train[0][:4000], train[1][:4000]), (test[0][:1000], test[1][:1000])
    return _dataset("cifar10-subset", train, test, flat, validation, scale, rng)


def read_cifar(data: bytes, name: str) -> tuple[Array, Array]:
    """Return the pictures (N, 3, 32, 32), uint8, and labels (N,) of a binary batch.

    Raises
    ------
    DataError
        If it does not consist of whole records, or a label is not 0 … 9.
    """
    count, rest = divmod(len(data), _RECORD)
    if rest or not count:
        raise DataError(
            f"'{name}' has {len(data):,} bytes, which are {count:,} pictures of {_RECORD:,} bytes "
            f"and {rest:,} more; it is damaged, or no binary batch of CIFAR-10"
        )
    records = np.frombuffer(data, np.uint8).reshape(count, _RECORD)
    if records[:, 0].max() >= len(CLASSES):
        picture = int(records[:, 0].argmax())
        raise DataError(
            f"'{name}': picture {picture} (counting from 0) has the label {records[picture, 0]}; "
            "CIFAR-10 has the labels 0 … 9"
        )
    return records[:, 1:].reshape(count, *_SHAPE), records[:, 0].astype(np.int64)


def _files(names: tuple[str, ...], progress: Progress) -> dict[str, bytes]:
    """Return the contents of batches, from single files or from the archive."""
    found = {name: find_file(_FOLDERS, (name, f"{name}.gz")) for name in names}
    if all(found.values()):
        return {name: read_bytes(path) for name, path in found.items() if path is not None}
    return _unpacked(ARCHIVE.path(progress), names)


def _unpacked(archive: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(archive, "r:*") as packed:
            for member in packed:
                name = Path(member.name).name
                file = packed.extractfile(member) if name in names else None
                if file is not None:
                    contents[name] = file.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"'{archive}' is a damaged archive ({error}); delete it") from error
    if absent := [name for name in names if name not in contents]:
        raise DataError(f"'{archive}' lacks {', '.join(absent)}; it is not the binary version")
    return {name: contents[name] for name in names}


def _dataset(
    name: str,
    train: tuple[Array, Array],
    test: tuple[Array, Array],
    flat: bool,
    validation: float,
    scale: Scale,
    rng: Seed,
) -> Dataset:
    return from_arrays(
        name,
        train,
        test,
        task="classification",
        validation_fraction=validation,
        scale=scale,
        flat=flat,
        class_names=CLASSES,
        target_name="class",
        image_shape=_SHAPE,
        description="photographs of ten kinds of things, 32×32 pixels in colour",
        rng=rng,
    )
