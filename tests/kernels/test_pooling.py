"""Maxima of windows: which of several counts, and what a NaN does."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.kernels import reference

WINDOWS = [((2, 2), (2, 2), (1, 1)), ((3, 3), (2, 1), (1, 1)), ((2, 3), (1, 1), (2, 1))]


@pytest.mark.parametrize(("kernel", "stride", "dilation"), WINDOWS)
def test_the_first_maximum_in_row_major_order_counts(kernel, stride, dilation) -> None:
    x = np.random.default_rng(0).integers(0, 3, (2, 3, 8, 7)).astype(np.float32)
    window = {"kernel": kernel, "stride": stride, "dilation": dilation}
    best, taps = reference.max_windows(x, **window), reference.max_taps(x, **window)
    for n, c, i, j in np.ndindex(best.shape):
        rows = slice(i * stride[0], i * stride[0] + dilation[0] * (kernel[0] - 1) + 1, dilation[0])
        columns = slice(
            j * stride[1], j * stride[1] + dilation[1] * (kernel[1] - 1) + 1, dilation[1]
        )
        assert best[n, c, i, j] == x[n, c, rows, columns].max()
        assert taps[n, c, i, j] == x[n, c, rows, columns].argmax()


def test_nan_is_the_maximum_and_the_last_one_counts() -> None:
    x = np.array([[np.nan, 5.0, np.nan, 1.0, 2.0, 3.0]], np.float32)
    window = {"kernel": (3,), "stride": (3,), "dilation": (1,)}
    np.testing.assert_array_equal(reference.max_windows(x, **window), [[np.nan, 3.0]])
    np.testing.assert_array_equal(reference.max_taps(x, **window), [[2, 2]])


def test_a_window_of_minus_infinity_has_its_first_entry() -> None:
    x = np.full((1, 4), -np.inf, np.float32)
    found = reference.max_taps(x, kernel=(2,), stride=(2,), dilation=(1,))
    np.testing.assert_array_equal(found, [[0, 0]])


def test_taps_of_a_large_window_are_counted_beyond_a_byte() -> None:
    x = np.arange(400.0, dtype=np.float32)
    assert reference.max_taps(x, kernel=(400,), stride=(1,), dilation=(1,)).tolist() == [399]


@pytest.mark.parametrize("stride", [(2, 2), (2, 1)], ids=["apart", "overlapping"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_not_finite_is_placed_where_it_belongs_and_nowhere_else(dtype, stride) -> None:
    values = np.array([[np.inf, -1.5], [np.nan, -np.inf]], dtype)
    taps = np.array([[1, 2], [3, 1]], np.uint8)
    how = {"kernel": (2, 2), "stride": stride, "dilation": (1, 1)}
    width = 4 if stride[1] == 2 else 3
    expected = np.zeros((4, width), dtype)
    for i, j in np.ndindex(2, 2):
        row, column = divmod(int(taps[i, j]), 2)
        expected[2 * i + row, stride[1] * j + column] += values[i, j]
    found = reference.place_taps(values, taps=taps, **how, shape=(4, width))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == dtype


def test_values_that_do_not_lie_side_by_side_are_placed() -> None:
    values = np.arange(12.0, dtype=np.float32).reshape(3, 4).T[::2]  # (2, 3), strided
    taps = np.zeros((2, 3), np.uint8)
    how = {"kernel": (2, 2), "stride": (2, 2), "dilation": (1, 1), "shape": (5, 6)}
    found = reference.place_taps(values, taps=taps, **how)
    np.testing.assert_array_equal(found[0:4:2, 0:6:2], values)
    assert np.count_nonzero(found) == np.count_nonzero(values)
    broadcast = np.broadcast_to(np.float32(2), (2, 3))
    assert reference.place_taps(broadcast, taps=taps, **how).sum() == 12


@pytest.mark.parity
def test_taps_agree_with_pytorch_in_ties_and_nan() -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(1).integers(0, 3, (2, 2, 6, 6)).astype(np.float32)
    x[0, 0, 0, :3] = np.nan
    found = reference.max_taps(x, kernel=(2, 2), stride=(2, 2), dilation=(1, 1))
    _, places = torch.nn.functional.max_pool2d(torch.tensor(x), 2, return_indices=True)
    rows, columns = np.divmod(places.numpy(), 6)
    np.testing.assert_array_equal(found, (rows % 2) * 2 + columns % 2)
