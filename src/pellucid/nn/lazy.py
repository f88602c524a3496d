"""Parameters whose shape is completed by the first batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array, DTypeLike
from pellucid.tensor import Parameter

__all__ = ["LazyParameter", "is_pending"]


class LazyParameter(Parameter):
    """A Parameter that is empty until the sizes it lacks are known.

    It is the same object before and after, so that an optimizer made before the first batch holds
    the right one.

    Parameters
    ----------
    shape : tuple of int or None
        The final shape; None for a length that is not known yet.
    dtype : dtype
        Type of the numbers.
    """

    __slots__ = ("open_shape",)

    def __init__(self, shape: tuple[int | None, ...], dtype: DTypeLike) -> None:
        super().__init__(np.empty(tuple(n or 0 for n in shape), dtype))
        self.open_shape: tuple[int | None, ...] | None = shape

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether `shape` completes the shape as far as it is known."""
        wanted = self.open_shape or self.shape
        return len(shape) == len(wanted) and all(
            n in (None, m) for n, m in zip(wanted, shape, strict=True)
        )

    def fill(self, data: Array) -> None:
        """Take on numbers, and with them the final shape."""
        self.data = data
        self.open_shape = None


def is_pending(value: Any) -> bool:
    """Tell whether a value is a parameter that still waits for its shape."""
    return isinstance(value, LazyParameter) and value.open_shape is not None
