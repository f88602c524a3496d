"""Statistics and differences, with NumPy's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import ops
from pellucid.numpy_names.arguments import available, constant, refuse
from pellucid.ops import differences as d
from pellucid.ops import statistics as st
from pellucid.ops.operands import shape_of
from pellucid.ops.shape import expand_dims
from pellucid.primitives.reductions import normal_axes

__all__ = ["FUNCTIONS", "PLAIN"]

Function = Callable[..., Any]


def _median(
    a: Any, axis: Any = None, *, overwrite_input: bool = False, keepdims: Any = False
) -> Any:
    return st.median(a, axis, keepdims)


def _quantile(scale: float, name: str) -> Function:
    def quantile(
        a: Any,
        q: Any,
        axis: Any = None,
        *,
        overwrite_input: bool = False,
        method: Any = "linear",
        keepdims: Any = False,
    ) -> Any:
        wanted = np.asarray(constant(q, name, "q"), dtype=np.float64) / scale
        return st.quantile(a, wanted, axis, method, keepdims)

    return quantile


def _average(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False
) -> Any:
    if returned:
        raise refuse("np.average", "returned=True", "sum the weights with np.sum")
    found = ops.average(a, axis, weights)
    if not keepdims:
        return found
    return expand_dims(found, normal_axes(axis, len(shape_of(a))))


def _degrees_of_freedom(ddof: Any, correction: Any, name: str) -> Any:
    if correction is None:
        return ddof
    if ddof != 0:
        raise refuse(name, "both ddof= and correction=", "they are the same: give one")
    return correction


def _spread(function: Function, name: str) -> Function:
    def spread(
        a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False, correction: Any = None
    ) -> Any:
        return function(a, axis, _degrees_of_freedom(ddof, correction, name), keepdims)

    return spread


def _simple(function: Function) -> Function:
    return lambda a, axis=None, *, keepdims=False: function(a, axis, keepdims)


def _cov(m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None) -> Any:
    return st.cov(m, y, rowvar, bias, ddof)


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    steps = [constant(v, "np.gradient", "the spacing") for v in varargs]
    return d.gradient(f, *steps, axis=axis, edge_order=edge_order)


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    return d.diff(a, n, axis, prepend, append)


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    return d.trapezoid(y, x, dx, axis)


FUNCTIONS: dict[Function, Function] = {
    np.average: _average,
    np.var: _spread(ops.var, "np.var"),
    np.std: _spread(ops.std, "np.std"),
    np.median: _median,
    np.quantile: _quantile(1.0, "np.quantile"),
    np.percentile: _quantile(100.0, "np.percentile"),
    np.ptp: _simple(st.ptp),
    np.cumprod: lambda a, axis=None: st.cumprod(a, axis),
    np.nansum: _simple(st.nansum),
    np.nanprod: _simple(st.nanprod),
    np.nanmean: _simple(st.nanmean),
    np.nanmax: _simple(st.nanmax),
    np.nanmin: _simple(st.nanmin),
    np.nanvar: _spread(st.nanvar, "np.nanvar"),
    np.nanstd: _spread(st.nanstd, "np.nanstd"),
    np.nancumsum: lambda a, axis=None: st.nancumsum(a, axis),
    np.nancumprod: lambda a, axis=None: st.nancumprod(a, axis),
    np.cov: _cov,
    np.corrcoef: lambda x, y=None, rowvar=True: st.corrcoef(x, y, rowvar),
    np.diff: _diff,
    np.ediff1d: lambda ary, to_end=None, to_begin=None: d.ediff1d(ary, to_end, to_begin),
    np.gradient: _gradient,
    **available({"trapezoid": _trapezoid}),
}

PLAIN: tuple[Function, ...] = (np.nanargmax, np.nanargmin)
