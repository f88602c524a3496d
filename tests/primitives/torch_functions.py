"""PyTorch's functions under the names and arguments of primitives and composites.

PyTorch is imported only when the functions are asked for, so that the default tests do without it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

_MASKS = [
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and",
    "logical_or", "logical_not", "isnan", "isinf", "isfinite", "argmax", "argmin", "argsort",
    "one_hot",
]  # fmt: skip
PRIMITIVES_WITHOUT = {
    "step": "torch.heaviside is not differentiable",
    **dict.fromkeys(_MASKS, "no gradient to compare, and the plain Python oracles are stricter"),
}
COMPOSITES_WITHOUT = {
    "average": "PyTorch has no weighted mean",
    **dict.fromkeys(
        ("fft_parts", "ifft_parts", "irfft_parts", "rfft_parts"),
        "compared in tests/test_fourier.py",
    ),
    "repeat": "made of getitem; NumPy's own function is the reference",
    "pad": "PyTorch has other modes; NumPy's own function is the reference",
    "scatter_add": "made of scatter, which is compared",
    "take": "made of getitem, which is compared",
    "take_along_axis": "PyTorch does not broadcast indices; made of getitem, which is compared",
}
SKIPPED_CASES: dict[tuple[str, int], str] = {}
"""Single calls that PyTorch does not do."""


def _axes(x: Any, axis: Any) -> tuple[int, ...]:
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(a % x.ndim for a in axes)


def primitive_functions() -> dict[str, Callable[..., Any]]:
    """PyTorch's version of each primitive, on float64 tensors."""
    import torch
    from torch.nn import functional

    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.as_tensor(x, dtype=torch.float64)

    def reduced(function: Any) -> Any:
        def reduction(x: Any, *, axis: Any, keepdims: bool) -> Any:
            return function(x, dim=_axes(x, axis), keepdim=keepdims) if x.ndim else x * 1

        return reduction

    def total(x: Any, *, axis: Any, keepdims: bool) -> Any:
        return torch.sum(x, dim=_axes(x, axis), keepdim=keepdims) if x.ndim else x * 1

    def product(x: Any, *, axis: Any, keepdims: bool) -> Any:
        for a in sorted(_axes(x, axis), reverse=True):
            x = torch.prod(x, dim=a, keepdim=keepdims)
        return x

    def logsumexp(x: Any, *, axis: Any, keepdims: bool) -> Any:
        return torch.logsumexp(x, dim=_axes(x, axis), keepdim=keepdims) if x.ndim else x * 1

    def places(shape: Any, index: Any) -> Any:
        flat = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
        return torch.as_tensor(np.array(flat[index]))

    def getitem(x: Any, *, index: Any) -> Any:
        return x.reshape(-1)[places(tuple(x.shape), index)]

    def scatter(x: Any, *, index: Any, shape: Any) -> Any:
        zeros = torch.zeros(int(np.prod(shape, dtype=int)), dtype=x.dtype)
        return zeros.index_add(0, places(shape, index).reshape(-1), x.reshape(-1)).reshape(shape)

    def pad(x: Any, *, widths: Any, value: float) -> Any:
        return functional.pad(x, [n for pair in reversed(widths) for n in pair], value=value)

    def flip(x: Any, *, axis: Any) -> Any:
        return torch.flip(x, _axes(x, axis))

    def same(function: Any) -> Any:
        return lambda *inputs: function(*(tensor(x) for x in inputs))

    return {
        "add": same(torch.add),
        "subtract": same(torch.subtract),
        "multiply": same(torch.multiply),
        "divide": same(torch.divide),
        "power": same(torch.pow),
        "maximum": lambda x, y, tie_share=0.5: torch.maximum(tensor(x), tensor(y)),
        "minimum": lambda x, y, tie_share=0.5: torch.minimum(tensor(x), tensor(y)),
        "where": lambda c, x, y: torch.where(torch.as_tensor(c).bool(), tensor(x), tensor(y)),
        "clip": lambda x, *, low, high: torch.clamp(x, low, high),
        "negative": torch.negative,
        "absolute": torch.abs,
        "identity": lambda x: x * 1,
        "cast": lambda x, *, dtype: x.to(getattr(torch, str(dtype))),
        "sign": torch.sign,
        "floor": torch.floor,
        "ceil": torch.ceil,
        "rint": torch.round,
        "exp": torch.exp,
        "exp2": torch.exp2,
        "expm1": torch.expm1,
        "log": torch.log,
        "log2": torch.log2,
        "log10": torch.log10,
        "log1p": torch.log1p,
        "logaddexp": same(torch.logaddexp),
        "sqrt": torch.sqrt,
        "square": torch.square,
        "reciprocal": torch.reciprocal,
        "sin": torch.sin,
        "cos": torch.cos,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "relu": torch.relu,
        "softplus": functional.softplus,
        "erf": torch.erf,
        "sum": total,
        "max": reduced(torch.amax),
        "min": reduced(torch.amin),
        "prod": product,
        "logsumexp": logsumexp,
        "log_softmax": lambda x, *, axis: torch.log_softmax(x, dim=axis),
        "cumsum": lambda x, *, axis: torch.cumsum(x, dim=axis),
        "reshape": lambda x, *, shape: torch.reshape(x, shape),
        "transpose": lambda x, *, axes: torch.permute(x, axes),
        "broadcast_to": lambda x, *, shape: torch.broadcast_to(x, shape),
        "flip": flip,
        "pad": pad,
        "concatenate": lambda *inputs, axis: torch.cat([tensor(x) for x in inputs], dim=axis),
        "getitem": getitem,
        "scatter": scatter,
        "matmul": same(torch.matmul),
        "linear": lambda x, w, b: torch.matmul(x, w) + b,
        "einsum": lambda *inputs, subscripts: torch.einsum(subscripts, *inputs),
    }


