"""Composites that move entries about."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, refuse_no_numbers
from pellucid.errors import ShapeError
from pellucid.ops.indexing import take
from pellucid.ops.operands import composite, lengths, shape_of, typed
from pellucid.primitives.declaration import Axis, Operand, Recorded, Value
from pellucid.primitives.reductions import normal_axes, normal_axis

__all__ = [
    "concatenate",
    "expand_dims",
    "flatten",
    "moveaxis",
    "pad",
    "repeat",
    "reshape",
    "roll",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
]


@composite
def reshape(x: Operand, shape: int | tuple[int, ...]) -> Value:
    """Return the same entries in another shape; one length may be −1, which is then worked out."""
    return p.reshape(x, shape=lengths(shape))


@composite
def transpose(x: Operand, axes: Sequence[int] | None = None) -> Value:
    """Axes in another order; without `axes`, in reverse order."""
    rank = len(shape_of(x))
    order = tuple(range(rank)[::-1]) if axes is None else normal_axes(tuple(axes), rank)
    if len(order) != rank:
        raise ShapeError(f"transpose of {rank} axes needs them all in some order, got {axes}")
    return p.transpose(x, axes=order)


@composite
def swapaxes(x: Operand, axis1: int, axis2: int) -> Value:
    """Two axes exchanged."""
    order = list(range(len(shape_of(x))))
    first, second = normal_axis(axis1, len(order)), normal_axis(axis2, len(order))
    order[first], order[second] = order[second], order[first]
    return p.transpose(x, axes=tuple(order))


@composite
def moveaxis(x: Operand, source: int | Sequence[int], destination: int | Sequence[int]) -> Value:
    """Axes moved to other places, the remaining ones in their order."""
    rank = len(shape_of(x))
    sources = normal_axes(tuple(np.atleast_1d(source).tolist()), rank)
    places = normal_axes(tuple(np.atleast_1d(destination).tolist()), rank)
    if len(sources) != len(places):
        raise ShapeError(f"moveaxis from {source} to {destination}: as many places as axes needed")
    order = [a for a in range(rank) if a not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return p.transpose(x, axes=tuple(order))


@composite
def squeeze(x: Operand, axis: Axis = None) -> Value:
    """Axes of length 1 left out: all of them, or the given ones."""
    shape = shape_of(x)
    axes = normal_axes(axis, len(shape))
    long = [a for a in axes if shape[a] != 1]
    if axis is not None and long:
        raise ShapeError(f"cannot squeeze axis {long[0]} of shape {shape}: its length is not 1")
    kept = tuple(n for a, n in enumerate(shape) if n != 1 or a not in axes)
    return p.reshape(x, shape=kept)


@composite
def expand_dims(x: Operand, axis: int | tuple[int, ...]) -> Value:
    """New axes of length 1, at the given places of the result."""
    shape = list(shape_of(x))
    places = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    for place in sorted(normal_axes(places, len(shape) + len(places))):
        shape.insert(place, 1)
    return p.reshape(x, shape=tuple(shape))


@composite
def flatten(x: Operand) -> Value:
    """All entries in one axis."""
    return p.reshape(x, shape=(-1,))


def concatenate(arrays: Sequence[Operand], axis: int | None = 0) -> Any:
    """Join arrays along an axis that they have; None flattens them first."""
    if isinstance(arrays, Recorded):
        arrays = list(arrays)
    arrays = typed(arrays)
    if axis is None:
        return p.concatenate(*(flatten(x) for x in arrays), axis=0)
    return p.concatenate(*arrays, axis=axis)


def stack(arrays: Sequence[Operand], axis: int = 0) -> Any:
    """Join arrays of one shape along a new axis."""
    arrays = typed(arrays)
    shapes = {shape_of(x) for x in arrays}
    if len(shapes) != 1:
        raise ShapeError(f"stack needs arrays of one shape, got {sorted(shapes)}")
    return p.concatenate(*(expand_dims(x, axis) for x in arrays), axis=axis)


def split(x: Operand, sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """Cut an array into equal parts, or at the given places along `axis`."""
    shape = shape_of(x)
    axis = normal_axis(axis, len(shape))
    length = shape[axis]
    if isinstance(sections, (int, np.integer)):
        if sections < 1 or length % sections:
            raise ShapeError(
                f"an axis of length {length} cannot be cut into {sections} equal parts"
            )
        places = [length // int(sections) * i for i in range(1, sections)]
    else:
        places = list(sections)
    edges = [0, *places, length]
    before = (slice(None),) * axis
    return [
        p.getitem(x, index=(*before, slice(start, stop)))
        for start, stop in itertools.pairwise(edges)
    ]


PadMode = Literal["constant", "edge", "reflect", "symmetric", "wrap"]


def _pairs(width: Any, rank: int) -> tuple[tuple[int, int], ...]:
    pairs = np.broadcast_to(np.asarray(width), (rank, 2))
    if pairs.dtype.kind not in "iu" or (pairs < 0).any():
        raise ShapeError(f"padding widths are whole numbers ≥ 0, got {width!r}")
    return tuple((int(a), int(b)) for a, b in pairs)


@composite
def pad(
    x: Operand,
    pad_width: Any,
    mode: PadMode = "constant",
    constant_values: float = 0.0,
) -> Value:
    """Put a border around an array.

    Parameters
    ----------
    x : array or Tensor
    pad_width : int, (before, after), or one such pair per axis
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        The value `constant_values`, or entries of `x` chosen as NumPy's ``pad`` does.
    constant_values : float
    """
    shape = shape_of(x)
    widths = _pairs(pad_width, len(shape))
    if mode == "constant":
        refuse_no_numbers("pad", np.asarray(constant_values).dtype)
        return p.pad(x, widths=widths, value=float(constant_values))
    for axis, pair in enumerate(widths):
        if pair != (0, 0):
            x = take(x, np.pad(np.arange(shape[axis]), pair, mode=mode), axis)
    return x


@composite
def repeat(x: Operand, repeats: int | Sequence[int] | Array, axis: int | None = None) -> Value:
    """Each entry `repeats` times in a row along `axis`; None flattens first."""
    if axis is None:
        x, axis = flatten(x), 0
    axis = normal_axis(axis, len(shape_of(x)))
    return take(x, np.repeat(np.arange(shape_of(x)[axis]), repeats), axis)


@composite
def tile(x: Operand, reps: int | Sequence[int]) -> Value:
    """The whole array `reps` times along each axis."""
    counts = lengths(reps)
    shape = shape_of(x)
    rank = builtins.max(len(counts), len(shape))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - len(shape)) + shape
    # (n₁, n₂) -> (1, n₁, 1, n₂) -> (r₁, n₁, r₂, n₂) -> (r₁·n₁, r₂·n₂)
    spaced = p.reshape(x, shape=tuple(k for n in shape for k in (1, n)))
    wide = tuple(k for r, n in zip(counts, shape, strict=True) for k in (r, n))
    final = tuple(r * n for r, n in zip(counts, shape, strict=True))
    return p.reshape(p.broadcast_to(spaced, shape=wide), shape=final)


@composite
def roll(x: Operand, shift: int | Sequence[int], axis: Axis = None) -> Value:
    """Entries moved along by `shift` places, those that fall off the end coming in at the front."""
    if axis is None:
        places = builtins.sum(int(n) for n in np.ravel(shift))
        return p.reshape(roll(flatten(x), places, 0), shape=shape_of(x))
    shape = shape_of(x)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    for a, places in np.broadcast(axes, shift):  # an axis may be named twice
        a = normal_axis(a, len(shape))
        x = take(x, np.roll(np.arange(shape[a]), places), a)
    return x
