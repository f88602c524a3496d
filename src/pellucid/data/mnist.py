"""MNIST and Fashion-MNIST: found on disk, else downloaded once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pellucid.data.arrays import Scale, from_arrays
from pellucid.data.dataset import Dataset
from pellucid.data.download import cache_dir, fetch
from pellucid.data.idx import read_idx
from pellucid.data.progress import Progress
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.random import Seed

__all__ = ["FASHION_MNIST", "MNIST", "IdxSource"]


@dataclass(frozen=True)
class IdxSource:
    """Four idx files of images and labels; calling it loads them.

    Parameters
    ----------
    name : str
        The data set's name.
    folders : tuple of str
        What the folder under ``PELLUCID_DATA`` may be called.
    mirrors : tuple of str
        Addresses that end with a slash; the files lie directly below.
    md5 : tuple of str
        The published checksums of the four gzipped files, in the order of `files`.
    class_names : tuple of str
        The classes, in the order of their labels.
    description : str
        One line for people.
    """

    name: str
    folders: tuple[str, ...]
    mirrors: tuple[str, ...]
    md5: tuple[str, ...]
    class_names: tuple[str, ...]
    description: str

    files = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )

    def __call__(
        self,
        *,
        flat: bool = True,
        validation: float = 0.0,
        scale: Scale = "standard",
        progress: Progress = "auto",
        mirrors: Sequence[str] = (),
        rng: Seed = 0,
    ) -> Dataset:
        """Load 60,000 training and 10,000 test images of 28×28 pixels.

        Parameters
        ----------
        flat : bool
            Give x as rows (N, 784); otherwise as images (N, 1, 28, 28).
        validation : float
            The share of the training samples set aside, 0 for none; stratified by class.
        scale : str
            "standard": one mean and deviation for all pixels; "unit": 0 … 1; others as in
            `from_arrays`.
        progress : "auto", bool or callable
            How to show a download.
        mirrors : sequence of str
            Where to download from, before the well-known places.
        rng : int, numpy.random.Generator or None
            Where the validation split comes from.

        Raises
        ------
        DataError
            If a file is damaged, or is neither on disk nor to be downloaded.
        """
        paths = [
            self.find(file)
            or fetch(
                [mirror.rstrip("/") + "/" + file for mirror in (*mirrors, *self.mirrors)],
                cache_dir() / self.name / file,
                md5=md5,
                progress=progress,
            )
            for file, md5 in zip(self.files, self.md5, strict=True)
        ]
        train, test = (self._read(*paths[:2]), self._read(*paths[2:]))
        height, width = train[0].shape[2:]
        return from_arrays(
            self.name,
            train,
            test,
            task="classification",
            validation_fraction=validation,
            scale=scale,
            flat=flat,
            class_names=self.class_names,
            target_name="class",
            image_shape=(1, height, width),
            description=self.description,
            rng=rng,
        )

    def find(self, file: str) -> Path | None:
        """Return where a file lies under ``PELLUCID_DATA``, gzipped or not, or None."""
        root = os.environ.get("PELLUCID_DATA")
        if not root:
            return None
        names = (file, file.removesuffix(".gz"))
        places = (Path(root).expanduser() / folder / n for folder in self.folders for n in names)
        return next((place for place in places if place.is_file()), None)

    def _read(self, images: Path, labels: Path) -> tuple[Array, Array]:
        """Return images (N, 1, H, W) and labels (N,) after checking that they belong together.

        Their checksum is not asked for here: files found on disk may be packed differently.
        """
        x, y = read_idx(images), read_idx(labels)
        if x.ndim != 3 or x.dtype != np.uint8:
            raise DataError(f"'{images}' holds {x.dtype} of shape {x.shape}, not images of bytes")
        if y.ndim != 1 or len(y) != len(x):
            raise DataError(
                f"'{labels}' holds labels of shape {y.shape} for {len(x):,} images in "
                f"'{images.name}'; the files do not belong together"
            )
        return x[:, None], y


MNIST = IdxSource(
    "mnist",
    ("mnist", "MNIST", "MNIST/raw"),
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    tuple("0123456789"),
    "handwritten digits, 28×28 pixels",
)

FASHION_MNIST = IdxSource(
    "fashion-mnist",
    ("fashion-mnist", "fashion_mnist", "FashionMNIST", "FashionMNIST/raw"),
    ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    (
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    "pictures of clothes, 28×28 pixels",
)
