"""`np.linalg`, with NumPy's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import ops
from pellucid.errors import ShapeError
from pellucid.numpy_names.arguments import available, constant, refuse
from pellucid.ops import choosing
from pellucid.ops import linear_algebra as la
from pellucid.ops.operands import shape_of
from pellucid.ops.signals import cross

__all__ = ["FUNCTIONS", "PLAIN", "UFUNCS"]

Function = Callable[..., Any]


def _is_upper(UPLO: str) -> bool:
    if UPLO.upper() not in ("L", "U"):
        raise ShapeError(f"UPLO names a triangle, 'L' or 'U', got {UPLO!r}")
    return UPLO.upper() == "U"


def _svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    if hermitian:
        raise refuse("np.linalg.svd", "hermitian=True", "leave it out, or use np.linalg.eigh")
    if not compute_uv:
        return la.svdvals(a)
    m, n = (*shape_of(a), 0, 0)[-2:] if len(shape_of(a)) < 2 else shape_of(a)[-2:]
    if full_matrices and m != n:
        raise refuse(
            "np.linalg.svd",
            "full_matrices=True of a matrix that is not square",
            "pass full_matrices=False: the other vectors are not determined by the matrix",
        )
    return la.svd(a)


def _qr(a: Any, mode: str = "reduced") -> Any:
    if mode == "r":
        return la.qr(a).R
    shape = shape_of(a)
    if mode == "reduced" or (mode == "complete" and len(shape) > 1 and shape[-2] <= shape[-1]):
        return la.qr(a)
    raise refuse("np.linalg.qr", f"mode={mode!r}", "use mode='reduced' or mode='r'")


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    if hermitian:
        raise refuse("np.linalg.pinv", "hermitian=True", "leave it out")
    limit = rcond if rtol is None else rtol
    return la.pinv(a, None if limit is None else float(constant(limit, "np.linalg.pinv", "rcond")))


def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    if rcond is not None and not 0 < rcond < 1:  # as LAPACK takes it
        rcond = float(np.finfo(la.numbers_of(a).dtype).eps)
    return la.lstsq(a, b, rcond)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """NumPy's norm: of matrices where there are two axes, of vectors else."""
    rank = len(shape_of(x))
    if axis is None:
        axes: tuple[int, ...] = tuple(range(rank))
        if ord is None:
            return ops.norm(x, None, None, keepdims)
    else:
        axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    if len(axes) == 2:
        return la.matrix_norm(x, ord, (axes[0], axes[1]), keepdims)
    if len(axes) != 1:
        raise refuse(
            "np.linalg.norm", f"ord={ord!r} with {len(axes)} axes", "give one axis, or two"
        )
    if isinstance(ord, str):
        raise ShapeError(f"norm of order {ord!r} is one of matrices, got shape {shape_of(x)}")
    return ops.norm(x, ord, axes, keepdims)


def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return ops.norm(x, ord, axis, keepdims)


def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return la.matrix_norm(x, ord, (-2, -1), keepdims)


def _vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    return ops.einsum("...i,...i->...", ops.moveaxis(x1, axis, -1), ops.moveaxis(x2, axis, -1))


UFUNCS: dict[np.ufunc, Function] = {
    getattr(np, name): record
    for name, record in {
        "vecdot": _vecdot,
        "matvec": lambda x1, x2: ops.einsum("...ij,...j->...i", x1, x2),
        "vecmat": lambda x1, x2: ops.einsum("...i,...ij->...j", x1, x2),
    }.items()
    if hasattr(np, name)
}


def _tensorinv(a: Any, ind: int = 2) -> Any:
    return la.tensorinv(a, ind)


def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        raise refuse("np.linalg.tensorsolve", "axes", "move them to the end with np.moveaxis")
    return la.tensorsolve(a, b)


FUNCTIONS: dict[Function, Function] = {
    np.linalg.norm: _norm,
    np.linalg.inv: lambda a: la.inv(a),
    np.linalg.solve: lambda a, b: la.solve(a, b),
    np.linalg.det: lambda a: la.det(a),
    np.linalg.slogdet: lambda a: la.slogdet(a),
    np.linalg.cholesky: lambda a, /, *, upper=False: la.cholesky(a, upper=upper),
    np.linalg.eigh: lambda a, UPLO="L": la.eigh(a, upper=_is_upper(UPLO)),
    np.linalg.eigvalsh: lambda a, UPLO="L": la.eigvalsh(a, upper=_is_upper(UPLO)),
    np.linalg.svd: _svd,
    np.linalg.qr: _qr,
    np.linalg.pinv: _pinv,
    np.linalg.lstsq: _lstsq,
    np.linalg.cond: lambda x, p=None: la.cond(x, p),
    np.linalg.matrix_power: lambda a, n: la.matrix_power(a, n),
    np.linalg.multi_dot: lambda arrays: la.multi_dot(arrays),
    np.linalg.tensorinv: _tensorinv,
    np.linalg.tensorsolve: _tensorsolve,
    **available(
        {
            "vector_norm": _vector_norm,
            "matrix_norm": _matrix_norm,
            "svdvals": lambda x, /: la.svdvals(x),
            "matmul": lambda x1, x2, /: ops.matmul(x1, x2),
            "outer": lambda x1, x2, /: ops.outer(x1, x2),
            "tensordot": lambda x1, x2, /, *, axes=2: ops.tensordot(x1, x2, axes),
            "vecdot": lambda x1, x2, /, *, axis=-1: _vecdot(x1, x2, axis),
            "cross": lambda x1, x2, /, *, axis=-1: cross(x1, x2, axis, axis, axis),
            "trace": lambda x, /, *, offset=0: choosing.trace(x, offset, -2, -1),
            "diagonal": lambda x, /, *, offset=0: choosing.diagonal(x, offset, -2, -1),
            "matrix_transpose": lambda x, /: ops.swapaxes(x, -1, -2),
        },
        np.linalg,
    ),
}

PLAIN: tuple[Function, ...] = (np.linalg.matrix_rank,)
