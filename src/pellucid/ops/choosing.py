"""Diagonals, triangles, and entries that are chosen, left out, put in or arranged in blocks."""

from __future__ import annotations

import builtins
import itertools
import operator
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.ops.indexing import take, take_along_axis
from pellucid.ops.linear_algebra import numbers_of
from pellucid.ops.operands import composite, lengths, shape_of, typed
from pellucid.ops.shape import expand_dims, flatten, moveaxis, transpose
from pellucid.primitives.declaration import Operand, Value
from pellucid.primitives.reductions import normal_axes, normal_axis

__all__ = [
    "array_split",
    "block",
    "choose",
    "compress",
    "delete",
    "diag",
    "diagflat",
    "diagonal",
    "extract",
    "insert",
    "partition",
    "resize",
    "rot90",
    "select",
    "take_with_mode",
    "trace",
    "tril",
    "triu",
]


def _diagonal_places(rows: int, columns: int, offset: int) -> tuple[Array, Array]:
    i = np.arange(
        builtins.max(0, -offset), builtins.max(0, -offset, builtins.min(rows, columns - offset))
    )
    return i, i + offset


@composite
def diagonal(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
    """Entries (i, i + offset) of two axes, along a new last axis.

    Raises
    ------
    ShapeError
        If there are not two axes, or both are the same.
    """
    shape = shape_of(x)
    if len(shape) < 2:
        raise ShapeError(f"a diagonal needs a matrix, got shape {shape}")
    a, b = normal_axes((axis1, axis2), len(shape))
    i, j = _diagonal_places(shape[a], shape[b], offset)
    return p.getitem(moveaxis(x, (a, b), (-2, -1)), index=(Ellipsis, i, j))


@composite
def trace(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
    """Sum of the diagonal of matrices, which lie in two axes."""
    if len(shape_of(x)) < 2:
        raise ShapeError(f"the trace needs a matrix, got shape {shape_of(x)}")
    return p.sum(diagonal(x, offset, axis1, axis2), axis=-1)


@composite
def diag(x: Operand, k: int = 0) -> Value:
    """Diagonal of a matrix, or the matrix with a vector as its diagonal."""
    shape = shape_of(x)
    if len(shape) == 2:
        return diagonal(x, k)
    if len(shape) != 1:
        raise ShapeError(f"diag takes a vector or a matrix, got shape {shape}")
    n = shape[0] + abs(k)
    i = np.arange(shape[0])
    places = (i + builtins.max(0, -k), i + builtins.max(0, k))
    return p.scatter(x, index=places, shape=(n, n))


@composite
def diagflat(x: Operand, k: int = 0) -> Value:
    """Matrix with all entries of an array as its diagonal."""
    return diag(flatten(x), k)


def _lower(x: Value, k: int) -> Array:
    rows, columns = shape_of(x)[-2:]
    return np.tri(rows, columns, k, dtype=bool)


@composite
def tril(x: Operand, k: int = 0) -> Value:
    """Lower triangle of matrices, up to the k-th diagonal; zeros above."""
    x = _as_matrices(x, "tril")
    return p.where(_lower(x, k), x, 0.0)


@composite
def triu(x: Operand, k: int = 0) -> Value:
    """Upper triangle of matrices, from the k-th diagonal on; zeros below."""
    x = _as_matrices(x, "triu")
    return p.where(_lower(x, k - 1), 0.0, x)


def _as_matrices(x: Value, what: str) -> Value:
    shape = shape_of(x)
    if not shape:
        raise ShapeError(f"{what} needs a vector or a matrix, got a single number")
    # As NumPy does, a vector stands in every row.
    return p.broadcast_to(x, shape=(shape[0], shape[0])) if len(shape) == 1 else x


@composite
def rot90(x: Operand, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Value:
    """Array turned by k quarter turns in the plane of two axes."""
    rank = len(shape_of(x))
    a, b = normal_axes(tuple(axes), rank)
    k %= 4
    if k == 0:
        return p.identity(x)
    if k == 2:
        return p.flip(x, axis=(a, b))
    order = list(range(rank))
    order[a], order[b] = order[b], order[a]
    if k == 1:
        return transpose(p.flip(x, axis=b), order)
    return p.flip(transpose(x, order), axis=b)


@composite
def array_split(x: Operand, sections: int | Sequence[int], axis: int = 0) -> Any:
    """Cut an array along `axis` into parts that may differ in length by one, or at places."""
    shape = shape_of(x)
    axis = normal_axis(axis, len(shape))
    n = shape[axis]
    if isinstance(sections, (int, np.integer)):
        if sections < 1:
            raise ShapeError(f"an axis cannot be cut into {sections} parts; one at least")
        each, extra = divmod(n, int(sections))
        places = np.cumsum([each + 1] * extra + [each] * (int(sections) - extra))[:-1].tolist()
    else:
        places = [operator.index(i) for i in sections]
    edges = [0, *places, n]
    before = (slice(None),) * axis
    return [
        p.getitem(x, index=(*before, slice(start, stop)))
        for start, stop in itertools.pairwise(edges)
    ]


# --- choosing -------------------------------------------------------------------------------------


def select(conditions: Sequence[Any], choices: Sequence[Operand], default: Operand = 0) -> Any:
    """Entries of the first of `choices` whose condition holds, else of `default`.

    Raises
    ------
    ShapeError
        If there are not as many conditions as choices.
    """
    if len(conditions) != len(choices) or not len(conditions):
        raise ShapeError(
            f"select needs as many conditions as choices, one at least, got {len(conditions)} and "
            f"{len(choices)}"
        )
    *values, default = typed([*choices, default])
    shape = np.broadcast_shapes(*(shape_of(v) for v in (*conditions, *values, default)))
    result = default
    for condition, value in reversed(list(zip(conditions, values, strict=True))):
        result = p.where(condition, value, result)
    return result if shape_of(result) == shape else p.broadcast_to(result, shape=shape)


def choose(index: Any, choices: Sequence[Operand], mode: str = "raise") -> Any:
    """Entries of the choice whose number stands in `index`.

    Raises
    ------
    ShapeError
        If an index is out of range.
    """
    index = np.asarray(numbers_of(index))
    count = len(choices)
    if mode == "wrap":
        index = index % count
    elif mode == "clip":
        index = np.clip(index, 0, count - 1)
    elif mode != "raise":
        raise ShapeError(f"choose has the modes 'raise', 'wrap' and 'clip', got {mode!r}")
    elif ((index < 0) | (index >= count)).any():
        raise ShapeError(f"choose from {count} arrays takes numbers from 0 to {count - 1}")
    return select([index == i for i in range(count)], choices, 0)


@composite
def compress(x: Operand, condition: Any, axis: int | None = None) -> Value:
    """Entries along `axis` at which a vector of conditions holds; None flattens first."""
    condition = np.asarray(numbers_of(condition))
    if condition.ndim != 1:
        raise ShapeError(f"compress takes a vector of conditions, got shape {condition.shape}")
    return take(x, np.flatnonzero(condition), axis)


@composite
def extract(x: Operand, condition: Any) -> Value:
    """Entries at which the condition holds, in one axis."""
    return take(x, np.flatnonzero(np.asarray(numbers_of(condition))))


@composite
def delete(x: Operand, places: Any, axis: int | None = None) -> Value:
    """Array without the entries at `places` along `axis`; None flattens first."""
    if axis is None:
        x, axis = flatten(x), 0
    axis = normal_axis(axis, len(shape_of(x)))
    return take(x, np.delete(np.arange(shape_of(x)[axis]), places), axis)


@composite
def insert(x: Operand, places: Any, values: Operand, axis: int | None = None) -> Value:
    """Array with `values` put in before `places` along `axis`; None flattens first."""
    if axis is None:
        x, axis = flatten(x), 0
    x, values = typed([x, values])
    shape = shape_of(x)
    axis = normal_axis(axis, len(shape))
    given = (1,) * (len(shape) - len(shape_of(values))) + tuple(shape_of(values))
    values = p.reshape(values, shape=given)
    if not isinstance(places, slice) and np.asarray(places).dtype == bool:
        places = np.flatnonzero(places)
    single = not isinstance(places, slice) and np.ndim(places) == 0
    if single:  # as NumPy: the values' first axis runs along `axis`
        values = moveaxis(values, 0, axis)
        count = shape_of(values)[axis]
    else:
        count = len(np.arange(shape[axis])[places]) if isinstance(places, slice) else len(places)
    wide = (*shape[:axis], count, *shape[axis + 1 :])
    both = p.concatenate(x, p.broadcast_to(values, shape=wide), axis=axis)
    old, new = np.arange(shape[axis]), shape[axis] + np.arange(count)
    return take(both, np.insert(old, places, new), axis)


@composite
def take_with_mode(
    x: Operand,
    indices: Any,
    axis: int | None = None,
    mode: Literal["raise", "wrap", "clip"] = "raise",
) -> Value:
    """Entries at `indices`; beyond the ends an error, counted round, or the outermost one."""
    if axis is None:
        x, axis = flatten(x), 0
    n = shape_of(x)[normal_axis(axis, len(shape_of(x)))]
    places = np.asarray(numbers_of(indices))
    if mode not in ("raise", "wrap", "clip"):
        raise ShapeError(f"take has the modes 'raise', 'wrap' and 'clip', got {mode!r}")
    if mode != "raise":
        places = places % builtins.max(n, 1) if mode == "wrap" else np.clip(places, 0, n - 1)
    elif ((places < -n) | (places >= n)).any():
        raise ShapeError(f"take from an axis of length {n}: an index is out of range")
    return take(x, places, axis)


@composite
def partition(x: Operand, kth: Any, axis: int | None = -1) -> Value:
    """Entries arranged so that the k-th is where sorting would put it; each keeps its gradient."""
    if axis is None:
        x, axis = flatten(x), 0
    return take_along_axis(x, np.argpartition(numbers_of(x), kth, axis=axis), axis)


@composite
def resize(x: Operand, shape: int | Sequence[int]) -> Value:
    """Entries in another shape, repeated from the start where they do not suffice."""
    shape = lengths(shape)
    size = int(np.prod(shape_of(x), dtype=int))
    if size == 0:
        raise UnsupportedError("np.resize of an empty Tensor has nothing to repeat; use np.zeros")
    return take(x, np.resize(np.arange(size), shape))


def _depth(nested: Any) -> int:
    if not isinstance(nested, list):
        return 0
    if not nested:
        raise ShapeError("block: a list of blocks is empty")
    depths = {_depth(part) for part in nested}
    if len(depths) != 1:
        raise ShapeError("block: the lists are not nested to the same depth everywhere")
    return 1 + depths.pop()


def _leaves(nested: Any) -> list[Any]:
    return [x for part in nested for x in _leaves(part)] if isinstance(nested, list) else [nested]


def block(nested: Any) -> Any:
    """Array put together from nested lists of blocks: innermost along the last axis.

    Raises
    ------
    ShapeError
        If the lists are empty, or not equally deep.
    """
    depth = _depth(nested)
    leaves = iter(typed(_leaves(nested)))
    rank = builtins.max(depth, *(len(shape_of(x)) for x in _leaves(nested)), 0)

    def joined(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return p.concatenate(*(joined(x, level - 1) for x in part), axis=rank - level)
        x = next(leaves)
        return expand_dims(x, tuple(range(rank - len(shape_of(x))))) if rank else p.identity(x)

    return joined(nested, depth)
