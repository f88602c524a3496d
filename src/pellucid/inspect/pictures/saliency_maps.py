"""Drawing which parts of an image matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import as_array
from pellucid.errors import ShapeError
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import points_of, shortened
from pellucid.inspect.pictures.style import (
    SIGNED,
    colour_scale,
    image_of,
    new_axes,
    no_ticks,
    signed_range,
    styled,
    visible_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["saliency_map", "saliency_text"]

_LETTER = 0.66  # width of a letter of fixed width with some air, as a share of its size
_LINE = 24.0  # points from line to line, at most


@styled
def saliency_map(
    sample: Any, values: Any, *, title: str = "", label: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what speaks for a decision over the image that it was made from.

    Red speaks for it, blue against it. Where values are near zero the image shows through in grey.

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
    check_finite(shown, "the saliency")
    axes = new_axes(ax, 3.8, 3.2)
    axes.imshow(grey, cmap="Greys", alpha=0.45)
    signed = bool(shown.min() < 0)
    limits: dict[str, Any] = (
        signed_range(shown) if signed else {"vmin": 0.0, "vmax": float(shown.max()) or 1.0}
    )
    strength = np.clip(np.abs(shown) / limits["vmax"], 0, 1)
    colours = SIGNED if signed else _positive_half()  # white is zero in both
    layer = axes.imshow(shown, cmap=colours, alpha=np.minimum(0.15 + strength, 0.9), **limits)
    no_ticks(axes)
    axes.set_title(title)
    from matplotlib.cm import ScalarMappable

    colour_scale(axes, ScalarMappable(layer.norm, layer.cmap), label)
    return axes


def _positive_half() -> Any:
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps[SIGNED](np.linspace(0.5, 1.0, 256)))


@styled
def saliency_text(
    tokens: Sequence[str],
    values: Any,
    *,
    title: str = "",
    width: int = 60,
    ax: Axes | None = None,
) -> Axes:
    """Write a text whose tokens are coloured by what speaks for a decision.

    Red tokens speak for it, blue ones against it.

    Parameters
    ----------
    tokens : sequence of str
        The tokens; they are written one after another, with a space where they are words.
    values : array_like, shape (T,)
        What :func:`~pellucid.inspect.pictures.saliency.layer_attribution` gave for them.
    title : str
        What stands above.
    width : int
        Letters in a line, at most.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ShapeError
        If there are not as many values as tokens.
    """
    shown = as_array(values).astype(float).reshape(-1)
    if len(shown) != len(tokens):
        raise ShapeError(f"{len(tokens)} tokens, but {len(shown)} values")
    check_finite(shown, "the saliency")
    from matplotlib import colormaps

    between = 1 if any(len(token) > 1 for token in tokens) else 0
    room = np.inf if ax is None else points_of(ax)[0] / (_LETTER * 8.0)
    width = int(max(min(width, room), 8))
    written = [shortened(token, width) for token in tokens]
    places, line, column = [], 0, 0
    for token in written:
        length = max(len(token), 1)
        if column and column + length > width:
            line, column = line + 1, 0
        places.append((line, column, length))
        column += length + between
    axes = new_axes(ax, max(0.4 + 0.105 * width, 3.0), 0.5 + 0.26 * (line + 1))
    limit = signed_range(shown)["vmax"]
    for token, value, (row, start, length) in zip(written, shown, places, strict=True):
        strength = 0.5 + 0.5 * value / limit
        background = colormaps[SIGNED](strength)
        axes.add_patch(_box(start, row, length, background))
        dark = abs(strength - 0.5) > 0.36
        axes.text(
            start + length / 2,
            row,
            visible_text(token),
            ha="center",
            va="center",
            family="monospace",
            fontsize=8,
            color="white" if dark else "black",
        )
    axes.set_xlim(-0.5, width + 0.5)
    lines = max(line + 0.6, points_of(axes)[1] / _LINE - 0.6)  # a few lines stay at the top
    axes.set_ylim(lines, -0.6)
    no_ticks(axes)
    axes.set_title(title, loc="left")
    return axes


def _box(left: float, row: float, width: float, colour: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((left, row - 0.42), width, 0.84, facecolor=colour, linewidth=0)
