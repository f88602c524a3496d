"""NumPy's functions of single numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import float_dtype
from pellucid.numpy_names.arguments import available
from pellucid.ops.signals import interp
from pellucid.primitives.declaration import Recorded

__all__ = ["FUNCTIONS", "PLAIN", "UFUNCS"]

Function = Callable[..., Any]


def _scaled(factor: float) -> Function:
    return lambda x: p.multiply(x, factor)


def _is_constant(x: Any) -> bool:
    return not (isinstance(x, Recorded) and x.requires_grad)


def _filled(x: Any) -> Any:
    """Zeros for NaN: what is chosen instead must not be reached by a gradient that is NaN."""
    return p.where(p.isnan(x), 0.0, x) if np.any(p.isnan(x)) else x


def _without_nan(extremum: Function) -> Function:
    """The larger (smaller) of two numbers, the other one where one is NaN."""

    def choose(x: Any, y: Any) -> Any:
        share = 0.0 if _is_constant(x) or _is_constant(y) else 0.5
        found = extremum(_filled(x), _filled(y), tie_share=share)
        return p.where(p.isnan(x), y, p.where(p.isnan(y), x, found))

    return choose


def _copysign(x: Any, y: Any) -> Any:
    """The size of `x` with the sign of `y`, which has no slope by `y`."""
    turned = p.not_equal(p.signbit(x), p.signbit(y))
    like_both = p.add(x, p.multiply(p.where(p.isfinite(y), y, 0.0), 0.0))
    return p.where(turned, p.negative(like_both), like_both)


def _logaddexp2(x: Any, y: Any) -> Any:
    """log₂(2ˣ + 2ʸ), from the natural one."""
    ln2 = math.log(2)
    return p.multiply(p.logaddexp(p.multiply(x, ln2), p.multiply(y, ln2)), 1 / ln2)


def _round(a: Any, decimals: int = 0) -> Any:
    if decimals == 0:
        return p.rint(a)
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return p.divide(p.rint(p.multiply(a, scale)), scale)
    return p.multiply(p.rint(p.divide(a, scale)), scale)


def _nan_to_num(
    x: Any,
    copy: bool = True,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Any:
    limits = np.finfo(x.data.dtype if isinstance(x, Recorded) else np.float64)
    infinite, negative = p.isinf(x), p.signbit(x)
    largest = float(limits.max) if posinf is None else posinf
    smallest = float(limits.min) if neginf is None else neginf
    x = p.where(p.isnan(x), nan, x)
    x = p.where(p.logical_and(infinite, negative), smallest, x)
    return p.where(p.logical_and(infinite, p.logical_not(negative)), largest, x)


UFUNCS: dict[np.ufunc, Function] = {
    np.fmax: _without_nan(p.maximum),
    np.fmin: _without_nan(p.minimum),
    np.deg2rad: _scaled(math.pi / 180),
    np.radians: _scaled(math.pi / 180),
    np.rad2deg: _scaled(180 / math.pi),
    np.degrees: _scaled(180 / math.pi),
    np.copysign: _copysign,
    np.logaddexp2: _logaddexp2,
    np.conjugate: p.identity,
    np.divmod: lambda x, y: (p.floor_divide(x, y), p.remainder(x, y)),
    np.modf: lambda x: (p.subtract(x, p.trunc(x)), p.trunc(x)),
}

FUNCTIONS: dict[Function, Function] = {
    np.sinc: lambda x: p.sinc(x, order=0),
    np.round: _round,
    np.around: _round,
    np.fix: lambda x: p.trunc(x),
    np.nan_to_num: _nan_to_num,
    np.angle: lambda z, deg=False: p.multiply(p.arctan2(0.0, z), 180 / math.pi if deg else 1.0),
    np.imag: lambda val: p.where(False, val, 0.0),
    np.real: lambda val: p.identity(val),
    np.real_if_close: lambda a, tol=100: p.identity(a),
    np.interp: lambda x, xp, fp, left=None, right=None: interp(x, xp, fp, left, right),
    **available({"astype": lambda x, dtype, copy=True: p.cast(x, dtype=float_dtype(dtype))}),
}

PLAIN: tuple[Function, ...] = (
    np.iscomplex,
    np.iscomplexobj,
    np.isreal,
    np.isrealobj,
    np.isneginf,
    np.isposinf,
)
