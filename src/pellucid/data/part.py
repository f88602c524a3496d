"""One part of a data set: samples in memory, with their targets and weights."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, Self, overload

import numpy as np

from pellucid.data.checks import finite
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, DTypeError, ShapeError

__all__ = ["Part"]


class Part:
    """Samples `x` with their targets `y`, sample by sample along the first axis.

    Parameters
    ----------
    x : array_like, shape (N, ...)
        The samples. Arrays keep their dtype; lists of floats become float32.
    y : array_like, shape (N,) or (N, ...), optional
        The targets. Whole numbers (class labels) become int64; floats keep their dtype.
    sample_weight : array_like, shape (N,), optional
        How much each sample counts, zero or more; float32.

    Raises
    ------
    ShapeError
        If the lengths differ or `x` has no sample axis.
    DataError
        If a number is NaN or infinite, or a weight is negative.

    Examples
    --------
    >>> part = Part([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], [1, 0, 1])
    >>> len(part), part[0]
    (3, (array([0., 1.], dtype=float32), np.int64(1)))
    >>> part[1:]
    Part(2 samples, x (2, 2) float32, y (2,) int64)
    """

    __slots__ = ("sample_weight", "x", "y")

    x: Array
    y: Array | None
    sample_weight: Array | None

    def __init__(self, x: Any, y: Any = None, *, sample_weight: Any = None) -> None:
        self.x = finite(as_array(x), "x")
        if self.x.ndim == 0:
            raise ShapeError("x is a single number; expected one sample per row, shape (N, ...)")
        self.y = None if y is None else _targets(y)
        self.sample_weight = None if sample_weight is None else _weights(sample_weight)
        for name, array in (("y", self.y), ("sample_weight", self.sample_weight)):
            if array is None:
                continue
            if array.ndim == 0 or len(array) != len(self.x):
                count = "a single number" if array.ndim == 0 else f"{len(array)} entries"
                raise ShapeError(
                    f"x has {len(self.x)} samples but {name} has {count}; expected one per sample"
                )

    def __len__(self) -> int:
        return len(self.x)

    @overload
    def __getitem__(self, index: slice | Array | list[int]) -> Self: ...
    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> tuple[Any, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        """Return one sample as ``(x, y)``, or a smaller part for a slice, indices or a mask.

        With sample weights a single sample is ``(x, y, weight)``. A slice shares memory.
        """
        if not isinstance(index, (slice, np.ndarray, list)):
            position = operator.index(index)
            sample = (self.x[position], None if self.y is None else self.y[position])
            if self.sample_weight is None:
                return sample
            return (*sample, self.sample_weight[position])
        return self._with(
            self.x[index],
            None if self.y is None else self.y[index],
            None if self.sample_weight is None else self.sample_weight[index],
        )

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Iterate over single samples."""
        return (self[position] for position in range(len(self)))

    def flat(self) -> Self:
        """Return the same samples as rows: x of shape (N, D), sharing memory where possible.

        Examples
        --------
        >>> Part(np.zeros((5, 1, 8, 8), np.float32)).flat().x.shape
        (5, 64)
        """
        width = int(np.prod(self.x.shape[1:], dtype=np.int64))  # reshape(0, -1) is not defined
        return self._with(self.x.reshape(len(self.x), width), self.y, self.sample_weight)

    def weighted(self, sample_weight: Any) -> Part:
        """Return the same samples with other weights."""
        return Part(self.x, self.y, sample_weight=sample_weight)

    @classmethod
    def _with(cls, x: Array, y: Array | None, sample_weight: Array | None) -> Self:
        """Build a part from arrays that were checked before."""
        part = cls.__new__(cls)
        part.x, part.y, part.sample_weight = x, y, sample_weight
        return part

    def __repr__(self) -> str:
        text = f"Part({len(self)} samples, x {self.x.shape} {self.x.dtype}"
        if self.y is not None:
            text += f", y {self.y.shape} {self.y.dtype}"
        return text + (", weighted)" if self.sample_weight is not None else ")")


def _targets(y: Any) -> Array:
    try:
        targets = as_array(y)
    except DTypeError as error:
        if not _are_texts(y):
            raise
        raise DTypeError(
            "y holds texts; number the classes with names, y = np.unique(y, return_inverse=True)"
        ) from error
    if targets.dtype.kind in "iub":
        return targets.astype(np.int64, copy=False)
    return finite(targets, "y")


def _are_texts(y: Any) -> bool:
    values = np.asarray(y) if not isinstance(y, np.ndarray) else y
    return values.dtype.kind in "US" or all(isinstance(v, (str, bytes)) for v in values.flat)


def _weights(sample_weight: Any) -> Array:
    weights = finite(as_array(sample_weight, np.float32), "sample_weight")
    if weights.ndim != 1:
        raise ShapeError(f"sample_weight has shape {weights.shape}; expected one number per sample")
    if len(weights) and weights.min() < 0:
        where = int(weights.argmin())
        raise DataError(
            f"sample_weight is {weights[where]} for sample {where}; weights are zero or more"
        )
    return weights
