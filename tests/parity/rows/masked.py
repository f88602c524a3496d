"""PyTorch's masked reductions: hidden entries are replaced by what does not count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import at_least_axis, axes, cast, plain

from pellucid import ops
from pellucid import primitives as p


def _hidden(x: Any, mask: Any, instead: float) -> Any:
    return x if mask is None else np.where(mask, x, instead)


def _folded(function: Callable[..., Any], instead: float) -> Callable[..., Any]:
    def run(
        x: Any, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
    ) -> Any:
        x = _hidden(cast(x, dtype), mask, instead)
        return function(x, axis=axes(dim), keepdims=keepdim)

    return run


def _along(function: Callable[..., Any], instead: float) -> Callable[..., Any]:
    def run(x: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Any:
        return function(_hidden(cast(x, dtype), mask, instead), dim)

    return run


def _counted(x: Any, axis: Any, mask: Any) -> Any:
    seen = np.ones(plain(x).shape) if mask is None else np.broadcast_to(mask, plain(x).shape) * 1.0
    return seen.sum(axis=axis, keepdims=True).astype(plain(x).dtype)


def _mean(
    x: Any, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Any:
    x = cast(x, dtype)
    total = np.sum(_hidden(x, mask, 0.0), axis=axes(dim), keepdims=keepdim)
    return total / np.reshape(_counted(x, axes(dim), mask), plain(total).shape)


def _var(
    x: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Any = None,
) -> Any:
    if correction is None:
        correction = 0 if unbiased is False else 1
    x = cast(x, dtype)
    centre = _mean(x, dim, keepdim=True, mask=mask)
    squares = _hidden(np.square(x - centre), mask, 0.0)
    total = np.sum(squares, axis=axes(dim), keepdims=keepdim)
    count = np.reshape(_counted(x, axes(dim), mask), plain(total).shape)
    return total / np.maximum(count - correction, 0)


def _norm(
    x: Any,
    ord: float = 2.0,
    dim: Any = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Any = None,
) -> Any:
    x = _hidden(cast(x, dtype), mask, np.inf if ord == -np.inf else 0.0)
    return ops.norm(x, ord, axes(dim), keepdim)


def _normalize(
    x: Any, ord: float, dim: Any, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None
) -> Any:
    x = _hidden(cast(x, dtype), mask, 0.0)
    return x / np.maximum(ops.norm(x, ord, dim, True), eps)


def _logaddexp(
    x: Any, y: Any, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None
) -> Any:
    x, y = _hidden(x, input_mask, -np.inf), _hidden(y, other_mask, -np.inf)
    return np.logaddexp(cast(x, dtype), cast(y, dtype))


ROWS: dict[str, Callable[..., Any]] = {
    "masked.sum": _folded(np.sum, 0.0),
    "masked.prod": _folded(np.prod, 1.0),
    "masked.amax": _folded(np.max, -np.inf),
    "masked.amin": _folded(np.min, np.inf),
    "masked.logsumexp": _folded(p.logsumexp, -np.inf),
    "masked.cumsum": _along(at_least_axis(np.cumsum), 0.0),
    "masked.cumprod": _along(at_least_axis(np.cumprod), 1.0),
    "masked.softmax": _along(ops.softmax, -np.inf),
    "masked.log_softmax": _along(lambda x, axis: p.log_softmax(x, axis=axis), -np.inf),
    "masked.softmin": _along(lambda x, axis: ops.softmax(-x, axis=axis), np.inf),
    "masked.mean": _mean,
    "masked.var": _var,
    "masked.std": lambda *args, **options: np.sqrt(_var(*args, **options)),
    "masked.norm": _norm,
    "masked.normalize": _normalize,
    "masked.logaddexp": _logaddexp,
}
