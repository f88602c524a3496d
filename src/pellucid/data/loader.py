"""Batches, in a new order each epoch, from a place that can be saved and restored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.data.dataset import Dataset
from pellucid.data.part import Part
from pellucid.dtypes import Array
from pellucid.errors import CheckpointError, DataError
from pellucid.random import Seed, generator

__all__ = ["Loader"]


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
        rng: Seed = None,
    ) -> None:
        part = _samples(part)
        if (
            isinstance(batch_size, bool)
            or not isinstance(batch_size, (int, np.integer))
            or batch_size < 1
        ):
            raise DataError(f"batch_size is a whole number ≥ 1, got {batch_size!r}")
        if len(part) == 0:
            raise DataError("the part has no samples, so there is nothing to make batches of")
        if drop_last and len(part) < batch_size:
            raise DataError(
                f"batch_size={batch_size} with drop_last=True leaves no batch at all: "
                f"the part has only {len(part)} samples"
            )
        self.part = part
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
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
        whole, rest = divmod(len(self.part), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

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
        arrays = tuple(
            array
            for array in (self.part.x, self.part.y, self.part.sample_weight)
            if array is not None
        )
        size = self.batch_size
        order = self.order(epoch) if self.shuffle else None
        for batch in range(first, len(self)):
            if iteration == self._iteration:
                self._batch = batch + 1
            rows = slice(batch * size, (batch + 1) * size)
            if order is None:
                yield tuple([array[rows] for array in arrays])
            else:
                chosen = order[rows]
                yield tuple([array.take(chosen, 0) for array in arrays])
        if iteration == self._iteration:
            self._epoch, self._batch = epoch + 1, 0

    def order(self, epoch: int) -> Array:
        """Return the order of the samples in an epoch: a permutation of 0 … N−1, int64."""
        if not self.shuffle:
            return np.arange(len(self.part))
        return np.random.default_rng((self._seed, epoch)).permutation(len(self.part))

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
            "samples": len(self.part),
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
        }

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
        if absent := [key for key in here if key not in state]:
            raise CheckpointError(f"the loader's state lacks {', '.join(absent)}")
        for key in ("samples", "batch_size", "shuffle", "drop_last"):
            if state[key] != here[key]:
                raise CheckpointError(
                    f"the saved loader had {key}={state[key]}, this one has {key}={here[key]}; "
                    "they must be equal to continue with the same batches"
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
            f"Loader({self.part!r}, batch_size={self.batch_size}, shuffle={self.shuffle}, "
            f"drop_last={self.drop_last}): {len(self)} batches"
        )


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