def composite_functions() -> dict[str, Callable[..., Any]]:
    """PyTorch's version of each composite, with NumPy's names of arguments."""
    import torch

    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.as_tensor(x, dtype=torch.float64)

    def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
        return torch.linalg.vector_norm(x, 2 if ord is None else ord, axis, keepdims)

    def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return torch.mean(x, dim=_axes(x, axis), keepdim=keepdims)

    def spread(function: Any) -> Any:
        def measured(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
            return function(x, dim=_axes(x, axis), correction=ddof, keepdim=keepdims)

        return measured

    def sort(x: Any, axis: Any = -1) -> Any:
        flat = x.reshape(-1) if axis is None else x
        return torch.sort(flat, dim=0 if axis is None else axis, stable=True).values

    def cumsum(x: Any, axis: Any = None) -> Any:
        return torch.cumsum(x.reshape(-1) if axis is None else x, 0 if axis is None else axis)

    def joined(arrays: Any, axis: Any = 0) -> Any:
        parts = [tensor(x) for x in arrays]
        if axis is None:
            parts, axis = [x.reshape(-1) for x in parts], 0
        return torch.cat(parts, dim=axis)

    def split(x: Any, sections: Any, axis: int = 0) -> Any:
        return list(torch.tensor_split(x, sections, dim=axis))

    def squeeze(x: Any, axis: Any = None) -> Any:
        return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)

    def expand_dims(x: Any, axis: Any) -> Any:
        for a in (axis,) if isinstance(axis, int) else sorted(axis):
            x = torch.unsqueeze(x, a)
        return x

    def transpose(x: Any, axes: Any = None) -> Any:
        return torch.permute(x, tuple(range(x.ndim))[::-1] if axes is None else axes)

    def dot(x: Any, y: Any) -> Any:
        x, y = tensor(x), tensor(y)
        if not (x.ndim and y.ndim):
            return x * y
        if x.ndim <= 2 and y.ndim <= 2:
            return x @ y
        return torch.tensordot(x, y, ([x.ndim - 1], [max(y.ndim - 2, 0)]))

    def tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
        if isinstance(axes, tuple):
            axes = tuple([int(a) for a in np.atleast_1d(side)] for side in axes)
        return torch.tensordot(x, y, axes)

    def trace(x: Any) -> Any:
        return torch.diagonal(x, dim1=0, dim2=1).sum(-1)

    def clip(x: Any, low: Any, high: Any) -> Any:
        return torch.clamp(x, *(None if v is None else tensor(v) for v in (low, high)))

    pair = functools.partial(lambda f, x, y: f(tensor(x), tensor(y)))
    return {
        "arctanh": torch.atanh,
        "clip": lambda x, low, high: (
            torch.clamp(x, *(tensor(v) if isinstance(v, np.ndarray) else v for v in (low, high)))
            if isinstance(low, float | None)
            else torch.minimum(torch.maximum(x, tensor(low)), tensor(high))
        ),
        "concatenate": joined,
        "cosh": torch.cosh,
        "cumsum": cumsum,
        "dot": dot,
        "einsum": lambda subscripts, *x: torch.einsum(subscripts.replace(" ", ""), *x),
        "expand_dims": expand_dims,
        "flatten": lambda x: x.reshape(-1),
        "inner": lambda x, y: torch.inner(x, y),
        "matmul": functools.partial(pair, torch.matmul),
        "maximum": functools.partial(pair, torch.maximum),
        "mean": mean,
        "minimum": functools.partial(pair, torch.minimum),
        "moveaxis": torch.moveaxis,
        "norm": norm,
        "outer": lambda x, y: torch.outer(x.reshape(-1), y.reshape(-1)),
        "reshape": lambda x, shape: torch.reshape(x, tuple(int(n) for n in np.atleast_1d(shape))),
        "roll": lambda x, shift, axis=None: torch.roll(x, shift, axis),
        "sinh": torch.sinh,
        "softmax": lambda x, axis=-1: torch.softmax(x, dim=axis),
        "sort": sort,
        "split": split,
        "squeeze": squeeze,
        "stack": lambda arrays, axis=0: torch.stack([tensor(x) for x in arrays], dim=axis),
        "std": spread(torch.std),
        "swapaxes": torch.swapaxes,
        "tan": torch.tan,
        "tensordot": tensordot,
        "tile": lambda x, reps: torch.tile(x, tuple(int(n) for n in np.atleast_1d(reps))),
        "trace": trace,
        "transpose": transpose,
        "var": spread(torch.var),
        "vdot": lambda x, y: torch.vdot(x.reshape(-1), y.reshape(-1)),
        "where": lambda c, x, y: torch.where(torch.as_tensor(c).bool(), tensor(x), tensor(y)),
    }
