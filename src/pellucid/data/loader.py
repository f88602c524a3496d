"""Batches, in a new order each epoch, from a place that can be saved and restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

import numpy as np

from pellucid.data.dataset import Dataset
from pellucid.data.part import Part
from pellucid.dtypes import Array
from pellucid.errors import CheckpointError, DataError
from pellucid.random import Seed, generator

__all__ = ["Loader", "Transform"]

_OPTIONAL = ("epoch_size", "pool")
"""Settings that a loader's state has only where they are used."""

Rows: TypeAlias = slice | Array
"""Which samples a batch has: a slice of them, or their positions."""


class Transform(Protocol):
    """What changes a batch before it is handed out, such as those of `pellucid.data.transforms`.

    It returns new arrays (those it is given may be views of the samples), as many samples as it
    was given and in their order, and draws from `rng` only.
    """

    def __call__(
        self, x: Array, y: Array | None, rng: np.random.Generator, /
    ) -> tuple[Array, Array | None]:
        """Return the batch to train on."""
        ...


class Loader:
    """Iterate over a part in batches; one ``for`` loop is one epoch.

    The order of epoch e is a permutation drawn from a generator seeded with (seed, e), so it
    depends on nothing else: not on how far earlier epochs went, nor on what else draws random
    numbers. Hence the whole state of a loader is three small numbers.

    Parameters
    ----------
    part : Part or (x, y)
        The samples.
    batch_size : int
        Samples per batch, 1 or more.
    shuffle : bool
        Draw a new order of all samples each epoch; otherwise keep theirs, and yield views.
    drop_last : bool
        Leave out the last batch when it is smaller than the others.
    epoch_size : int, optional
        How many samples an epoch has, by default all. With `shuffle` each epoch draws other ones,
        none of them twice; otherwise it is the first ones.
    transform : callable, optional
        ``transform(x, y, rng) -> (x, y)`` changes each batch, for example by augmentation; see
        `pellucid.data.transforms`. Its generator is seeded with (seed, epoch, batch), so that the
        batches after a restart are those that would have come. Sample weights stay as they are.
    rng : int, numpy.random.Generator or None
        Where the order comes from. A seed is used as it is; from a generator (None is the default
        one) a seed is drawn once, here, and the generator is not touched again.

    Yields
    ------
    (x, y) : tuple of ndarray
        One batch; ``(x, y, sample_weight)`` if the part has sample weights.

    Examples
    --------
    >>> part = Part(np.arange(5.0)[:, None], np.arange(5))
    >>> loader = Loader(part, batch_size=2, rng=0)
    >>> [y.tolist() for x, y in loader]
    [[2, 4], [3, 0], [1]]
    >>> loader.state_dict()["epoch"], len(loader)
    (1, 3)
    """

    def __init__(
        self,
        part: Part | tuple[Any, Any],
        batch_size: int = 32,
        *,
        shuffle: bool = True,
        drop_last: bool = False,
        epoch_size: int | None = None,
        transform: Transform | None = None,
        rng: Seed = None,
    ) -> None:
        part = _samples(part)
        _check_count("batch_size", batch_size)
        if len(part) == 0:
            raise DataError("the part has no samples, so there is nothing to make batches of")
        if epoch_size is not None:
            _check_count("epoch_size", epoch_size)
            if epoch_size > len(part):
                raise DataError(
                    f"epoch_size={epoch_size} samples without repetition, but the part has only "
                    f"{len(part)}; train for more epochs instead"
                )
        samples = len(part) if epoch_size is None else int(epoch_size)
        if drop_last and samples < batch_size:
            raise DataError(
                f"batch_size={batch_size} with drop_last=True leaves no batch at all: "
                f"{'the part' if epoch_size is None else 'an epoch'} has only {samples} samples"
            )
        if transform is not None and not callable(transform):
            raise DataError(
                "transform is a function (x, y, rng) -> (x, y), or one of pellucid.data.transforms,"
                f" got {transform!r}"
            )
        self.part = part
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.epoch_size = None if epoch_size is None else int(epoch_size)
        self.transform = transform
        if isinstance(rng, (int, np.integer)):
            generator(rng)  # raises on a bool or a negative seed
            self._seed = int(rng)
        else:
            self._seed = int(generator(rng).integers(2**63))
        self._epoch = 0
        self._batch = 0
        self._restored = False
        self._iteration = 0  # which iterator moves the position: the newest one

    def __len__(self) -> int:
        """Return the number of batches in a whole epoch."""
        whole, rest = divmod(self._samples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    @property
    def _samples(self) -> int:
        """How many samples an epoch has, a smaller last batch included."""
        return len(self.part) if self.epoch_size is None else self.epoch_size

    @property
    def epoch(self) -> int:
        """The epoch that the position lies in, from 0."""
        return self._epoch

    @property
    def batch(self) -> int:
        """How many batches of this epoch were handed out."""
        return self._batch

    def __iter__(self) -> Iterator[tuple[Array, ...]]:
        """Start an epoch: the next one, or after `load_state_dict` the rest of that one.

        An epoch that was left with ``break`` is over; the next loop starts a new one.
        """
        if self._restored:
            self._restored = False
        elif self._batch:
            self._epoch += 1
            self._batch = 0
        self._iteration += 1
        return self._batches(self._epoch, self._batch, self._iteration)

    def _batches(self, epoch: int, first: int, iteration: int) -> Iterator[tuple[Array, ...]]:
        rows_of = self._plan(epoch)
        for batch in range(first, len(self)):
            if iteration == self._iteration:
                self._batch = batch + 1
            yield self._make(rows_of(batch), epoch, batch)
        if iteration == self._iteration:
            self._epoch, self._batch = epoch + 1, 0

    def _plan(self, epoch: int) -> Callable[[int], Rows]:
        """Return what tells the samples of each batch of an epoch."""
        order = self.order(epoch) if self.shuffle else None

        def rows_of(batch: int) -> Rows:
            start = batch * self.batch_size
            rows = slice(start, min(start + self.batch_size, self._samples))
            return rows if order is None else order[rows]

        return rows_of

    def _make(self, rows: Rows, epoch: int, batch: int) -> tuple[Array, ...]:
        """Return one batch: the samples picked, then transformed."""
        x, y = self._samples_of(rows)
        if self.transform is not None:
            # The order is drawn from (seed, epoch), which NumPy takes for (seed, epoch, 0).
            rng = np.random.default_rng((self._seed, epoch, batch + 1))
            x, y = _transformed(self.transform, x, y, rng)
        weights = self.part.sample_weight
        last = None if weights is None else _pick(weights, rows)
        return tuple([array for array in (x, y, last) if array is not None])

    def _samples_of(self, rows: Rows) -> tuple[Array, Array | None]:
        y = self.part.y
        return _pick(self.part.x, rows), None if y is None else _pick(y, rows)

    def order(self, epoch: int) -> Array:
        """Return the order of the samples in an epoch: different positions in 0 … N−1, int64."""
        if not self.shuffle:
            return np.arange(self._samples)
        rng = np.random.default_rng((self._seed, epoch))
        if self.epoch_size is None:
            return rng.permutation(len(self.part))
        return rng.choice(len(self.part), self.epoch_size, replace=False)

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader stands, as plain JSON; valid at any moment between batches.

        Called inside the loop body, the batch in hand counts as done. After the last batch but
        still inside the loop, nothing of the epoch remains: restored from there, the next loop is
        empty and ends that epoch.
        """
        return {
            "seed": self._seed,
            "epoch": self._epoch,
            "batch": self._batch,
            **self._settings(),
        }

    def _settings(self) -> dict[str, Any]:
        """Return what must be equal to continue with the same batches."""
        settings = {
            "samples": len(self.part),
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
        }
        return settings if self.epoch_size is None else settings | {"epoch_size": self.epoch_size}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to where `state_dict` was called; the next loop yields the rest of that epoch.

        The same batches follow as followed there, in this and in all later epochs, bit for bit.

        Raises
        ------
        CheckpointError
            If the state is incomplete, or of a loader with other samples or settings, which could
            not give the same batches.
        """
        here = self.state_dict()
        if absent := [key for key in here if key not in state and key not in _OPTIONAL]:
            raise CheckpointError(f"the loader's state lacks {', '.join(absent)}")
        for key in dict.fromkeys((*self._settings(), *_OPTIONAL)):
            if state.get(key) != here.get(key):
                raise CheckpointError(
                    f"the saved loader had {key}={state.get(key)}, this one has "
                    f"{key}={here.get(key)}; they must be equal to continue with the same batches"
                )
        for key in ("seed", "epoch", "batch"):
            value = state[key]
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise CheckpointError(f"the loader's {key} is a whole number ≥ 0, got {value!r}")
        if state["batch"] > len(self):
            raise CheckpointError(
                f"the saved loader stood at batch {state['batch']}, but an epoch has {len(self)}"
            )
        self._seed, self._epoch = state["seed"], state["epoch"]
        self._batch = state["batch"]
        self._restored = True
        self._iteration += 1  # an iterator that is still running no longer moves the position

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.part!r}, batch_size={self.batch_size}, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last}"
            + ("" if self.epoch_size is None else f", epoch_size={self.epoch_size}")
            + ("" if self.transform is None else f", transform={self.transform!r}")
            + f"): {len(self)} batches"
        )


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise DataError(f"{name} is a whole number ≥ 1, got {value!r}")


