"""PyTorch's functions that fold, order or accumulate entries, as they are written with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import along, at_least_axis, axes, cast, over, plain

from pellucid import ops
from pellucid import primitives as p


def _with_indices(reduce: Any, find: Any) -> Callable[..., Any]:
    def found(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        if dim is None:
            return reduce(x)
        if np.ndim(plain(x)) == 0:
            return x, np.zeros((), int)
        places = find(plain(x), axis=dim, keepdims=True)
        best = np.take_along_axis(x, places, dim)
        return (best, places) if keepdim else (np.squeeze(best, dim), np.squeeze(places, dim))

    return found


def _spread(function: Any) -> Callable[..., Any]:
    def spread(
        x: Any,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if correction is None:
            correction = 0 if unbiased is False else 1
        return function(x, axis=axes(dim), ddof=correction, keepdims=keepdim)

    return spread


def _with_mean(function: Any) -> Callable[..., Any]:
    def both(x: Any, dim: Any = None, *args: Any, **options: Any) -> Any:
        mean_dim = None if isinstance(dim, bool) else axes(dim)
        keepdim = options.get("keepdim", False)
        return function(x, dim, *args, **options), np.mean(x, axis=mean_dim, keepdims=keepdim)

    return both


def _running(pick: Any) -> Callable[..., Any]:
    """The largest or smallest entry so far, and where it is (the last one of equals)."""

    def run(x: Any, dim: int) -> Any:
        if np.ndim(plain(x)) == 0:
            return x, np.zeros((), int)
        best = pick.accumulate(plain(x), axis=dim)
        length = plain(x).shape[dim]
        here = np.expand_dims(np.arange(length), tuple(range(1, np.ndim(best) - dim % best.ndim)))
        places = np.maximum.accumulate(np.where(plain(x) == best, here, 0), axis=dim)
        return np.take_along_axis(x, places, dim), places

    return run


def _sorted(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    if np.ndim(plain(x)) == 0:
        return x, np.zeros((), int)
    places = np.argsort(-plain(x) if descending else plain(x), axis=dim, kind="stable")
    values = np.sort(x, axis=dim)
    return (np.flip(values, dim) if descending else values), places


def _argsorted(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    return _sorted(x, dim, descending)[1]


def _largest(x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    if np.ndim(plain(x)) == 0:
        return x, np.zeros((), int)
    values, places = _sorted(x, dim, largest)
    kept = np.arange(k)
    return np.take(values, kept, dim), np.take(places, kept, dim)


def _kth(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    if np.ndim(plain(x)) == 0:
        return x, np.zeros((), int)
    values, places = _sorted(x, dim)
    pick = np.arange(k - 1, k) if keepdim else k - 1
    return np.take(values, pick, dim), np.take(places, pick, dim)


def _median(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """PyTorch takes the lower one of two middle entries."""
    if dim is None:
        return np.sort(x, axis=None)[(plain(x).size - 1) // 2]
    length = plain(x).shape[dim] if np.ndim(plain(x)) else 1
    return _kth(x, (length + 1) // 2, dim, keepdim)


def _quantile(x: Any, q: Any, dim: Any = None, keepdim: bool = False, **options: Any) -> Any:
    method = options.get("interpolation", "linear")
    return np.quantile(x, q, axis=dim, keepdims=keepdim, method=method)


def _nanquantile(x: Any, q: Any, dim: Any = None, keepdim: bool = False, **options: Any) -> Any:
    method = options.get("interpolation", "linear")
    return np.nanquantile(x, q, axis=dim, keepdims=keepdim, method=method)


def _norm(x: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return ops.norm(cast(x, dtype), p, axes(dim), keepdim)


def _vector_norm(
    x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    return ops.norm(cast(x, dtype), ord, axes(dim), keepdim)


def _matrix_norm(
    x: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    return np.linalg.norm(cast(x, dtype), ord, axes(dim), keepdim)


def _linalg_norm(
    x: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    return np.linalg.norm(cast(x, dtype), ord, axes(dim), keepdim)


def _sum_to_size(x: Any, *shape: Any) -> Any:
    wanted = tuple(shape[0]) if shape and isinstance(shape[0], (list, tuple)) else shape
    extra = np.ndim(plain(x)) - len(wanted)
    x = np.sum(x, axis=tuple(range(extra)))
    narrow = tuple(i for i, n in enumerate(wanted) if n == 1 and plain(x).shape[i] != 1)
    return np.sum(x, axis=narrow, keepdims=True)


def _logcumsumexp(x: Any, dim: int) -> Any:
    peak = plain(x).max(axis=dim, keepdims=True) if np.ndim(plain(x)) else plain(x)
    total = at_least_axis(np.cumsum)(np.exp(x - peak), dim)
    return np.log(total) + peak


def _count(x: Any, dim: Any = None) -> Any:
    return np.count_nonzero(x, axis=axes(dim))


def _trapezoid(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    return np.trapezoid(y, x, dx=dx, axis=dim)


def _cumulative_trapezoid(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    length = plain(y).shape[dim]
    left, right = np.arange(length - 1), np.arange(1, length)
    areas = (np.take(y, left, dim) + np.take(y, right, dim)) / 2
    if x is None:
        return np.cumsum(areas * dx, axis=dim)
    if np.ndim(plain(x)) == 1:
        return np.cumsum(areas * np.reshape(np.diff(x), _along_shape(areas, dim)), axis=dim)
    return np.cumsum(areas * np.diff(x, axis=dim), axis=dim)


def _along_shape(x: Any, dim: int) -> tuple[int, ...]:
    rank = np.ndim(plain(x))
    return (-1,) + (1,) * (rank - 1 - dim % rank)


def _safe_softmax(x: Any, axis: int) -> Any:
    """Zeros instead of NaN where all entries are −∞."""
    x = np.moveaxis(x, axis, -1)
    return np.moveaxis(p.masked_softmax(x, allowed=plain(x) > -np.inf), -1, axis)


def _renorm(x: Any, p: float, dim: int, maxnorm: float) -> Any:
    rest = tuple(a for a in range(np.ndim(plain(x))) if a != dim % np.ndim(plain(x)))
    size = ops.norm(x, p, rest, True)
    return np.where(plain(size) > maxnorm, x * (maxnorm / (size + 1e-7)), x)


ROWS: dict[str, Callable[..., Any]] = {
    "sum": over(np.sum),
    "nansum": over(np.nansum),
    "mean": over(np.mean),
    "nanmean": over(np.nanmean),
    "prod": over(np.prod),
    "amax": over(np.amax),
    "amin": over(np.amin),
    "aminmax": lambda x, *, dim=None, keepdim=False: (
        np.min(x, axis=dim, keepdims=keepdim),
        np.max(x, axis=dim, keepdims=keepdim),
    ),
    "logsumexp": over(p.logsumexp),
    "all": over(np.all),
    "any": over(np.any),
    "count_nonzero": _count,
    "argmax": over(np.argmax),
    "argmin": over(np.argmin),
    "max.reduction_no_dim": over(np.max),
    "min.reduction_no_dim": over(np.min),
    "max.reduction_with_dim": _with_indices(np.max, np.argmax),
    "min.reduction_with_dim": _with_indices(np.min, np.argmin),
    "var": _spread(np.var),
    "var.unbiased": _spread(np.var),
    "std": _spread(np.std),
    "std.unbiased": _spread(np.std),
    "var_mean": _with_mean(_spread(np.var)),
    "var_mean.unbiased": _with_mean(_spread(np.var)),
    "std_mean": _with_mean(_spread(np.std)),
    "std_mean.unbiased": _with_mean(_spread(np.std)),
    "cumsum": at_least_axis(np.cumsum),
    "cumprod": at_least_axis(np.cumprod),
    "cummax": _running(np.maximum),
    "cummin": _running(np.minimum),
    "logcumsumexp": _logcumsumexp,
    "sort": _sorted,
    "argsort": _argsorted,
    "msort": lambda x: np.sort(x, axis=0),
    "topk": _largest,
    "kthvalue": _kth,
    "median": _median,
    "nanmedian": _median,
    "quantile": _quantile,
    "nanquantile": _nanquantile,
    "norm": _norm,
    "norm.fro": _norm,
    "norm.inf": _norm,
    "norm.nuc": lambda x, p, dim=None: np.linalg.norm(x, p, axes(dim)),
    "linalg.vector_norm": _vector_norm,
    "linalg.matrix_norm": _matrix_norm,
    "linalg.norm": _linalg_norm,
    "linalg.norm.subgradients_at_zero": _linalg_norm,
    "sum_to_size": _sum_to_size,
    "softmax": along(ops.softmax),
    "softmax.with_dtype": along(ops.softmax),
    "torch.ops.aten._safe_softmax.default": along(_safe_softmax),
    "log_softmax": along(p.log_softmax),
    "log_softmax.with_dtype": along(p.log_softmax),
    "nn.functional.softmin": along(lambda x, axis: ops.softmax(-x, axis=axis)),
    "nn.functional.softmin.with_dtype": along(lambda x, axis: ops.softmax(-x, axis=axis)),
    "trapz": _trapezoid,
    "trapezoid": _trapezoid,
    "cumulative_trapezoid": _cumulative_trapezoid,
    "renorm": _renorm,
    "cov": lambda x, *, correction=1, fweights=None, aweights=None: np.cov(
        x, ddof=correction, fweights=fweights, aweights=aweights
    ),
    "corrcoef": lambda x: np.corrcoef(x),
    "diff": lambda x, n=1, dim=-1, prepend=None, append=None: np.diff(
        x, n, dim, **{k: v for k, v in (("prepend", prepend), ("append", append)) if v is not None}
    ),
    "gradient": lambda x, *, spacing=None, dim=None, edge_order=1: np.gradient(
        x, *_spacings(spacing), axis=dim, edge_order=edge_order
    ),
}


def _spacings(spacing: Any) -> tuple[Any, ...]:
    if spacing is None:
        return ()
    return tuple(spacing) if isinstance(spacing, (list, tuple)) else (spacing,)
