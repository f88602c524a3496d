"""NumPy's own functions on Tensors: a forward pass pasted from a tutorial is recorded as it stands.

Two tables say which function of NumPy is which function here. What is in neither raises an error
that names the function and what to use instead; nothing silently becomes an object array, and
nothing silently loses its gradient.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid import numpy_names, ops
from pellucid import primitives as p
from pellucid.dtypes import float_dtype
from pellucid.errors import PellucidError, UnsupportedError
from pellucid.numpy_names import options as signatures
from pellucid.numpy_names.fourier import REFUSED
from pellucid.ops.operands import shape_of
from pellucid.primitives.declaration import PRIMITIVES

__all__ = ["FUNCTIONS", "UFUNCS", "array_function", "array_ufunc"]

Function = Callable[..., Any]

UFUNCS: dict[np.ufunc, Function] = {
    np.maximum: ops.maximum,
    np.minimum: ops.minimum,
    np.matmul: ops.matmul,
    np.tan: ops.tan,
    np.sinh: ops.sinh,
    np.cosh: ops.cosh,
    np.arctanh: ops.arctanh,
    np.heaviside: lambda x, at_zero: p.where(p.equal(x, 0), at_zero, p.step(x)),
    **numpy_names.UFUNCS,
}
"""NumPy's ufuncs, which compute entry by entry, and what records them."""

FUNCTIONS: dict[Function, Function] = {
    np.where: ops.where,
    np.clip: lambda a, a_min=None, a_max=None, *, min=None, max=None: ops.clip(
        a, min if a_min is None else a_min, max if a_max is None else a_max
    ),
    np.cumsum: lambda a, axis=None: ops.cumsum(a, axis),
    np.sort: lambda a, axis=-1, kind=None, *, stable=None: ops.sort(a, axis),
    np.argsort: lambda a, axis=-1, kind=None, *, stable=None: signatures.argsort(a, axis),
    np.dot: lambda a, b: ops.dot(a, b),
    np.vdot: ops.vdot,
    np.inner: ops.inner,
    np.outer: lambda a, b: ops.outer(a, b),
    np.tensordot: lambda a, b, axes=2: ops.tensordot(a, b, axes),
    np.einsum: lambda *operands, optimize=False: signatures.einsum(*operands),
    np.reshape: lambda a, shape, order="C", *, copy=None: signatures.reshape(a, shape, order),
    np.ravel: lambda a, order="C": signatures.reshape(a, -1, order),
    np.transpose: lambda a, axes=None: ops.transpose(a, axes),
    np.swapaxes: lambda a, axis1, axis2: ops.swapaxes(a, axis1, axis2),
    np.moveaxis: lambda a, source, destination: ops.moveaxis(a, source, destination),
    np.squeeze: lambda a, axis=None: ops.squeeze(a, axis),
    np.expand_dims: lambda a, axis: ops.expand_dims(a, axis),
    np.broadcast_to: lambda array, shape: p.broadcast_to(array, shape=tuple(np.atleast_1d(shape))),
    np.concatenate: ops.concatenate,
    np.stack: ops.stack,
    np.vstack: signatures.vstack,
    np.hstack: signatures.hstack,
    np.column_stack: signatures.column_stack,
    np.append: lambda arr, values, axis=None: ops.concatenate([arr, values], axis),
    np.split: ops.split,
    np.pad: signatures.pad,
    np.repeat: lambda a, repeats, axis=None: ops.repeat(a, repeats, axis),
    np.tile: lambda A, reps: ops.tile(A, reps),
    np.roll: lambda a, shift, axis=None: ops.roll(a, shift, axis),
    np.flip: lambda m, axis=None: p.flip(m, axis=axis),
    np.take_along_axis: lambda arr, indices, axis=-1: ops.take_along_axis(arr, indices, axis),
    np.copy: lambda a, order="K", subok=False: a.copy(),
    np.full_like: signatures.full_like,
    np.unique: signatures.unique,
    np.linspace: signatures.linspace,
    **numpy_names.FUNCTIONS,
}
"""NumPy's other functions, and what records them, with the arguments that are supported."""

