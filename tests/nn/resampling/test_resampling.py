"""What the cases do not show: inverses, adjoints, messages."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.nn import functional as f

X = np.random.default_rng(0).normal(size=(2, 8, 6, 4))


def test_unshuffle_undoes_shuffle() -> None:
    np.testing.assert_array_equal(f.pixel_unshuffle(f.pixel_shuffle(X, 2), 2), X)


def test_fold_is_the_adjoint_of_unfold() -> None:
    columns = f.unfold(X, 3, padding=1, stride=2)
    other = np.random.default_rng(1).normal(size=columns.shape)
    image = f.fold(other, (6, 4), 3, padding=1, stride=2)
    np.testing.assert_allclose((columns * other).sum(), (X * image).sum())


def test_windows_that_do_not_overlap_fold_back() -> None:
    np.testing.assert_array_equal(f.fold(f.unfold(X, 2, stride=2), (6, 4), 2, stride=2), X)


def test_corners_stay_where_they_are() -> None:
    y = f.upsample(X, (11, 9), mode="bilinear", align_corners=True)
    np.testing.assert_allclose(y[..., [0, -1], :][..., [0, -1]], X[..., [0, -1], :][..., [0, -1]])


def test_interpolation_of_a_line_lies_on_it() -> None:
    y = f.upsample(np.arange(5.0).reshape(1, 1, 5), 17, mode="linear", align_corners=True)
    np.testing.assert_allclose(y[0, 0], np.arange(17) / 4)


def test_the_nearest_entry_does_not_spread_what_is_not_finite() -> None:
    x = np.array([[[np.nan, 1.0, np.inf]]])
    np.testing.assert_array_equal(f.upsample(x, 4)[0, 0], [np.nan, np.nan, 1.0, np.inf])
    y = f.upsample(x, scale_factor=2)[0, 0]
    np.testing.assert_array_equal(y, [np.nan, np.nan, 1.0, 1.0, np.inf, np.inf])


def test_a_batch_of_no_images() -> None:
    x = np.zeros((0, 4, 6, 4), np.float32)
    assert f.upsample(x, scale_factor=2).shape == (0, 4, 12, 8)
    assert f.upsample(x, (3, 3), mode="bilinear").shape == (0, 4, 3, 3)
    assert f.pixel_shuffle(x, 2).shape == (0, 1, 12, 8)
    assert f.pixel_unshuffle(x, 2).shape == (0, 16, 3, 2)
    columns = f.unfold(x, 2, stride=2)
    assert columns.shape == (0, 16, 6)
    assert f.fold(columns, (6, 4), 2, stride=2).shape == x.shape


def test_a_convolution_is_a_product_with_the_columns() -> None:
    weight = np.random.default_rng(2).normal(size=(3, 8, 2, 3))
    found = np.matmul(weight.reshape(3, -1), f.unfold(X, (2, 3), padding=1, stride=(2, 1)))
    expected = f.conv2d(X, weight, stride=(2, 1), padding=1)
    np.testing.assert_allclose(found.reshape(expected.shape), expected)


MESSAGES = [
    (lambda: nn.Upsample(), "pass either size or scale_factor, got neither"),
    (
        lambda: nn.Upsample(2, 2.0),
        "pass either size or scale_factor, got size=2 and scale_factor=2.0",
    ),
    (
        lambda: nn.Upsample(scale_factor=0),
        "scale_factor is a number above 0, or one per axis, got 0",
    ),
    (
        lambda: f.upsample(X, scale_factor=(2, 2, 2)),
        "scale_factor has one number per axis, here 2, got 3: (2, 2, 2)",
    ),
    (
        lambda: f.upsample(X, 2, mode="linear"),
        "mode 'linear' takes a signal (N, C, L), got shape (2, 8, 6, 4); use mode 'bilinear' here",
    ),
    (
        lambda: f.upsample(X[0, 0], 2),
        "expected inputs of shape (samples, channels, *lengths), got (6, 4); a single sample needs "
        "a batch axis in front, x[None]",
    ),
    (
        lambda: f.upsample(X, 2, align_corners=True),
        "align_corners says how to interpolate, which mode 'nearest' does not; use 'linear' for "
        "signals or 'bilinear' for images",
    ),
    (
        lambda: f.upsample(X, scale_factor=0.2),
        "scale_factor 0.2 leaves nothing of a 6×4 input: ⌊length · factor⌋ is 1×0",
    ),
    (
        lambda: f.upsample(X[:, :, :0], 2),
        "there is nothing to repeat in an input of lengths 0×4",
    ),
    (
        lambda: f.pixel_shuffle(X, 3),
        "pixel_shuffle by 3 makes 3×3 pixels of 9 channels, but 8 channels are not a multiple of "
        "9; let the layer before it make 9",
    ),
    (
        lambda: f.pixel_unshuffle(X, 4),
        "pixel_unshuffle by 4 needs a height and a width that 4 divides, got a 6×4 image; pad it "
        "to 8×4",
    ),
    (lambda: nn.PixelShuffle(0), "upscale_factor is a whole number ≥ 1, got 0"),
    (
        lambda: f.unfold(X, 7),
        "a 7×7 window does not fit a 6×4 image; use a smaller window or pad at least 2 more on "
        "each side",
    ),
    (
        lambda: f.fold(np.zeros((2, 8, 5)), (6, 4), 2, stride=2),
        "a 6×4 image has 3×2 = 6 patches of 2×2, stride 2×2, but axis 2 of (2, 8, 5) holds 5",
    ),
    (
        lambda: f.fold(np.zeros((2, 9, 6)), (6, 4), 2, stride=2),
        "a 2×2 patch has 2×2 = 4 entries a channel, but axis 1 of (2, 9, 6) is no multiple of 4",
    ),
    (
        lambda: f.fold(np.zeros((8, 6)), (6, 4), 2, stride=2),
        "fold expects inputs of shape (samples, channels · kernel, patches), got (8, 6); a single "
        "sample needs a batch axis in front, x[None]",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES, ids=[m for _, m in MESSAGES])
def test_messages(call, message) -> None:
    with pytest.raises((DataError, ShapeError)) as caught:
        call()
    assert str(caught.value) == message


def test_a_misspelt_mode_is_guessed() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'bilinear'"):
        nn.Upsample(2, mode="bilinaer")
