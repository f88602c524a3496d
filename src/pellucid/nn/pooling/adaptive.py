"""Pooling to a size that is given: one number per channel, or a grid of windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import Sizes, check_spatial, per_axis, show
from pellucid.primitives.declaration import Value

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "GlobalAvgPool1d",
    "GlobalAvgPool2d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
]


def _bounds(length: int, count: int) -> tuple[Array, Array]:
    """Start and stop of `count` windows that cover `length` entries: ⌊i L/n⌋ and ⌈(i + 1) L/n⌉."""
    i = np.arange(count)
    return i * length // count, -(-(i + 1) * length // count)


class _Adaptive(Module):
    rank: ClassVar[int]

    def __init__(self, output_size: int | Sequence[int | None] | None) -> None:
        super().__init__()
        given = (
            tuple(output_size) if isinstance(output_size, Sequence) else (output_size,) * self.rank
        )
        if len(given) != self.rank:
            raise DataError(f"output_size has {self.rank} numbers, one per axis, got {given}")
        self.output_size = tuple(
            None if n is None else per_axis(n, 1, "output_size")[0] for n in given
        )

    def _wanted(self, x: Value) -> tuple[Sizes, Sizes]:
        lengths = check_spatial(x, self.rank, type(self).__name__)
        if 0 in lengths:
            raise ShapeError(f"{type(self).__name__} cannot pool a {show(lengths)} input")
        wanted = (m or n for n, m in zip(lengths, self.output_size, strict=True))
        return lengths, tuple(wanted)

    def extra_repr(self) -> str:
        """Return the size that comes out; ``=`` where it is that of the input."""
        return "×".join("=" if n is None else str(n) for n in self.output_size)


class _AdaptiveAvgPool(_Adaptive):
    def forward(self, x: Value) -> Value:
        """Return the means of a grid of windows over x, of shape (N, C, *lengths)."""
        x = floats(x)
        lengths, wanted = self._wanted(x)
        if all(n % m == 0 for n, m in zip(lengths, wanted, strict=True)):
            kernel = tuple(n // m for n, m in zip(lengths, wanted, strict=True))
            total = p.sum_windows(x, kernel=kernel, stride=kernel, dilation=(1,) * self.rank)
            return p.multiply(total, 1 / float(np.prod(kernel)))
        for i, (n, m) in enumerate(zip(lengths, wanted, strict=True)):
            start, stop = _bounds(n, m)
            entries = np.arange(n)[:, None]
            inside = (entries >= start) & (entries < stop)
            weights = (inside / (stop - start)).astype(x.dtype)  # (n, m), each column a mean
            x = ops.moveaxis(p.matmul(ops.moveaxis(x, 2 + i, -1), weights), -1, 2 + i)
        return x


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means of as many windows of a signal as wanted.

    y[n, c, i] = mean of x[n, c, ⌊i L/m⌋ : ⌈(i + 1) L/m⌉]

    Takes (N, C, L) to (N, C, m); windows overlap where m does not divide L.

    Parameters
    ----------
    output_size : int or None
        m; None keeps the length.

    Raises
    ------
    ShapeError
        If the input is not (N, C, L), or is empty.
    """

    rank: ClassVar[int] = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means of a grid of windows of an image, as fine as wanted.

    y[n, c, i, j] = mean of x[n, c, ⌊i H/m⌋ : ⌈(i + 1) H/m⌉, ⌊j W/k⌋ : ⌈(j + 1) W/k⌉]

    Takes (N, C, H, W) to (N, C, m, k) for any H and W; windows overlap where the size does not
    divide them. He et al. (2014), spatial pyramid pooling.

    Parameters
    ----------
    output_size : int, None or a pair of them
        m and k; None keeps a length.

    Raises
    ------
    ShapeError
        If the input is not (N, C, H, W), or is empty.
    """

    rank: ClassVar[int] = 2


class _AdaptiveMaxPool(_Adaptive):
    def forward(self, x: Value) -> Value:
        """Return the maxima of a grid of windows over x, of shape (N, C, *lengths)."""
        x = floats(x)
        lengths, wanted = self._wanted(x)
        kernel = []
        for i, (n, m) in enumerate(zip(lengths, wanted, strict=True)):
            start, stop = _bounds(n, m)
            width = int((stop - start).max())
            kernel.append(width)
            if n % m:
                # Each window laid out by itself; shorter ones repeat their last entry, which
                # changes neither the maximum nor where its first place is.
                rows = np.minimum(start[:, None] + np.arange(width), stop[:, None] - 1)
                x = p.getitem(x, index=(*(slice(None),) * (2 + i), rows.reshape(-1)))
        return p.max_windows(
            x, kernel=tuple(kernel), stride=tuple(kernel), dilation=(1,) * self.rank
        )


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Maxima of as many windows of a signal as wanted.

    y[n, c, i] = max of x[n, c, ⌊i L/m⌋ : ⌈(i + 1) L/m⌉]

    Takes (N, C, L) to (N, C, m).

    Parameters
    ----------
    output_size : int or None
        m; None keeps the length.

    Raises
    ------
    ShapeError
        If the input is not (N, C, L), or is empty.
    """

    rank: ClassVar[int] = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Maxima of a grid of windows of an image, as fine as wanted.

    y[n, c, i, j] = max of x[n, c, ⌊i H/m⌋ : ⌈(i + 1) H/m⌉, ⌊j W/k⌋ : ⌈(j + 1) W/k⌉]

    Takes (N, C, H, W) to (N, C, m, k) for any H and W.

    Parameters
    ----------
    output_size : int, None or a pair of them
        m and k; None keeps a length.

    Raises
    ------
    ShapeError
        If the input is not (N, C, H, W), or is empty.
    """

    rank: ClassVar[int] = 2


class _Global(Module):
    rank: ClassVar[int]

    def _axes(self, x: Value) -> Sizes:
        lengths = check_spatial(x, self.rank, type(self).__name__)
        if 0 in lengths:
            raise ShapeError(f"{type(self).__name__} cannot pool a {show(lengths)} input")
        return tuple(range(2, 2 + self.rank))


class _GlobalAvgPool(_Global):
    def forward(self, x: Value) -> Value:
        """Return the mean of each channel of x, of shape (N, C, *lengths), as (N, C)."""
        x = floats(x)
        return ops.mean(x, axis=self._axes(x))


class GlobalAvgPool1d(_GlobalAvgPool):
    """Mean of each channel of a signal.

    y[n, c] = 1/L · Σᵢ x[n, c, i]

    Takes (N, C, L) to (N, C).

    Raises
    ------
    ShapeError
        If the input is not (N, C, L), or is empty.
    """

    rank: ClassVar[int] = 1


class GlobalAvgPool2d(_GlobalAvgPool):
    """Mean of each channel of an image.

    y[n, c] = 1/(H W) · Σᵢⱼ x[n, c, i, j]

    Takes (N, C, H, W) to (N, C), ready for a dense layer. Lin, Chen & Yan (2014).

    Raises
    ------
    ShapeError
        If the input is not (N, C, H, W), or is empty.
    """

    rank: ClassVar[int] = 2


class _GlobalMaxPool(_Global):
    def forward(self, x: Value) -> Value:
        """Return the maximum of each channel of x, of shape (N, C, *lengths), as (N, C)."""
        x = floats(x)
        self._axes(x)
        lengths = tuple(x.shape[2:])
        best = p.max_windows(x, kernel=lengths, stride=lengths, dilation=(1,) * self.rank)
        return p.reshape(best, shape=tuple(x.shape[:2]))


class GlobalMaxPool1d(_GlobalMaxPool):
    """Maximum of each channel of a signal.

    y[n, c] = maxᵢ x[n, c, i]

    Takes (N, C, L) to (N, C).

    Raises
    ------
    ShapeError
        If the input is not (N, C, L), or is empty.
    """

    rank: ClassVar[int] = 1


class GlobalMaxPool2d(_GlobalMaxPool):
    """Maximum of each channel of an image.

    y[n, c] = maxᵢⱼ x[n, c, i, j]

    Takes (N, C, H, W) to (N, C).

    Raises
    ------
    ShapeError
        If the input is not (N, C, H, W), or is empty.
    """

    rank: ClassVar[int] = 2
