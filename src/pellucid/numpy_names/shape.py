"""Arranging and choosing entries, with NumPy's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.numpy_names.arguments import available, constant
from pellucid.ops import choosing as c
from pellucid.ops.operands import shape_of
from pellucid.primitives.declaration import Recorded
from pellucid.primitives.reductions import normal_axis

__all__ = ["FUNCTIONS", "PLAIN"]

Function = Callable[..., Any]


def _of_rank(x: Any, rank: int) -> Any:
    """At least `rank` axes, put where NumPy puts them."""
    shape = tuple(shape_of(x))
    if len(shape) >= rank:
        return x
    wide = {
        (1, 0): (1,),
        (2, 0): (1, 1),
        (2, 1): (1, *shape),
        (3, 0): (1, 1, 1),
        (3, 1): (1, *shape, 1),
        (3, 2): (*shape, 1),
    }
    return p.reshape(x, shape=wide[rank, len(shape)])


def _at_least(rank: int) -> Function:
    def at_least(*arys: Any) -> Any:
        values = [x if isinstance(x, Recorded) else np.asarray(x) for x in arys]
        found = tuple(_of_rank(x, rank) for x in values)
        return found[0] if len(found) == 1 else found

    return at_least


def _dstack(tup: Any) -> Any:
    return ops.concatenate([_of_rank(x, 3) for x in tup], 2)


def _split_along(axis: int, rank: int, name: str) -> Function:
    def split(ary: Any, indices_or_sections: Any) -> Any:
        if len(shape_of(ary)) < rank:
            raise ShapeError(f"{name} needs {rank} axes at least, got shape {shape_of(ary)}")
        along = 0 if name == "hsplit" and len(shape_of(ary)) == 1 else axis
        return ops.split(ary, indices_or_sections, along)

    return split


def _flipped(axis: int, name: str) -> Function:
    def flip(m: Any) -> Any:
        if len(shape_of(m)) <= axis:
            raise ShapeError(f"{name} needs {axis + 1} axes at least, got shape {shape_of(m)}")
        return p.flip(m, axis=axis)

    return flip


def _broadcast_arrays(*args: Any) -> Any:
    shape = np.broadcast_shapes(*(shape_of(x) for x in args))
    return tuple(p.broadcast_to(x, shape=shape) for x in args)


def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    rank = len(shape_of(a))
    axis = normal_axis(axis, rank)
    start = start + rank if start < 0 else start
    return ops.moveaxis(a, axis, start - 1 if axis < start else start)


def _unstack(x: Any, /, *, axis: int = 0) -> Any:
    axis = normal_axis(axis, len(shape_of(x)))
    before = (slice(None),) * axis
    return tuple(p.getitem(x, index=(*before, i)) for i in range(shape_of(x)[axis]))


def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise ShapeError(f"meshgrid has the indexing 'xy' and 'ij', got {indexing!r}")
    rank = len(xi)
    order = list(range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = [1, 0]
    grids = [
        p.reshape(x, shape=tuple(-1 if a == place else 1 for a in range(rank)))
        for x, place in zip(xi, order, strict=True)
    ]
    return tuple(grids) if sparse else _broadcast_arrays(*grids)


def _take(a: Any, indices: Any, axis: Any = None, *, mode: Any = "raise") -> Any:
    return c.take_with_mode(a, indices, axis, mode)


def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    return c.select(condlist, choicelist, default)


def _choose(a: Any, choices: Any, *, mode: Any = "raise") -> Any:
    return c.choose(constant(a, "np.choose", "a"), choices, mode)


def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return c.array_split(ary, indices_or_sections, axis)


FUNCTIONS: dict[Function, Function] = {
    np.trace: lambda a, offset=0, axis1=0, axis2=1: c.trace(a, offset, axis1, axis2),
    np.diagonal: lambda a, offset=0, axis1=0, axis2=1: c.diagonal(a, offset, axis1, axis2),
    np.diag: lambda v, k=0: c.diag(v, k),
    np.diagflat: lambda v, k=0: c.diagflat(v, k),
    np.tril: lambda m, k=0: c.tril(m, k),
    np.triu: lambda m, k=0: c.triu(m, k),
    np.rot90: lambda m, k=1, axes=(0, 1): c.rot90(m, k, axes),
    np.fliplr: _flipped(1, "fliplr"),
    np.flipud: _flipped(0, "flipud"),
    np.atleast_1d: _at_least(1),
    np.atleast_2d: _at_least(2),
    np.atleast_3d: _at_least(3),
    np.dstack: _dstack,
    np.array_split: _array_split,
    np.hsplit: _split_along(1, 1, "hsplit"),
    np.vsplit: _split_along(0, 2, "vsplit"),
    np.dsplit: _split_along(2, 3, "dsplit"),
    np.broadcast_arrays: _broadcast_arrays,
    np.meshgrid: _meshgrid,
    np.rollaxis: _rollaxis,
    np.take: _take,
    np.select: _select,
    np.choose: _choose,
    np.compress: lambda condition, a, axis=None: c.compress(a, condition, axis),
    np.extract: lambda condition, arr: c.extract(arr, condition),
    np.delete: lambda arr, obj, axis=None: c.delete(arr, obj, axis),
    np.insert: lambda arr, obj, values, axis=None: c.insert(arr, obj, values, axis),
    np.partition: lambda a, kth, axis=-1: c.partition(a, kth, axis),
    np.resize: lambda a, new_shape: c.resize(a, new_shape),
    np.block: lambda arrays: c.block(arrays),
    **available(
        {
            "matrix_transpose": lambda x, /: ops.swapaxes(x, -1, -2),
            "unstack": _unstack,
        }
    ),
}

PLAIN: tuple[Function, ...] = (
    np.argpartition,
    np.array_equiv,
    np.digitize,
    np.isin,
    np.lexsort,
    np.may_share_memory,
    np.result_type,
    np.searchsorted,
    np.shares_memory,
)
