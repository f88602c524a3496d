"""Inverses, determinants and decompositions of matrices, in batches: the last two axes.

The derivatives are those of M. B. Giles, "An extended collection of matrix derivative results for
forward and reverse mode algorithmic differentiation" (2008), of J. Townsend, "Differentiating the
singular value decomposition" (2016), of I. Murray, "Differentiation of the Cholesky decomposition"
(2016), and of S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra
functions" (2010) for QR; that of the pseudo-inverse is G. H. Golub's and V. Pereyra's (1973).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import GradientError
from pellucid.kernels import reference
from pellucid.primitives.comparison import equal
from pellucid.primitives.declaration import (
    BinaryPrimitive,
    MaskPrimitive,
    Recorded,
    UnaryPrimitive,
    Value,
)
from pellucid.primitives.elementwise import add, divide, multiply, negative, subtract, where
from pellucid.primitives.indexing import getitem, scatter
from pellucid.primitives.linalg import matmul
from pellucid.primitives.reductions import sum
from pellucid.primitives.shape import reshape, transpose

__all__ = [
    "cholesky",
    "cofactor",
    "determinant",
    "determinant_sign",
    "eigh",
    "inv",
    "log_determinant",
    "pinv",
    "qr",
    "solve",
    "svd",
]


def _t(x: Value) -> Value:
    """Transpose the last two axes."""
    n = len(x.shape)
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def _numbers(x: Value) -> Array:
    array: Array = x.data if isinstance(x, Recorded) else x
    return array


def _columns_times(x: Value, d: Value) -> Value:
    """X diag(d): each column times one number."""
    return multiply(x, reshape(d, shape=(*d.shape[:-1], 1, d.shape[-1])))


def _row(x: Value, i: int) -> Value:
    return getitem(x, index=(Ellipsis, i, slice(None)))


def _rows(x: Value, start: int, stop: int | None = None) -> Value:
    return getitem(x, index=(Ellipsis, slice(start, stop), slice(None)))


def _times(g: Value, x: Value) -> Value:
    """Each matrix of a batch times one number of the batch."""
    return multiply(reshape(g, shape=(*g.shape, 1, 1)), x)


def _halved_diagonal(x: Value) -> Value:
    """The lower triangle with half of the diagonal (Murray's Φ)."""
    n = x.shape[-1]
    return multiply(x, (np.tri(n) - 0.5 * np.eye(n)).astype(x.dtype))


def _of_lower_triangle(x: Value) -> Value:
    """The gradient by the lower triangle, all that is read, from that by the whole matrix."""
    return _halved_diagonal(add(x, _t(x)))


# --- inverses -------------------------------------------------------------------------------------


def _inv_vjp(g: Value, y: Value, x: Value) -> Value:
    inverse = _t(y)
    return negative(matmul(inverse, matmul(g, inverse)))


inv: UnaryPrimitive = UnaryPrimitive(
    "inv",
    "X⁻¹",
    np.linalg.inv,
    source="np.linalg.inv({0})",
    vjps=[_inv_vjp],
    about="dX⁻¹ = −X⁻¹ dX X⁻¹.",
)
solve: BinaryPrimitive = BinaryPrimitive(
    "solve",
    "A⁻¹ B",
    np.linalg.solve,
    source="np.linalg.solve({0}, {1})",
    vjps=[
        lambda g, z, a, b: negative(matmul(solve(_t(a), g), _t(z))),
        lambda g, z, a, b: solve(_t(a), g),
    ],
    about="The solution Z of A Z = B, for matrices A (…, n, n) and B (…, n, k).",
    broadcasts=True,
)


def _pinv_vjp(g: Value, p: Value, x: Value, *, rtol: float | None = None) -> Value:
    m, n = x.shape[-2:]
    left = subtract(np.eye(m, dtype=x.dtype), matmul(x, p))
    right = subtract(np.eye(n, dtype=x.dtype), matmul(p, x))
    first = negative(matmul(_t(p), matmul(g, _t(p))))
    second = matmul(left, matmul(_t(g), matmul(p, _t(p))))
    third = matmul(_t(p), matmul(p, matmul(_t(g), right)))
    return add(first, add(second, third))


pinv: UnaryPrimitive = UnaryPrimitive(
    "pinv",
    "X⁺",
    reference.pinv,
    source="pinv({0}, rtol={rtol})",
    vjps=[_pinv_vjp],
    about="The Moore-Penrose inverse. The derivative holds while the rank stays as it is.",
)

# --- determinants ---------------------------------------------------------------------------------


def _minors(n: int) -> Any:
    """Index of what is left when one row and one column go: (…, n, n, n − 1, n − 1)."""
    others = np.array([[k for k in range(n) if k != i] for i in range(n)], int).reshape(n, n - 1)
    return (Ellipsis, others[:, None, :, None], others[None, :, None, :])


_FEW_MINORS = 32
"""Up to this size the n² minors are cheap enough to be taken well before they are needed."""


def _is_singular(x: Value) -> bool:
    """Whether a matrix of the batch is so near to a singular one that an inverse is inexact."""
    s = np.linalg.svd(_numbers(x), compute_uv=False)
    if not s.size:
        return False
    limit = float(np.finfo(s.dtype).eps) ** (0.25 if x.shape[-1] <= _FEW_MINORS else 0.5)
    return bool((s[..., -1] <= limit * s[..., 0]).any())


def _cofactor_vjp(g: Value, c: Value, x: Value) -> Value:
    if not x.shape[-1]:
        return multiply(x, 0.0)
    if _is_singular(x):
        # The cofactors as determinants of minors, which are polynomials of the entries.
        n = x.shape[-1]
        signs = (1 - 2 * (np.add.outer(np.arange(n), np.arange(n)) % 2)).astype(x.dtype)
        slopes = _times(multiply(g, signs), cofactor(getitem(x, index=_minors(n))))
        return scatter(slopes, index=_minors(n), shape=x.shape)
    along = sum(multiply(g, c), axis=(-2, -1))
    once = subtract(_times(along, c), matmul(c, matmul(_t(g), c)))
    return _times(divide(1.0, determinant(x)), once)


cofactor: UnaryPrimitive = UnaryPrimitive(
    "cofactor",
    "det(X) X⁻ᵀ",
    reference.cofactor,
    source="cofactor({0})",
    vjps=[_cofactor_vjp],
    about="The gradient of the determinant; it exists where X is singular too. There its own "
    "derivative takes n² determinants of minors.",
)
determinant: UnaryPrimitive = UnaryPrimitive(
    "determinant",
    "det X",
    np.linalg.det,
    source="np.linalg.det({0})",
    vjps=[lambda g, y, x: _times(g, cofactor(x))],
    about="The gradient is the matrix of cofactors, right for singular matrices too.",
)
log_determinant: UnaryPrimitive = UnaryPrimitive(
    "log_determinant",
    "ln |det X|",
    reference.log_determinant,
    source="np.linalg.slogdet({0})[1]",
    vjps=[lambda g, y, x: _times(g, _t(inv(x)))],
    about="Where the determinant itself would overflow this does not.",
)
determinant_sign: MaskPrimitive = MaskPrimitive(
    "determinant_sign",
    "sign of det X",
    lambda x: np.linalg.slogdet(x)[0],
    source="np.linalg.slogdet({0})[0]",
)

# --- decompositions -------------------------------------------------------------------------------


def _cholesky_vjp(g: Value, l: Value, x: Value) -> Value:  # noqa: E741 - the factor's name
    inner = _halved_diagonal(matmul(_t(l), g))
    half = solve(_t(l), inner)
    return _of_lower_triangle(_t(solve(_t(l), _t(half))))


cholesky: UnaryPrimitive = UnaryPrimitive(
    "cholesky",
    "L with L Lᵀ = X",
    np.linalg.cholesky,
    source="np.linalg.cholesky({0})",
    vjps=[_cholesky_vjp],
    about="Only the lower triangle of X is read, and receives the gradient.",
)


def _gaps(values: Value, wanted: Array, what: str) -> Value:
    """1 / (vⱼ − vᵢ) off the diagonal, 0 on it.

    Raises
    ------
    GradientError
        If two of the values are equal, and a gradient by the vectors is `wanted`.
    """
    n = values.shape[-1]
    batch = values.shape[:-1]
    across = subtract(reshape(values, shape=(*batch, 1, n)), reshape(values, shape=(*batch, n, 1)))
    same = equal(across, 0)
    if wanted.any() and (same & ~np.eye(n, dtype=bool)).any():
        raise GradientError(
            f"{what}vectors are not differentiable where two {what}values are equal: their "
            f"directions are not determined there; only the {what}values have a gradient"
        )
    return where(same, 0.0, divide(1.0, where(same, 1.0, across)))


def _eigh_vjp(g: Value, y: Value, x: Value, *, upper: bool = False) -> Value:
    n = x.shape[-1]
    values, vectors = _row(y, 0), _rows(y, 1)
    by_values, by_vectors = _row(g, 0), _rows(g, 1)
    turned = multiply(_gaps(values, _numbers(by_vectors), "eigen"), matmul(_t(vectors), by_vectors))
    core = add(turned, _columns_times(np.eye(n, dtype=x.dtype), by_values))
    slope = _of_lower_triangle(matmul(vectors, matmul(core, _t(vectors))))
    return _t(slope) if upper else slope


eigh: UnaryPrimitive = UnaryPrimitive(
    "eigh",
    "λ and V with X V = V diag(λ)",
    reference.eigh,
    source="eigh({0}, upper={upper})",
    vjps=[_eigh_vjp],
    about="Of symmetric matrices: eigenvalues in row 0, eigenvectors below. Only one "
    "triangle of X is read, and receives the gradient. Equal eigenvalues have a gradient, their "
    "eigenvectors have none.",
)


def _reciprocal_or_zero(s: Value, wanted: Array) -> Value:
    zero = equal(s, 0)
    if wanted.any() and zero.any():
        raise GradientError(
            "singular vectors are not differentiable where a singular value is 0: their "
            "directions are not determined there; only the values have a gradient"
        )
    return where(zero, 0.0, divide(1.0, where(zero, 1.0, s)))


def _svd_vjp(g: Value, y: Value, x: Value) -> Value:
    m, n = x.shape[-2:]
    k = min(m, n)
    s, u, v = _row(y, 0), _rows(y, 1, 1 + m), _rows(y, 1 + m)
    by_s, by_u, by_v = _row(g, 0), _rows(g, 1, 1 + m), _rows(g, 1 + m)
    wanted = _numbers(_rows(g, 1))
    gaps = _gaps(multiply(s, s), wanted, "singular ")
    of_u, of_v = matmul(_t(u), by_u), matmul(_t(v), by_v)
    core = _columns_times(np.eye(k, dtype=x.dtype), by_s)
    core = add(core, _columns_times(multiply(gaps, subtract(of_u, _t(of_u))), s))
    core = add(core, _t(_columns_times(_t(multiply(gaps, subtract(of_v, _t(of_v)))), s)))
    total = matmul(u, matmul(core, _t(v)))
    # What leaves the space that U (or V) spans, which the whole space does not allow.
    if m > k or n > k:
        rate = _reciprocal_or_zero(s, wanted)
    if m > k:
        outside = subtract(by_u, matmul(u, of_u))
        total = add(total, matmul(_columns_times(outside, rate), _t(v)))
    if n > k:
        outside = subtract(by_v, matmul(v, of_v))
        total = add(total, matmul(u, _t(_columns_times(outside, rate))))
    return total


svd: UnaryPrimitive = UnaryPrimitive(
    "svd",
    "s, U and V with U diag(s) Vᵀ = X",
    reference.svd,
    source="svd({0})",
    vjps=[_svd_vjp],
    about="The reduced form: singular values in row 0, then U, then V. Equal singular values have "
    "a gradient, their singular vectors have none.",
)


def _qr_vjp(g: Value, y: Value, x: Value) -> Value:
    m = x.shape[-2]
    columns = (Ellipsis, slice(None, m)), (Ellipsis, slice(m, None))
    qt, r = (getitem(y, index=c) for c in columns)
    by_q, by_r = _t(getitem(g, index=columns[0])), getitem(g, index=columns[1])
    n = x.shape[-1]
    lower = np.tri(n, dtype=x.dtype)
    strict = np.tri(n, k=-1, dtype=x.dtype)
    core = subtract(matmul(r, _t(by_r)), matmul(_t(by_q), _t(qt)))
    symmetric = add(multiply(core, lower), _t(multiply(core, strict)))
    inner = add(by_q, matmul(_t(qt), symmetric))
    return _t(solve(r, _t(inner)))


qr: UnaryPrimitive = UnaryPrimitive(
    "qr",
    "Q and R with Q R = X",
    reference.qr,
    source="qr({0})",
    vjps=[_qr_vjp],
    about="Of matrices that are at least as high as wide, with independent columns: Qᵀ beside R.",
)
