"""Primitives that move entries about without changing them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels import reference
from pellucid.primitives.declaration import (
    PerArgument,
    UnaryPrimitive,
    Value,
    VariadicPrimitive,
)
from pellucid.primitives.indexing import getitem

__all__ = ["broadcast_to", "concatenate", "flip", "pad", "reshape", "transpose"]


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    order = [a % len(axes) for a in axes]
    return tuple(order.index(a) for a in range(len(axes)))


reshape: UnaryPrimitive = UnaryPrimitive(
    "reshape",
    "the same entries in another shape",
    lambda x, *, shape: np.reshape(x, shape),
    source="np.reshape({0}, {shape})",
    vjps=[lambda g, y, x, shape: reshape(g, shape=x.shape)],
)
transpose: UnaryPrimitive = UnaryPrimitive(
    "transpose",
    "axes in another order",
    lambda x, *, axes: np.transpose(x, axes),
    source="np.transpose({0}, {axes})",
    vjps=[lambda g, y, x, axes: transpose(g, axes=_inverse(axes))],
)
broadcast_to: UnaryPrimitive = UnaryPrimitive(
    "broadcast_to",
    "x repeated along new or unit axes",
    reference.spread,
    source="spread({0}, shape={shape})",
    vjps=[lambda g, y, x, shape: g],  # the tape sums it back to the shape of x
    broadcasts=True,
)
flip: UnaryPrimitive = UnaryPrimitive(
    "flip",
    "entries in reverse order",
    lambda x, *, axis=None: np.flip(x, axis=axis),
    source="np.flip({0}, axis={axis})",
    vjps=[lambda g, y, x, axis=None: flip(g, axis=axis)],
    numpy=[np.flip],
)


def _pad(x: Array, *, widths: tuple[tuple[int, int], ...], value: float = 0.0) -> Array:
    return np.pad(x, widths, constant_values=value)


def _pad_vjp(
    g: Value, y: Value, x: Value, *, widths: tuple[tuple[int, int], ...], value: float = 0.0
) -> Value:
    inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, x.shape, strict=True))
    return getitem(g, index=inner)


pad: UnaryPrimitive = UnaryPrimitive(
    "pad",
    "x with a constant border",
    _pad,
    source="np.pad({0}, {widths}, constant_values={value})",
    vjps=[_pad_vjp],
)


def _concatenate_vjp(i: int, g: Value, y: Value, *inputs: Value, axis: int = 0) -> Value:
    axis = axis + len(y.shape) if axis < 0 else axis
    lengths = [np.shape(x)[axis] for x in inputs[: i + 1]]
    stop = 0
    for length in lengths:
        stop += length
    block: tuple[Any, ...] = (slice(None),) * axis + (slice(stop - lengths[-1], stop),)
    return getitem(g, index=block)


concatenate: VariadicPrimitive = VariadicPrimitive(
    "concatenate",
    "inputs joined along an axis",
    lambda *inputs, axis=0: np.concatenate(inputs, axis=axis),
    source="np.concatenate([{inputs}], axis={axis})",
    vjps=PerArgument(_concatenate_vjp),
)
