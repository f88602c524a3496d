"""A folder of images, one sub-folder for each class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid.data.arrays import Scale, from_arrays
from pellucid.data.checks import listed, plural
from pellucid.data.dataset import Dataset
from pellucid.dtypes import Array
from pellucid.errors import DataError, MissingExtraError, UnknownNameError
from pellucid.random import Seed

__all__ = ["SUFFIXES", "ColorMode", "load_images", "read_images"]

ColorMode: TypeAlias = Literal["auto", "grayscale", "rgb"]
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
_PARTS = {"train": "train", "test": "test", "validation": "validation", "val": "validation"}


def load_images(
    folder: Path | str,
    *,
    size: int | tuple[int, int] | None = None,
    color: ColorMode = "auto",
    flat: bool = True,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    scale: Scale = "unit",
    rng: Seed = 0,
) -> Dataset:
    """Load ``folder/CLASS/*.png`` (or jpg and so on), or ``folder/train/CLASS/…`` and so on.

    Parameters
    ----------
    folder : path
        The folder. Sub-folders called train, test and validation (or val) are parts; otherwise
        sub-folders are classes. Classes are sorted by name; names that start with a dot are passed
        over.
    size : int or (int, int), optional
        Resize each image to this height and width; left out, all must have the same size.
    color : {"auto", "grayscale", "rgb"}
        One channel or three; "auto" is one if every image is grey.
    flat : bool
        Give x as rows (N, C·H·W); otherwise as images (N, C, H, W).
    test_fraction, validation : float
        Shares of the training images set aside where there is no such folder, 0 for none;
        stratified by class.
    scale : str
        "unit": 0 … 1; "standard": one mean and deviation for all pixels; others as in
        `from_arrays`.
    rng : int, numpy.random.Generator or None
        Where the splits come from.

    Raises
    ------
    DataError
        If there are no images, fewer than two classes, or an image cannot be read or has another
        size; with the file.
    MissingExtraError
        If Pillow is not installed.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"there is no folder '{folder}'")
    inside = _folders(folder)
    if "train" in inside:
        roots = {_PARTS[name]: path for name, path in inside.items() if name in _PARTS}
    else:
        roots = {"train": folder}
    classes = tuple(_folders(roots["train"]))
    if len(classes) < 2:
        found = f"only '{classes[0]}'" if classes else "none"
        raise DataError(
            f"'{roots['train']}' has {found}; expected a sub-folder of images for each of two or "
            "more classes"
        )
    files = {part: _files(root, classes) for part, root in roots.items()}
    everything = [file for part in files.values() for file, _ in part]
    pixels = read_images(everything, size=size, color=color)
    raw: dict[str, tuple[Array, Array]] = {}
    start = 0
    for part, pairs in files.items():
        labels = np.array([label for _, label in pairs], np.int64)
        raw[part] = (pixels[start : start + len(pairs)], labels)
        start += len(pairs)
    channels, height, width = pixels.shape[1:]
    return from_arrays(
        folder.resolve().name,
        raw["train"],
        raw.get("test"),
        raw.get("validation"),
        task="classification",
        test_fraction=test_fraction,
        validation_fraction=validation,
        scale=scale,
        flat=flat,
        class_names=classes,
        target_name="class",
        image_shape=(channels, height, width),
        description=f"{plural(len(everything), 'image')} in {folder.name}",
        rng=rng,
    )


def read_images(
    files: Sequence[Path | str],
    *,
    size: int | tuple[int, int] | None = None,
    color: ColorMode = "auto",
) -> Array:
    """Read image files as bytes, shape (N, C, H, W), uint8.

    Parameters
    ----------
    files : sequence of path
        The files.
    size, color
        As in `load_images`.

    Raises
    ------
    DataError
        If an image cannot be read or has another size than the first; with the file.
    MissingExtraError
        If Pillow is not installed.
    """
    if color not in ("auto", "grayscale", "rgb"):
        raise UnknownNameError("color", color, ("auto", "grayscale", "rgb"))
    if not files:
        raise DataError("there are no images to read")
    if isinstance(size, int):
        size = (size, size)
    images = [_open(Path(file), size) for file in files]
    if size is None:
        for file, image in zip(files, images, strict=True):
            if image.size != images[0].size:
                width, height = images[0].size
                raise DataError(
                    f"'{file}' is {image.size[1]}×{image.size[0]} pixels (height × width), but "
                    f"'{files[0]}' is {height}×{width}; pass size=({height}, {width}) to resize all"
                )
    grey = color == "grayscale" or (color == "auto" and all(i.mode == "L" for i in images))
    mode = "L" if grey else "RGB"
    pixels = np.stack([np.asarray(image.convert(mode)) for image in images])
    if grey:
        return pixels[:, None]  # (N, 1, H, W)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))  # (N, H, W, 3) → (N, 3, H, W)


def _open(file: Path, size: tuple[int, int] | None) -> Any:
    """Return an image of mode "L" or "RGB", resized to (height, width)."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise MissingExtraError("pillow", "plot", "reading images") from error
    try:
        with Image.open(file) as opened:
            if opened.mode.startswith(("I", "F")):
                raise DataError(
                    f"'{file}' has more than 8 bits for each pixel (mode {opened.mode}); "
                    "convert it to 8 bits, or pass the pixels as an array (.npz)"
                )
            upright = ImageOps.exif_transpose(opened)
            image: Any = upright.convert("L" if _is_grey(upright) else "RGB")
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"there is no file '{file}'") from error
    except PermissionError as error:
        raise DataError(f"'{file}' cannot be read: {error.strerror}") from error
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"'{file}' is not an image that can be read ({error})") from error
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's words for a damaged file
        raise DataError(f"'{file}' is a damaged image ({error})") from error
    return image if size is None else image.resize((size[1], size[0]), Image.Resampling.BILINEAR)


def _is_grey(image: Any) -> bool:
    return image.mode in ("1", "L", "LA")


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"the folder '{folder}' cannot be read: {error.strerror}") from error


def _folders(folder: Path) -> dict[str, Path]:
    return {
        entry.name: entry
        for entry in _entries(folder)
        if entry.is_dir() and not entry.name.startswith((".", "__"))
    }


def _files(root: Path, classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    """Return the images below `root` in order, each with its label."""
    found = []
    for name, folder in _folders(root).items():
        if name not in classes:
            raise DataError(
                f"'{folder}' is a class that the training folder does not have ({listed(classes)})"
            )
        images = [f for f in _entries(folder) if f.suffix.lower() in SUFFIXES]
        if not images:
            raise DataError(f"'{folder}' holds no images ({', '.join(SUFFIXES)})")
        found += [(image, classes.index(name)) for image in images]
    if not found:
        raise DataError(f"'{root}' has no sub-folders of images")
    return found
