"""Convolutions as functions."""

from __future__ import annotations

from typing import Any

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.nn.convolution.sizes import (
    Padding,
    Size,
    check_fit,
    check_groups,
    check_input,
    count,
    padding_of,
    per_axis,
    show,
)
from pellucid.nn.inputs import floats
from pellucid.nn.padding import Mode, check_mode, pad
from pellucid.primitives.declaration import Value

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d"]


def convolve(
    rank: int,
    x: Value,
    weight: Value,
    bias: Value | None,
    stride: Size,
    padding: Padding,
    dilation: Size,
    groups: int,
    padding_mode: Mode,
) -> Value:
    """Check what came, pad, and convolve."""
    x, weight = floats(x), floats(weight)
    groups = count(groups, "groups")
    if len(weight.shape) != rank + 2:
        raise ShapeError(
            f"expected weights of shape (out, in / groups, *kernel) with {rank + 2} axes, got "
            f"{tuple(weight.shape)}"
        )
    kernel = tuple(weight.shape[2:])
    check_groups(groups, out_channels=weight.shape[0])
    check_input(tuple(x.shape), rank, weight.shape[1] * groups)
    stride, dilation = per_axis(stride, rank, "stride"), per_axis(dilation, rank, "dilation")
    border = padding_of(padding, kernel, stride, dilation)
    check_mode(padding_mode)
    check_fit(tuple(x.shape[2:]), kernel, border, dilation)
    if padding_mode not in ("zeros", "constant") and any(map(any, border)):
        x, border = pad(x, border, padding_mode), ((0, 0),) * rank
    how: dict[str, Any] = {
        "stride": stride, "padding": border, "dilation": dilation, "groups": groups
    }  # fmt: skip
    if bias is None:
        return p.convolution(x, weight, **how)
    return p.convolution_bias(x, weight, bias, **how)


def convolve_transposed(
    rank: int,
    x: Value,
    weight: Value,
    bias: Value | None,
    stride: Size,
    padding: Size,
    output_padding: Size,
    groups: int,
    dilation: Size,
) -> Value:
    """Check what came, and spread it."""
    x, weight = floats(x), floats(weight)
    groups = count(groups, "groups")
    if len(weight.shape) != rank + 2:
        raise ShapeError(
            f"expected weights of shape (in, out / groups, *kernel) with {rank + 2} axes, got "
            f"{tuple(weight.shape)}"
        )
    check_groups(groups, in_channels=weight.shape[0])
    check_input(tuple(x.shape), rank, weight.shape[0])
    stride, dilation = per_axis(stride, rank, "stride"), per_axis(dilation, rank, "dilation")
    border = per_axis(padding, rank, "padding", 0)
    extra = per_axis(output_padding, rank, "output_padding", 0)
    if any(e >= s for e, s in zip(extra, stride, strict=True)):
        raise DataError(
            f"output_padding {show(extra)} must be smaller than stride {show(stride)}: it chooses "
            "among the lengths that a strided convolution brings to the same one"
        )
    lengths = tuple(
        (n - 1) * s - 2 * b + d * (k - 1) + e + 1
        for n, s, b, d, k, e in zip(
            x.shape[2:], stride, border, dilation, weight.shape[2:], extra, strict=True
        )
    )
    if min(lengths) < 1:
        raise ShapeError(
            f"padding {show(border)} takes away more than there is: the result would be of "
            f"lengths {lengths}; use less"
        )
    y = p.convolution_transpose(
        x,
        weight,
        lengths=lengths,
        stride=stride,
        padding=tuple((b, b) for b in border),
        dilation=dilation,
        groups=groups,
    )
    return y if bias is None else p.add(y, p.reshape(bias, shape=(-1, *(1,) * rank)))


def conv1d(
    x: Value,
    weight: Value,
    bias: Value | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
    *,
    padding_mode: Mode = "zeros",
) -> Value:
    """Convolve signals (N, C, L) with kernels (out, C / groups, *kernel); see `nn.Conv1d`."""
    return convolve(1, x, weight, bias, stride, padding, dilation, groups, padding_mode)


def conv2d(
    x: Value,
    weight: Value,
    bias: Value | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
    *,
    padding_mode: Mode = "zeros",
) -> Value:
    """Convolve images (N, C, H, W) with kernels (out, C / groups, *kernel); see `nn.Conv2d`."""
    return convolve(2, x, weight, bias, stride, padding, dilation, groups, padding_mode)


def conv3d(
    x: Value,
    weight: Value,
    bias: Value | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
    *,
    padding_mode: Mode = "zeros",
) -> Value:
    """Convolve volumes (N, C, D, H, W) with kernels (out, C / groups, *kernel); see `nn.Conv3d`."""
    return convolve(3, x, weight, bias, stride, padding, dilation, groups, padding_mode)


def conv_transpose1d(
    x: Value,
    weight: Value,
    bias: Value | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Value:
    """Spread signals (N, C, L) by kernels (C, out / groups, *kernel); see `nn.ConvTranspose1d`."""
    return convolve_transposed(
        1, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    x: Value,
    weight: Value,
    bias: Value | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Value:
    """Spread images (N, C, H, W) by kernels (C, out / groups, *kernel).

    See `nn.ConvTranspose2d`.
    """
    return convolve_transposed(
        2, x, weight, bias, stride, padding, output_padding, groups, dilation
    )