PLAIN: tuple[Function, ...] = (
    np.all,
    np.allclose,
    np.any,
    np.argwhere,
    np.array2string,
    np.array_equal,
    np.array_repr,
    np.array_str,
    np.can_cast,
    np.common_type,
    np.count_nonzero,
    np.diag_indices_from,
    np.empty_like,
    np.flatnonzero,
    np.isclose,
    np.min_scalar_type,
    np.nonzero,
    np.ones_like,
    np.shape,
    np.ndim,
    np.size,
    np.tril_indices_from,
    np.triu_indices_from,
    np.zeros_like,
    *numpy_names.PLAIN,
)
"""Functions without a derivative, whose results are plain arrays: they see only the numbers."""

_HINTS: dict[Function, str] = {
    np.linalg.eig: "its results are complex; of a symmetric matrix use np.linalg.eigh",
    np.linalg.eigvals: "its results are complex; of a symmetric matrix use np.linalg.eigvalsh",
    np.histogram: "counts have no slope",
    np.piecewise: "use np.where, or np.select for more than two pieces",
    np.copyto: "write np.where(condition, new, old), or x * np.ones(shape) for np.full(shape, x)",
    np.put: "use pl.scatter_add(np.zeros(n), index, x), or np.where(condition, x, old)",
    np.place: "write np.where(condition, new, old)",
    np.putmask: "write np.where(condition, new, old)",
    np.put_along_axis: "use pl.where(condition, new, old), or pl.scatter_add",
    np.i0: "its derivative is the Bessel function I₁, which NumPy lacks",
    np.nanmedian: "use np.median(x[~np.isnan(x)])",
    np.fill_diagonal: "use np.where(np.eye(n, dtype=bool), new, x)",
    np.apply_along_axis: "call the function on each row, and join the results with np.stack([...])",
    np.unwrap: "find the whole turns from the plain numbers, and add them to x",
}

_METHOD_HINTS = {
    "accumulate": "np.add.accumulate and np.multiply.accumulate are",
    "at": "use pl.scatter_add(x, index, values)",
    "reduceat": "sum slices of x, one after the other",
}


def _reduction(primitive: p.Primitive) -> Function:
    return lambda a, axis=None, *, keepdims=False: primitive(a, axis=axis, keepdims=keepdims)


for _primitive in PRIMITIVES.values():
    for _function in _primitive.numpy:
        if isinstance(_function, np.ufunc):
            UFUNCS.setdefault(_function, _primitive)
        else:
            FUNCTIONS.setdefault(_function, _reduction(_primitive))

_REDUCE: dict[np.ufunc, Function] = {
    np.add: FUNCTIONS[np.sum],
    np.multiply: FUNCTIONS[np.prod],
    np.maximum: FUNCTIONS[np.max],
    np.minimum: FUNCTIONS[np.min],
    np.logaddexp: _reduction(p.logsumexp),
}
_ACCUMULATE: dict[np.ufunc, Function] = {np.add: np.cumsum, np.multiply: np.cumprod}
"""What a ufunc's own methods compute, where something records that."""


def _name(function: Function) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}".replace("np._core.", "np.")


def _unsupported(function: Function, method: str = "__call__") -> UnsupportedError:
    if method == "__call__":
        name = _name(function)
        hint = _HINTS.get(function, "write it with NumPy's functions that are")
    else:
        name = f"{_name(function)}.{method}"
        hint = _METHOD_HINTS.get(method, f"write it with {_name(function)} itself")
    return UnsupportedError(
        f"{name} is not recorded for differentiation: {hint}; "
        "where no gradient is needed, pass the plain numbers x.data"
    )


