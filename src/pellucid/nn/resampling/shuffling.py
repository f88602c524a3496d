"""Channels turned into pixels, and pixels into channels."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import check_spatial, per_axis, show
from pellucid.primitives.declaration import Value

__all__ = ["PixelShuffle", "PixelUnshuffle", "pixel_shuffle", "pixel_unshuffle"]


def pixel_shuffle(x: Value, upscale_factor: int) -> Value:
    """Spread channels (N, C r², H, W) over an image (N, C, H r, W r); see `nn.PixelShuffle`."""
    (r,) = per_axis(upscale_factor, 1, "upscale_factor")
    x = floats(x)
    height, width = check_spatial(x, 2, "pixel_shuffle")
    samples, channels = x.shape[:2]
    if channels % (r * r):
        raise ShapeError(
            f"pixel_shuffle by {r} makes {r}×{r} pixels of {r * r} channels, but {channels} "
            f"channels are not a multiple of {r * r}; let the layer before it make "
            f"{-(-channels // (r * r)) * r * r}"
        )
    x = p.reshape(x, shape=(samples, channels // (r * r), r, r, height, width))
    x = p.transpose(x, axes=(0, 1, 4, 2, 5, 3))
    return p.reshape(x, shape=(samples, channels // (r * r), height * r, width * r))


def pixel_unshuffle(x: Value, downscale_factor: int) -> Value:
    """Gather an image (N, C, H r, W r) into channels (N, C r², H, W); see `nn.PixelUnshuffle`."""
    (r,) = per_axis(downscale_factor, 1, "downscale_factor")
    x = floats(x)
    height, width = check_spatial(x, 2, "pixel_unshuffle")
    if height % r or width % r:
        more = (height + -height % r, width + -width % r)
        raise ShapeError(
            f"pixel_unshuffle by {r} needs a height and a width that {r} divides, got a "
            f"{height}×{width} image; pad it to {show(more)}"
        )
    samples, channels = x.shape[:2]
    x = p.reshape(x, shape=(samples, channels, height // r, r, width // r, r))
    x = p.transpose(x, axes=(0, 1, 3, 5, 2, 4))
    return p.reshape(x, shape=(samples, channels * r * r, height // r, width // r))


class PixelShuffle(Module):
    """Channels spread over a finer image, the last step of a network that enlarges.

    y[n, c, r h + i, r w + j] = x[n, r² c + r i + j, h, w]

    Takes (N, C r², H, W) to (N, C, H r, W r). Shi et al. (2016).

    Parameters
    ----------
    upscale_factor : int
        The factor r.

    Raises
    ------
    ShapeError
        If r² does not divide the channels.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.PixelShuffle(2)(np.arange(4.0).reshape(1, 4, 1, 1))
    array([[[[0., 1.],
             [2., 3.]]]])
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        (self.upscale_factor,) = per_axis(upscale_factor, 1, "upscale_factor")

    def forward(self, x: Value) -> Value:
        """Return the image.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C r², H, W).
        """
        return pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self) -> str:
        """Return the factor."""
        return str(self.upscale_factor)


class PixelUnshuffle(Module):
    """Pixels gathered into channels, the inverse of :class:`PixelShuffle`.

    y[n, r² c + r i + j, h, w] = x[n, c, r h + i, r w + j]

    Takes (N, C, H r, W r) to (N, C r², H, W). Shi et al. (2016).

    Parameters
    ----------
    downscale_factor : int
        The factor r.

    Raises
    ------
    ShapeError
        If r does not divide height and width.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.PixelUnshuffle(2)(np.zeros((1, 3, 8, 6))).shape
    (1, 12, 4, 3)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        (self.downscale_factor,) = per_axis(downscale_factor, 1, "downscale_factor")

    def forward(self, x: Value) -> Value:
        """Return the channels.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, H r, W r).
        """
        return pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self) -> str:
        """Return the factor."""
        return str(self.downscale_factor)
