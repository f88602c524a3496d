"""Larger signals and images by repeating entries or by interpolating between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import Size, Sizes, per_axis, show
from pellucid.primitives.declaration import Value

__all__ = ["Upsample", "upsample"]

Mode: TypeAlias = Literal["nearest", "linear", "bilinear"]

MODES = ("nearest", "linear", "bilinear")

_RANKS = {"linear": (1, "a signal (N, C, L)"), "bilinear": (2, "an image (N, C, H, W)")}
_FOR_RANK = {1: "linear", 2: "bilinear"}


def _factors(scale_factor: Any, rank: int) -> tuple[float, ...]:
    """One number above zero per axis."""
    given = tuple(scale_factor) if isinstance(scale_factor, Sequence) else (scale_factor,) * rank
    for n in given:
        if isinstance(n, bool) or not isinstance(n, (int, float, np.number)) or not 0 < n < np.inf:
            raise DataError(f"scale_factor is a number above 0, or one per axis, got {n!r}")
    if len(given) != rank:
        raise DataError(
            f"scale_factor has one number per axis, here {rank}, got {len(given)}: {given}"
        )
    return tuple(float(n) for n in given)


def _check(size: Any, scale_factor: Any, mode: Any, align_corners: bool) -> None:
    """Say what is missing, or given twice."""
    if (size is None) == (scale_factor is None):
        got = "neither" if size is None else f"size={size!r} and scale_factor={scale_factor!r}"
        raise DataError(f"pass either size or scale_factor, got {got}")
    if mode not in MODES:
        raise UnknownNameError("mode of upsampling", str(mode), MODES)
    if align_corners and mode == "nearest":
        raise DataError(
            "align_corners says how to interpolate, which mode 'nearest' does not; use 'linear' "
            "for signals or 'bilinear' for images"
        )


def _lengths(shape: Sizes, mode: str) -> Sizes:
    """The lengths of the axes to resample."""
    rank = len(shape) - 2
    if mode in _RANKS and rank != _RANKS[mode][0]:
        other = f"; use mode {_FOR_RANK[rank]!r} here" if rank in _FOR_RANK else ""
        raise ShapeError(f"mode {mode!r} takes {_RANKS[mode][1]}, got shape {shape}{other}")
    if rank < 1:
        raise ShapeError(
            f"expected inputs of shape (samples, channels, *lengths), got {shape}; a single sample "
            "needs a batch axis in front, x[None]"
        )
    if 0 in shape[2:]:
        raise ShapeError(f"there is nothing to repeat in an input of lengths {show(shape[2:])}")
    return shape[2:]


def interpolation_matrix(length: int, wanted: int, step: float, align_corners: bool) -> Array:
    """Weights (length, wanted): each column makes one new entry of two neighbouring old ones.

    New entry i lies at old position (i + 1/2) · step − 1/2, entries being as wide as one; with
    aligned corners at i · (length − 1) / (wanted − 1), so that first and last stay in place.
    """
    i = np.arange(wanted)
    if align_corners:
        position = i * ((length - 1) / (wanted - 1) if wanted > 1 else 0.0)
    else:
        position = np.maximum((i + 0.5) * step - 0.5, 0.0)
    low = np.minimum(position.astype(np.int64), length - 1)
    high = np.minimum(low + 1, length - 1)
    share = position - low
    weights: Array = np.zeros((length, wanted))
    np.add.at(weights, (low, i), 1 - share)
    np.add.at(weights, (high, i), share)
    return weights


def _repeat(x: Value, lengths: Sizes, times: Sizes) -> Value:
    """Each entry `times` as often along its axis: a view, copied once."""
    lead = tuple(x.shape[:2])
    apart = [n for length in lengths for n in (length, 1)]
    wide = [n for length, t in zip(lengths, times, strict=True) for n in (length, t)]
    x = p.broadcast_to(p.reshape(x, shape=(*lead, *apart)), shape=(*lead, *wide))
    return p.reshape(x, shape=(*lead, *(n * t for n, t in zip(lengths, times, strict=True))))


def upsample(
    x: Value,
    size: Size | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: Mode = "nearest",
    align_corners: bool = False,
) -> Value:
    """Resample the lengths of x (N, C, *lengths); see `nn.Upsample`."""
    _check(size, scale_factor, mode, align_corners)
    x = floats(x)
    lengths = _lengths(tuple(x.shape), mode)
    rank = len(lengths)
    if size is not None:
        wanted = per_axis(size, rank, "size")
        steps = tuple(n / m for n, m in zip(lengths, wanted, strict=True))
    else:
        factors = _factors(scale_factor, rank)
        wanted = tuple(math.floor(n * f) for n, f in zip(lengths, factors, strict=True))
        if 0 in wanted:
            raise ShapeError(
                f"scale_factor {scale_factor} leaves nothing of a {show(lengths)} input: "
                f"⌊length · factor⌋ is {show(wanted)}"
            )
        steps = tuple(1 / f for f in factors)
    if mode != "nearest":
        for i, (n, m, step) in enumerate(zip(lengths, wanted, steps, strict=True)):
            if m != n or step != 1:
                weights = interpolation_matrix(n, m, step, align_corners).astype(x.dtype)
                if i == rank - 1:
                    x = p.matmul(x, weights)
                else:  # the rows of an image: multiplied from the left, so that none moves
                    x = p.matmul(np.ascontiguousarray(weights.T), x)
        return x
    times = tuple(m // n for n, m in zip(lengths, wanted, strict=True))
    if all(t * step == 1 for t, step in zip(times, steps, strict=True)):
        return _repeat(x, lengths, times)
    for i, (n, m, step) in enumerate(zip(lengths, wanted, steps, strict=True)):
        nearest = np.minimum((np.arange(m) * step).astype(np.int64), n - 1)
        x = ops.take(x, nearest, axis=2 + i)
    return x


class Upsample(Module):
    """Signals or images resampled to other lengths.

    nearest: y[n, c, i] = x[n, c, ⌊i · s⌋]

    linear: y[n, c, i] = (1 − t) x[n, c, ⌊u⌋] + t x[n, c, ⌊u⌋ + 1], u = max((i + ½) s − ½, 0),
    t = u − ⌊u⌋

    where s = L / L' or 1 / scale_factor; bilinear is linear along both axes, the product W₁ᵀ x W₂
    with two matrices of weights. Takes (N, C, L) to (N, C, L') and (N, C, H, W) to (N, C, H', W'),
    where L' is `size` or ⌊L · scale_factor⌋, and keeps the dtype. An entry that is not finite
    spreads along its row and its column when interpolated.

    Parameters
    ----------
    size : int or sequence of int, optional
        The lengths that come out.
    scale_factor : float or sequence of float, optional
        How many times longer they are instead.
    mode : {"nearest", "linear", "bilinear"}
        Repeat the nearest entry, or interpolate signals (linear) or images (bilinear).
    align_corners : bool
        Whether the first and the last entry keep their places: u = i (L − 1) / (L' − 1).

    Raises
    ------
    DataError
        If not exactly one of size and scale_factor is given.
    UnknownNameError
        If there is no such mode.
    ShapeError
        If the input has other axes than the mode takes, or nothing would be left.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.Upsample(scale_factor=2, mode="linear")(np.array([[[0.0, 4.0]]]))
    array([[[0., 1., 3., 4.]]])
    """

    def __init__(
        self,
        size: Size | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: Mode = "nearest",
        align_corners: bool = False,
    ) -> None:
        super().__init__()
        _check(size, scale_factor, mode, align_corners)
        if size is not None:
            per_axis(size, len(size) if isinstance(size, Sequence) else 1, "size")
        else:
            _factors(scale_factor, len(scale_factor) if isinstance(scale_factor, Sequence) else 1)
        self.size, self.scale_factor = size, scale_factor
        self.mode: Mode = mode
        self.align_corners = bool(align_corners)

    def forward(self, x: Value) -> Value:
        """Return x at its new lengths.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, *lengths).
        """
        return upsample(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self) -> str:
        """Return what it makes of the lengths, and how."""
        what = f"to {self.size}" if self.size is not None else f"{self.scale_factor} times"
        return f"{what}, {self.mode}{', align_corners' if self.align_corners else ''}"
