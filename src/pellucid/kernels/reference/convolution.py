"""Convolution over the last axes, its transpose, and its gradient by the weights.

Images are (N, C, *lengths), weights (out, in / groups, *kernel). A few images at a time unfold
into one reused buffer that stays in the cache (im2col), and each is one matrix product, written
straight into the result. Where every group has a single input channel (depthwise), products of
matrices that small do not pay: the taps of the kernel are summed one after the other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "convolution",
    "convolution_bias",
    "convolution_transpose",
    "convolution_weights",
]

Array = npt.NDArray[Any]
Sizes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]

BUFFER = 1 << 18
"""Numbers in the buffer of unfolded images, so that it stays in the second-level cache."""


def _counts(lengths: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    return tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(lengths, kernel, stride, dilation, strict=True)
    )


def _taps(
    kernel: Sizes, counts: Sizes, stride: Sizes, dilation: Sizes
) -> Iterator[tuple[Any, ...]]:
    """For each tap of the kernel, the entries that it meets."""
    for taps in itertools.product(*(range(k) for k in kernel)):
        yield (
            ...,
            *(
                slice(t * d, t * d + (n - 1) * s + 1, s)
                for t, n, s, d in zip(taps, counts, stride, dilation, strict=True)
            ),
        )


def _padded(x: Array, padding: Pairs) -> Array:
    """A contiguous array with the border of zeros around it."""
    if not any(before or after for before, after in padding):
        return np.ascontiguousarray(x)
    lengths = [n + a + b for n, (a, b) in zip(x.shape[2:], padding, strict=True)]
    result = np.zeros((*x.shape[:2], *lengths), x.dtype)
    result[_inner(padding, x.shape[2:])] = x
    return result


def _inner(padding: Pairs, lengths: Sizes) -> tuple[Any, ...]:
    return (..., *(slice(a, a + n) for (a, _), n in zip(padding, lengths, strict=True)))


def _blocks(
    x: Array, kernel: Sizes, counts: Sizes, stride: Sizes, dilation: Sizes, groups: int
) -> Iterator[tuple[slice, Array]]:
    """Blocks of images, unfolded: (images, groups, channels · taps of a group, places)."""
    n, channels = x.shape[:2]
    taps, places = math.prod(kernel), math.prod(counts)
    shape = (groups, channels // groups * taps, places)
    if taps == 1 and counts == x.shape[2:]:  # 1 × 1: the images are unfolded as they lie
        yield slice(0, n), x.reshape(n, *shape)
        return
    step = max(1, min(n, BUFFER // max(1, channels * taps * places)))
    buffer = np.empty((step, channels, taps, *counts), x.dtype)
    for start in range(0, n, step):
        images = x[start : start + step]
        block = buffer[: len(images)]
        for t, where in enumerate(_taps(kernel, counts, stride, dilation)):
            block[:, :, t] = images[where]
        yield slice(start, start + len(images)), block.reshape(len(images), *shape)


def convolution(
    x: Array, weight: Array, *, stride: Sizes, padding: Pairs, dilation: Sizes, groups: int
) -> Array:
    """Correlate images x (N, C, *lengths) with kernels (out, C / groups, *kernel)."""
    kernel, n, out = weight.shape[2:], x.shape[0], weight.shape[0]
    x = _padded(x, padding)
    counts = _counts(x.shape[2:], kernel, stride, dilation)
    kind = np.result_type(x, weight)
    if weight.shape[1] == 1 and groups > 1:
        many = out // groups
        taps = weight.reshape(groups, many, -1)
        ones = (1,) * len(kernel)
        result = np.zeros((n, groups, many, *counts), kind)
        for t, where in enumerate(_taps(kernel, counts, stride, dilation)):
            result += x[where][:, :, None] * taps[:, :, t].reshape(groups, many, *ones)
        return result.reshape(n, out, *counts)
    result = np.empty((n, groups, out // groups, math.prod(counts)), kind)
    rows = weight.reshape(groups, out // groups, -1)
    for images, unfolded in _blocks(x, kernel, counts, stride, dilation, groups):
        np.matmul(rows, unfolded, out=result[images])
    return result.reshape(n, out, *counts)


def convolution_bias(
    x: Array,
    weight: Array,
    bias: Array,
    *,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Array:
    """Convolution, with a number for each output channel added in place."""
    result = convolution(
        x, weight, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    result += bias.reshape(-1, *(1,) * (result.ndim - 2))
    return result


def convolution_transpose(
    g: Array,
    weight: Array,
    *,
    lengths: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The adjoint of `convolution` by its images, which are of these lengths."""
    kernel, n, out = weight.shape[2:], g.shape[0], weight.shape[0]
    counts, inputs = g.shape[2:], weight.shape[1]
    wide = tuple(size + a + b for size, (a, b) in zip(lengths, padding, strict=True))
    kind = np.result_type(g, weight)
    taps = math.prod(kernel)
    result = np.zeros((n, groups * inputs, *wide), kind)
    if inputs == 1 and groups > 1:
        many = out // groups
        slopes = g.reshape(n, groups, many, *counts)
        rows = weight.reshape(groups, many, taps)
        ones = (1,) * len(kernel)
        for t, where in enumerate(_taps(kernel, counts, stride, dilation)):
            result[where] += (slopes * rows[:, :, t].reshape(groups, many, *ones)).sum(axis=2)
        return result[_inner(padding, lengths)]
    places = math.prod(counts)
    columns = weight.reshape(groups, out // groups, -1).swapaxes(1, 2)
    slopes = g.reshape(n, groups, out // groups, places)
    step = max(1, min(n, BUFFER // max(1, groups * inputs * taps * places)))
    buffer = np.empty((step, groups, inputs * taps, places), kind)
    for start in range(0, n, step):
        images = result[start : start + step]
        block = buffer[: len(images)]
        np.matmul(columns, slopes[start : start + step], out=block)
        folded = block.reshape(len(images), groups * inputs, taps, *counts)
        for t, where in enumerate(_taps(kernel, counts, stride, dilation)):
            images[where] += folded[:, :, t]
    return result[_inner(padding, lengths)]


def convolution_weights(
    x: Array,
    g: Array,
    *,
    kernel: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The adjoint of `convolution` by its weights: products of images and slopes, summed."""
    x = _padded(x, padding)
    n, out, counts = g.shape[0], g.shape[1], g.shape[2:]
    inputs = x.shape[1] // groups
    kind = np.result_type(x, g)
    shape = (out, inputs, *kernel)
    if inputs == 1 and groups > 1:
        slopes = g.reshape(n, groups, out // groups, *counts)
        sums = np.empty((groups, out // groups, math.prod(kernel)), kind)
        for t, where in enumerate(_taps(kernel, counts, stride, dilation)):
            sums[:, :, t] = np.einsum("ng...,ngo...->go...", x[where], slopes).sum(
                axis=tuple(range(2, 2 + len(kernel)))
            )
        return sums.reshape(shape)
    result = np.zeros((groups, out // groups, inputs * math.prod(kernel)), kind)
    flat = g.reshape(n, groups, out // groups, math.prod(counts))
    for images, unfolded in _blocks(x, kernel, counts, stride, dilation, groups):
        result += np.matmul(flat[images], unfolded.swapaxes(2, 3)).sum(axis=0)
    return result.reshape(shape)
