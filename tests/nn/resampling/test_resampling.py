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


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Upsample(), DataError, "either size= or scale_factor="),
        (lambda: nn.Upsample(2, 2.0), DataError, "either size= or scale_factor="),
        (lambda: nn.Upsample(2, mode="bilinaer"), UnknownNameError, "did you mean 'bilinear'"),
        (
            lambda: f.upsample(X, 2, mode="linear"),
            ShapeError,
            "does not go with shape .*'bilinear'",
        ),
        (lambda: f.upsample(X[0, 0], 2), ShapeError, r"images \(samples, channels, .* \(6, 4\)"),
        (lambda: f.upsample(X, 2, align_corners=True), DataError, "not with nearest"),
        (lambda: f.upsample(X, scale_factor=0.1), DataError, "leaves nothing of 6×4"),
        (
            lambda: f.pixel_shuffle(X, 3),
            ShapeError,
            r"multiple of 3² = 9 channels, got 8; .* make 9",
        ),
        (lambda: f.pixel_unshuffle(X, 4), ShapeError, "multiples of 4, got 6×4; pad to 8×4"),
        (lambda: nn.PixelShuffle(0), DataError, "whole number ≥ 1, got 0"),
        (lambda: f.unfold(X, 7), ShapeError, "7×7 window does not fit a 6×4 image"),
        (
            lambda: f.fold(np.zeros((2, 8, 5)), (6, 4), 2, stride=2),
            ShapeError,
            r"are 3×2 = 6 columns of 4 numbers .* got \(2, 8, 5\)",
        ),
    ],
)
def test_messages(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()
