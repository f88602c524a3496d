"""Windows of an image as columns, and columns added back into an image."""

from __future__ import annotations

import math

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.kernels import reference
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import Size, Sizes, check_spatial, per_axis, show, window_widths
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["Fold", "Unfold", "fold", "unfold"]


@composite
def unfold(
    x: Value, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Value:
    """Lay the windows of images out as columns (im2col): (N, C, H, W) becomes (N, C·kh·kw, L).

    y[n, (c, i, j), l] = x[n, c, top(l) + i, left(l) + j]

    L is the number of windows. A convolution is a product of its weights with these columns.

    Parameters
    ----------
    x : array or Tensor
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as those of a convolution.

    Raises
    ------
    ShapeError
        If no window fits.
    """
    x = floats(x)
    lengths = check_spatial(x, 2, "Unfold")
    kernel, gaps, border, steps = _window(kernel_size, dilation, padding, stride)
    widths = window_widths(lengths, kernel, steps, border, gaps)
    if any(border):
        x = p.pad(x, widths=((0, 0), (0, 0), *widths), value=0.0)
    found = p.extract_windows(x, kernel=kernel, stride=steps, dilation=gaps)
    n, channels = found.shape[:2]
    count = math.prod(found.shape[4:])
    return p.reshape(found, shape=(n, channels * math.prod(kernel), count))


@composite
def fold(
    x: Value,
    output_size: Size,
    kernel_size: Size,
    dilation: Size = 1,
    padding: Size = 0,
    stride: Size = 1,
) -> Value:
    """Add columns back into images (col2im): (N, C·kh·kw, L) becomes (N, C, H, W).

    y[n, c, top(l) + i, left(l) + j] = Σ x[n, (c, i, j), l]

    The adjoint of :func:`unfold`, not its inverse: pixels of several windows add up.

    Parameters
    ----------
    x : array or Tensor
    output_size : int or (int, int)
        H and W.
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as those of :func:`unfold`.

    Raises
    ------
    ShapeError
        If the columns are not those of such windows.
    """
    x = floats(x)
    lengths = per_axis(output_size, 2, "output_size")
    kernel, gaps, border, steps = _window(kernel_size, dilation, padding, stride)
    widths = window_widths(lengths, kernel, steps, border, gaps)
    padded = tuple(n + sum(pair) for n, pair in zip(lengths, widths, strict=True))
    counts = reference.window_counts(padded, kernel, steps, gaps)
    taps, total = math.prod(kernel), math.prod(counts)
    if len(x.shape) != 3 or x.shape[1] % taps or x.shape[2] != total:
        raise ShapeError(
            f"{show(kernel)} windows of a {show(lengths)} image are {show(counts)} = {total} "
            f"columns of {taps} numbers for each channel, so Fold expects shape (samples, channels "
            f"· {taps}, {total}), got {tuple(x.shape)}"
        )
    n, channels = x.shape[0], x.shape[1] // taps
    windows = p.reshape(x, shape=(n, channels, *kernel, *counts))
    y = p.add_windows(
        windows, kernel=kernel, stride=steps, dilation=gaps, shape=(n, channels, *padded)
    )
    if not any(border):
        return y
    inner = tuple(slice(b, b + n) for (b, _), n in zip(widths, lengths, strict=True))
    return p.getitem(y, index=(slice(None), slice(None), *inner))


def _window(kernel: Size, dilation: Size, padding: Size, stride: Size) -> tuple[Sizes, ...]:
    return (
        per_axis(kernel, 2, "kernel_size"),
        per_axis(dilation, 2, "dilation"),
        per_axis(padding, 2, "padding", 0),
        per_axis(stride, 2, "stride"),
    )


class Unfold(Module):
    """Lays the windows of images out as columns (im2col): (N, C, H, W) becomes (N, C·kh·kw, L).

    y[n, (c, i, j), l] = x[n, c, top(l) + i, left(l) + j]

    Parameters
    ----------
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as those of a convolution.
    """

    transparent = True

    def __init__(
        self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = _window(
            kernel_size, dilation, padding, stride
        )

    def forward(self, x: Value) -> Value:
        """Return the columns, of shape (N, C·kh·kw, L)."""
        return unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Return the window."""
        return f"{show(self.kernel_size)}, stride {show(self.stride)}"


class Fold(Module):
    """Adds columns back into images (col2im): (N, C·kh·kw, L) becomes (N, C, H, W).

    y[n, c, top(l) + i, left(l) + j] = Σ x[n, (c, i, j), l]

    The adjoint of :class:`Unfold`, not its inverse: pixels of several windows add up.

    Parameters
    ----------
    output_size : int or (int, int)
        H and W.
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as those of :class:`Unfold`.
    """

    transparent = True

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
        self.kernel_size, self.dilation, self.padding, self.stride = _window(
            kernel_size, dilation, padding, stride
        )

    def forward(self, x: Value) -> Value:
        """Return the images, of shape (N, C, H, W)."""
        return fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Return the window and the size of the images."""
        return f"{show(self.kernel_size)} into {show(self.output_size)}"
