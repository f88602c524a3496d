"""Average pooling and Lp pooling: sums of windows."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.nn.inputs import floats
from pellucid.nn.pooling.base import WindowLayer, bordered
from pellucid.nn.pooling.sizes import Size, Sizes, check_spatial
from pellucid.primitives.declaration import Value

__all__ = ["AvgPool1d", "AvgPool2d", "LPPool1d", "LPPool2d"]


class _AvgPool(WindowLayer):
    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        *,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, 1, ceil_mode)
        self.count_include_pad = bool(count_include_pad)

    def forward(self, x: Value) -> Value:
        """Return the mean of each window of x, of shape (N, C, *lengths)."""
        x = floats(x)
        lengths = check_spatial(x, self.rank, type(self).__name__)
        widths = self._widths(lengths)
        total = p.sum_windows(
            bordered(x, widths, 0.0),
            kernel=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        if not any(before or after for before, after in widths):
            return p.multiply(total, 1 / math.prod(self.kernel_size))
        return p.multiply(total, (1 / self._counts(lengths, total.shape[2:])).astype(x.dtype))

    def _counts(self, lengths: Sizes, counts: Sizes) -> Array:
        """How many entries each window divides by; beyond the padding there are none."""
        found: Array = np.ones((), np.float64)
        for i, n in enumerate(lengths):
            border = self.padding[i] if self.count_include_pad else 0
            start = np.arange(counts[i]) * self.stride[i] - self.padding[i]
            stop = np.minimum(start + self.kernel_size[i], n + border)
            found = found[..., None] * (stop - np.maximum(start, -border))
        return found

    def extra_repr(self) -> str:
        """Return the window, and whether padding is left out of the mean."""
        text = super().extra_repr()
        return text if self.count_include_pad else f"{text}, padding not counted"


class AvgPool1d(_AvgPool):
    """Mean of each window of a signal.

    y[n, c, i] = 1/kernel · Σₜ x[n, c, stride · i + t − padding]

    Takes (N, C, L) to (N, C, L'), L' = ⌊(L + 2 padding − kernel) / stride⌋ + 1; see
    :class:`AvgPool2d`.

    Parameters
    ----------
    kernel_size : int
    stride : int, optional
        By default `kernel_size`.
    padding : int
        Border of zeros on both sides.
    ceil_mode : bool
        Whether a last window may reach over the end.
    count_include_pad : bool
        Whether the zeros of the border count in the mean.

    Raises
    ------
    ShapeError
        If no window fits.
    """

    rank: ClassVar[int] = 1


class AvgPool2d(_AvgPool):
    """Mean of each window of an image.

    y[n, c, i, j] = 1/(kernel · kernel) · Σₛₜ x[n, c, stride · i + s − padding, stride · j + t −
    padding]

    Takes (N, C, H, W) to (N, C, H', W'), H' = ⌊(H + 2 padding − kernel) / stride⌋ + 1. LeCun et al.
    (1998) use it, with a learnt scale.

    Parameters
    ----------
    kernel_size : int or (int, int)
    stride : int or (int, int), optional
        By default `kernel_size`.
    padding : int or (int, int)
        Border of zeros on both sides, at most half a window.
    ceil_mode : bool
        Whether a last window may reach over the end; what lies there does not count.
    count_include_pad : bool
        Whether the zeros of the border count in the mean.

    Raises
    ------
    ShapeError
        If no window fits.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.AvgPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4))
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """

    rank: ClassVar[int] = 2


class _LPPool(WindowLayer):
    def __init__(
        self,
        norm_type: float,
        kernel_size: Size,
        stride: Size | None = None,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, 0, 1, ceil_mode)
        if not 0 < norm_type < math.inf:
            raise DataError(f"norm_type is a number above 0, got {norm_type}")
        self.norm_type = float(norm_type)

    def forward(self, x: Value) -> Value:
        """Return the p-norm of each window of x, of shape (N, C, *lengths)."""
        x = floats(x)
        lengths = check_spatial(x, self.rank, type(self).__name__)
        powers = p.power(p.absolute(x), self.norm_type)
        total = p.sum_windows(
            bordered(powers, self._widths(lengths), 0.0),
            kernel=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        # A window of zeros has the norm 0 and the gradient 0, not NaN.
        positive = p.greater(total, 0)
        root = p.power(p.where(positive, total, 1.0), 1 / self.norm_type)
        return p.where(positive, root, 0.0)

    def extra_repr(self) -> str:
        """Return the power and the window."""
        return f"p={self.norm_type:g}, {super().extra_repr()}"


class LPPool1d(_LPPool):
    """Norm of each window of a signal.

    y[n, c, i] = (Σₜ |x[n, c, stride · i + t]|^p)^(1/p)

    Takes (N, C, L) to (N, C, L'); see :class:`LPPool2d`.

    Parameters
    ----------
    norm_type : float
        p, above 0.
    kernel_size : int
    stride : int, optional
        By default `kernel_size`.
    ceil_mode : bool
        Whether a last window may reach over the end.

    Raises
    ------
    ShapeError
        If no window fits.
    """

    rank: ClassVar[int] = 1


class LPPool2d(_LPPool):
    """Norm of each window of an image.

    y[n, c, i, j] = (Σₛₜ |x[n, c, stride · i + s, stride · j + t]|^p)^(1/p)

    Takes (N, C, H, W) to (N, C, H', W'), H' = ⌊(H − kernel) / stride⌋ + 1. p = 1 sums, and a large
    p comes near the maximum. For odd p PyTorch leaves out the | |, which gives NaN for negative
    sums. Sermanet, Chintala & LeCun (2012).

    Parameters
    ----------
    norm_type : float
        p, above 0.
    kernel_size : int or (int, int)
    stride : int or (int, int), optional
        By default `kernel_size`.
    ceil_mode : bool
        Whether a last window may reach over the end.

    Raises
    ------
    ShapeError
        If no window fits.
    """

    rank: ClassVar[int] = 2
