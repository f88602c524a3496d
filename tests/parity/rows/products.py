"""PyTorch's products and linear algebra, as they are written with NumPy on Tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import axes, of_first, plain


def _added(product: Callable[..., Any]) -> Callable[..., Any]:
    """β x + α (a · b)."""
    return lambda x, a, b, *, beta=1, alpha=1: x * beta + product(a, b) * alpha


def _tensordot(x: Any, y: Any, dims: Any = 2) -> Any:
    return np.tensordot(x, y, dims if isinstance(dims, int) else tuple(dims))


def _cross(x: Any, y: Any, dim: int = -1) -> Any:
    x, y = (np.moveaxis(v, dim, -1) for v in (x, y))
    return np.moveaxis(np.cross(x, y), -1, dim)


def _vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    return np.sum(x * y, axis=dim)


def _kron(x: Any, y: Any) -> Any:
    return np.kron(x, y)


def _vander(x: Any, *, N: int | None = None) -> Any:
    x = np.atleast_1d(x)
    count = plain(x).shape[-1] if N is None else N
    return np.stack([x**i for i in range(count)], axis=-1)


def _solve(A: Any, B: Any, *, left: bool = True) -> Any:
    a, b = plain(A), plain(B)
    # As in PyTorch, right-hand sides of shape (*batch, n) are vectors.
    vectors = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    if vectors:
        return np.linalg.solve(A, B[..., None])[..., 0]
    if left:
        return np.linalg.solve(A, B)
    transposed = np.linalg.solve(np.swapaxes(A, -1, -2), np.swapaxes(B, -1, -2))
    return np.swapaxes(transposed, -1, -2)


def _triangular(A: Any, upper: bool, unitriangular: bool) -> Any:
    part = np.triu(A, int(unitriangular)) if upper else np.tril(A, -int(unitriangular))
    return part + np.eye(plain(A).shape[-1], dtype=plain(A).dtype) if unitriangular else part


def _solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    A = _triangular(A, upper, unitriangular)
    if left:
        return np.linalg.solve(A, B)
    transposed = np.linalg.solve(np.swapaxes(A, -1, -2), np.swapaxes(B, -1, -2))
    return np.swapaxes(transposed, -1, -2)


def _cholesky(A: Any, *, upper: bool = False) -> Any:
    L = np.linalg.cholesky(_symmetric(A))
    return np.swapaxes(L, -1, -2) if upper else L


def _cholesky_inverse(L: Any, upper: bool = False) -> Any:
    L = _triangular(L, upper, False)
    other = np.swapaxes(L, -1, -2)
    return np.linalg.inv(other @ L if upper else L @ other)


def _cholesky_solve(B: Any, L: Any, upper: bool = False) -> Any:
    return _cholesky_inverse(L, upper) @ B


def _matrix_power(A: Any, n: int) -> Any:
    return np.linalg.matrix_power(A, n)


def _symmetric(x: Any) -> Any:
    return x + np.swapaxes(x, -1, -2)


def _projectors(values: Any, vectors: Any) -> Any:
    """Eigenvalues, and what does not depend on the signs of eigenvectors."""
    return values, vectors * vectors


def _bilinear(x: Any, y: Any, weight: Any, bias: Any = None) -> Any:
    found = np.einsum("...i,oij,...j->...o", x, weight, y)
    return found if bias is None else found + bias


def _linear(x: Any, weight: Any, bias: Any = None) -> Any:
    found = np.matmul(x, np.transpose(weight))
    return found if bias is None else found + bias


ROWS: dict[str, Callable[..., Any]] = {
    "matmul": np.matmul,
    "__rmatmul__": lambda x, y: np.matmul(y, x),
    "mm": np.matmul,
    "mv": np.matmul,
    "bmm": np.matmul,
    "dot": np.dot,
    "vdot": np.vdot,
    "inner": np.inner,
    "outer": np.outer,
    "addmm": _added(np.matmul),
    "addmm.decomposed": _added(np.matmul),
    "addmv": _added(np.matmul),
    "baddbmm": _added(np.matmul),
    "addbmm": _added(lambda a, b: np.sum(np.matmul(a, b), axis=0)),
    "addr": _added(np.outer),
    "tensordot": _tensordot,
    "einsum": lambda operands, subscripts: np.einsum(subscripts, *operands),
    "cross": lambda x, y, dim=None: _cross(x, y, plain(x).shape.index(3) if dim is None else dim),
    "linalg.cross": lambda x, y, *, dim=-1: _cross(x, y, dim),
    "linalg.vecdot": _vecdot,
    "kron": _kron,
    "linalg.vander": _vander,
    "linalg.multi_dot": lambda matrices: functools.reduce(np.matmul, matrices),
    "linalg.matrix_power": _matrix_power,
    "linalg.det": of_first(np.linalg.det),
    "logdet": lambda x: np.linalg.slogdet(x)[1],
    "linalg.slogdet": lambda x: tuple(np.linalg.slogdet(x)),
    "linalg.inv": of_first(np.linalg.inv),
    "linalg.pinv.hermitian": lambda x, hermitian=True: np.linalg.pinv(_symmetric(x)),
    "pinverse": lambda x: np.linalg.pinv(x),
    "linalg.solve": _solve,
    "linalg.solve_triangular": _solve_triangular,
    "triangular_solve": lambda B, A, upper=True, transpose=False, unitriangular=False: (
        np.linalg.solve(
            np.swapaxes(_triangular(A, upper, unitriangular), -1, -2)
            if transpose
            else _triangular(A, upper, unitriangular),
            B,
        ),
        A,
    ),
    "linalg.cholesky": _cholesky,
    "cholesky": lambda x, upper=False: _cholesky(x, upper=upper),
    "cholesky_inverse": _cholesky_inverse,
    "cholesky_solve": _cholesky_solve,
    "linalg.eigvalsh": lambda x, UPLO="L": np.linalg.eigvalsh(_symmetric(x), UPLO),
    "linalg.eigh": lambda x, UPLO="L": _projectors(*np.linalg.eigh(_symmetric(x), UPLO)),
    "linalg.svdvals": lambda x: np.linalg.svd(x, compute_uv=False),
    "linalg.qr": lambda x, mode="reduced": tuple(np.linalg.qr(x, mode)),
    "linalg.cond": lambda x, p=None: np.linalg.cond(x, p),
    "linalg.pinv": lambda x, *, atol=None, rtol=None, hermitian=False: np.linalg.pinv(
        x, **({} if rtol is None else {"rtol": rtol})
    ),
    "linalg.tensorinv": lambda x, ind=2: np.linalg.tensorinv(x, ind),
    "linalg.tensorsolve": lambda x, y, dims=None: np.linalg.tensorsolve(x, y, axes(dims)),
    "nn.functional.linear": _linear,
    "nn.functional.bilinear": _bilinear,
}
