"""Padding, lengths, and batches of sequences of similar length."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import BucketLoader, Loader, Part, pad_sequences, sequence_lengths
from pellucid.errors import CheckpointError, DataError, ShapeError, UnknownNameError


@given(st.lists(st.lists(st.integers(1, 9), max_size=8), min_size=1, max_size=9))
def test_padding_keeps_what_is_there(sequences):
    longest = max(map(len, sequences))
    right = pad_sequences(sequences)
    left = pad_sequences(sequences, side="left")
    assert right.shape == left.shape == (len(sequences), longest)
    for sequence, a, b in zip(sequences, right, left, strict=True):
        assert a.tolist() == sequence + [0] * (longest - len(sequence))
        assert b.tolist() == [0] * (longest - len(sequence)) + sequence
    if longest:
        assert right.dtype.kind == "i"
        assert sequence_lengths(right).tolist() == list(map(len, sequences))


def test_padding_cuts_and_fills():
    assert pad_sequences([[1, 2, 3], [4]], 2, value=-1).tolist() == [[1, 2], [4, -1]]
    assert pad_sequences([[1, 2, 3], [4]], 2, value=-1, side="left").tolist() == [[2, 3], [-1, 4]]
    assert pad_sequences([[1, 2], []], 0, side="left").shape == (2, 0)
    steps = pad_sequences([np.ones((2, 3), np.float32), np.ones((1, 3), np.float32)])
    assert steps.shape == (2, 2, 3)
    assert steps.dtype == np.float32
    assert sequence_lengths(steps).tolist() == [2, 1]
    assert sequence_lengths(np.zeros((2, 0))).tolist() == [0, 0]
    assert sequence_lengths(np.array([[7, 9, 9]]), value=9).tolist() == [1]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: pad_sequences([]), DataError, "no sequences"),
        (lambda: pad_sequences([[1], [[1, 2]]]), ShapeError, r"sequence 1 .* \(1, 2\), sequence 0"),
        (lambda: pad_sequences([3]), ShapeError, r"has shape \(\)"),
        (lambda: pad_sequences([[1]], -1), DataError, "length is a whole number"),
        (lambda: pad_sequences([[1]], side="rigth"), UnknownNameError, "did you mean 'right'"),
        (lambda: sequence_lengths(np.zeros(3)), ShapeError, r"\(N, T, \.\.\.\), got \(3,\)"),
    ],
)
def test_what_cannot_be_padded(call, error, words):
    with pytest.raises(error, match=words):
        call()


def ragged(samples, seed=0):
    """Sequences of 1 … 30 tokens, each the number of its sample + 1."""
    lengths = np.random.default_rng(seed).integers(1, 31, samples)
    x = pad_sequences([[i + 1] * n for i, n in enumerate(lengths)], 30)
    return Part(x, np.arange(samples))


@given(
    samples=st.integers(1, 60),
    batch_size=st.integers(1, 9),
    pool=st.integers(1, 6),
    shuffle=st.booleans(),
    stop=st.integers(1, 60),
    epochs=st.integers(0, 2),
)
def test_every_sample_once_and_the_rest_after_a_restart(
    samples, batch_size, pool, shuffle, stop, epochs
):
    options = {"batch_size": batch_size, "pool": pool, "shuffle": shuffle}
    whole = BucketLoader(ragged(samples), **options, rng=1)
    for _ in range(epochs):
        assert sorted(np.concatenate([y for _, y in whole]).tolist()) == list(range(samples))
    stop, state, rest = min(stop, len(whole)), None, []
    for done, (x, y) in enumerate(whole, 1):
        lengths = (x > 0).sum(1)
        assert x.shape[1] == lengths.max()
        assert (x[:, 0] == y + 1).all()
        assert done == len(whole) or len(y) == batch_size
        if done > stop:
            rest.append(y.tolist())
        elif done == stop:
            state = whole.state_dict()
    resumed = BucketLoader(ragged(samples), **options, rng=2)
    resumed.load_state_dict(json.loads(json.dumps(state)))
    assert [y.tolist() for _, y in resumed] == rest
    assert [y.tolist() for _, y in resumed] == [y.tolist() for _, y in whole]


def test_buckets_save_padding_and_stay_random():
    part = ragged(2000)
    plain = Loader(part, 20, rng=0)
    buckets = BucketLoader(part, 20, rng=0)
    used = sum((x > 0).sum() for x, _ in plain)
    assert used / sum(x.size for x, _ in plain) < 0.55
    first = list(buckets)
    assert used / sum(x.size for x, _ in first) > 0.95
    means = np.array([(x > 0).sum(1).mean() for x, _ in first])
    assert abs(np.corrcoef(np.arange(len(means)), means)[0, 1]) < 0.3  # short and long mixed
    partners = [
        {int(i): frozenset(y.tolist()) for _, y in epoch for i in y}
        for epoch in (
            first,
            list(buckets),
        )
    ]
    same = [partners[0][i] == partners[1][i] for i in range(2000)]
    assert np.mean(same) < 0.05  # other companions in each epoch


def test_targets_of_each_token_are_cut_alike():
    x = ragged(10).x
    for a, b in BucketLoader(Part(x, x + (x > 0)), 3, rng=0):
        assert a.shape == b.shape
        assert (b == a + (a > 0)).all()
    with_lengths = BucketLoader(Part(x, np.arange(10)), 10, lengths=np.full(10, 4))
    assert next(iter(with_lengths))[0].shape == (10, 4)
    empty = BucketLoader(Part(np.zeros((3, 5), int), np.arange(3)), 3)
    assert next(iter(empty))[0].shape == (3, 1)  # one step of padding rather than none


def test_without_shuffling_the_shortest_come_first():
    loader = BucketLoader(ragged(50), 5, shuffle=False)
    lengths = [n for x, _ in loader for n in (x > 0).sum(1).tolist()]
    assert lengths == sorted(lengths)
    assert loader.order(0).tolist() == loader.order(3).tolist()


def test_a_transform_sees_the_cut_batch():
    seen = []

    def keep(x, y, rng):
        seen.append(x.shape[1])
        return x, y

    shapes = [x.shape[1] for x, _ in BucketLoader(ragged(20), 4, transform=keep, rng=0)]
    assert seen == shapes
    assert "BucketLoader(" in repr(BucketLoader(ragged(20), 4, rng=0))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda p: BucketLoader(p, 4, pool=0), DataError, "pool is a whole number of batches ≥ 1"),
        (lambda p: BucketLoader((np.ones(4), np.ones(4))), ShapeError, "pad_sequences makes them"),
        (lambda p: BucketLoader(p, lengths=[1, 2]), ShapeError, r"shape \(9,\); got int64 of"),
        (lambda p: BucketLoader(p, lengths=[31] * 9), DataError, "between 0 and 30, got 31 … 31"),
    ],
)
def test_wrong_settings(make, error, words):
    with pytest.raises(error, match=words):
        make(ragged(9))


def test_a_state_of_another_loader():
    state = BucketLoader(ragged(9), 3, pool=2).state_dict()
    with pytest.raises(CheckpointError, match="pool=2, this one has pool=50"):
        BucketLoader(ragged(9), 3).load_state_dict(state)
    with pytest.raises(CheckpointError, match="pool=2, this one has pool=None"):
        Loader(ragged(9), 3).load_state_dict(state)
