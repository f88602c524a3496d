"""Splits: disjoint, complete, of the right size, stratified, seeded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import Part, split, split_indices
from pellucid.errors import DataError

fractions = st.floats(0.01, 0.99)
seeds = st.integers(0, 2**32)


@given(samples=st.integers(2, 200), fraction=fractions, rng=seeds)
def test_plain_split(samples, fraction, rng):
    kept, held = split_indices(samples, fraction, rng=rng)
    assert sorted([*kept, *held]) == list(range(samples))
    assert len(kept) and len(held)
    assert abs(len(held) - samples * fraction) <= 1
    again = split_indices(samples, fraction, rng=rng)
    assert np.array_equal(again[1], held)
    assert np.all(np.diff(kept) > 0)


@given(labels=st.lists(st.integers(0, 5), min_size=2, max_size=150), fraction=fractions, rng=seeds)
def test_stratified_split(labels, fraction, rng):
    labels = np.array(labels)
    classes, sizes = np.unique(labels, return_counts=True)
    if sizes.max() < 2:
        with pytest.raises(DataError, match="single sample"):
            split_indices(len(labels), fraction, labels=labels, rng=rng)
        return
    kept, held = split_indices(len(labels), fraction, labels=labels, rng=rng)
    assert sorted([*kept, *held]) == list(range(len(labels)))
    for label, size in zip(classes, sizes, strict=True):
        count = int((labels[held] == label).sum())
        assert abs(count - size * fraction) <= 1
        if size >= 2:
            assert 0 < count < size
        else:
            assert count == 0


def test_the_total_is_exact_where_classes_are_large():
    labels = np.repeat([0, 1, 2], 33)
    _, held = split_indices(99, 0.1, labels=labels, rng=0)
    assert len(held) == 10


def test_classes_may_be_any_labels_in_any_order():
    labels = np.array(["b", "a", "b", "a", "b", "a"])
    _, held = split_indices(6, 0.34, labels=labels, rng=0)
    assert sorted(labels[held]) == ["a", "b"]


def test_seeds_differ():
    assert not np.array_equal(split_indices(50, 0.5, rng=0)[0], split_indices(50, 0.5, rng=1)[0])


def test_split_of_a_part_keeps_rows_together():
    part = Part(np.arange(20.0)[:, None], np.arange(20) % 2, sample_weight=np.arange(20))
    kept, held = split(part, 0.25, stratify=True, rng=0)
    assert (len(kept), len(held)) == (15, 5)
    for piece in (kept, held):
        assert np.array_equal(piece.x[:, 0] % 2, piece.y)
        assert np.array_equal(piece.x[:, 0], piece.sample_weight)


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 2.0, float("nan")])
def test_wrong_fraction(fraction):
    with pytest.raises(DataError, match="between 0 and 1"):
        split_indices(10, fraction)


def test_too_few_samples():
    with pytest.raises(DataError, match="cannot cut 1 sample into"):
        split_indices(1, 0.5)


def test_labels_that_do_not_fit():
    with pytest.raises(DataError, match=r"one label each, got shape \(3,\)"):
        split_indices(4, 0.5, labels=np.zeros(3, int))
    with pytest.raises(DataError, match="class labels"):
        split(Part(np.zeros((4, 1)), np.zeros(4)), 0.5, stratify=True)
