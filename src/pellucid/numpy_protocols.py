"""NumPy's own functions on Tensors: a forward pass pasted from a tutorial is recorded as it stands.

Two tables say which function of NumPy is which function here. What is in neither raises an error
that names the function and what to use instead; nothing silently becomes an object array, and
nothing silently loses its gradient.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import numpy_names, ops
from pellucid import primitives as p
from pellucid.errors import UnsupportedError
from pellucid.numpy_names.fourier import REFUSED
from pellucid.ops.statistics import cumprod
from pellucid.primitives.declaration import PRIMITIVES, Recorded

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
    np.mean: lambda a, axis=None, *, keepdims=False: ops.mean(a, axis, keepdims),
    np.cumsum: lambda a, axis=None: ops.cumsum(a, axis),
    np.sort: lambda a, axis=-1: ops.sort(a, axis),
    np.argsort: lambda a, axis=-1: _argsort(a, axis),
    np.dot: lambda a, b: ops.dot(a, b),
    np.vdot: ops.vdot,
    np.inner: ops.inner,
    np.outer: lambda a, b: ops.outer(a, b),
    np.tensordot: lambda a, b, axes=2: ops.tensordot(a, b, axes),
    np.einsum: lambda *operands, optimize=False: _einsum(*operands),
    np.reshape: lambda a, shape: ops.reshape(a, shape),
    np.ravel: lambda a: ops.flatten(a),
    np.transpose: lambda a, axes=None: ops.transpose(a, axes),
    np.swapaxes: lambda a, axis1, axis2: ops.swapaxes(a, axis1, axis2),
    np.moveaxis: lambda a, source, destination: ops.moveaxis(a, source, destination),
    np.squeeze: lambda a, axis=None: ops.squeeze(a, axis),
    np.expand_dims: lambda a, axis: ops.expand_dims(a, axis),
    np.broadcast_to: lambda array, shape: p.broadcast_to(array, shape=tuple(np.atleast_1d(shape))),
    np.concatenate: ops.concatenate,
    np.stack: ops.stack,
    np.vstack: lambda tup: ops.concatenate([_at_least_2d(x) for x in tup], 0),
    np.hstack: lambda tup: ops.concatenate(tup, 0 if np.ndim(_numbers(tup[0])) <= 1 else 1),
    np.column_stack: lambda tup: ops.concatenate([_as_columns(x) for x in tup], 1),
    np.append: lambda arr, values, axis=None: ops.concatenate([arr, values], axis),
    np.split: ops.split,
    np.pad: lambda array, pad_width, mode="constant", *, constant_values=0.0: _pad(
        array, pad_width, mode, constant_values
    ),
    np.repeat: lambda a, repeats, axis=None: ops.repeat(a, repeats, axis),
    np.tile: lambda A, reps: ops.tile(A, reps),
    np.roll: lambda a, shift, axis=None: ops.roll(a, shift, axis),
    np.flip: lambda m, axis=None: p.flip(m, axis=axis),
    np.take_along_axis: lambda arr, indices, axis=-1: ops.take_along_axis(arr, indices, axis),
    np.copy: lambda a: a.copy(),
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
    np.count_nonzero,
    np.empty_like,
    np.flatnonzero,
    np.full_like,
    np.isclose,
    np.nonzero,
    np.ones_like,
    np.shape,
    np.ndim,
    np.size,
    np.unique,
    np.zeros_like,
    *numpy_names.PLAIN,
)
"""Functions without a derivative, whose results are plain arrays: they see only the numbers."""

_HINTS: dict[Function, str] = {
    np.linalg.eig: "its results are complex; of a symmetric matrix use np.linalg.eigh",
    np.linalg.eigvals: "its results are complex; of a symmetric matrix use np.linalg.eigvalsh",
    np.histogram: "counts have no slope",
    np.piecewise: "use np.where, or np.select for more than two pieces",
    np.put_along_axis: "use pl.where(condition, new, old), or pl.scatter_add",
    np.i0: "its derivative is the Bessel function I₁, which NumPy lacks",
    np.nanmedian: "use np.median(x[~np.isnan(x)])",
    np.fill_diagonal: "use np.where(np.eye(n, dtype=bool), new, x)",
    np.unwrap: "find the whole turns from the plain numbers, and add them to x",
}

_METHOD_HINTS = {
    "accumulate": "np.add.accumulate and np.multiply.accumulate are",
    "at": "use pl.scatter_add(x, index, values)",
}


def _numbers(x: Any) -> Any:
    return x.data if isinstance(x, Recorded) else x


def _at_least_2d(x: Any) -> Any:
    return ops.reshape(x, (1, -1)) if np.ndim(_numbers(x)) < 2 else x


def _as_columns(x: Any) -> Any:
    return ops.reshape(x, (-1, 1)) if np.ndim(_numbers(x)) < 2 else x


def _all_numbers(x: Any) -> Any:
    """The plain numbers of a value, or of those in a list or tuple."""
    if isinstance(x, (list, tuple)):
        return type(x)(_all_numbers(part) for part in x)
    return _numbers(x)


def _argsort(a: Any, axis: int | None) -> Any:
    return p.argsort(ops.flatten(a), axis=0) if axis is None else p.argsort(a, axis=axis)


def _einsum(*operands: Any) -> Any:
    if not isinstance(operands[0], str):
        raise UnsupportedError(
            "np.einsum on a Tensor needs its subscripts as a string first: np.einsum('ij,jk', x, y)"
        )
    return ops.einsum(*operands)


def _pad(array: Any, width: Any, mode: Any, value: Any) -> Any:
    if np.ndim(value):
        raise UnsupportedError("np.pad on a Tensor takes one constant value for all sides")
    return ops.pad(array, width, mode, value)


def _outer(function: Function, a: Any, b: Any) -> Any:
    """Each entry of `a` with each of `b`."""
    spread = (*np.shape(_numbers(a)), *(1,) * np.ndim(_numbers(b)))
    return function(ops.reshape(a, spread), b)


def _reduction(primitive: p.Primitive) -> Function:
    return lambda a, axis=None, *, keepdims=False: primitive(a, axis=axis, keepdims=keepdims)


for _primitive in PRIMITIVES.values():
    for _function in _primitive.numpy:
        if isinstance(_function, np.ufunc):
            UFUNCS.setdefault(_function, _primitive)
        else:
            FUNCTIONS.setdefault(_function, _reduction(_primitive))

_REDUCERS: dict[np.ufunc, p.Primitive] = {
    np.add: p.sum,
    np.multiply: p.prod,
    np.maximum: p.max,
    np.minimum: p.min,
    np.logaddexp: p.logsumexp,
}
_RUNNING: dict[np.ufunc, Function] = {np.add: ops.cumsum, np.multiply: cumprod}


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
    if kwargs and not isinstance(record, p.Primitive):
        known = inspect.signature(record).parameters
    options = {
        name: value
        for name, value in kwargs.items()
        if value is not np._NoValue and (value is not None or name in known)
    }
    extra = sorted(name for name in options if name not in known)
    if extra:
        raise UnsupportedError(
            f"{_name(function)} on a Tensor does not take {', '.join(extra)}=; "
            + (
                "a recorded value cannot be written into, so use the result instead"
                if "out" in extra
                else "leave it out, or pass the plain numbers x.data where no gradient is needed"
            )
        )
    try:
        return record(*args, **options)
    except TypeError as error:
        # A wrong number of arguments is reported from this very line, one frame deep.
        here = error.__traceback__
        if here is None or here.tb_next is not None:
            raise
        raise UnsupportedError(f"{_name(function)} on a Tensor: {error}") from error


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Record a call of one of NumPy's ufuncs, as NumPy's protocol asks (NEP 13)."""
    if kwargs.get("out") is not None:
        raise UnsupportedError(
            "a plain array cannot take in a recorded value in place: write a = a + x instead of "
            f"a += x (np.{ufunc.__name__} with out=)"
        )
    if method == "reduce" and ufunc in _REDUCERS:
        kwargs.setdefault("axis", 0)
        return _call(ufunc, _reduction(_REDUCERS[ufunc]), inputs, kwargs)
    if method == "accumulate" and ufunc in _RUNNING:
        return _call(ufunc, lambda array, axis=0: _RUNNING[ufunc](array, axis), inputs, kwargs)
    if method == "outer" and ufunc in UFUNCS:
        return _call(ufunc, lambda a, b: _outer(UFUNCS[ufunc], a, b), inputs, kwargs)
    if method != "__call__" or ufunc not in UFUNCS:
        raise _unsupported(ufunc, method)
    return _call(ufunc, UFUNCS[ufunc], inputs, kwargs)


def array_function(
    self: Any, function: Function, types: Any, args: Any, kwargs: dict[str, Any]
) -> Any:
    """Record a call of one of NumPy's functions, as NumPy's protocol asks (NEP 18)."""
    if function in FUNCTIONS:
        return _call(function, FUNCTIONS[function], args, kwargs)
    if function in REFUSED:
        REFUSED[function]()
    if function in PLAIN:
        return function(
            *(_all_numbers(x) for x in args),
            **{name: _all_numbers(x) for name, x in kwargs.items()},
        )
    raise _unsupported(function)
