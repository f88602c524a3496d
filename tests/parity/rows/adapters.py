"""What rows share: PyTorch's names of arguments turned into NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import primitives as p

Function = Callable[..., Any]


def plain(x: Any) -> Any:
    """The numbers of a Tensor or an array, without a history."""
    return x.data if isinstance(x, pl.Tensor) else np.asarray(x)


def cast(x: Any, dtype: Any) -> Any:
    """Change the type, if one is given."""
    if dtype is None:
        return x
    return p.cast(x, dtype=np.dtype(dtype)) if isinstance(x, pl.Tensor) else np.asarray(x, dtype)


def of_first(function: Function) -> Function:
    """A function of one argument, under a name of its own."""
    return lambda x: function(x)


def first(function: Function) -> Function:
    """A function of the first argument alone: options about memory and devices are left out."""
    return lambda x, *args, **options: function(x)


def axes(dim: Any) -> Any:
    """PyTorch's axes as NumPy's: no axes at all mean all of them."""
    if isinstance(dim, (list, tuple)):
        return tuple(int(a) for a in dim) or None
    return dim


def over(function: Function, **fixed: Any) -> Function:
    """A reduction: dim and keepdim become axis and keepdims."""

    def reduction(x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
        return function(cast(x, dtype), axis=axes(dim), keepdims=keepdim, **fixed)

    return reduction


def along(function: Function) -> Function:
    """A function along one axis: dim becomes axis."""
    return lambda x, dim=None, *, dtype=None: function(cast(x, dtype), axis=dim)


def at_least_axis(function: Any) -> Callable[..., Any]:
    """A function along one axis, which for a single number is that number."""

    def run(x: Any, dim: int = -1, **options: Any) -> Any:
        x = cast(x, options.pop("dtype", None))
        if np.ndim(plain(x)):
            return function(x, axis=dim, **options)
        return np.reshape(function(np.reshape(x, (1,)), axis=0, **options), ())

    return run


def rank_batched(rank: int, function: Function) -> Function:
    """A function of batches with `rank` axes after samples and channels, also for one sample."""

    def batched(x: Any, *args: Any, **options: Any) -> Any:
        if np.ndim(plain(x)) != rank + 1:
            return function(x, *args, **options)
        found = function(np.expand_dims(x, 0), *args, **options)
        return tuple(y[0] for y in found) if isinstance(found, tuple) else found[0]

    return batched


def reduced(losses: Any, reduction: str = "mean") -> Any:
    """Fold losses of single entries as PyTorch does."""
    return {"mean": np.mean, "sum": np.sum, "none": lambda x: x}[reduction](losses)


def reduction_of(size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> str:
    """The reduction that PyTorch's three arguments mean, two of which are outdated."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"
