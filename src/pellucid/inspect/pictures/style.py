"""How all pictures look: colours, sizes of letters, and the parts that many share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError, ShapeError
from pellucid.training.curves import OKABE_ITO

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "AMOUNTS",
    "MARKERS",
    "NEGATIVE",
    "OKABE_ITO",
    "POSITIVE",
    "SIGNED",
    "ZERO",
    "class_colour",
    "colour_scale",
    "image_of",
    "mosaic",
    "new_axes",
    "new_figure",
    "no_ticks",
    "sign_colour",
    "signed_range",
    "styled",
    "visible_text",
]

AMOUNTS = "viridis"
"""The colour map of what is zero or more."""

SIGNED = "RdBu_r"
"""The colour map of what can be negative: blue, white at zero, red."""

POSITIVE, NEGATIVE, ZERO = "#B2182B", "#2166AC", "#6B6B6B"
"""Lines and numbers by their sign: the red and the blue of :data:`SIGNED`, dark enough to read."""

# Five more, chosen for the largest distance from all others in three kinds of colour vision
_CLASSES = (*OKABE_ITO, "#0033BB", "#772200", "#77EE99", "#663355", "#7777FF")

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "d", "p", "h")
"""Shapes that tell classes apart where colours do not."""

_RULES: Any = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.6,
    "image.cmap": AMOUNTS,
    "image.interpolation": "nearest",
    "figure.dpi": 120,
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function draw in the style of the house, whatever the caller's settings are.

    Raises
    ------
    MissingExtraError
        When it is called and matplotlib is not installed.
    """

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            from matplotlib import rc_context
        except ImportError as error:
            raise MissingExtraError("matplotlib", "plot", "pictures") from error
        with rc_context(_RULES):
            return draw(*args, **kwargs)

    return drawn


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, which a notebook shows by itself."""
    from matplotlib import pyplot

    return pyplot.figure(figsize=(width, height), layout="compressed")


def new_axes(ax: Axes | None, width: float = 4.8, height: float = 3.6) -> Axes:
    """Return the caller's axes, or new ones in a figure of their own."""
    return new_figure(width, height).add_subplot() if ax is None else ax


def class_colour(k: int) -> str:
    """Return the colour of class `k`; after the twelfth they begin again."""
    return _CLASSES[k % len(_CLASSES)]


def sign_colour(value: float) -> str:
    """Return the colour of a number: red above zero, blue below, grey at zero."""
    return POSITIVE if value > 0 else NEGATIVE if value < 0 else ZERO


def signed_range(values: Array) -> dict[str, Any]:
    """Return the range of a signed colour map that is symmetric about zero."""
    finite = np.abs(values[np.isfinite(values)])
    limit = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    return {"vmin": -limit, "vmax": limit}


def no_ticks(axes: Axes) -> None:
    """Take the ticks and the frame away, as around images."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def colour_scale(axes: Axes, image: Any, label: str) -> None:
    """Draw what the colours mean at the right of the axes."""
    figure = axes.get_figure()
    assert figure is not None  # axes that are drawn on have one
    bar = figure.colorbar(image, ax=axes, fraction=0.05, pad=0.03)
    bar.set_label(label)
    bar.outline.set_visible(False)


def visible_text(token: str) -> str:
    """Return a token so that blanks and line breaks can be seen, and no formula is made of it."""
    return token.replace(" ", "␣").replace("\n", "↵").replace("$", r"\$")


def image_of(sample: Array, image_shape: Sequence[int] | None = None) -> Array:
    """Return a sample as an image (H, W), or (H, W, 3) with colours from 0 to 1.

    Parameters
    ----------
    sample : ndarray
        Of shape (H, W), (C, H, W) with one or three channels, or flat.
    image_shape : (int, int) or (int, int, int), optional
        What a flat sample is: height and width, or channels, height and width. A flat sample whose
        length is a square number is a square image if this is left out.

    Raises
    ------
    ShapeError
        If it is no image.
    """
    if sample.ndim == 1:
        side = round(sample.size**0.5)
        if image_shape is None and side * side != sample.size:
            raise ShapeError(
                f"{sample.size} numbers in a row are no square image; give image_shape=(H, W)"
            )
        sample = sample.reshape(tuple(image_shape) if image_shape is not None else (side, side))
    if sample.ndim == 3 and sample.shape[0] == 1:
        sample = sample[0]
    if sample.ndim == 3 and sample.shape[0] == 3:
        low, high = float(sample.min()), float(sample.max())
        return np.moveaxis((sample - low) / max(high - low, 1e-12), 0, -1)  # (H, W, 3)
    if sample.ndim != 2:
        raise ShapeError(f"expected an image (H, W), (1, H, W) or (3, H, W), got {sample.shape}")
    return sample


def mosaic(images: Sequence[Array], columns: int | None = None, gap: int = 1) -> Array:
    """Lay images side by side, with NaN (which stays white) between them.

    Parameters
    ----------
    images : sequence of ndarray
        All of shape (H, W), or all of shape (H, W, 3).
    columns : int, optional
        How many stand in a row; about as many as there are rows if left out.
    gap : int
        Pixels between them.
    """
    count = len(images)
    columns = columns or int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    height, width, *colours = images[0].shape
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *colours)
    whole = np.full(shape, np.nan)
    for k, image in enumerate(images):
        top, left = k // columns * (height + gap), k % columns * (width + gap)
        whole[top : top + height, left : left + width] = image
    return np.nan_to_num(whole, nan=1.0) if colours else whole
