"""Convolutions of signals, images and volumes."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError
from pellucid.nn.convolution.base import KernelLayer
from pellucid.nn.convolution.functional import convolve
from pellucid.nn.convolution.sizes import Padding, Size, padding_of, show
from pellucid.nn.init import InitLike
from pellucid.nn.module import Module
from pellucid.nn.padding import Mode, check_mode
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "DepthwiseConv1d",
    "DepthwiseConv2d",
    "SeparableConv2d",
]


class _Convolution(KernelLayer):
    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Padding = 0,
        *,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Mode = "zeros",
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, dilation, groups, bias,
            weight_init, bias_init, dtype, rng,
        )  # fmt: skip
        self.padding = padding_of(padding, self.kernel_size, self.stride, self.dilation)
        check_mode(padding_mode)
        self.padding_mode: Mode = padding_mode

    def forward(self, x: Value) -> Value:
        """Return x ∗ w + b.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, *lengths).
        """
        return convolve(
            self.rank, self._settled(x), self.weight, self.bias, self.stride, self.padding,
            self.dilation, self.groups, self.padding_mode,
        )  # fmt: skip

    def _options(self) -> list[str]:
        if not any(map(any, self.padding)):
            return []
        mode = "" if self.padding_mode == "zeros" else f" {self.padding_mode}"
        both = tuple(before for before, _ in self.padding)
        text = str(self.padding)
        if all(before == after for before, after in self.padding):
            text = str(both[0]) if len(set(both)) == 1 else show(both)
        return [f"padding {text}{mode}"]


class Conv1d(_Convolution):
    """Convolution of signals.

    y[n, o, i] = b[o] + Σ_c Σ_t w[o, c, t] x[n, c, stride · i + dilation · t − padding]

    Takes (N, in, L) to (N, out, L'),
    L' = ⌊(L + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1.
    `padding` is a number, "valid" (none) or "same" (only with stride 1); `padding_mode` says
    what the border is made of. Weights are (out, in / groups, kernel).
    """

    rank = 1


class Conv2d(_Convolution):
    """Convolution of images.

    y[n, o, i, j] = b[o] + Σ_c Σ_s Σ_t w[o, c, s, t] x[n, c, i + s, j + t] for stride 1, dilation 1

    Takes (N, in, H, W) to (N, out, H', W'), each length L to
    ⌊(L + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1. `padding` is a number, one per axis,
    a pair (before, after) per axis, "valid" (none), or "same", which keeps the lengths and exists
    only with stride 1. Weights are (out, in / groups, *kernel).

    Raises
    ------
    ShapeError
        If the channels differ from the weights', or the kernel reaches over the padded image.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.Conv2d(3, 8, 3, stride=2, padding=1)(np.ones((1, 3, 9, 9))).shape
    (1, 8, 5, 5)
    """

    rank = 2


class Conv3d(_Convolution):
    """Convolution of volumes (N, in, D, H, W), or of films; otherwise as `Conv2d`."""

    rank = 3


class _Depthwise(_Convolution):
    def __init__(
        self,
        channels: int | None,
        kernel_size: Size,
        multiplier: int = 1,
        stride: Size = 1,
        padding: Padding = 0,
        *,
        dilation: Size = 1,
        bias: bool = True,
        padding_mode: Mode = "zeros",
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        if channels is None:
            raise DataError(
                f"{type(self).__name__} must know its channels, which are its groups as well; "
                "give them as a number"
            )
        super().__init__(
            channels, channels * multiplier, kernel_size, stride, padding, dilation=dilation,
            groups=channels, bias=bias, padding_mode=padding_mode, weight_init=weight_init,
            bias_init=bias_init, dtype=dtype, rng=rng,
        )  # fmt: skip


class DepthwiseConv1d(_Depthwise):
    """Convolution of signals, `multiplier` kernels for each channel, which do not mix."""

    rank = 1


class DepthwiseConv2d(_Depthwise):
    """Convolution of images, `multiplier` kernels for each channel, which do not mix."""

    rank = 2


class SeparableConv2d(Module):
    """A depthwise convolution, and one of 1×1 that mixes the channels.

    It has kernel + out numbers per channel instead of kernel · out (Chollet, 2017).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Padding = 0,
        *,
        multiplier: int = 1,
        dilation: Size = 1,
        bias: bool = True,
        padding_mode: Mode = "zeros",
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = None if rng is None else generator(rng)
        self.depthwise = DepthwiseConv2d(
            in_channels, kernel_size, multiplier, stride, padding, dilation=dilation, bias=False,
            padding_mode=padding_mode, weight_init=weight_init, dtype=dtype, rng=rng,
        )  # fmt: skip
        self.pointwise = Conv2d(
            in_channels * multiplier, out_channels, 1, bias=bias, weight_init=weight_init,
            bias_init=bias_init, dtype=dtype, rng=rng,
        )  # fmt: skip

    def forward(self, x: Value) -> Value:
        """Return the images (N, out, H', W') of images (N, in, H, W)."""
        return self.pointwise(self.depthwise(x))

    def followed_by(self, layer: Module | None) -> None:
        """Fit the weights of the second convolution to the activation that follows."""
        self.pointwise.followed_by(layer)
