"""Picking entries out and adding them back in: each is the other's derivative."""

from __future__ import annotations

from typing import Any

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives.declaration import UnaryPrimitive

__all__ = ["getitem", "scatter"]


def _getitem(x: Array, *, index: Any) -> Array:
    picked: Array = x[index]
    return picked


getitem: UnaryPrimitive = UnaryPrimitive(
    "getitem",
    "x[index]",
    _getitem,
    source="{0}[{index}]",
    vjps=[lambda g, y, x, index: scatter(g, index=index, shape=x.shape)],
    about="Slices, numbers, None, Ellipsis, arrays of integers and boolean masks, as in NumPy.",
)
scatter: UnaryPrimitive = UnaryPrimitive(
    "scatter",
    "zeros with x added in at index",
    reference.scatter,
    source="scatter({0}, index={index}, shape={shape})",
    vjps=[lambda g, y, x, index, shape: getitem(g, index=index)],
    about="Entries that are hit more than once add up.",
)
