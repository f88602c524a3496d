"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError, UnknownNameError

__all__ = ["Side", "pad_sequences", "sequence_lengths"]

Side: TypeAlias = Literal["right", "left"]


def pad_sequences(
    sequences: Sequence[Any],
    length: int | None = None,
    *,
    value: float = 0,
    side: Side = "right",
) -> Array:
    """Return sequences of different lengths as one array, filled up with a value.

    Parameters
    ----------
    sequences : sequence of array_like, each of shape (Tᵢ, ...)
        They may differ in their first axis only.
    length : int, optional
        T, by default the longest. Longer sequences are cut: those padded on the right lose their
        end, those padded on the left their start.
    value : float
        What fills them up.
    side : {"right", "left"}
        Where the filling goes.

    Returns
    -------
    ndarray, shape (N, T, ...)
        Of the sequences' common dtype.

    Raises
    ------
    ShapeError
        If sequences differ in other axes than the first.

    Examples
    --------
    >>> pad_sequences([[1, 2, 3], [4]])
    array([[1, 2, 3],
           [4, 0, 0]])
    >>> pad_sequences([[1, 2, 3], [4]], 2, side="left")
    array([[2, 3],
           [0, 4]])
    """
    if side not in ("right", "left"):
        raise UnknownNameError("side", side, ("right", "left"))
    arrays = [as_array(sequence) for sequence in sequences]
    if not arrays:
        raise DataError("there are no sequences to pad")
    for position, array in enumerate(arrays):
        if array.ndim == 0 or array.shape[1:] != arrays[0].shape[1:]:
            raise ShapeError(
                f"sequence {position} (counting from 0) has shape {array.shape}, sequence 0 "
                f"{arrays[0].shape}; they may differ in their length only"
            )
    if length is None:
        length = max(map(len, arrays))
    elif isinstance(length, bool) or length < 0:
        raise DataError(f"length is a whole number ≥ 0, got {length!r}")
    # Empty lists are floats to NumPy; they shall not turn whole numbers into such.
    types = {array.dtype for array in arrays if len(array)} or {arrays[0].dtype}
    padded = np.full((len(arrays), length, *arrays[0].shape[1:]), value, np.result_type(*types))
    for row, array in zip(padded, arrays, strict=True):
        size = min(len(array), length)
        if side == "right":
            row[:size] = array[:size]
        elif size:
            row[-size:] = array[-size:]
    return padded


def sequence_lengths(x: Array, value: float = 0) -> Array:
    """Return the length of each sequence without the filling on its right; int64, (N,).

    Parameters
    ----------
    x : ndarray, shape (N, T) or (N, T, ...)
        Padded sequences. A step of several numbers is filling if all of them are.
    value : float
        What they are filled up with.

    Examples
    --------
    >>> sequence_lengths(np.array([[5, 0, 7, 0], [0, 0, 0, 0]]))
    array([3, 0])
    """
    if x.ndim < 2:
        raise ShapeError(f"expected padded sequences, shape (N, T, ...), got {x.shape}")
    used = x != value
    used = used.reshape(*x.shape[:2], -1).any(axis=2) if x.ndim > 2 else used  # (N, T)
    if not x.shape[1]:
        return np.zeros(len(x), np.int64)
    last = x.shape[1] - used[:, ::-1].argmax(axis=1)
    return np.where(used.any(axis=1), last, 0)
