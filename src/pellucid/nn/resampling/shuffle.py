"""Moving pixels from channels into space and back."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import check_spatial
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["PixelShuffle", "PixelUnshuffle", "pixel_shuffle", "pixel_unshuffle"]


def _factor(factor: int) -> int:
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 1:
        raise DataError(f"the factor of a pixel shuffle is a whole number ≥ 1, got {factor!r}")
    return factor


@composite
def pixel_shuffle(x: Value, factor: int) -> Value:
    """Move r² channels into r × r pixels: (N, C·r², H, W) becomes (N, C, H·r, W·r).

    y[n, c, h·r + i, w·r + j] = x[n, c·r² + i·r + j, h, w]

    Shi et al. (2016).

    Parameters
    ----------
    x : array or Tensor
    factor : int
        r.

    Raises
    ------
    ShapeError
        If the channels cannot be divided by r².
    """
    x, r = floats(x), _factor(factor)
    height, width = check_spatial(x, 2, "PixelShuffle")
    n, channels = x.shape[:2]
    if channels % (r * r):
        raise ShapeError(
            f"a pixel shuffle by {r} takes a multiple of {r}² = {r * r} channels, got {channels}; "
            f"let the convolution before it make {-(-channels // (r * r)) * r * r}"
        )
    c = channels // (r * r)
    apart = p.reshape(x, shape=(n, c, r, r, height, width))
    mixed = p.transpose(apart, axes=(0, 1, 4, 2, 5, 3))  # (N, C, H, r, W, r)
    return p.reshape(mixed, shape=(n, c, height * r, width * r))


@composite
def pixel_unshuffle(x: Value, factor: int) -> Value:
    """Move r × r pixels into r² channels: (N, C, H·r, W·r) becomes (N, C·r², H, W).

    y[n, c·r² + i·r + j, h, w] = x[n, c, h·r + i, w·r + j]

    The inverse of :func:`pixel_shuffle`. Shi et al. (2016).

    Parameters
    ----------
    x : array or Tensor
    factor : int
        r.

    Raises
    ------
    ShapeError
        If height or width cannot be divided by r.
    """
    x, r = floats(x), _factor(factor)
    height, width = check_spatial(x, 2, "PixelUnshuffle")
    n, channels = x.shape[:2]
    if height % r or width % r:
        raise ShapeError(
            f"a pixel unshuffle by {r} takes heights and widths that are multiples of {r}, got "
            f"{height}×{width}; pad to {-(-height // r) * r}×{-(-width // r) * r}"
        )
    apart = p.reshape(x, shape=(n, channels, height // r, r, width // r, r))
    mixed = p.transpose(apart, axes=(0, 1, 3, 5, 2, 4))  # (N, C, r, r, H, W)
    return p.reshape(mixed, shape=(n, channels * r * r, height // r, width // r))


class PixelShuffle(Module):
    """Moves r² channels into r × r pixels: (N, C·r², H, W) becomes (N, C, H·r, W·r).

    y[n, c, h·r + i, w·r + j] = x[n, c·r² + i·r + j, h, w]

    Behind a convolution it enlarges images with learnt weights. Shi et al. (2016).

    Parameters
    ----------
    factor : int
        r.
    """

    transparent = True

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = _factor(factor)

    def forward(self, x: Value) -> Value:
        """Return larger images of fewer channels."""
        return pixel_shuffle(x, self.factor)

    def extra_repr(self) -> str:
        """Return the factor."""
        return f"×{self.factor}"


class PixelUnshuffle(Module):
    """Moves r × r pixels into r² channels: (N, C, H·r, W·r) becomes (N, C·r², H, W).

    y[n, c·r² + i·r + j, h, w] = x[n, c, h·r + i, w·r + j]

    The inverse of :class:`PixelShuffle`. Shi et al. (2016).

    Parameters
    ----------
    factor : int
        r.
    """

    transparent = True

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = _factor(factor)

    def forward(self, x: Value) -> Value:
        """Return smaller images of more channels."""
        return pixel_unshuffle(x, self.factor)

    def extra_repr(self) -> str:
        """Return the factor."""
        return f"÷{self.factor}"