def _call(function: Function, record: Function, args: Any, kwargs: dict[str, Any]) -> Any:
    """Call `record`, leaving out those of NumPy's options that are not given or say None."""
    known: Any = {}
    if not isinstance(record, p.Primitive):
        known = _parameters(record)
        if len(args) > len(known) and not _takes_any_number(known):
            args, kwargs = _by_name(function, args, kwargs, len(known))
    options = {
        name: value
        for name, value in kwargs.items()
        if value is not np._NoValue and (value is not None or name in known)
    }
    dtype = None if "dtype" in known else options.pop("dtype", None)
    extra = sorted(name for name in options if name not in known)
    if extra and not any(x.kind is x.VAR_KEYWORD for x in known.values()):
        raise UnsupportedError(
            f"{_name(function)} on a Tensor does not take {', '.join(extra)}=; "
            + (
                "a recorded value cannot be written into, so use the result instead"
                if "out" in extra
                else "leave it out, or pass the plain numbers x.data where no gradient is needed"
            )
        )
    if dtype is not None and isinstance(function, np.ufunc):
        args = tuple(_in_type(x, dtype) for x in args)
        dtype = None
    try:
        result = record(*args, **options)
    except PellucidError:
        raise
    except TypeError as error:
        raise UnsupportedError(f"{_name(function)} on a Tensor: {error}") from error
    return result if dtype is None else _in_type(result, dtype)


@functools.cache
def _parameters(function: Function) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _takes_any_number(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return any(x.kind is x.VAR_POSITIONAL for x in parameters.values())


def _by_name(
    function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], count: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give the arguments beyond the first `count` the names that NumPy has for them."""
    try:
        names = list(inspect.signature(function).parameters)
    except ValueError:  # a function written in C that does not say
        return args, kwargs
    surplus = dict(zip(names[count:], args[count:], strict=False))
    return args[:count], {**surplus, **kwargs}


def _in_type(x: Any, dtype: Any) -> Any:
    return p.cast(x, dtype=float_dtype(dtype)) if hasattr(x, "dtype") else x


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Record a call of one of NumPy's ufuncs, as NumPy's protocol asks (NEP 13)."""
    if kwargs.get("out") is not None:
        raise UnsupportedError(
            "a plain array cannot take in a recorded value in place: write a = a + x instead of "
            f"a += x (np.{ufunc.__name__} with out=)"
        )
    if ufunc not in UFUNCS:
        raise _unsupported(ufunc, method)
    record = UFUNCS[ufunc]
    if method == "__call__":
        return _call(ufunc, record, inputs, kwargs)
    if isinstance(record, p.Primitive) and not record.differentiable and method != "at":
        return getattr(ufunc, method)(*signatures.numbers(inputs), **kwargs)
    if method == "reduce" and ufunc in _REDUCE:
        kwargs.setdefault("axis", 0)
        return _call(ufunc, _REDUCE[ufunc], inputs, kwargs)
    if method == "accumulate" and _ACCUMULATE.get(ufunc) in FUNCTIONS:
        kwargs.setdefault("axis", 0)
        return _call(ufunc, FUNCTIONS[_ACCUMULATE[ufunc]], inputs, kwargs)
    if method == "outer":
        x, y = inputs
        spread = ops.reshape(x, (*shape_of(x), *(1 for _ in shape_of(y))))
        return _call(ufunc, record, (spread, y), kwargs)
    raise _unsupported(ufunc, method)


def array_function(
    self: Any, function: Function, types: Any, args: Any, kwargs: dict[str, Any]
) -> Any:
    """Record a call of one of NumPy's functions, as NumPy's protocol asks (NEP 18)."""
    if function in FUNCTIONS:
        return _call(function, FUNCTIONS[function], args, kwargs)
    if function in REFUSED:
        REFUSED[function]()
    if function in PLAIN:
        return function(*signatures.numbers(args), **signatures.numbers(kwargs))
    raise _unsupported(function)
