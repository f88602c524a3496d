"""What arrays can do and learners write on them: the rarer methods of a Tensor.

Those that compute go through NumPy's function of the same name, which records. Those that write
into an array say what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import UnsupportedError

if TYPE_CHECKING:
    from pellucid.tensor import Tensor

__all__ = ["ArrayMethods"]

_INSTEAD = {
    "base": "x.data.base",
    "byteswap": "x.data.byteswap()",
    "ctypes": "x.data.ctypes",
    "dump": "x.data.dump(file), or pl.save for a network",
    "dumps": "x.data.dumps()",
    "flat": "x.flatten()",
    "getfield": "x.data.getfield(...)",
    "setflags": "x.data.setflags(...)",
    "tobytes": "x.data.tobytes()",
    "tofile": "x.data.tofile(file)",
    "view": "x.data.view(...), or x.astype(...)",
}


def _refused(name: str, instead: str) -> UnsupportedError:
    return UnsupportedError(
        f"x.{name}() writes into a recorded value; write {instead}, "
        f"or x.data.{name}() to change the numbers of a leaf"
    )


def _by_numpy(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function of NumPy, whose types do not know that it gives a Tensor for a Tensor."""
    return function(*arguments, **options)


class ArrayMethods:
    """Methods of arrays, for a class that NumPy's functions record."""

    __slots__ = ()

    data: Array

    def __getattr__(self, name: str) -> Any:
        if hasattr(np.ndarray, name) and not name.startswith("__"):
            instead = _INSTEAD.get(name, f"np.{name}(x) if there is one, or x.data.{name}")
            raise AttributeError(f"a Tensor has no .{name}, as arrays have; use {instead}")
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    # --- recorded ---------------------------------------------------------------------------------

    def take(self, indices: Any, axis: int | None = None, **options: Any) -> Tensor:
        """Entries at `indices` along `axis`; None takes from the flattened array."""
        return _by_numpy(np.take, self, indices, axis, **options)

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """Each entry `repeats` times in a row along `axis`; None flattens first."""
        return _by_numpy(np.repeat, self, repeats, axis)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """Sum of a diagonal."""
        return _by_numpy(np.trace, self, offset, axis1, axis2)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """Return the entries of a diagonal."""
        return _by_numpy(np.diagonal, self, offset, axis1, axis2)

    def cumprod(self, axis: int | None = None) -> Tensor:
        """Running product along `axis`."""
        return _by_numpy(np.cumprod, self, axis)

    def compress(self, condition: Any, axis: int | None = None) -> Tensor:
        """Entries along `axis` where the condition holds."""
        return self.take(np.flatnonzero(condition), axis)

    def round(self, decimals: int = 0) -> Tensor:
        """Entries rounded to so many decimals; the slope of a step function is 0."""
        return _by_numpy(np.round, self, decimals)

    def __round__(self, ndigits: int | None = None) -> Tensor:
        return self.round(ndigits or 0)

    def conj(self) -> Tensor:
        """Return the same entries: they are real."""
        return _by_numpy(np.positive, self)

    conjugate = conj

    @property
    def real(self) -> Tensor:
        """The same entries: they are real."""
        return self.conj()

    @property
    def mT(self) -> Tensor:  # noqa: N802 - NumPy's name
        """The last two axes exchanged."""
        return _by_numpy(np.swapaxes, self, -1, -2)

    # --- without a derivative: plain results ------------------------------------------------------

    def tolist(self) -> Any:
        """Return the numbers as nested Python lists, without their history."""
        return self.data.tolist()

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether any entry is not 0: a plain array."""
        return self.data.any(axis=axis, keepdims=keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether no entry is 0: a plain array."""
        return self.data.all(axis=axis, keepdims=keepdims)

    def nonzero(self) -> tuple[Array, ...]:
        """Return the indices of the entries that are not 0."""
        return self.data.nonzero()

    def argsort(self, axis: int | None = -1, **options: Any) -> Array:
        """Return the indices that sort the entries."""
        return _by_numpy(np.argsort, self, axis, **options)

    def argpartition(self, kth: Any, axis: int | None = -1, **options: Any) -> Array:
        """Return the indices that put the `kth` entry where sorting would."""
        return self.data.argpartition(kth, axis, **options)

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        """Return where to insert `v` so that the entries stay sorted."""
        return _by_numpy(np.searchsorted, self, v, side, sorter)

    @property
    def nbytes(self) -> int:
        """How many bytes the numbers take."""
        return self.data.nbytes

    @property
    def itemsize(self) -> int:
        """How many bytes one number takes."""
        return self.data.itemsize

    @property
    def flags(self) -> Any:
        """How the numbers lie in memory."""
        return self.data.flags

    @property
    def strides(self) -> tuple[int, ...]:
        """How many bytes apart neighbours along each axis lie."""
        return self.data.strides

    # --- writing: what to do instead --------------------------------------------------------------

    def fill(self, value: Any) -> None:
        """Refuse: a recorded value does not change."""
        raise _refused("fill", "x = np.full_like(x, value)")

    def sort(self, *arguments: Any, **options: Any) -> None:
        """Refuse: a recorded value does not change."""
        raise _refused("sort", "x = np.sort(x)")

    def partition(self, *arguments: Any, **options: Any) -> None:
        """Refuse: a recorded value does not change."""
        raise _refused("partition", "x = np.sort(x)")

    def put(self, *arguments: Any, **options: Any) -> None:
        """Refuse: a recorded value does not change."""
        raise _refused("put", "x = np.where(condition, new, x)")

    def resize(self, *arguments: Any, **options: Any) -> None:
        """Refuse: a recorded value does not change."""
        raise _refused("resize", "x = np.reshape(x, shape)")
