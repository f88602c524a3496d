"""Transposed convolutions: from few places to many."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.nn.convolution.base import KernelLayer
from pellucid.nn.convolution.functional import convolve_transposed
from pellucid.nn.convolution.sizes import Size, per_axis, show
from pellucid.nn.init import InitLike
from pellucid.primitives.declaration import Value
from pellucid.random import Seed

__all__ = ["ConvTranspose1d", "ConvTranspose2d"]


class _Transposed(KernelLayer):
    transposed = True

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        *,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, dilation, groups, bias,
            weight_init, bias_init, dtype, rng,
        )  # fmt: skip
        self.padding = per_axis(padding, self.rank, "padding", 0)
        self.output_padding = per_axis(output_padding, self.rank, "output_padding", 0)

    def forward(self, x: Value) -> Value:
        """Return what a convolution with these weights would be given the gradient x.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, in, *lengths).
        """
        return convolve_transposed(
            self.rank, self._settled(x), self.weight, self.bias, self.stride, self.padding,
            self.output_padding, self.groups, self.dilation,
        )  # fmt: skip

    def _options(self) -> list[str]:
        found = [f"padding {show(self.padding)}"] if any(self.padding) else []
        if any(self.output_padding):
            found.append(f"output_padding {show(self.output_padding)}")
        return found


class ConvTranspose1d(_Transposed):
    """Transposed convolution of signals: the adjoint of `Conv1d` by its input.

    y[n, o, stride · i + dilation · t − padding] += Σ_c w[c, o, t] x[n, c, i]

    Takes (N, in, L) to (N, out, L'), L' = (L − 1) stride − 2 padding + dilation (kernel − 1) +
    output_padding + 1. Weights are (in, out / groups, kernel).
    `output_padding` is less than stride.
    """

    rank = 1


class ConvTranspose2d(_Transposed):
    """Transposed convolution of images: the adjoint of `Conv2d` by its input.

    Each length L becomes (L − 1) stride − 2 padding + dilation (kernel − 1) + output_padding + 1.
    Weights are (in, out / groups, *kernel). `output_padding` is less than stride.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1)(np.ones((1, 8, 7, 7))).shape
    (1, 3, 14, 14)
    """

    rank = 2
