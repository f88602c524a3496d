"""Storing values in float16 while every function computes in float32."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from pellucid.primitives import PRIMITIVES, Primitive

__all__ = ["FULL", "HALF", "half_storage"]

HALF = np.dtype(np.float16)
FULL = np.dtype(np.float32)

# These move or convert entries, which loses nothing; or, like the two normalisations,
# their kernels compute in float32 block by block. What could also be done in float16 without loss,
# such as a maximum, is not here: NumPy compares float16 four times as slowly as it converts it.
_AS_THEY_ARE = {
    *("reshape", "transpose", "broadcast_to", "flip", "pad", "concatenate", "getitem"),
    *("take_rows", "cast", "identity", "negative", "absolute", "where"),
    *("batch_norm", "layer_norm"),
}
# Derivatives in these modules are written in primitives alone, and so are taken care of by them.
_OF_PRIMITIVES = {
    f"pellucid.primitives.{name}"
    for name in (
        "elementwise",
        "indexing",
        "linalg",
        "normalization",
        "reductions",
        "rows",
        "shape",
    )
}

_lock = threading.Lock()
_depth = 0
_originals: dict[Primitive, tuple[Any, Any]] = {}


def _is_half(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == HALF


def _narrow(value: Any) -> Any:
    """Round what was computed in float32 to float16."""
    if isinstance(value, tuple):
        return tuple(map(_narrow, value))
    if isinstance(value, (np.ndarray, np.floating)) and value.dtype == FULL:
        with np.errstate(over="ignore"):  # infinity is what the loss scaler looks for
            return np.asarray(value).astype(HALF)
    return value


def _widened(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of plain arrays compute in float32 where any of them is float16."""

    def computed_in_float32(*inputs: Any, **attributes: Any) -> Any:
        if not any(map(_is_half, inputs)):
            return function(*inputs, **attributes)
        wide = [x.astype(FULL) if _is_half(x) else x for x in inputs]
        return _narrow(function(*wide, **attributes))

    return computed_in_float32


class _WidenedVjps:
    """The derivatives of a primitive, each computed in float32."""

    def __init__(self, vjps: Any) -> None:
        self._vjps = vjps

    def __getitem__(self, i: int) -> Callable[..., Any]:
        vjp = self._vjps[i]
        module = getattr(getattr(vjp, "func", vjp), "__module__", "")
        return vjp if module in _OF_PRIMITIVES else _widened(vjp)


@contextmanager
def half_storage() -> Iterator[None]:
    """Compute in float32 with arrays stored in float16, as long as the block lasts.

    Every primitive that meets a float16 array converts it, computes in float32 and rounds its
    result to float16; sums and products are accumulated in float32. Arrays of other types are not
    concerned, in this thread or in others.

    Examples
    --------
    >>> import numpy as np
    >>> import pellucid as pl
    >>> x = np.full(4096, 0.1, np.float16)
    >>> float(np.add.accumulate(x)[-1])  # float16 stops growing at 256: 256 + 0.1 = 256
    256.0
    >>> with half_storage():
    ...     float(pl.tensor(x).sum())
    409.5
    """
    global _depth
    with _lock:
        _depth += 1
        if _depth == 1:
            for primitive in PRIMITIVES.values():
                if primitive.name not in _AS_THEY_ARE:
                    _originals[primitive] = primitive.forward, primitive.vjps
                    primitive.forward = _widened(primitive.forward)
                    primitive.vjps = _WidenedVjps(primitive.vjps)  # type: ignore[assignment]
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                for primitive, (run, vjps) in _originals.items():
                    primitive.forward, primitive.vjps = run, vjps
                _originals.clear()
