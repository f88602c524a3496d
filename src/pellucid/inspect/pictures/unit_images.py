"""Drawing what units respond to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.inspect.pictures.excitation import maximise_activation, most_exciting
from pellucid.inspect.pictures.fitting import letters_across, literal, shortened
from pellucid.inspect.pictures.scores import floats_for
from pellucid.inspect.pictures.style import (
    SIGNED,
    image_of,
    mosaic,
    new_axes,
    no_ticks,
    signed_range,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["exciting_inputs"]


@styled
def exciting_inputs(
    net: Module,
    x: Any,
    path: str,
    units: Sequence[int] = range(8),
    *,
    count: int = 8,
    image_shape: Sequence[int] | None = None,
    ax: Axes | None = None,
    **options: Any,
) -> Axes:
    """Draw what excites some units of a layer: an image made for each, and its favourite samples.

    One row for each unit; the image at the left is made by :func:`maximise_activation`, in blue and
    red for numbers below and above zero, those beside it are samples.

    Parameters
    ----------
    net : Module
        A network that takes images.
    x : array_like, shape (N, ...)
        Samples to search through.
    path : str
        The layer.
    units : sequence of int
        Its units.
    count : int
        How many samples are shown for each.
    image_shape : sequence of int, optional
        What a flat sample is.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    **options
        For :func:`maximise_activation`; images are smoothed by 0.1 if nothing else is said.

    Raises
    ------
    ShapeError
        If the samples are no images.
    """
    samples = floats_for(net, x)
    if samples.ndim == 4:
        options.setdefault("smooth", 0.1)
    rows = []
    for unit in units:
        made = maximise_activation(net, samples.shape[1:], path, unit, **options).input
        indices, _ = most_exciting(net, samples, path, unit, count)
        rows.append((made, samples[indices]))
    if not rows:
        raise DataError("give at least one unit")
    axes = new_axes(ax, 0.5 + 0.5 * (count + 2), 0.6 + 0.5 * len(rows))
    height, width = _in_colours(rows[0][0], image_shape).shape[:2]
    images = []
    for made, favourites in rows:
        low, high = float(samples.min()), float(samples.max())
        blank = np.ones((height, max(width // 3, 1), 3))
        images.append(
            mosaic(
                [
                    _in_colours(made, image_shape),
                    *(_in_grey(favourite, image_shape, low, high) for favourite in favourites),
                ],
                count + 1,
            )
        )
        left = images[-1][:, : width + 1]
        images[-1] = np.concatenate([left, blank, images[-1][:, width + 1 :]], axis=1)
    axes.imshow(mosaic(images, 1))
    no_ticks(axes)
    axes.set_yticks(
        [(height + 1) * k + (height - 1) / 2 for k in range(len(rows))],
        [f"unit {unit}" for unit in units],
    )
    axes.tick_params(length=0)
    what = "made for it, and its favourite samples"
    room = letters_across(axes, 10.0) - len(what) - 2
    axes.set_title(f"{literal(shortened(path or 'outputs', max(room, 8)))}: {what}", loc="left")
    return axes


def _in_colours(values: Array, image_shape: Sequence[int] | None) -> Array:
    """Return an image of numbers of both signs, in blue and red; colour images as they are."""
    image = image_of(values, image_shape)
    if image.ndim == 3:
        return image
    from matplotlib import colormaps

    limit = signed_range(image)["vmax"]
    return np.asarray(colormaps[SIGNED](0.5 + 0.5 * image / limit))[..., :3]


def _in_grey(sample: Array, image_shape: Sequence[int] | None, low: float, high: float) -> Array:
    image = image_of(sample, image_shape)
    if image.ndim == 3:
        return image
    if image.ndim != 2:
        raise ShapeError(f"expected images, got samples of shape {sample.shape}")
    grey = (image - low) / max(high - low, 1e-12)
    return np.repeat(1 - grey[..., None], 3, axis=-1)
