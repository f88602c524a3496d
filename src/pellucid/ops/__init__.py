"""Composites: functions made of primitives, which need no gradient of their own.

Like primitives, they compute on plain arrays when given plain arrays, and record when given a
Tensor. Argument names follow NumPy's.
"""

from pellucid.ops.elementwise import arctanh, clip, cosh, maximum, minimum, sinh, tan, where
from pellucid.ops.fourier import fft_parts, ifft_parts, irfft_parts, rfft_parts
from pellucid.ops.indexing import scatter_add, take, take_along_axis
from pellucid.ops.operands import composite as composite
from pellucid.ops.products import dot, einsum, inner, matmul, outer, tensordot, trace, vdot
from pellucid.ops.reductions import average, cumsum, mean, norm, softmax, sort, std, var
from pellucid.ops.shape import (
    concatenate,
    expand_dims,
    flatten,
    moveaxis,
    pad,
    repeat,
    reshape,
    roll,
    split,
    squeeze,
    stack,
    swapaxes,
    tile,
    transpose,
)

__all__ = [
    "arctanh",
    "average",
    "clip",
    "concatenate",
    "cosh",
    "cumsum",
    "dot",
    "einsum",
    "expand_dims",
    "fft_parts",
    "flatten",
    "ifft_parts",
    "inner",
    "irfft_parts",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "moveaxis",
    "norm",
    "outer",
    "pad",
    "repeat",
    "reshape",
    "rfft_parts",
    "roll",
    "scatter_add",
    "sinh",
    "softmax",
    "sort",
    "split",
    "squeeze",
    "stack",
    "std",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "var",
    "vdot",
    "where",
]
