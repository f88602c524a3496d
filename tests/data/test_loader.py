"""Loaders: batches cover an epoch, and a restored one continues bit for bit."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import Loader, Part, load
from pellucid.errors import CheckpointError, DataError
from pellucid.random import seed


def numbered(samples: int) -> Part:
    return Part(np.arange(samples, dtype=np.float32)[:, None], np.arange(samples))


def labels(loader: Loader) -> list[list[int]]:
    return [y.tolist() for _, y in loader]


settings = {
    "samples": st.integers(1, 40),
    "batch_size": st.integers(1, 12),
    "shuffle": st.booleans(),
    "drop_last": st.booleans(),
    "rng": st.integers(0, 2**32),
}


def build(samples, batch_size, shuffle, drop_last, rng) -> Loader:
    batch_size = min(batch_size, samples)
    return Loader(numbered(samples), batch_size, shuffle=shuffle, drop_last=drop_last, rng=rng)


@given(**settings)
def test_an_epoch_has_every_sample_once(**options):
    loader = build(**options)
    batches = labels(loader)
    seen = [label for batch in batches for label in batch]
    assert len(batches) == len(loader)
    assert len(seen) == len(set(seen))
    assert all(len(batch) == loader.batch_size for batch in batches[:-1])
    samples, whole = options["samples"], options["samples"] // loader.batch_size
    assert len(seen) == (whole * loader.batch_size if options["drop_last"] else samples)
    if not options["shuffle"]:
        assert seen == list(range(len(seen)))


@given(epochs=st.integers(0, 3), stop=st.integers(0, 60), twice=st.booleans(), **settings)
def test_a_restored_loader_gives_the_remaining_batches(epochs, stop, twice, **options):
    whole = build(**options)
    for _ in range(epochs):
        labels(whole)
    stop = min(stop, len(whole))
    state, rest = None, []
    if stop == 0:
        state = whole.state_dict()
        rest = labels(whole)
    else:
        for done, (_, y) in enumerate(whole, 1):
            if done > stop:
                rest.append(y.tolist())
            elif done == stop:
                state = whole.state_dict()
    later = [labels(whole), labels(whole)]

    options["rng"] += 1  # the restored loader must not depend on its own seed
    resumed = build(**options)
    if twice:
        labels(resumed)  # nor on what it did before
    resumed.load_state_dict(json.loads(json.dumps(state)))
    assert resumed.state_dict() == state
    assert labels(resumed) == rest
    assert [labels(resumed), labels(resumed)] == later


def test_epochs_differ_and_seeds_repeat():
    loader = Loader(numbered(50), 50, rng=3)
    first, second = labels(loader), labels(loader)
    assert first != second
    again = Loader(numbered(50), 50, rng=3)
    assert [labels(again), labels(again)] == [first, second]
    assert labels(Loader(numbered(50), 50, rng=4)) != first


def test_the_order_comes_once_from_a_generator():
    generator = np.random.default_rng(5)
    loader = Loader(numbered(20), 20, rng=generator)
    generator.random(100)
    first = labels(loader)
    assert labels(Loader(numbered(20), 20, rng=np.random.default_rng(5))) == first


def test_the_default_generator_is_seeded():
    seed(11)
    first = labels(Loader(numbered(20), 7))
    second = labels(Loader(numbered(20), 7))
    seed(11)
    assert labels(Loader(numbered(20), 7)) == first
    assert first != second
    seed(0)


def test_rows_of_x_y_and_weights_stay_together():
    part = Part(np.arange(9.0)[:, None], np.arange(9), sample_weight=np.arange(9))
    for x, y, w in Loader(part, 4, rng=0):
        assert x[:, 0].tolist() == y.tolist() == w.tolist()


def test_without_targets_a_batch_is_x_alone():
    assert [len(batch) for batch in Loader(Part(np.zeros((3, 1))), 2)] == [1, 1]


def test_unshuffled_batches_are_views():
    part = numbered(6)
    assert all(np.shares_memory(x, part.x) for x, _ in Loader(part, 4, shuffle=False))


def test_order_says_what_an_epoch_yields():
    loader = Loader(numbered(12), 5, rng=8)
    assert [label for batch in labels(loader) for label in batch] == loader.order(0).tolist()
    assert Loader(numbered(3), shuffle=False).order(7).tolist() == [0, 1, 2]
    assert "12 samples" in repr(loader)
    assert "batch_size=5" in repr(loader)


def test_breaking_off_ends_the_epoch():
    loader = Loader(numbered(10), 3, rng=0)
    for _ in loader:
        break
    assert (loader.epoch, loader.batch) == (0, 1)
    reference = Loader(numbered(10), 3, rng=0)
    labels(reference)
    assert labels(loader) == labels(reference)


def test_state_after_a_whole_epoch_is_the_start_of_the_next():
    loader = Loader(numbered(4), 2, rng=0)
    for _ in loader:
        last = loader.state_dict()
    assert (last["epoch"], last["batch"]) == (0, 2)
    assert (loader.epoch, loader.batch) == (1, 0)
    loader.load_state_dict(last)
    assert labels(loader) == []
    assert (loader.epoch, loader.batch) == (1, 0)


def test_an_older_iterator_keeps_its_order_but_not_the_position():
    loader = Loader(numbered(8), 2, rng=0)
    older = iter(loader)
    first = next(older)[1].tolist()
    newer = iter(loader)
    next(newer)
    for _, y in older:
        first += y.tolist()
    assert sorted(first) == list(range(8))
    assert (loader.epoch, loader.batch) == (1, 1)


@pytest.mark.parametrize(
    ("samples", "options", "words"),
    [
        (4, {"batch_size": 0}, ["batch_size", "0"]),
        (4, {"batch_size": 2.5}, ["batch_size", "2.5"]),
        (4, {"batch_size": True}, ["batch_size", "True"]),
        (0, {}, ["no samples"]),
        (4, {"batch_size": 5, "drop_last": True}, ["drop_last", "only 4"]),
        (4, {"rng": -1}, ["seed", "-1"]),
        (4, {"rng": True}, ["seed", "True"]),
    ],
)
def test_wrong_settings(samples, options, words):
    with pytest.raises(DataError) as caught:
        Loader(numbered(samples), **options)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"samples": 11}, ["samples=11", "samples=10"]),
        ({"batch_size": 4}, ["batch_size=4", "batch_size=3"]),
        ({"shuffle": False}, ["shuffle=False"]),
        ({"drop_last": True}, ["drop_last=True"]),
        ({"batch": 5}, ["batch 5", "has 4"]),
        ({"batch": -1}, ["batch", "-1"]),
        ({"epoch": "1"}, ["epoch", "'1'"]),
        ({"seed": True}, ["seed", "True"]),
    ],
)
def test_a_state_that_does_not_fit(change, words):
    loader = Loader(numbered(10), 3, rng=0)
    before = loader.state_dict()
    with pytest.raises(CheckpointError) as caught:
        loader.load_state_dict(before | change)
    assert all(word in str(caught.value) for word in words)
    assert loader.state_dict() == before


def test_an_incomplete_state():
    with pytest.raises(CheckpointError, match="lacks batch, samples"):
        Loader(numbered(3), 1, rng=0).load_state_dict(
            {"seed": 0, "epoch": 0, "batch_size": 1, "shuffle": True, "drop_last": False}
        )


def test_a_pair_of_arrays_is_a_part_too():
    pair = Loader((np.ones((4, 2)), [0, 1, 0, 1]), 2, shuffle=False)
    assert labels(pair) == [[0, 1], [0, 1]]


def test_what_a_loader_does_not_take():
    with pytest.raises(DataError, match=r"Loader\(dataset\.train"):
        Loader(load("xor"))
    with pytest.raises(DataError, match=r"a Part or a pair \(x, y\), got ndarray"):
        Loader(np.ones((4, 2)), np.ones(4))


@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_of_fewer_samples(shuffle):
    loader = Loader(numbered(100), 4, shuffle=shuffle, epoch_size=10, rng=0)
    epochs = [[label for batch in labels(loader) for label in batch] for _ in range(20)]
    assert len(loader) == 3
    assert all(len(epoch) == len(set(epoch)) == 10 for epoch in epochs)
    assert epochs[0] == loader.order(0).tolist()
    if shuffle:  # 100 samples drawn 10 at a time: after 20 epochs about 88 have been seen
        assert 75 < len({label for epoch in epochs for label in epoch}) < 97
    else:
        assert all(epoch == list(range(10)) for epoch in epochs)


def test_an_epoch_of_all_samples_is_a_permutation():
    loader = Loader(numbered(12), 5, epoch_size=12, rng=1)
    assert sorted(label for batch in labels(loader) for label in batch) == list(range(12))


class Recorder:
    """A transform that adds what it draws, and keeps it."""

    def __call__(self, x, y, rng):
        return x + rng.random(len(x), np.float32)[:, None], y


@given(stop=st.integers(1, 5), epochs=st.integers(0, 2))
def test_a_transform_draws_by_seed_epoch_and_batch_alone(stop, epochs):
    options = {"batch_size": 4, "epoch_size": 20, "transform": Recorder()}
    whole = Loader(numbered(30), **options, rng=5)
    for _ in range(epochs):
        list(whole)
    batches, state = [], None
    for done, (x, _) in enumerate(whole, 1):
        batches.append(x)
        if done == stop:
            state = whole.state_dict()
    resumed = Loader(numbered(30), **options, rng=6)
    next(iter(resumed))
    resumed.load_state_dict(json.loads(json.dumps(state)))
    rest = [x for x, _ in resumed]
    assert len(rest) == 5 - stop
    assert all(map(np.array_equal, rest, batches[stop:]))


def test_a_transform_changes_neither_the_order_nor_the_samples():
    part = numbered(20)
    before = part.x.copy()
    plain = Loader(part, 6, rng=3)
    changed = Loader(part, 6, rng=3, transform=Recorder())
    for (x, y), (other, same) in zip(plain, changed, strict=True):
        assert np.array_equal(y, same)
        added = other - x
        assert added.min() >= 0
        assert len(np.unique(added)) == len(x)  # not one number for the whole batch
    assert np.array_equal(part.x, before)
    assert plain.state_dict() == changed.state_dict()


def test_weights_pass_a_transform_by_and_targets_may_be_absent():
    part = Part(np.zeros((3, 1), np.float32), [0, 1, 2], sample_weight=[1, 2, 3])
    ((_, y, weights),) = Loader(part, 3, rng=0, transform=Recorder())
    assert (weights == y + 1).all()
    bare = Loader(Part(np.zeros((3, 1), np.float32)), 3, rng=0, transform=Recorder())
    assert [len(batch) for batch in bare] == [1]


def test_the_first_batch_of_a_transform_does_not_repeat_the_draws_of_the_order():
    seen = []

    def keep(x, y, rng):
        seen.append(rng)
        return x, y

    loader = Loader(numbered(9), 9, rng=4, transform=keep)
    list(loader)
    assert seen[0].permutation(9).tolist() != loader.order(0).tolist()


def test_overlapping_windows_are_not_copied():
    numbers = np.arange(1_000_000)
    windows = np.lib.stride_tricks.sliding_window_view(numbers, 64)  # 512 MB if it were copied
    loader = Loader(Part(windows, numbers[63:]), 8, epoch_size=800, rng=0)
    tracemalloc.start()
    for x, y in loader:
        assert (x[:, 63] == y).all()
        assert (np.diff(x) == 1).all()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epoch_size": 0}, ["epoch_size", "0"]),
        ({"epoch_size": 5}, ["epoch_size=5", "has only 4", "more epochs"]),
        ({"epoch_size": 2, "batch_size": 3, "drop_last": True}, ["an epoch has only 2"]),
        ({"transform": "flip"}, ["transform", "'flip'"]),
    ],
)
def test_wrong_epochs_and_transforms(options, words):
    with pytest.raises(DataError) as caught:
        Loader(numbered(4), **options)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        (lambda x, y, rng: x, "returned ndarray; expected"),
        (lambda x, y, rng: (x[:1], y), "given x with 4 samples and returned 1 samples"),
        (lambda x, y, rng: (x, None), "given y with 4 samples and returned None"),
    ],
)
def test_a_transform_that_does_not_return_a_batch(transform, words):
    with pytest.raises(DataError, match=words):
        next(iter(Loader(numbered(4), transform=transform)))


def test_a_state_of_another_epoch_size():
    state = Loader(numbered(9), 3, epoch_size=6, rng=0).state_dict()
    with pytest.raises(CheckpointError, match="epoch_size=6, this one has epoch_size=None"):
        Loader(numbered(9), 3, rng=0).load_state_dict(state)
