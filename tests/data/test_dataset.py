"""Data sets: what is known about their parts, and parts that do not fit."""

import numpy as np
import pytest

from pellucid.data import Dataset, Part
from pellucid.errors import DataError


def part(samples: int, classes: int = 3, shape: tuple[int, ...] = (4,)) -> Part:
    return Part(np.zeros((samples, *shape), np.float32), np.arange(samples) % classes)


def test_sizes_and_names():
    data = Dataset("some", part(9), part(3), class_names=("a", "b", "c"), description="some rows")
    assert (data.num_classes, data.num_outputs, data.num_features) == (3, 3, 4)
    assert data.input_shape == (4,)
    assert list(data.parts()) == ["train", "test"]
    for word in ("some rows", "9 train", "3 test", "3 classes (a, b, c)"):
        assert word in data.summary()
    assert repr(data) == "Dataset('some', classification, train 9, test 3, input (4,))"


def test_class_names_default_to_the_labels():
    assert Dataset("some", part(9)).class_names == ("0", "1", "2")


def test_regression_counts_targets():
    targets = Part(np.zeros((3, 2), np.float32), np.zeros((3, 2), np.float32))
    data = Dataset("some", targets, task="regression")
    assert (data.num_classes, data.num_outputs) == (0, 2)
    assert "2 numbers to predict" in data.summary()


def test_validation_is_cut_from_training():
    data = Dataset("some", part(30), part(3)).split_validation(0.2, rng=1)
    assert (len(data.train), len(data.validation), len(data.test)) == (24, 6, 3)
    assert np.bincount(data.validation.y).tolist() == [2, 2, 2]
    with pytest.raises(DataError, match="validation part already"):
        data.split_validation(0.2)


def test_flat():
    data = Dataset("some", part(4, shape=(1, 2, 2)), part(2, shape=(1, 2, 2))).flat()
    assert data.train.x.shape == (4, 4)
    assert data.test.x.shape == (2, 4)


def test_long_lists_of_classes_are_cut():
    names = tuple(f"class {i}" for i in range(50))
    assert "… (50 in all)" in Dataset("some", part(9), class_names=names).summary()


def test_parts_that_do_not_fit():
    with pytest.raises(DataError, match=r"test samples have shape \(5,\)"):
        Dataset("some", part(3), part(3, shape=(5,)))
    with pytest.raises(DataError, match="test part has label 2, but there are 2 classes"):
        Dataset("some", part(4, 2), part(4, 3), class_names=("a", "b"))
    with pytest.raises(DataError, match="label -1"):
        Dataset("some", Part(np.zeros((2, 1)), [-1, 0]))
    with pytest.raises(DataError, match="float32, but classification needs"):
        Dataset("some", Part([[1.0], [2.0]], [0.5, 1.5]))
