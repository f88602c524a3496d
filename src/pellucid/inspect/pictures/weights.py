"""Weights and activations shown as images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import ShapeError, UnknownNameError, UnsupportedError
from pellucid.inspect.observing import observe
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import letters_across, literal, shortened
from pellucid.inspect.pictures.style import (
    AMOUNTS,
    SIGNED,
    colour_scale,
    image_of,
    mosaic,
    new_axes,
    no_ticks,
    signed_range,
    styled,
)
from pellucid.inspect.unchanged import unchanged
from pellucid.tape import no_grad
from pellucid.tensor import Parameter
from pellucid.training.evaluation import parameter_dtype
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["feature_maps", "filters", "output_of", "weight_images"]


@styled
def weight_images(
    layer: Module,
    *,
    image_shape: Sequence[int] | None = None,
    most: int = 64,
    ax: Axes | None = None,
) -> Axes:
    """Draw the weights of each unit of a dense layer as an image of its input.

    Red pixels excite the unit, blue ones inhibit it.

    Parameters
    ----------
    layer : Module
        A dense layer whose inputs are pixels: weight (H·W, units).
    image_shape : (int, int) or (int, int, int), optional
        Height and width (and channels in front); square if left out.
    most : int
        How many units are shown at most: the first ones.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    UnsupportedError
        If the layer has no matrix of weights.
    ShapeError
        If the inputs are no image.
    """
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, Parameter) or weight.ndim != 2:
        raise UnsupportedError(
            f"expected a dense layer, such as net[1]; got a {type(layer).__name__}"
        )
    shown = weight.data[:, :most].T
    if image_shape is not None and len(image_shape) == 3:
        shown = shown.reshape(len(shown), *image_shape).sum(axis=1).reshape(len(shown), -1)
        image_shape = tuple(image_shape)[1:]
    images = [image_of(column, image_shape) for column in shown]
    return _signed_mosaic(images, "weight", ax)


@styled
def filters(layer: Module, *, most: int = 64, ax: Axes | None = None) -> Axes:
    """Draw the kernels of a two-dimensional convolution.

    With one input channel each kernel is an image; with three each is a colour image, scaled from
    its least to its most; with more, each row shows one kernel, channel by channel.

    Parameters
    ----------
    layer : Module
        The convolution: weight (out channels, in channels, height, width).
    most : int
        How many images are shown at most.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    UnsupportedError
        If the layer is none.
    """
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, Parameter) or weight.ndim != 4:
        raise UnsupportedError(
            f"expected a two-dimensional convolution, such as net[0]; got a {type(layer).__name__}"
        )
    kernels = weight.data
    if kernels.shape[1] == 3:
        axes = new_axes(ax, 4.0, 4.0)
        axes.imshow(mosaic([image_of(kernel) for kernel in kernels[:most]]))
        no_ticks(axes)
        return axes
    if kernels.shape[1] == 1:
        return _signed_mosaic([kernel[0] for kernel in kernels[:most]], "weight", ax)
    side = max(int(np.sqrt(most)), 1)
    rows, columns = min(len(kernels), side), min(kernels.shape[1], side)
    images = [kernels[i, j] for i in range(rows) for j in range(columns)]
    axes = _signed_mosaic(images, "weight", ax, columns)
    axes.set_xlabel(f"input channel, 0 to {columns - 1} of {kernels.shape[1]}")
    axes.set_ylabel(f"filter, 0 to {rows - 1} of {len(kernels)}")
    return axes


def _signed_mosaic(
    images: Sequence[Array], label: str, ax: Axes | None, columns: int | None = None
) -> Axes:
    axes = new_axes(ax, 4.4, 4.0)
    whole = mosaic(images, columns)
    drawn = axes.imshow(whole, cmap=SIGNED, **signed_range(whole))
    no_ticks(axes)
    colour_scale(axes, drawn, label)
    return axes


def output_of(net: Module, sample: Any, path: str) -> Any:
    """Return what one layer makes of one sample, without the batch axis.

    Parameters
    ----------
    net : Module
    sample : array_like
        Without the batch axis.
    path : str
        The layer. Of one that returns several values, the first is taken.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    """
    one = as_array(sample)[None]
    if one.dtype.kind == "f":
        one = one.astype(parameter_dtype(net), copy=False)
    with unchanged(net), no_grad(), observe(net, gradients=False) as seen:
        net(one)
    if path not in seen.outputs:
        raise UnknownNameError("path of a layer that was called", path, seen.paths)
    return first_output(seen.outputs[path][-1])[0]


@styled
def feature_maps(
    net: Module, sample: Any, path: str, *, most: int = 64, ax: Axes | None = None
) -> Axes:
    """Draw what a convolution, or a layer behind it, makes of one image: one map for each channel.

    Parameters
    ----------
    net : Module
        The network.
    sample : array_like, shape (C, H, W)
        One image.
    path : str
        The layer.
    most : int
        How many maps are shown at most.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    ShapeError
        If it makes no maps.
    """
    maps = output_of(net, sample, path)
    if np.ndim(maps) != 3:
        raise ShapeError(
            f"'{path}' gives {np.shape(maps)} for a sample, but maps are (channels, height, width)"
        )
    check_finite(maps, f"the maps of '{path}'")
    whole = mosaic(list(maps[:most]))
    if np.nanmin(whole) < 0:
        axes = _signed_mosaic(list(maps[:most]), "activation", ax)
    else:
        axes = new_axes(ax, 4.4, 4.0)
        drawn = axes.imshow(whole, cmap=AMOUNTS)
        no_ticks(axes)
        colour_scale(axes, drawn, "activation")
    size = f"{len(maps)} maps of {maps.shape[1]} × {maps.shape[2]}"
    room = letters_across(axes, 10.0) - len(size) - 2
    axes.set_title(f"{literal(shortened(path, max(room, 8)))}: {size}")
    return axes
