"""Images taken apart into patches, and patches added up to images."""

from __future__ import annotations

import math
from typing import Any

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.kernels import reference
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.base import bordered
from pellucid.nn.pooling.sizes import Size, Sizes, check_spatial, per_axis, show, window_widths
from pellucid.primitives.declaration import Value

__all__ = ["Fold", "Unfold", "fold", "unfold"]


def _window(kernel_size: Size, dilation: Size, padding: Size, stride: Size) -> dict[str, Sizes]:
    return {
        "kernel_size": per_axis(kernel_size, 2, "kernel_size"),
        "dilation": per_axis(dilation, 2, "dilation"),
        "padding": per_axis(padding, 2, "padding", 0),
        "stride": per_axis(stride, 2, "stride"),
    }


def _shown(window: dict[str, Sizes]) -> str:
    parts = [show(window["kernel_size"])]
    for name, usual in (("stride", 1), ("padding", 0), ("dilation", 1)):
        if any(n != usual for n in window[name]):
            parts.append(f"{name} {show(window[name])}")
    return ", ".join(parts)


def unfold(
    x: Value, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Value:
    """Take all patches out of images (N, C, H, W); see `nn.Unfold`."""
    window = _window(kernel_size, dilation, padding, stride)
    x = floats(x)
    lengths = check_spatial(x, 2, "unfold")
    kernel, stride, dilation = window["kernel_size"], window["stride"], window["dilation"]
    widths = window_widths(lengths, kernel, stride, window["padding"], dilation)
    patches = p.extract_windows(
        bordered(x, widths, 0.0), kernel=kernel, stride=stride, dilation=dilation
    )
    samples, channels = x.shape[:2]
    shape = (samples, channels * math.prod(kernel), math.prod(patches.shape[-2:]))
    return p.reshape(patches, shape=shape)


def fold(
    x: Value,
    output_size: Size,
    kernel_size: Size,
    dilation: Size = 1,
    padding: Size = 0,
    stride: Size = 1,
) -> Value:
    """Add patches (N, C · kernel, patches) up to images (N, C, H, W); see `nn.Fold`."""
    window = _window(kernel_size, dilation, padding, stride)
    lengths = per_axis(output_size, 2, "output_size")
    kernel, stride, dilation = window["kernel_size"], window["stride"], window["dilation"]
    widths = window_widths(lengths, kernel, stride, window["padding"], dilation)
    x = floats(x)
    if len(x.shape) != 3:
        hint = "; a single sample needs a batch axis in front, x[None]" if len(x.shape) == 2 else ""
        raise ShapeError(
            "fold expects inputs of shape (samples, channels · kernel, patches), got "
            f"{tuple(x.shape)}{hint}"
        )
    padded = tuple(n + before + after for n, (before, after) in zip(lengths, widths, strict=True))
    counts = reference.window_counts(padded, kernel, stride, dilation)
    samples, rows, patches = x.shape
    taps = math.prod(kernel)
    if rows % taps:
        raise ShapeError(
            f"a {show(kernel)} patch has {show(kernel)} = {taps} entries a channel, but axis 1 of "
            f"{tuple(x.shape)} is no multiple of {taps}"
        )
    if patches != math.prod(counts):
        raise ShapeError(
            f"a {show(lengths)} image has {show(counts)} = {math.prod(counts)} patches of "
            f"{_shown(window)}, but axis 2 of {tuple(x.shape)} holds {patches}"
        )
    channels = rows // taps
    windows = p.reshape(x, shape=(samples, channels, *kernel, *counts))
    image = p.add_windows(
        windows, kernel=kernel, stride=stride, dilation=dilation, shape=(samples, channels, *padded)
    )
    if padded == lengths:
        return image
    inside = (slice(before, before + n) for n, (before, _) in zip(lengths, widths, strict=True))
    return p.getitem(image, index=(slice(None), slice(None), *inside))


class Unfold(Module):
    """All patches of an image side by side, one per column: im2col.

    y[n, (c K₁ + s) K₂ + t, i W' + j] = x[n, c, stride · i + dilation · s − padding,
    stride · j + dilation · t − padding]

    Takes (N, C, H, W) to (N, C K₁ K₂, H' W'), H' = ⌊(H + 2 padding − dilation (K₁ − 1) − 1) /
    stride⌋ + 1. A convolution is a product of its flattened weights with these columns.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of a patch, K₁ and K₂.
    dilation : int or (int, int)
        Distance between the entries of a patch.
    padding : int or (int, int)
        Border of zeros on both sides.
    stride : int or (int, int)
        Step between patches.

    Raises
    ------
    ShapeError
        If no patch fits.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.Unfold(2)(np.arange(6.0).reshape(1, 1, 2, 3))
    array([[[0., 1.],
            [1., 2.],
            [3., 4.],
            [4., 5.]]])
    """

    def __init__(
        self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.window = _window(kernel_size, dilation, padding, stride)

    def forward(self, x: Value) -> Value:
        """Return the patches.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, H, W).
        """
        given: dict[str, Any] = self.window
        return unfold(x, **given)

    def extra_repr(self) -> str:
        """Return the patch, and what is not usual about it."""
        return _shown(self.window)


class Fold(Module):
    """Patches added up to an image where they overlap: col2im, the adjoint of :class:`Unfold`.

    y[n, c, stride · i + dilation · s − padding, stride · j + dilation · t − padding] +=
    x[n, (c K₁ + s) K₂ + t, i W' + j]

    Takes (N, C K₁ K₂, H' W') to (N, C, H, W), the sizes being those of :class:`Unfold`; what lies
    in the border is dropped. It is no inverse where patches overlap: an entry of k patches comes
    back k-fold.

    Parameters
    ----------
    output_size : int or (int, int)
        Height and width of the image.
    kernel_size, dilation, padding, stride : int or (int, int)
        As in :class:`Unfold`.

    Raises
    ------
    ShapeError
        If the image has another number of patches, or a patch another number of entries.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.Fold((2, 3), 2)(np.ones((1, 4, 2)))
    array([[[[1., 2., 1.],
             [1., 2., 1.]]]])
    """

    def __init__(
        self,
        output_size: Size,
        kernel_size: Size,
        dilation: Size = 1,
        padding: Size = 0,
        stride: Size = 1,
    ) -> None:
        super().__init__()
        self.output_size = per_axis(output_size, 2, "output_size")
        self.window = _window(kernel_size, dilation, padding, stride)

    def forward(self, x: Value) -> Value:
        """Return the images.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C K₁ K₂, H' W').
        """
        given: dict[str, Any] = self.window
        return fold(x, self.output_size, **given)

    def extra_repr(self) -> str:
        """Return image and patch."""
        return f"to {show(self.output_size)}, {_shown(self.window)}"
