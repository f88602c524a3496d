"""Drawing which parts of an image matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import as_array
from pellucid.errors import ShapeError
from pellucid.inspect.pictures.style import (
    AMOUNTS,
    SIGNED,
    colour_scale,
    image_of,
    new_axes,
    no_ticks,
    signed_range,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["saliency_map"]


@styled
def saliency_map(
    sample: Any, values: Any, *, title: str = "", label: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what speaks for a decision over the image that it was made from.

    Values that can be negative are shown in blue (against) and red (for), others from dark to
    light. Where they are near zero the image shows through in grey.

    Parameters
    ----------
    sample : array_like
        One image: (C, H, W), (H, W), or flat if it is square.
    values : array_like
        What :mod:`~pellucid.inspect.pictures.saliency` gave for it: (H, W), of the shape of the
        sample, or flat; channels are added up.
    title, label : str
        What stands above, and beside the colours.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ShapeError
        If they do not fit together.
    """
    image = image_of(as_array(sample))
    grey = image.mean(axis=-1) if image.ndim == 3 else image
    shown = as_array(values).astype(float)
    if shown.ndim == 3:
        shown = shown.sum(axis=0)  # (C, H, W) -> (H, W)
    if shown.size != grey.size:
        raise ShapeError(f"the values {shown.shape} do not fit an image {grey.shape}")
    shown = shown.reshape(grey.shape)
    axes = new_axes(ax, 3.8, 3.2)
    axes.imshow(grey, cmap="Greys", alpha=0.45)
    signed = bool(shown.min() < 0)
    limits: dict[str, Any] = (
        signed_range(shown) if signed else {"vmin": 0.0, "vmax": float(shown.max()) or 1.0}
    )
    strength = np.clip(np.abs(shown) / limits["vmax"], 0, 1)
    layer = axes.imshow(
        shown, cmap=SIGNED if signed else AMOUNTS, alpha=np.minimum(0.15 + strength, 0.9), **limits
    )
    no_ticks(axes)
    axes.set_title(title)
    from matplotlib.cm import ScalarMappable

    colour_scale(axes, ScalarMappable(layer.norm, layer.cmap), label)
    return axes
