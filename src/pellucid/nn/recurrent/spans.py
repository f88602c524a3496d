"""Sequences of different lengths in one batch, padded at their ends.

Values are time-major, (T, N, ...). As padding comes last, no valid step depends on it: the
recurrence runs over everything, and what lies behind the end of a sequence is left out afterwards.
Only the way backwards needs care: it starts at each sequence's own end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["Spans", "spans_of"]


class Spans:
    """Where each of the sequences of a batch ends.

    Parameters
    ----------
    steps : int
        T, the length to which all are padded.
    lengths : array of int (N,), optional
        How many steps of each are valid; None if all are.
    """

    def __init__(self, steps: int, lengths: Array | None) -> None:
        self.steps = steps
        self.lengths = lengths
        if lengths is not None:
            self._clock = np.arange(steps)[:, None]
            self._inside = self._clock < lengths

    def backwards(self, x: Value) -> Value:
        """Reverse the valid steps of each sequence (T, N, F), and leave padding where it is."""
        if self.lengths is None:
            return p.flip(x, axis=0)
        source = np.where(self._inside, self.lengths - 1 - self._clock, self._clock)
        return self._pick(x, source)

    def last(self, states: Value, first: Value) -> Value:
        """Return the state (N, H) after the last valid step; `first` where there is none."""
        if self.steps == 0:
            return first
        if self.lengths is None:
            return p.getitem(states, index=self.steps - 1)
        found = self._pick(states, np.maximum(self.lengths - 1, 0))
        if self.lengths.all():
            return found
        return p.where(self.lengths[:, None] > 0, found, first)

    def masked(self, states: Value) -> Value:
        """Return the states (T, N, H) with zeros behind the ends."""
        if self.lengths is None:
            return states
        return p.where(self._inside[:, :, None], states, 0.0)

    def _pick(self, x: Value, source: Array) -> Value:
        """Return x[source[..., n], n] for each sequence n."""
        steps, batch, size = x.shape
        flat = p.reshape(x, shape=(steps * batch, size))
        return p.take_rows(flat, rows=source * batch + np.arange(batch))


def _plain(values: Any) -> Array:
    return as_array(values.data if isinstance(values, Recorded) else values)


def spans_of(lengths: Any, mask: Any, batch: int, steps: int) -> Spans:
    """Read where sequences end, from their lengths or from a mask that is True on valid steps.

    Raises
    ------
    DataError
        If both are given, a length is out of range, or a mask has gaps.
    ShapeError
        If they do not fit the batch.
    DTypeError
        If lengths are not whole numbers, or a mask is not made of booleans.
    """
    if lengths is None and mask is None:
        return Spans(steps, None)
    if lengths is not None and mask is not None:
        raise DataError("lengths and mask say the same thing; give one of them")
    found = _from_lengths(lengths, batch, steps) if mask is None else _from_mask(mask, batch, steps)
    return Spans(steps, None if (found == steps).all() else found)


def _from_lengths(lengths: Any, batch: int, steps: int) -> Array:
    found = _plain(lengths)
    if found.dtype.kind not in "iu" and found.size:
        raise DTypeError(f"lengths are whole numbers, got {found.dtype}")
    if found.shape != (batch,):
        raise ShapeError(
            f"expected {batch} lengths, one for each sequence, of shape ({batch},), "
            f"got shape {found.shape}"
        )
    found = found.astype(np.int64)
    wrong = np.flatnonzero((found < 0) | (found > steps))
    if wrong.size:
        raise DataError(
            f"sequence {wrong[0]} cannot have length {found[wrong[0]]}: these inputs have "
            f"{steps} steps, so that lengths are 0 to {steps}"
        )
    return found


def _from_mask(mask: Any, batch: int, steps: int) -> Array:
    found = _plain(mask)
    if found.shape != (batch, steps):
        raise ShapeError(
            f"expected a mask of shape ({batch}, {steps}), (sequences, steps), got {found.shape}"
        )
    if found.dtype.kind != "b":
        raise DTypeError(
            f"a mask holds booleans, True on valid steps, got {found.dtype}; "
            "write for example mask = tokens != 0"
        )
    lengths: Array = found.sum(axis=1)
    gaps = np.argwhere(found != (np.arange(steps) < lengths[:, None]))
    if gaps.size:
        row = gaps[0, 0]
        first = int(np.argmin(found[row]))
        raise DataError(
            f"the mask of sequence {row} has a gap at step {first}; "
            "padding stands at the end, after all valid steps"
        )
    return lengths
