"""PyTorch's functions that move entries about, as they are written with NumPy on Tensors."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import of_first, plain

import pellucid as pl
from pellucid import primitives as p


def _shape(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape given as numbers or as one sequence of numbers."""
    return tuple(shape[0]) if shape and isinstance(shape[0], (list, tuple)) else shape


def _size(x: Any) -> tuple[int, ...]:
    return plain(x).shape


def _expand(x: Any, *shape: Any) -> Any:
    wanted = _shape(shape)
    have = (1,) * (len(wanted) - len(_size(x))) + _size(x)
    full = tuple(m if n == -1 else n for n, m in zip(wanted, have, strict=True))
    return np.broadcast_to(x, full)


def _flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    shape = _size(x) or (1,)
    start, stop = start_dim % len(shape), end_dim % len(shape)
    joined = int(np.prod(shape[start : stop + 1], dtype=int))
    return np.reshape(x, (*shape[:start], joined, *shape[stop + 1 :]))


def _unflatten(x: Any, dim: int, sizes: Any) -> Any:
    shape = _size(x)
    dim %= len(shape)
    return np.reshape(x, (*shape[:dim], *sizes, *shape[dim + 1 :]))


def _squeeze(x: Any, dim: Any = None) -> Any:
    if dim is None:
        return np.squeeze(x)
    shape = _size(x)
    listed = dim if isinstance(dim, (list, tuple)) else (dim,)
    return np.squeeze(x, tuple(a % len(shape) for a in listed if shape and shape[a] == 1))


def _pieces(x: Any, places: Any, dim: int) -> list[Any]:
    return np.split(x, places, axis=dim)


def _split(x: Any, size: Any, dim: int = 0) -> Any:
    if isinstance(size, int):
        return _pieces(x, list(range(size, _size(x)[dim], size)), dim)
    return _pieces(x, list(itertools.accumulate(size))[:-1], dim)


