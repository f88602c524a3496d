"""Convolution kernels: against the sum itself, written as seven loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pellucid.kernels.reference.convolution import (
    convolution,
    convolution_transpose,
    convolution_weights,
)


def by_loops(x, weight, stride, padding, dilation, groups):
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    out, inputs, *kernel = weight.shape
    lengths = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)
    ]
    result = np.zeros((len(x), out, *lengths))
    for n, o, i, j in np.ndindex(*result.shape):
        first = o // (out // groups) * inputs
        for c, s, t in itertools.product(range(inputs), *map(range, kernel)):
            row, column = i * stride[0] + s * dilation[0], j * stride[1] + t * dilation[1]
            result[n, o, i, j] += weight[o, c, s, t] * x[n, first + c, row, column]
    return result


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("dilation", [(1, 1), (1, 2)])
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 0), (2, 1))])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_it_is_the_sum_and_its_adjoints(stride, padding, dilation, groups):
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 4, 6, 7)), rng.normal(size=(8, 4 // groups, 2, 3))
    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    y = convolution(x[:, :, ::-1], weight, **how)
    np.testing.assert_allclose(y, by_loops(x[:, :, ::-1], weight, **how), atol=1e-12)
    g = rng.normal(size=y.shape)
    back = convolution_transpose(g, weight, lengths=x.shape[2:], **how)
    slopes = convolution_weights(x[:, :, ::-1], g, kernel=weight.shape[2:], **how)
    assert np.vdot(back, x[:, :, ::-1]) == pytest.approx(np.vdot(g, y))
    assert np.vdot(slopes, weight) == pytest.approx(np.vdot(g, y))
