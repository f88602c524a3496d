"""Enlarging signals and images by interpolation."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import Size, Sizes, per_axis, show
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["Upsample", "UpsampleMode", "upsample"]

UpsampleMode = Literal["nearest", "linear", "bilinear"]

_MODES = ("nearest", "linear", "bilinear")
_RANK = {"linear": 1, "bilinear": 2}


def _positions(before: int, after: int, scale: float | None, align_corners: bool) -> Array:
    """Where each new entry lies among the old ones, float64."""
    places = np.arange(after, dtype=np.float64)
    if align_corners:
        return places * ((before - 1) / (after - 1) if after > 1 else 0.0)
    step = before / after if scale is None else 1 / scale
    return np.maximum((places + 0.5) * step - 0.5, 0.0)


def _matrix(before: int, after: int, scale: float | None, mode: str, align_corners: bool) -> Array:
    """Return the matrix (after, before) that interpolates along one axis."""
    rows = np.arange(after)
    found = np.zeros((after, before))
    if mode == "nearest":
        step = before / after if scale is None else 1 / scale
        found[rows, np.minimum((rows * step).astype(int), before - 1)] = 1
        return found
    places = _positions(before, after, scale, align_corners)
    left = np.minimum(places.astype(int), before - 1)
    right = np.minimum(left + 1, before - 1)
    share = places - left
    np.add.at(found, (rows, left), 1 - share)
    np.add.at(found, (rows, right), share)
    return found


def _repeated(x: Value, factors: Sizes) -> Value:
    """Repeat each entry of the last axes so many times."""
    lead, lengths = x.shape[:2], x.shape[2:]
    apart = [n for length in lengths for n in (length, 1)]
    wide = [n for length, factor in zip(lengths, factors, strict=True) for n in (length, factor)]
    spread = p.broadcast_to(p.reshape(x, shape=(*lead, *apart)), shape=(*lead, *wide))
    final = (length * factor for length, factor in zip(lengths, factors, strict=True))
    return p.reshape(spread, shape=(*lead, *final))


@composite
def upsample(
    x: Value,
    size: Size | None = None,
    scale_factor: float | None = None,
    mode: UpsampleMode = "nearest",
    align_corners: bool = False,
) -> Value:
    """Enlarge signals (N, C, L) or images (N, C, H, W) by interpolation.

    y = R x Sᵀ, where the rows of R and S hold the weights of the neighbours

    Parameters
    ----------
    x : array or Tensor
    size : int or tuple of int, optional
        The new lengths; or else
    scale_factor : float, optional
        how many times as long they become, rounded down.
    mode : {"nearest", "linear", "bilinear"}
        The nearest entry; or between two (of signals), or four (of images).
    align_corners : bool
        Whether the first and last entries stay where they are, instead of the outer edges.

    Raises
    ------
    DataError
        If neither or both of `size` and `scale_factor` are given.
    ShapeError
        If the mode does not go with the number of axes.
    UnknownNameError
        If there is no such mode.
    """
    x = floats(x)
    rank = len(x.shape) - 2
    if mode not in _MODES:
        raise UnknownNameError("mode of upsampling", str(mode), _MODES)
    if rank not in (1, 2):
        raise ShapeError(
            "upsample expects signals (samples, channels, length) or images (samples, channels, "
            f"height, width), got shape {tuple(x.shape)}"
        )
    if _RANK.get(mode, rank) != rank:
        fitting = "linear" if rank == 1 else "bilinear"
        raise ShapeError(f"the mode '{mode}' does not go with shape {tuple(x.shape)}: '{fitting}'")
    if align_corners and mode == "nearest":
        raise DataError("align_corners goes with linear and bilinear, not with nearest")
    lengths = tuple(x.shape[2:])
    wanted = _new_lengths(lengths, size, scale_factor)
    if mode == "nearest" and all(m % n == 0 for n, m in zip(lengths, wanted, strict=True)):
        return _repeated(x, tuple(m // n for n, m in zip(lengths, wanted, strict=True)))
    matrices = [
        _matrix(n, m, scale_factor, mode, align_corners).astype(x.dtype)
        for n, m in zip(lengths, wanted, strict=True)
    ]
    y = p.matmul(x, np.ascontiguousarray(matrices[-1].T))
    return y if rank == 1 else p.matmul(matrices[0], y)


def _new_lengths(lengths: Sizes, size: Size | None, scale_factor: float | None) -> Sizes:
    if (size is None) == (scale_factor is None):
        raise DataError("upsample takes either size= or scale_factor=, one of the two")
    if size is not None:
        return per_axis(size, len(lengths), "size")
    assert scale_factor is not None
    wanted = tuple(int(n * scale_factor) for n in lengths)
    if scale_factor <= 0 or min(wanted) < 1:
        raise DataError(
            f"scale_factor={scale_factor:g} leaves nothing of {show(lengths)}: it makes "
            f"{show(wanted)}"
        )
    return wanted


class Upsample(Module):
    """Enlarges signals or images by interpolation.

    y = R x Sᵀ, where the rows of R and S hold the weights of the neighbours

    Takes (N, C, L) to (N, C, L') with "nearest" and "linear", (N, C, H, W) to (N, C, H', W') with
    "nearest" and "bilinear".

    Parameters
    ----------
    size, scale_factor, mode, align_corners
        See :func:`pellucid.nn.functional.upsample`.

    Examples
    --------
    >>> import numpy as np
    >>> Upsample(scale_factor=2)(np.array([[[1.0, 2.0]]]))
    array([[[1., 1., 2., 2.]]])
    """

    transparent = True

    def __init__(
        self,
        size: Size | None = None,
        scale_factor: float | None = None,
        mode: UpsampleMode = "nearest",
        align_corners: bool = False,
    ) -> None:
        super().__init__()
        if (size is None) == (scale_factor is None):
            raise DataError("Upsample takes either size= or scale_factor=, one of the two")
        if mode not in _MODES:
            raise UnknownNameError("mode of upsampling", str(mode), _MODES)
        self.size = size
        self.scale_factor = scale_factor
        self.mode: UpsampleMode = mode
        self.align_corners = bool(align_corners)

    def forward(self, x: Value) -> Value:
        """Return x with longer last axes."""
        return upsample(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self) -> str:
        """Return the new size or the factor, and the mode."""
        wanted = f"size={self.size}" if self.scale_factor is None else f"×{self.scale_factor:g}"
        return f"{wanted}, {self.mode}" + (", align_corners" if self.align_corners else "")
