"""Batches of sequences of about the same length, so that little of them is padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.data.loader import Loader, Rows, Transform
from pellucid.data.part import Part
from pellucid.data.sequences import sequence_lengths
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.random import Seed

__all__ = ["BucketLoader"]


class BucketLoader(Loader):
    """Iterate over padded sequences in batches of similar length, each cut to its longest.

    Each epoch the samples are shuffled and cut into pools of `pool` batches; a pool is sorted by
    length (equal ones stay shuffled) and cut into batches; the batches of all pools are then
    shuffled. A pool of one batch is a plain shuffle, a pool of all samples sorts strictly.

    Parameters
    ----------
    part : Part or (x, y)
        The sequences: x of shape (N, T) or (N, T, ...), filled up on the right. Targets of the same
        T, as those of language data, are cut in the same way.
    batch_size : int
        Samples per batch, 1 or more.
    pool : int
        How many batches are sorted together.
    padding : float
        What the sequences are filled up with.
    lengths : array_like of int, shape (N,), optional
        Their lengths, where padding is also a value; found by `sequence_lengths` if left out.
    shuffle, drop_last, transform, rng
        As for `Loader`. Without `shuffle` the samples are sorted by length, and the order is the
        same in each epoch.

    Examples
    --------
    >>> from pellucid.data import pad_sequences
    >>> x = pad_sequences([[1], [1, 2, 3, 4], [5, 6], [7], [1, 2, 3], [9, 9]])
    >>> loader = BucketLoader(Part(x, np.arange(6)), batch_size=2, rng=0)
    >>> sorted(x.shape for x, y in loader)
    [(2, 1), (2, 2), (2, 4)]
    """

    def __init__(
        self,
        part: Part | tuple[Any, Any],
        batch_size: int = 32,
        *,
        pool: int = 50,
        padding: float = 0,
        lengths: Any = None,
        shuffle: bool = True,
        drop_last: bool = False,
        transform: Transform | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__(
            part,
            batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            transform=transform,
            rng=rng,
        )
        if isinstance(pool, bool) or not isinstance(pool, (int, np.integer)) or pool < 1:
            raise DataError(f"pool is a whole number of batches ≥ 1, got {pool!r}")
        self.pool = int(pool)
        self.lengths = self._lengths(lengths, padding)

    def _lengths(self, lengths: Any, padding: float) -> Array:
        x = self.part.x
        if x.ndim < 2:
            raise ShapeError(
                f"expected padded sequences, x of shape (N, T, ...), got {x.shape}; "
                "pad_sequences makes them"
            )
        if lengths is None:
            return sequence_lengths(x, padding)
        found = np.asarray(lengths)
        if found.shape != (len(x),) or found.dtype.kind not in "iu":
            raise ShapeError(
                f"lengths are one whole number per sample, shape ({len(x)},); got {found.dtype} of "
                f"shape {found.shape}"
            )
        if found.min() < 0 or found.max() > x.shape[1]:
            raise DataError(
                f"lengths lie between 0 and {x.shape[1]}, got {found.min()} … {found.max()}"
            )
        return found

    def order(self, epoch: int) -> Array:
        """Return the samples of an epoch, batch by batch; int64."""
        size, samples = self.batch_size, len(self.part)
        if not self.shuffle:
            return np.argsort(self.lengths, kind="stable")
        rng = np.random.default_rng((self._seed, epoch))
        order = rng.permutation(samples)
        for start in range(0, samples, size * self.pool):
            some = order[start : start + size * self.pool]
            order[start : start + len(some)] = some[np.argsort(self.lengths[some], kind="stable")]
        # A smaller last batch stays the last one.
        whole = samples // size
        batches = order[: whole * size].reshape(whole, size)[rng.permutation(whole)]
        return np.concatenate([batches.ravel(), order[whole * size :]])

    def _plan(self, epoch: int) -> Callable[[int], Rows]:
        order, size = self.order(epoch), self.batch_size
        return lambda batch: order[batch * size : (batch + 1) * size]

    def _samples_of(self, rows: Rows) -> tuple[Array, Array | None]:
        """Return samples cut to the longest of them."""
        x, y = super()._samples_of(rows)
        steps, longest = x.shape[1], max(int(self.lengths[rows].max()), 1)
        if y is not None and y.ndim > 1 and y.shape[1] == steps:
            y = y[:, :longest]
        return x[:, :longest], y

    def _settings(self) -> dict[str, Any]:
        return super()._settings() | {"pool": self.pool}
