"""``--augment shift=2,flip``: the transforms of training images by short names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli.types import _ParamType, known
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data.loader import Transform

__all__ = ["AUGMENTATIONS", "Augmentations", "transform_of"]

AUGMENTATIONS: dict[str, tuple[str, float | None]] = {
    "shift": ("RandomShift", 2),
    "crop": ("RandomCrop", 4),
    "flip": ("RandomFlip", None),
    "rotate": ("RandomRotation", 10),
    "scale": ("RandomScale", None),
    "brightness": ("RandomBrightness", 0.2),
    "contrast": ("RandomContrast", 0.2),
    "noise": ("AddNoise", 0.1),
    "cutout": ("Cutout", 8),
    "mixup": ("MixUp", None),
    "cutmix": ("CutMix", None),
}
"""Each short name: the class in `pellucid.data.transforms`, and its first argument if none is
said; None leaves it to the class."""


class Augmentations(_ParamType):
    """Names of augmentations, each perhaps with a number: "shift=2,flip"."""

    name = "NAMES"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names in a form of their own each."""
        parts = value if isinstance(value, (tuple, list)) else re.split(r"[,\s]+", value.strip())
        found: list[str] = []
        for part in map(str, parts):
            name, equals, amount = part.partition("=")
            known("augmentation", name, AUGMENTATIONS)
            if equals and not re.fullmatch(r"\d+(\.\d+)?", amount):
                self.fail(f"{part!r}: expected a number, such as shift=2", param, ctx)
            found.append(part)
        return tuple(found)


def transform_of(names: tuple[str, ...], classes: int) -> Transform | None:
    """Return the transform that does all of these, one after the other; None for none.

    Raises
    ------
    DataError
        If an amount is out of range.
    """
    from pellucid.data import transforms

    made: list[Any] = []
    for part in names:
        name, _, amount = part.partition("=")
        kind, usual = AUGMENTATIONS[name]
        value = usual if not amount else float(amount)
        if value is not None and float(value).is_integer():
            value = int(value)
        if name == "scale" and value is not None:
            raise DataError("--augment scale takes no amount")
        if name in ("mixup", "cutmix"):
            made.append(getattr(transforms, kind)(classes, *(() if value is None else (value,))))
            continue
        made.append(getattr(transforms, kind)(*(() if value is None else (value,))))
    if not made:
        return None
    return made[0] if len(made) == 1 else transforms.Compose(*made)
