"""What the cases do not show: places of maxima, ties, NaN, borders, odd sizes, messages."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError

X = np.random.default_rng(0).normal(size=(2, 3, 6, 4)).astype(np.float32)


def test_unpooling_puts_the_maxima_back_where_they_were() -> None:
    best, places = nn.MaxPool2d(2, return_indices=True)(X)
    assert places.dtype == np.int64
    back = nn.MaxUnpool2d(2)(best, places)
    assert back.shape == X.shape
    np.testing.assert_array_equal(back[back != 0], X[back != 0])
    np.testing.assert_array_equal(nn.MaxPool2d(2)(np.where(back == 0, -np.inf, back)), best)


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(2, 1, 1), (1, 1, 2), (3, 0, 1)])
def test_indices_point_at_the_maxima(stride, padding, dilation) -> None:
    pool = nn.MaxPool2d(3, stride, padding, dilation, return_indices=True)
    best, places = pool(X)
    flat = X.reshape(2, 3, -1)
    found = np.take_along_axis(flat, places.reshape(2, 3, -1), axis=2)
    np.testing.assert_array_equal(found.reshape(best.shape), best)


def test_unpooling_to_a_length_that_did_not_come_out_even() -> None:
    x = np.array([[[1.0, 3.0, 2.0, 5.0, 4.0]]])
    best, places = nn.MaxPool1d(2, return_indices=True)(x)
    np.testing.assert_array_equal(nn.MaxUnpool1d(2)(best, places), [[[0, 3, 0, 5]]])
    wide = nn.MaxUnpool1d(2)(best, places, output_size=(5,))
    np.testing.assert_array_equal(wide, [[[0, 3, 0, 5, 0]]])


def test_the_gradient_of_unpooling_comes_from_the_places() -> None:
    x = pl.tensor(np.array([[[1.0, 2.0]]]), requires_grad=True)
    y = nn.MaxUnpool1d(2)(x, np.array([[[1, 2]]]))
    (y * np.array([[[10.0, 20.0, 30.0, 40.0]]])).sum().backward()
    np.testing.assert_array_equal(x.grad, [[[20, 30]]])


def test_the_first_of_equal_maxima_gets_the_whole_gradient() -> None:
    x = pl.tensor(np.ones((1, 1, 2, 4)), requires_grad=True)
    nn.MaxPool2d(2)(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [[[[1, 0, 1, 0], [0, 0, 0, 0]]]])


def test_a_nan_makes_its_windows_nan_and_no_others() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[0, 0, 0, 1] = np.nan
    np.testing.assert_array_equal(nn.MaxPool2d(2)(x), [[[[np.nan, 7], [13, 15]]]])
    np.testing.assert_array_equal(nn.AvgPool2d(2)(x), [[[[np.nan, 4.5], [10.5, 12.5]]]])


def test_padding_counts_in_the_mean_or_not() -> None:
    x = np.full((1, 1, 4), 6.0)
    np.testing.assert_allclose(nn.AvgPool1d(3, 1, 1)(x), [[[4, 6, 6, 4]]])
    apart = nn.AvgPool1d(3, 1, 1, count_include_pad=False)
    np.testing.assert_allclose(apart(x), [[[6, 6, 6, 6]]])


def test_padding_never_wins_over_negative_entries() -> None:
    np.testing.assert_array_equal(nn.MaxPool1d(3, 2, 1)(-np.ones((1, 1, 5))), [[[-1, -1, -1]]])


def test_ceil_mode_keeps_what_is_left_over() -> None:
    x = np.arange(5.0).reshape(1, 1, 5)
    np.testing.assert_array_equal(nn.MaxPool1d(2)(x), [[[1, 3]]])
    np.testing.assert_array_equal(nn.MaxPool1d(2, ceil_mode=True)(x), [[[1, 3, 4]]])
    np.testing.assert_array_equal(nn.AvgPool1d(2, ceil_mode=True)(x), [[[0.5, 2.5, 4]]])


def test_a_last_window_that_would_start_after_the_end_is_left_out() -> None:
    assert nn.MaxPool1d(1, stride=4, ceil_mode=True)(np.zeros((1, 1, 4))).shape == (1, 1, 1)


def test_adaptive_sizes_that_do_not_divide_overlap() -> None:
    x = np.arange(5.0).reshape(1, 1, 5)  # windows 0–1, 1–3, 3–4
    np.testing.assert_allclose(nn.AdaptiveAvgPool1d(3)(x), [[[0.5, 2, 3.5]]])
    np.testing.assert_array_equal(nn.AdaptiveMaxPool1d(3)(x), [[[1, 3, 4]]])
    assert nn.AdaptiveAvgPool2d((None, 3))(X).shape == (2, 3, 6, 3)
    assert nn.AdaptiveMaxPool2d((7, 1))(X).shape == (2, 3, 7, 1)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.MaxPool2d(2), (0, 3, 3, 2)),
        (nn.MaxPool2d(3, 1, 1), (0, 3, 6, 4)),
        (nn.AvgPool2d(2), (0, 3, 3, 2)),
        (nn.LPPool2d(2, 2), (0, 3, 3, 2)),
        (nn.AdaptiveAvgPool2d(4), (0, 3, 4, 4)),
        (nn.AdaptiveMaxPool2d(4), (0, 3, 4, 4)),
        (nn.GlobalAvgPool2d(), (0, 3)),
        (nn.GlobalMaxPool2d(), (0, 3)),
    ],
    ids=lambda value: str(value),
)
def test_a_batch_of_no_images(layer, shape) -> None:
    x = pl.tensor(X[:0], requires_grad=True)
    y = layer(x)
    assert y.shape == shape
    y.sum().backward()
    assert x.grad.shape == (0, 3, 6, 4)


MESSAGES = [
    (
        lambda: nn.MaxPool2d(5)(X[:, :, :3, :3]),
        "a 5×5 window does not fit a 3×3 image; use a smaller window or pad at least 1 more on "
        "each side",
    ),
    (
        lambda: nn.MaxPool1d(3, dilation=4, padding=1)(X[0, :, :, :]),
        "a 3 window with dilation 4, which reaches over 9, does not fit a 4 signal padded to 6; "
        "use a smaller window or pad at least 2 more on each side",
    ),
    (
        lambda: nn.MaxPool2d(2, padding=2),
        "padding 2×2 is more than half of a window that reaches over 2×2, so that a window could "
        "lie in the border only; use at most 1×1",
    ),
    (
        lambda: nn.AvgPool2d(2)(X[0]),
        "AvgPool2d expects inputs of shape (samples, channels, height, width), got (3, 6, 4); a "
        "single sample needs a batch axis in front, x[None]",
    ),
    (
        lambda: nn.MaxPool2d((2, 2, 2)),
        "kernel_size is a whole number ≥ 1, or 2 of them, one per axis, got (2, 2, 2)",
    ),
    (lambda: nn.MaxPool1d(0), "kernel_size is a whole number ≥ 1, got 0"),
    (lambda: nn.LPPool2d(0, 2), "norm_type is a number above 0, got 0"),
    (
        lambda: nn.AdaptiveAvgPool2d((1, 2, 3)),
        "output_size has 2 numbers, one per axis, got (1, 2, 3)",
    ),
    (
        lambda: nn.GlobalMaxPool2d()(X[:, :, :0]),
        "GlobalMaxPool2d cannot pool a 0×4 input",
    ),
    (
        lambda: nn.MaxUnpool1d(2)(np.ones((1, 1, 2)), np.array([[[1, 4]]])),
        "index 4 lies outside an output of 4, which has the positions 0 to 3; pass output_size, "
        "the lengths before pooling",
    ),
    (
        lambda: nn.MaxUnpool1d(2)(np.ones((1, 1, 2)), np.array([[1, 3]])),
        "expected whole numbers of the shape of the input, (1, 1, 2), as indices, got int64 of "
        "shape (1, 2)",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES, ids=[m for _, m in MESSAGES])
def test_messages(call, message) -> None:
    with pytest.raises((DataError, ShapeError)) as caught:
        call()
    assert str(caught.value) == message