def _chunk(x: Any, chunks: int, dim: int = 0) -> Any:
    return _split(x, -(-_size(x)[dim] // chunks), dim)


def _tensor_split(x: Any, sections: Any, dim: int = 0) -> Any:
    if isinstance(sections, np.ndarray):
        sections = sections.tolist()
    if isinstance(sections, int):
        length = _size(x)[dim]
        sizes = [length // sections + (i < length % sections) for i in range(sections)]
        sections = list(itertools.accumulate(sizes))[:-1]
    return _pieces(x, list(sections), dim)


def _split_along(axis_of_rank: Callable[[int], int]) -> Callable[..., Any]:
    return lambda x, sections: _tensor_split(x, sections, axis_of_rank(len(_size(x))))


def _at(x: Any, dim: int, index: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * (dim % max(len(_size(x)), 1)), index)


def _select(x: Any, dim: int, index: int) -> Any:
    return x[_at(x, dim, index)]


def _narrow(x: Any, dim: int, start: Any, length: int) -> Any:
    start = int(start) % max(_size(x)[dim], 1) if int(start) < 0 else int(start)
    return x[_at(x, dim, slice(start, start + length))]


def _slice(x: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return x[_at(x, dim, slice(start, end, step))]


def _placed(x: Any, index: Any, values: Any) -> Any:
    """A copy of x in which the entries at `index`, which differ, are replaced."""
    kept = np.ones(_size(x), plain(x).dtype)
    kept[index] = 0
    return pl.scatter_add(x * kept, index, values)


def _index_add(x: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    if not _size(x):
        return x + np.sum(source) * alpha
    return pl.scatter_add(x, _at(x, dim, index), source * alpha)


def _index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    return _placed(x, _at(x, dim, index), source) if _size(x) else x * 0 + np.reshape(source, ())


def _index_fill(x: Any, dim: int, index: Any, value: Any) -> Any:
    if not _size(x):
        return x * 0 + value
    hit = np.zeros(_size(x), bool)
    hit[_at(x, dim, index)] = True
    return np.where(hit, value, x)


def _index_select(x: Any, dim: int, index: Any) -> Any:
    return np.take(x, index, axis=dim) if _size(x) else np.reshape(x, (1,))[index][0]


def _open_grid(index: Any, dim: int) -> tuple[Any, ...]:
    grids = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grids[dim] = index
    return tuple(grids)


def _gather(x: Any, dim: int, index: Any, **options: Any) -> Any:
    index = np.asarray(index, np.int64)
    return x[_open_grid(index, dim)] if _size(x) else np.broadcast_to(x, index.shape)


def _grid_of(x: Any, dim: int, index: Any, source: Any) -> tuple[Any, Any]:
    """Places in x, and the part of `source` that is as large as the index."""
    index = np.asarray(index, np.int64)
    if np.ndim(plain(source)):
        source = source[tuple(slice(n) for n in index.shape)]
    return _open_grid(index, dim), source


def _scatter_add(x: Any, dim: int, index: Any, source: Any) -> Any:
    if not _size(x):
        return x + np.sum(source)
    places, source = _grid_of(x, dim, index, source)
    return pl.scatter_add(x, places, source)


def _scatter(x: Any, dim: int, index: Any, source: Any, *, reduce: str | None = None) -> Any:
    if reduce == "add":
        return _scatter_add(x, dim, index, source)
    if not _size(x):
        return x * 0 + np.sum(source)
    places, source = _grid_of(x, dim, index, source)
    return _placed(x, places, source)


def _put(x: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    flat, index = np.reshape(x, (-1,)), np.reshape(index, -1)
    source = np.reshape(source, (-1,))
    if not accumulate:
        # Of several values for one place the last one stays.
        _, last = np.unique(index[::-1] % max(flat.shape[0], 1), return_index=True)
        keep = len(index) - 1 - last
        return np.reshape(_placed(flat, index[keep], source[keep]), _size(x))
    return np.reshape(pl.scatter_add(flat, index, source), _size(x))


def _index_put(x: Any, index: Any, values: Any, accumulate: bool = False) -> Any:
    return pl.scatter_add(x, index, values) if accumulate else _placed(x, index, values)


def _take_along_dim(x: Any, index: Any, dim: int | None = None) -> Any:
    return np.take_along_axis(x, index if dim is not None else index.reshape(-1), dim)


def _masked_select(x: Any, mask: Any) -> Any:
    shape = np.broadcast_shapes(_size(x), mask.shape)
    return np.broadcast_to(x, shape)[np.broadcast_to(mask, shape)]


def _masked_scatter(x: Any, mask: Any, source: Any) -> Any:
    shape = np.broadcast_shapes(_size(x), mask.shape)
    x, mask = np.broadcast_to(x, shape), np.broadcast_to(mask, shape)
    return _placed(x, mask, np.reshape(source, (-1,))[: int(mask.sum())])


def _windows(x: Any, dim: int, size: int, step: int) -> Any:
    """Windows along an axis, laid out in a new last axis."""
    if not _size(x):
        return np.reshape(x, (1,))[:size]
    dim %= len(_size(x))
    starts = np.arange(0, _size(x)[dim] - size + 1, step)
    cut = np.take(x, starts[:, None] + np.arange(size), axis=dim)
    return np.moveaxis(cut, dim + 1, -1)


def _rot90(x: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    return np.rot90(x, k, tuple(dims))


def _roll(x: Any, shifts: Any, dims: Any = None) -> Any:
    return np.roll(x, shifts, dims if dims != () else None)


def _repeat(x: Any, *counts: Any) -> Any:
    return np.tile(x, _shape(counts))


def _repeat_interleave(x: Any, repeats: Any, dim: int | None = None, **options: Any) -> Any:
    return np.repeat(x, repeats, axis=dim)


def _cut(x: Any, pairs: list[tuple[int, int]]) -> Any:
    kept = zip(pairs, _size(x), strict=True)
    return x[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in kept)]


def _pad(x: Any, widths: Any, mode: str = "constant", value: Any = 0.0) -> Any:
    """PyTorch's widths start with the last axis; negative ones cut entries off."""
    rank = len(_size(x))
    pairs = [(0, 0)] * (rank - len(widths) // 2)
    pairs += list(zip(widths[::2], widths[1::2], strict=True))[::-1]
    wide = [(max(a, 0), max(b, 0)) for a, b in pairs]
    if mode == "replicate":  # the edge counts before anything is cut off
        return _cut(np.pad(x, wide, "edge"), pairs)
    if mode == "constant":
        return np.pad(_cut(x, pairs), wide, constant_values=value or 0.0)
    return np.pad(_cut(x, pairs), wide, {"circular": "wrap"}.get(mode, mode))


def _diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    return np.diagonal(x, offset, dim1, dim2)


def _linalg_diagonal(x: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    return np.diagonal(x, offset, dim1, dim2)


def _diagonal_places(x: Any, offset: int, dim1: int, dim2: int) -> Any:
    places = np.arange(plain(x).size).reshape(_size(x))
    return np.diagonal(places, offset, dim1, dim2)


def _diagonal_scatter(x: Any, source: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    places = np.array(_diagonal_places(x, offset, dim1, dim2))
    return np.reshape(_placed(np.reshape(x, (-1,)), places, source), _size(x))


def _diag_embed(x: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    side = _size(x)[-1] + abs(offset)
    rank = len(_size(x)) + 1
    first, second = dim1 % rank, dim2 % rank
    shape = list(_size(x)[:-1])
    for axis in sorted((first, second)):
        shape.insert(axis, side)
    zeros = np.zeros(shape, plain(x).dtype)
    return _diagonal_scatter(zeros, x, offset, first, second)


def _block_diag(*blocks: Any) -> Any:
    blocks = tuple(np.atleast_2d(x) for x in blocks)
    columns = sum(_size(x)[1] for x in blocks)
    rows, start = [], 0
    for x in blocks:
        width = _size(x)[1]
        rows.append(np.pad(x, ((0, 0), (start, columns - start - width))))
        start += width
    return np.concatenate(rows, axis=0)


def _combinations(x: Any, r: int = 2, with_replacement: bool = False) -> Any:
    pick = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    index = np.array(list(pick(range(_size(x)[0]), r)), int).reshape(-1, r)
    return x[index]


def _cartesian_prod(*vectors: Any) -> Any:
    if len(vectors) == 1:
        return vectors[0]
    grids = np.meshgrid(*(np.arange(_size(x)[0]) for x in vectors), indexing="ij")
    return np.stack([x[g.reshape(-1)] for x, g in zip(vectors, grids, strict=True)], axis=1)


def _meshgrid(*vectors: Any, indexing: str = "ij") -> Any:
    listed = vectors[0] if isinstance(vectors[0], list) else vectors
    listed = [np.atleast_1d(x) for x in listed]
    return np.meshgrid(*listed, indexing=indexing)


def _strided(x: Any, size: Any, stride: Any, storage_offset: int | None = 0) -> Any:
    index = np.full(tuple(size), storage_offset or 0)
    for axis, (n, step) in enumerate(zip(size, stride, strict=True)):
        index = index + np.expand_dims(np.arange(n) * step, tuple(range(1, len(size) - axis)))
    return np.reshape(x, (-1,))[index]


def _strided_scatter(x: Any, source: Any, size: Any, stride: Any, storage_offset: int = 0) -> Any:
    places = _strided(np.arange(plain(x).size), size, stride, storage_offset)
    return np.reshape(_placed(np.reshape(x, (-1,)), places, source), _size(x))


def _fill(x: Any, value: Any) -> Any:
    return np.where(np.zeros(_size(x), bool), x, float(value))


def _unsafe_masked_index(x: Any, mask: Any, index: Any, fill: float) -> Any:
    index = tuple(np.clip(i, -n, n - 1) for i, n in zip(index, _size(x), strict=True))
    return np.where(mask, x[index], fill)


_VIEWS: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, *shape: np.reshape(x, _shape(shape)),
    "expand": _expand,
    "permute": lambda x, dims: np.transpose(x, dims),
    "transpose": lambda x, a, b: np.swapaxes(x, a, b) if _size(x) else p.identity(x),
    "squeeze": _squeeze,
    "unsqueeze": lambda x, dim: np.expand_dims(x, dim),
    "unbind": lambda x, dim=0: [_select(x, dim, i) for i in range(_size(x)[dim])],
    "unfold": _windows,
    "diagonal": _diagonal,
    "narrow": _narrow,
    "t": of_first(np.transpose),
    "as_strided": _strided,
}

ROWS: dict[str, Callable[..., Any]] = {
    **_VIEWS,
    **{f"{name}_copy": function for name, function in _VIEWS.items() if name != "reshape"},
    "view": _VIEWS["reshape"],
    "view_copy": _VIEWS["reshape"],
    "as_strided_scatter": _strided_scatter,
    "reshape_as": lambda x, other: np.reshape(x, _size(other)),
    "view_as": lambda x, other: np.reshape(x, _size(other)),
    "expand_as": lambda x, other: np.broadcast_to(x, _size(other)),
    "broadcast_to": lambda x, shape: np.broadcast_to(x, shape),
    "broadcast_tensors": lambda *xs: [
        np.broadcast_to(x, np.broadcast_shapes(*map(_size, xs))) for x in xs
    ],
    "squeeze.multiple": _squeeze,
    "ravel": of_first(np.ravel),
    "flatten": _flatten,
    "unflatten": _unflatten,
    "T": of_first(np.transpose),
    "H": of_first(np.transpose),
    "mT": lambda x: np.swapaxes(x, -1, -2),
    "mH": lambda x: np.swapaxes(x, -1, -2),
    "movedim": lambda x, source, destination: np.moveaxis(x, source, destination),
    "atleast_1d": lambda *xs: [np.atleast_1d(x) for x in _shape(xs)],
    "atleast_2d": lambda *xs: [np.atleast_2d(x) for x in _shape(xs)],
    "atleast_3d": lambda *xs: [np.atleast_3d(x) for x in _shape(xs)],
    "stack": lambda xs, dim=0: np.stack(xs, axis=dim),
    "cat": lambda xs, dim=0: np.concatenate([x for x in xs if _size(x) != (0,)] or xs, axis=dim),
    "hstack": lambda xs: np.hstack([np.atleast_1d(x) for x in xs]),
    "vstack": lambda xs: np.vstack(xs),
    "dstack": lambda xs: np.dstack(xs),
    "column_stack": lambda xs: np.column_stack(xs),
    "split": _split,
    "split.list_args": _split,
    "split_with_sizes": _split,
    "split_with_sizes_copy": _split,
    "unsafe_split": _split,
    "chunk": _chunk,
    "unsafe_chunk": _chunk,
    "tensor_split": _tensor_split,
    "hsplit": _split_along(lambda rank: 0 if rank == 1 else 1),
    "vsplit": _split_along(lambda rank: 0),
    "dsplit": _split_along(lambda rank: 2),
    "select": _select,
    "select_scatter": lambda x, y, dim, index: _placed(x, _at(x, dim, index), y),
    "slice": _slice,
    "slice_scatter": lambda x, y, dim=0, start=None, end=None, step=1: _placed(
        x, _at(x, dim, slice(start, end, step)), y
    ),
    "flip": lambda x, dims: np.flip(x, tuple(dims)),
    "fliplr": np.fliplr,
    "flipud": np.flipud,
    "roll": _roll,
    "rot90": _rot90,
    "tile": _repeat,
    "repeat": _repeat,
    "repeat_interleave": _repeat_interleave,
    "gather": _gather,
    "scatter": _scatter,
    "scatter_add": _scatter_add,
    "index_select": _index_select,
    "index_add": _index_add,
    "index_copy": _index_copy,
    "index_fill": _index_fill,
    "index_put": _index_put,
    "put": _put,
    "take": lambda x, index: np.take(x, index),
    "take_along_dim": _take_along_dim,
    "masked_select": _masked_select,
    "masked_scatter": _masked_scatter,
    "_unsafe_masked_index": _unsafe_masked_index,
    "__getitem__": lambda x, index: x[index],
    "constant_pad_nd": lambda x, widths, value=0: _pad(x, widths, "constant", value),
    "nn.functional.pad.constant": _pad,
    "nn.functional.pad.reflect": _pad,
    "nn.functional.pad.replicate": _pad,
    "nn.functional.pad.replicate_negative": _pad,
    "nn.functional.pad.circular": _pad,
    "fft.fftshift": lambda x, dim=None: np.fft.fftshift(x, axes=dim),
    "fft.ifftshift": lambda x, dim=None: np.fft.ifftshift(x, axes=dim),
    "linalg.diagonal": _linalg_diagonal,
    "diagonal_scatter": _diagonal_scatter,
    "diag": lambda x, diagonal=0: np.diag(x, diagonal),
    "diagflat": lambda x, offset=0: np.diag(np.ravel(x), offset),
    "diag_embed": _diag_embed,
    "tril": lambda x, diagonal=0: np.tril(x, diagonal),
    "triu": lambda x, diagonal=0: np.triu(x, diagonal),
    "block_diag": _block_diag,
    "combinations": _combinations,
    "cartesian_prod": _cartesian_prod,
    "meshgrid.variadic_tensors": _meshgrid,
    "meshgrid.list_of_tensors": _meshgrid,
    "fill": _fill,
    "argwhere": np.argwhere,
    "nonzero": lambda x, as_tuple=False: np.nonzero(x) if as_tuple else np.argwhere(x),
    "trace": of_first(np.trace),
    "nn.functional.pixel_shuffle": lambda x, upscale_factor: _images(
        pl.nn.functional.pixel_shuffle, x, upscale_factor
    ),
    "nn.functional.pixel_unshuffle": lambda x, downscale_factor: _images(
        pl.nn.functional.pixel_unshuffle, x, downscale_factor
    ),
    "nn.functional.channel_shuffle": lambda x, groups: np.reshape(
        np.swapaxes(np.reshape(x, (_size(x)[0], groups, -1, *_size(x)[2:])), 1, 2), _size(x)
    ),
}


def _images(function: Callable[..., Any], x: Any, factor: int) -> Any:
    """A function of batches of images, for any number of axes in front."""
    lead = _size(x)[:-3]
    found = function(np.reshape(x, (int(np.prod(lead, dtype=int)), *_size(x)[-3:])), factor)
    return np.reshape(found, (*lead, *_size(found)[1:]))
