"""Parts: lengths, dtypes, slices, and what is refused."""

import numpy as np
import pytest

from pellucid.data import Part
from pellucid.errors import DataError, DTypeError, ShapeError


def test_dtypes_of_lists_and_arrays():
    part = Part([[0.5], [1.5]], [True, False])
    assert part.x.dtype == np.float32
    assert part.y.dtype == np.int64
    wide = Part(np.zeros((2, 1)), np.zeros((2, 1)))
    assert wide.x.dtype == wide.y.dtype == np.float64
    assert Part(np.zeros((2, 3), np.uint8), np.zeros(2, np.uint8)).y.dtype == np.int64


def test_single_samples_slices_indices_and_masks():
    x = np.arange(10, dtype=np.float32).reshape(5, 2)
    part = Part(x, [10, 11, 12, 13, 14], sample_weight=[1, 2, 3, 4, 5])
    sample, label, weight = part[-1]
    assert (sample.tolist(), label, weight) == ([8, 9], 14, 5)
    assert part[1:3].y.tolist() == [11, 12]
    assert np.shares_memory(part[1:3].x, x)
    assert part[np.array([4, 0])].sample_weight.tolist() == [5, 1]
    assert part[part.y > 12].x.tolist() == [[6, 7], [8, 9]]
    assert part[[2]].y.tolist() == [12]
    assert [int(y) for _, y, _ in part] == [10, 11, 12, 13, 14]
    with pytest.raises(IndexError):
        part[5]


def test_without_targets():
    part = Part(np.ones((3, 2)))
    assert part[0][1] is None
    assert part[:2].y is None


def test_flat_keeps_the_numbers_and_handles_zero_samples():
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    assert np.array_equal(Part(x, [0, 1]).flat().x, x.reshape(2, 12))
    assert Part(np.zeros((0, 1, 8, 8)), np.zeros(0, int)).flat().x.shape == (0, 64)


def test_weighted_replaces_the_weights():
    part = Part([[1.0], [2.0]], [0, 1]).weighted([0.5, 2])
    assert part.sample_weight.tolist() == [0.5, 2]
    assert part.sample_weight.dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "weights", "error", "words"),
    [
        (([[1.0]] * 3, [1, 2]), None, ShapeError, ["3 samples", "y has 2 entries"]),
        (([[1.0]] * 3, 5), None, ShapeError, ["a single number"]),
        ((3.0,), None, ShapeError, ["single number", "(N, ...)"]),
        (([[1.0]] * 3, [1, 2, 3]), [1, 2], ShapeError, ["sample_weight has 2"]),
        (([[1.0]] * 2, [1, 2]), [[1], [2]], ShapeError, ["shape (2, 1)"]),
        (([[1.0]] * 2, [1, 2]), [1, -2], DataError, ["-2", "sample 1", "zero or more"]),
        (([[1.0, 2], [np.nan, 1]],), None, DataError, ["x has 1 value", "sample 1, feature 0"]),
        (([1.0, np.inf, -np.inf],), None, DataError, ["2 values", "inf", "sample 1"]),
        ((np.full((1, 2, 2), np.nan),), None, DataError, ["4 values", "position (0, 0)"]),
        (([[1.0]], [np.nan]), None, DataError, ["y has 1 value"]),
        ((["a", "b"],), None, DTypeError, ["expected numbers"]),
        (([[1, 2], [3]],), None, DTypeError, ["different lengths"]),
    ],
)
def test_what_is_refused(arguments, weights, error, words):
    with pytest.raises(error) as caught:
        Part(*arguments, sample_weight=weights)
    for word in words:
        assert word in str(caught.value)


def test_repr_says_what_there_is():
    assert repr(Part([[1.0]], [0])) == "Part(1 samples, x (1, 1) float32, y (1,) int64)"
    assert repr(Part([[1.0]], sample_weight=[1])).endswith("float32, weighted)")


@pytest.mark.parametrize("kind", ["U1", object])
def test_class_names_are_to_be_numbered(kind):
    with pytest.raises(DTypeError, match=r"np\.unique\(y, return_inverse=True\)"):
        Part(np.ones((2, 1)), np.array(["a", "b"], kind))
    with pytest.raises(DTypeError, match="dtype object"):
        Part(np.ones((2, 1)), np.array([None, 1], object))
