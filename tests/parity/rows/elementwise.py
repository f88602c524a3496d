"""PyTorch's functions of single entries, as they are written with NumPy on Tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import cast, first, of_first, plain

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p


def _add(x: Any, y: Any, alpha: float = 1) -> Any:
    return x + y * alpha if alpha != 1 else x + y


def _sub(x: Any, y: Any, alpha: float = 1) -> Any:
    return x - y * alpha if alpha != 1 else x - y


def _clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    if isinstance(min, pl.Tensor) or isinstance(max, pl.Tensor):
        x = x if min is None else np.maximum(x, min)
        return x if max is None else np.minimum(x, max)
    return np.clip(x, min, max)


def _divide(x: Any, y: Any, rounding_mode: str | None = None) -> Any:
    quotient = np.divide(x, y)
    return {None: lambda q: q, "trunc": np.trunc, "floor": np.floor}[rounding_mode](quotient)


def _logit(x: Any, eps: float | None = None) -> Any:
    x = x if eps is None else np.clip(x, eps, 1 - eps)
    return np.log(x) - np.log1p(-x)


def _round(x: Any, decimals: int = 0) -> Any:
    return np.round(x, decimals) if decimals else np.rint(x)


def _xlogy(x: Any, y: Any) -> Any:
    zero = plain(x) == 0
    return np.where(zero, 0.0, x * np.log(np.where(zero, 1.0, y)))


def _entropy(x: Any) -> Any:
    positive = plain(x) > 0
    inside = -x * np.log(np.where(positive, x, 1.0))
    negative = np.where(plain(x) == 0, 0.0, -np.inf).astype(plain(x).dtype)
    return np.where(positive, inside, negative)


def _sinc(x: Any) -> Any:
    zero = plain(x) == 0
    turned = np.where(zero, 1.0, x) * np.pi
    return np.where(zero, 1.0, np.sin(turned) / turned)


def _log_ndtr(x: Any) -> Any:
    return np.log(p.normal_cdf(x))


def _to_kind(dtype: Any) -> Callable[..., Any]:
    return lambda x, **options: cast(x, dtype)


def _nan_to_num(x: Any, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Any:
    return np.nan_to_num(
        x, **{k: v for k, v in {"nan": nan, "posinf": posinf, "neginf": neginf}.items() if v}
    )


def _lerp(start: Any, end: Any, weight: Any) -> Any:
    return start + weight * (end - start)


_ONE = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "angle": np.angle,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg2rad": np.deg2rad,
    "erf": p.erf,
    "erfc": lambda x: 1 - p.erf(x),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "floor": np.floor,
    "frac": lambda x: x - np.trunc(x),
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "isnan": np.isnan,
    "isneginf": lambda x: np.isinf(x) & np.less(x, 0),
    "isposinf": lambda x: np.isinf(x) & np.greater(x, 0),
    "isreal": lambda x: np.equal(x, x) | np.isnan(x),
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "logical_not": np.logical_not,
    "neg": np.negative,
    "positive": np.positive,
    "rad2deg": np.rad2deg,
    "reciprocal": np.reciprocal,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sgn": np.sign,
    "sigmoid": p.sigmoid,
    "sign": np.sign,
    "signbit": np.signbit,
    "sin": np.sin,
    "sinc": _sinc,
    "sinh": np.sinh,
    "special.entr": _entropy,
    "special.log_ndtr": _log_ndtr,
    "special.ndtr": p.normal_cdf,
    "sqrt": np.sqrt,
    "square": np.square,
    "tan": np.tan,
    "tanh": np.tanh,
    "trunc": np.trunc,
}

_SAME = ("clone", "contiguous", "conj", "conj_physical", "resolve_conj", "resolve_neg", "real",
         "alias_copy")  # fmt: skip

ROWS: dict[str, Callable[..., Any]] = {
    **{name: of_first(function) for name, function in _ONE.items()},
    **dict.fromkeys(_SAME, of_first(p.identity)),
    "real": of_first(np.real),
    "conj": of_first(np.conj),
    "add": _add,
    "sub": _sub,
    "rsub": lambda x, y, alpha=1: _sub(y, x, alpha),
    "mul": np.multiply,
    "div.no_rounding_mode": _divide,
    "div.trunc_rounding": _divide,
    "div.floor_rounding": _divide,
    "true_divide": np.divide,
    "floor_divide": np.floor_divide,
    "fmod": np.fmod,
    "remainder": np.remainder,
    "__radd__": lambda x, y: y + x,
    "__rsub__": lambda x, y: y - x,
    "__rmul__": lambda x, y: y * x,
    "__rdiv__": lambda x, y: y / x,
    "__rpow__": lambda x, y: y**x,
    "__rmod__": lambda x, y: y % x,
    "pow": np.power,
    "float_power": np.float_power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "max.binary": np.maximum,
    "min.binary": np.minimum,
    "fmax": np.fmax,
    "fmin": np.fmin,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "copysign": np.copysign,
    "logaddexp": np.logaddexp,
    "logaddexp2": lambda x, y: np.logaddexp(x * np.log(2), y * np.log(2)) / np.log(2),
    "ldexp": lambda x, y: x * np.exp2(y),
    "xlogy": _xlogy,
    "special.xlog1py": lambda x, y: _xlogy(x, 1 + y),
    "heaviside": np.heaviside,
    "nextafter": np.nextafter,
    "clamp": _clamp,
    "clamp_min": lambda x, min: _clamp(x, min=min),
    "clamp_max": lambda x, max: _clamp(x, max=max),
    "lerp": _lerp,
    "addcmul": lambda x, a, b, value=1: x + a * b * value,
    "addcdiv": lambda x, a, b, value=1: x + a / b * value,
    "logit": _logit,
    "round": _round,
    "round.decimals_0": _round,
    "round.decimals_3": _round,
    "round.decimals_neg_3": _round,
    "nan_to_num": _nan_to_num,
    "where": lambda x, condition, y: np.where(condition, x, y),
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "isclose": lambda x, y, rtol=1e-5, atol=1e-8, equal_nan=False: np.isclose(
        x, y, rtol, atol, equal_nan
    ),
    "allclose": lambda x, y, rtol=1e-5, atol=1e-8, equal_nan=False: np.allclose(
        x, y, rtol, atol, equal_nan
    ),
    "equal": np.array_equal,
    "float": _to_kind(np.float32),
    "dist": lambda x, y, p=2: ops.norm(x - y, p),
    "masked_fill": lambda x, mask, value: np.where(mask, value, x),
    "zeros_like": first(np.zeros_like),
    "ones_like": first(np.ones_like),
    "full_like": lambda x, value, **options: np.full_like(x, value),
}
