"""Max pooling, with the places of the maxima if wanted, and its partial inverse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.base import WindowLayer, bordered
from pellucid.nn.pooling.sizes import Size, Sizes, check_spatial, per_axis, show
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["MaxPool1d", "MaxPool2d", "MaxUnpool1d", "MaxUnpool2d"]


class _MaxPool(WindowLayer):
    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        *,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode)
        self.return_indices = bool(return_indices)

    def forward(self, x: Value) -> Any:
        """Return the maxima, and their indices if `return_indices` is set.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, *lengths).
        """
        x = floats(x)
        lengths = check_spatial(x, self.rank, type(self).__name__)
        padded = bordered(x, self._widths(lengths), -math.inf)
        window = {"kernel": self.kernel_size, "stride": self.stride, "dilation": self.dilation}
        best = p.max_windows(padded, **window)
        if not self.return_indices:
            return best
        return best, self._indices(p.max_taps(padded, **window), lengths)

    def _indices(self, taps: Array, lengths: Sizes) -> Array:
        """Where in the flattened, unpadded input the taps of the windows lie."""
        flat: Array = np.zeros(taps.shape, np.int64)
        for i, tap in enumerate(np.unravel_index(taps.astype(np.int64), self.kernel_size)):
            starts = np.arange(taps.shape[2 + i]) * self.stride[i] - self.padding[i]
            starts = starts.reshape(-1, *(1,) * (self.rank - 1 - i))
            flat = flat * lengths[i] + starts + tap * self.dilation[i]
        return flat


class MaxPool1d(_MaxPool):
    """Maximum of each window of a signal.

    y[n, c, i] = maxₜ x[n, c, stride · i + dilation · t − padding]

    Takes (N, C, L) to (N, C, L'), L' = ⌊(L + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1;
    see :class:`MaxPool2d`.

    Parameters
    ----------
    kernel_size : int
    stride : int, optional
        By default `kernel_size`.
    padding : int
        Border of −∞ on both sides.
    dilation : int
    ceil_mode : bool
        Whether a last window may reach over the end: ⌈ ⌉ instead of ⌊ ⌋.
    return_indices : bool
        Whether the positions of the maxima are returned too.

    Raises
    ------
    ShapeError
        If no window fits.
    """

    rank: ClassVar[int] = 1


class MaxPool2d(_MaxPool):
    """Maximum of each window of an image.

    y[n, c, i, j] = maxₛₜ x[n, c, stride · i + dilation · s − padding, stride · j + dilation · t −
    padding]

    Takes (N, C, H, W) to (N, C, H', W'), where H' = ⌊(H + 2 padding − dilation (kernel − 1) − 1) /
    stride⌋ + 1. Of equal maxima the first gets the whole gradient, and a window with a NaN gives
    NaN, both as in PyTorch. Riesenhuber & Poggio (1999).

    Parameters
    ----------
    kernel_size : int or (int, int)
    stride : int or (int, int), optional
        By default `kernel_size`: windows side by side.
    padding : int or (int, int)
        Border of −∞ on both sides, at most half a window.
    dilation : int or (int, int)
        Distance between the entries of a window.
    ceil_mode : bool
        Whether a last window may reach over the end: ⌈ ⌉ instead of ⌊ ⌋.
    return_indices : bool
        Whether the positions of the maxima, h · W + w, are returned too, as :class:`MaxUnpool2d`
        takes them.

    Raises
    ------
    ShapeError
        If no window fits.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.MaxPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4))
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """

    rank: ClassVar[int] = 2


class _MaxUnpool(Module):
    rank: ClassVar[int]

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size")
        self.stride = per_axis(self.kernel_size if stride is None else stride, self.rank, "stride")
        self.padding = per_axis(padding, self.rank, "padding", 0)

    def forward(self, x: Value, indices: Any, output_size: Sequence[int] | None = None) -> Value:
        """Return zeros with the entries of `x` at the positions `indices`.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, *lengths).
        indices : array of int
            Of the same shape: positions in the flattened output.
        output_size : sequence of int, optional
            Lengths of the output, where pooling did not come out even.
        """
        x = floats(x)
        lengths = check_spatial(x, self.rank, type(self).__name__)
        where = np.asarray(indices.data if isinstance(indices, Recorded) else indices)
        if where.shape != tuple(x.shape) or where.dtype.kind not in "iu":
            raise ShapeError(
                f"expected whole numbers of the shape of the input, {tuple(x.shape)}, as indices, "
                f"got {where.dtype} of shape {where.shape}"
            )
        if output_size is None:
            wanted = tuple(
                (n - 1) * s - 2 * b + k
                for n, s, b, k in zip(
                    lengths, self.stride, self.padding, self.kernel_size, strict=True
                )
            )
        else:
            wanted = per_axis(tuple(output_size)[-self.rank :], self.rank, "output_size")
        size = math.prod(wanted)
        if where.size and (where.min() < 0 or where.max() >= size):
            raise DataError(
                f"index {where.max() if where.max() >= size else where.min()} lies outside an "
                f"output of {show(wanted)}, which has the positions 0 to {size - 1}; pass "
                "output_size, the lengths before pooling"
            )
        planes = x.shape[0] * x.shape[1]
        rows = (where.reshape(planes, -1) + np.arange(planes)[:, None] * size).reshape(-1)
        # Where windows overlap, a position may come twice: the last one is written.
        winner = np.zeros(planes * size, np.int64)
        winner[rows] = np.arange(rows.size)
        kept = np.flatnonzero(winner[rows] == np.arange(rows.size))
        values = p.reshape(x, shape=(rows.size,))
        if kept.size < rows.size:
            values = p.getitem(values, index=kept)
        flat = p.scatter(values, index=rows[kept], shape=(planes * size,))
        return p.reshape(flat, shape=(*x.shape[:2], *wanted))

    def extra_repr(self) -> str:
        """Return the window and its step."""
        parts = [show(self.kernel_size), f"stride {show(self.stride)}"]
        return ", ".join([*parts, f"padding {show(self.padding)}"] if any(self.padding) else parts)


class MaxUnpool1d(_MaxUnpool):
    """Puts the maxima of :class:`MaxPool1d` back where they came from, among zeros.

    y[n, c, indices[n, c, i]] = x[n, c, i]

    Takes (N, C, L) and indices of that shape to (N, C, (L − 1) stride − 2 padding + kernel).

    Parameters
    ----------
    kernel_size : int
    stride : int, optional
        By default `kernel_size`.
    padding : int

    Raises
    ------
    ShapeError, DataError
        If the indices have another shape, or lie outside the output.
    """

    rank: ClassVar[int] = 1


class MaxUnpool2d(_MaxUnpool):
    """Puts the maxima of :class:`MaxPool2d` back where they came from, among zeros.

    y[n, c].flat[indices[n, c, i, j]] = x[n, c, i, j]

    Takes (N, C, H, W) and indices of that shape to (N, C, H', W'), H' = (H − 1) stride − 2 padding
    + kernel. A position that comes more than once gets the last of its values. Zeiler & Fergus
    (2014).

    Parameters
    ----------
    kernel_size : int or (int, int)
    stride : int or (int, int), optional
        By default `kernel_size`.
    padding : int or (int, int)

    Raises
    ------
    ShapeError, DataError
        If the indices have another shape, or lie outside the output.
    """

    rank: ClassVar[int] = 2
