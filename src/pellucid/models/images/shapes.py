"""What enters an image model."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.errors import ShapeError

__all__ = ["ImageShape", "image_shape"]

ImageShape = Sequence[int]
"""(channels, height, width)."""


def image_shape(shape: ImageShape, model: str) -> tuple[int, int, int]:
    """Return (channels, height, width).

    Raises
    ------
    ShapeError
        If it is anything else, such as the length of a flat row.
    """
    lengths = tuple(int(n) for n in shape)
    if len(lengths) != 3 or min(lengths) < 1:
        raise ShapeError(
            f"the model {model} takes images of shape (channels, height, width), "
            f"got samples of shape {lengths}; load images with flat=False"
        )
    return lengths[0], lengths[1], lengths[2]