def _pick(array: Array, rows: Rows) -> Array:
    """Return some samples: a view for a slice, else a copy.

    `take` is faster, but copies all of an array first that is not contiguous: overlapping windows
    of a text would become as large as if they had been stored one by one.
    """
    if isinstance(rows, slice):
        return array[rows]
    picked: Array = array.take(rows, 0) if array.flags.c_contiguous else array[rows]
    return picked


def _transformed(
    transform: Transform, x: Array, y: Array | None, rng: np.random.Generator
) -> tuple[Array, Array | None]:
    result = transform(x, y, rng)
    if not isinstance(result, tuple) or len(result) != 2:
        raise DataError(
            f"the transform {transform!r} returned {type(result).__name__}; expected (x, y)"
        )
    for name, before, after in zip(("x", "y"), (x, y), result, strict=True):
        if (before is None) != (after is None) or (
            before is not None and after is not None and len(before) != len(after)
        ):
            found = "None" if after is None else f"{len(after)} samples"
            given = "None" if before is None else f"{len(before)} samples"
            raise DataError(
                f"the transform {transform!r} was given {name} with {given} and returned {found}; "
                "it keeps the number of samples"
            )
    return result


def _samples(part: Any) -> Part:
    if isinstance(part, Part):
        return part
    if isinstance(part, (tuple, list)) and len(part) == 2:
        return Part(*part)
    if isinstance(part, Dataset):
        raise DataError("a Loader goes over one part of a data set: Loader(dataset.train, ...)")
    raise DataError(
        f"a Loader takes a Part or a pair (x, y), got {type(part).__name__}: Loader((x, y), ...)"
    )
