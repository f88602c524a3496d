"""Recorded values that code may write into, as it writes into arrays.

NumPy code fills arrays: ``h[t] = np.tanh(...)``, ``z[z < 0] = 0``, ``total += y``. A Tensor refuses
that, because a value that changes has no one derivative. A Writable is a handle instead: each write
makes a new version of the value, and each use of it remembers the version that it saw. A view
writes through to what it is a view of, and sees what is written there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import UnsupportedError
from pellucid.numpy_names.options import numbers
from pellucid.ops.operands import plain_index
from pellucid.primitives.declaration import Primitive
from pellucid.tensor import OPERATORS, Tensor

__all__ = ["Writable", "assigned", "version_of"]


def assigned(x: Tensor, index: Any, value: Any) -> Tensor:
    """Return what `x` is after ``x[index] = value``: a recorded value of its shape and type.

    Parameters
    ----------
    x : Tensor
    index : int, slice, array, or a tuple of such
        An entry that is named twice gets the last of its values, as in NumPy.
    value : Tensor or array_like
        Broadcast to the shape of ``x[index]``.
    """
    positions = np.arange(x.size).reshape(x.shape)[index]
    written = np.zeros(x.shape, bool)
    written[index] = True
    if not isinstance(value, Tensor):
        constant = np.zeros_like(x.data)
        constant[index] = value
        return p.where(written, constant, x)
    if value.dtype != x.dtype:
        value = p.cast(value, dtype=x.dtype)
    while value.ndim > np.ndim(positions) and value.shape[0] == 1:
        value = ops.squeeze(value, 0)
    values = p.reshape(p.broadcast_to(value, shape=np.shape(positions)), shape=(-1,))
    flat = np.ravel(positions)
    distinct, last = np.unique(flat[::-1], return_index=True)
    if len(distinct) < len(flat):
        flat, values = distinct, p.getitem(values, index=len(flat) - 1 - last)
    spread = p.reshape(p.scatter(values, index=flat, shape=(x.size,)), shape=x.shape)
    return p.where(written, spread, x)


class _View:
    """What a value is a view of: the call that made it, and how to undo that call."""

    __slots__ = ("attributes", "base", "primitive", "seen")

    def __init__(self, base: Writable, primitive: Primitive, attributes: dict[str, Any]) -> None:
        self.base = base
        self.primitive = primitive
        self.attributes = attributes
        self.seen = base.version

    def write(self, value: Tensor) -> None:
        """Write a whole new value of the view into what it is a view of."""
        base = self.base
        if self.primitive is p.getitem:
            base[self.attributes["index"]] = value
        elif self.primitive is p.reshape:
            base[...] = p.reshape(value, shape=base.shape)
        elif self.primitive is p.transpose:
            base[...] = ops.transpose(value, np.argsort(self.attributes["axes"]).tolist())
        else:
            base[...] = p.flip(value, axis=self.attributes.get("axis"))
        self.seen = base.version


_VIEWS = (p.getitem, p.reshape, p.transpose, p.flip)


class Writable(Tensor):
    """A handle on a recorded value: using it records the present version, writing makes a new one.

    Parameters
    ----------
    version : Tensor
        The value as it is now.
    """

    __slots__ = ("_version", "_view")

    def __init__(self, version: Tensor) -> None:
        self._version = version
        self._view: _View | None = None

    @property
    def version(self) -> Tensor:
        """The value as it is now, which nothing will change."""
        view = self._view
        if view is not None and view.base.version is not view.seen:
            view.seen = view.base.version
            self._version = view.primitive(view.seen, **view.attributes)
        return self._version

    # What is true of the present version is true of the handle.
    data = property(lambda self: self.version.data)
    requires_grad = property(lambda self: self.version.requires_grad)
    producer = property(lambda self: self.version.producer)
    name = property(lambda self: self.version.name)
    grad = property(lambda self: self.version.grad)

    def record(
        self, primitive: Primitive, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """Record a call on the present versions."""
        result = self.version.record(primitive, versions_of(inputs), attributes)
        if not isinstance(result, Tensor):
            return result
        made = Writable(result)
        if primitive in _VIEWS and result.ndim:
            base = inputs[0]
            if isinstance(base, Writable) and np.shares_memory(result.data, base.data):
                made._view = _View(base, primitive, attributes)
        return made

    def _now(self, version: Tensor) -> Tensor:
        self._version = version
        if self._view is not None:
            self._view.write(version)
        return self

    # --- writing ----------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return part if part.ndim or part.requires_grad else part.data[()]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._now(assigned(self.version, plain_index(index), version_of(value)))

    def _in_place(self, symbol: str, other: Any) -> Tensor:
        version = self.version
        result: Tensor = getattr(version, OPERATORS[symbol])(version_of(other))
        if not version.ndim:
            return Writable(result)  # a number: other names keep the old one
        return self._now(assigned(version, ..., result))

    def fill(self, value: Any) -> None:
        """Write `value` into every entry."""
        self[...] = value

    def sort(self, axis: int = -1, **options: Any) -> None:
        """Put the entries in rising order along `axis`."""
        self[...] = np.sort(self, axis)

    def flatten(self, order: str = "C") -> Tensor:
        """All entries in one axis, copied."""
        return super().flatten(order).copy()

    def astype(self, dtype: DTypeLike, copy: bool = True) -> Any:
        """Return the numbers in another type; whole numbers are plain arrays."""
        if np.dtype(dtype).kind in "iub":
            return self.data.astype(dtype)
        return super().astype(dtype)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Call a function that is not recorded on plain numbers, where no gradient is wanted."""
        try:
            return super().__array_function__(function, types, args, kwargs)
        except UnsupportedError:
            if any(x.requires_grad for x in tensors_in((args, kwargs))):
                raise
        made = function(*numbers(args), **numbers(kwargs))
        plain = isinstance(made, np.ndarray) and made.dtype.kind == "f"
        return Writable(Tensor(made)) if plain else made

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return self.version.__array__(dtype, copy)


def tensors_in(value: Any) -> list[Tensor]:
    """Return the Tensors among some arguments."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [x for v in value for x in tensors_in(v)] if isinstance(value, (list, tuple)) else []


def versions_of(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the present versions of the handles among some values."""
    return tuple([x.version if isinstance(x, Writable) else x for x in values])


def version_of(value: Any) -> Any:
    """Return the present version of a handle, and a list with recorded values joined."""
    if isinstance(value, Writable):
        return value.version
    if isinstance(value, (list, tuple)) and any(isinstance(v, (Tensor, list)) for v in value):
        return ops.stack([v if np.ndim(v) else np.asarray(v) for v in map(version_of, value)])
    return value
