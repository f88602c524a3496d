"""Decompositions of matrices, whose parts come stacked in one array, and determinants.

One call computes all parts together; a primitive has one result, so the parts share it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array

__all__ = ["cofactor", "eigh", "log_determinant", "pinv", "qr", "svd"]


def eigh(x: Any, *, upper: bool = False) -> Array:
    """Eigenvalues in rising order (row 0) above the eigenvectors (columns): (…, n + 1, n).

    Only one triangle of the symmetric matrices is read, the lower or the upper one.
    """
    values, vectors = np.linalg.eigh(x, "U" if upper else "L")
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def svd(x: Any) -> Array:
    """Singular values (row 0) above U (m, k) and V (n, k), x = U diag(s) Vᵀ: (…, 1 + m + n, k)."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([s[..., None, :], u, np.swapaxes(vt, -1, -2)], axis=-2)


def qr(x: Any) -> Array:
    """Qᵀ (k, m) beside R (k, n), x = Q R: (…, k, m + n)."""
    q, r = np.linalg.qr(x)
    return np.concatenate([np.swapaxes(q, -1, -2), r], axis=-1)


def pinv(x: Any, *, rtol: float | None = None) -> Array:
    """Moore-Penrose inverse; singular values below `rtol` times the largest count as 0."""
    x = np.asanyarray(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * float(np.finfo(x.dtype).eps) if x.dtype.kind == "f" else 1e-15
    return np.linalg.pinv(x, rcond=rtol)


def log_determinant(x: Any) -> Array:
    """Ln |det x|."""
    return np.asanyarray(np.linalg.slogdet(x)[1])


def cofactor(x: Any) -> Array:
    """The gradient of the determinant, det(x) x⁻ᵀ, which also exists where x is singular.

    From the singular values: det(U) det(Vᵀ) U diag(Πⱼ≠ᵢ sⱼ) Vᵀ.
    """
    u, s, vt = np.linalg.svd(x)
    n = s.shape[-1]
    # (…, n, n): row i holds all singular values but the i-th, which is replaced by 1
    others = np.prod(np.where(np.eye(n, dtype=bool), s.dtype.type(1), s[..., None, :]), axis=-1)
    sign = np.rint(np.linalg.det(u) * np.linalg.det(vt))
    result: Array = (u * (sign[..., None] * others)[..., None, :]) @ vt
    return result
