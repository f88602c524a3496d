"""Convolution: three products of images and kernels, each the derivative of the other two.

With y = x ∗ w, the gradient by x is a transposed convolution of g with w, the gradient by w a
correlation of x with g. All three are bilinear, and the three together are closed under
differentiation, so that derivatives of any order need nothing else.
"""

from __future__ import annotations

from typing import Any

import pellucid.kernels.reference.convolution as kernels
from pellucid.primitives.declaration import Primitive, Value
from pellucid.primitives.reductions import sum

__all__ = ["convolution", "convolution_bias", "convolution_transpose", "convolution_weights"]

_HOW = "stride={stride}, padding={padding}, dilation={dilation}, groups={groups}"


def _by_images(g: Value, y: Value, x: Value, weight: Value, *rest: Value, **how: Any) -> Value:
    return convolution_transpose(g, weight, lengths=x.shape[2:], **how)


def _by_weights(g: Value, y: Value, x: Value, weight: Value, *rest: Value, **how: Any) -> Value:
    return convolution_weights(x, g, kernel=weight.shape[2:], **how)


def _by_bias(g: Value, *rest: Value, **how: Any) -> Value:
    return sum(g, axis=(0, *range(2, len(g.shape))))


convolution: Primitive = Primitive(
    "convolution",
    "x ∗ w",
    kernels.convolution,
    source=f"convolution({{0}}, {{1}}, {_HOW})",
    vjps=[_by_images, _by_weights],
    about="A correlation, as everywhere in deep learning: the kernel is not flipped.",
)
convolution_bias: Primitive = Primitive(
    "convolution_bias",
    "x ∗ w + b",
    kernels.convolution_bias,
    source=f"convolution_bias({{0}}, {{1}}, {{2}}, {_HOW})",
    vjps=[_by_images, _by_weights, _by_bias],
    about="Fused, so that the bias is added in place.",
)
convolution_transpose: Primitive = Primitive(
    "convolution_transpose",
    "x ∗ᵀ w",
    kernels.convolution_transpose,
    source=f"convolution_transpose({{0}}, {{1}}, lengths={{lengths}}, {_HOW})",
    vjps=[
        lambda g, y, x, weight, *, lengths, **how: convolution(g, weight, **how),
        lambda g, y, x, weight, *, lengths, **how: convolution_weights(
            g, x, kernel=weight.shape[2:], **how
        ),
    ],
    about="The adjoint of a convolution of images of these `lengths`.",
)
convolution_weights: Primitive = Primitive(
    "convolution_weights",
    "x ∗ y, over the batch, at the taps of a kernel",
    kernels.convolution_weights,
    source=f"convolution_weights({{0}}, {{1}}, kernel={{kernel}}, {_HOW})",
    vjps=[
        lambda g, w, x, y, *, kernel, **how: convolution_transpose(
            y, g, lengths=x.shape[2:], **how
        ),
        lambda g, w, x, y, *, kernel, **how: convolution(x, g, **how),
    ],
    about="The adjoint of a convolution by its weights.",
)
