"""Linear algebra on batches of matrices, with NumPy's names and arguments.

Of symmetric matrices NumPy reads one triangle; so that triangle has the whole gradient. That of
the symmetric part is that of ``f((x + x.T) / 2)``.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.ops.operands import composite, meet, shape_of
from pellucid.ops.products import matmul
from pellucid.ops.reductions import norm
from pellucid.ops.shape import expand_dims, moveaxis, squeeze, swapaxes
from pellucid.primitives.declaration import Operand, Recorded, Value
from pellucid.primitives.reductions import normal_axes

__all__ = [
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cond",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matrix_norm",
    "matrix_power",
    "multi_dot",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
]


class SlogdetResult(NamedTuple):
    """Sign of a determinant, which is plain, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


class EighResult(NamedTuple):
    """Eigenvalues in rising order, and the eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class SVDResult(NamedTuple):
    """U, the singular values in falling order, and Vᵀ."""

    U: Any
    S: Any
    Vh: Any


class QRResult(NamedTuple):
    """Orthonormal columns Q, and the upper triangle R."""

    Q: Any
    R: Any


def numbers_of(x: Value) -> Array:
    """The plain numbers of a value."""
    return x.data if isinstance(x, Recorded) else np.asarray(x)


def _floating(x: Value) -> Value:
    if hasattr(x, "dtype") and x.dtype.kind == "f":
        return x
    return np.asarray(x, dtype=np.float64)


def _matrices(x: Value, what: str, *, square: bool = False) -> Value:
    """Check that `x` is a matrix or a batch of them.

    Raises
    ------
    ShapeError
        If it has less than two axes, or is not square and should be.
    """
    shape = shape_of(x)
    if len(shape) < 2:
        raise ShapeError(f"{what} needs a matrix, got shape {shape}")
    if square and shape[-1] != shape[-2]:
        raise ShapeError(f"{what} needs square matrices, got shape {shape}")
    return _floating(x)


def inv(x: Operand) -> Any:
    """Inverse of square matrices."""
    return p.inv(_matrices(x, "the inverse", square=True))


def solve(a: Operand, b: Operand) -> Any:
    """Solution of A X = B, for square matrices A and a vector or matrices B.

    Raises
    ------
    ShapeError
        If the matrices are not square, or B has not as many rows.
    """
    a, b = meet(a, b)
    a = _matrices(a, "solve", square=True)
    b = _floating(b)
    vector = len(shape_of(b)) == 1
    if not shape_of(b) or shape_of(b)[0 if vector else -2] != shape_of(a)[-1]:
        raise ShapeError(
            f"solve of {shape_of(a)} and {shape_of(b)}: the right side needs {shape_of(a)[-1]} rows"
        )
    if vector:
        return squeeze(p.solve(a, expand_dims(b, -1)), axis=-1)
    return p.solve(a, b)


def det(x: Operand) -> Any:
    """Determinant of square matrices; its gradient is right for singular ones too."""
    return p.determinant(_matrices(x, "the determinant", square=True))


def slogdet(x: Operand) -> SlogdetResult:
    """Sign and ln |det X| of square matrices; the sign, which has no slope, is a plain array."""
    x = _matrices(x, "the determinant", square=True)
    return SlogdetResult(p.determinant_sign(x), p.log_determinant(x))


def cholesky(x: Operand, *, upper: bool = False) -> Any:
    """Cholesky factor of symmetric positive definite matrices: L Lᵀ = X, or Lᵀ for `upper`.

    As in NumPy one triangle is read, the lower or the upper one; it receives the gradient.
    """
    x = _matrices(x, "the Cholesky factor", square=True)
    lower = p.cholesky(swapaxes(x, -1, -2) if upper else x)
    return swapaxes(lower, -1, -2) if upper else lower


def eigh(x: Operand, *, upper: bool = False) -> EighResult:
    """Eigenvalues and eigenvectors of symmetric matrices.

    As in NumPy one triangle is read, the lower or the upper one; it receives the gradient.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    GradientError
        In the backward pass, if eigenvectors are differentiated where eigenvalues are equal.
    """
    both = p.eigh(_matrices(x, "eigh", square=True), upper=upper)
    return EighResult(
        p.getitem(both, index=(Ellipsis, 0, slice(None))),
        p.getitem(both, index=(Ellipsis, slice(1, None), slice(None))),
    )


def eigvalsh(x: Operand, *, upper: bool = False) -> Any:
    """Eigenvalues of symmetric matrices, in rising order; one triangle is read, as in `eigh`."""
    return eigh(x, upper=upper).eigenvalues


def svd(x: Operand) -> SVDResult:
    """Reduced singular value decomposition, U diag(s) Vᵀ = X.

    Raises
    ------
    GradientError
        In the backward pass, if singular vectors are differentiated where singular values are
        equal, or 0 in a matrix that is not square.
    """
    x = _matrices(x, "the singular value decomposition")
    both = p.svd(x)
    m = shape_of(x)[-2]
    u, v = (
        p.getitem(both, index=(Ellipsis, block, slice(None)))
        for block in (slice(1, 1 + m), slice(1 + m, None))
    )
    return SVDResult(u, p.getitem(both, index=(Ellipsis, 0, slice(None))), swapaxes(v, -1, -2))


def svdvals(x: Operand) -> Any:
    """Singular values, in falling order."""
    return svd(x).S


def qr(x: Operand) -> QRResult:
    """Reduced QR decomposition of matrices whose leading columns are independent.

    Raises
    ------
    ShapeError
        If there is no matrix.
    """
    x = _matrices(x, "the QR decomposition")
    m, n = shape_of(x)[-2:]
    left = p.getitem(x, index=(Ellipsis, slice(None, builtins.min(m, n)))) if n > m else x
    both = p.qr(left)
    q = swapaxes(p.getitem(both, index=(Ellipsis, slice(None, m))), -1, -2)
    r = p.getitem(both, index=(Ellipsis, slice(m, None)))
    if n > m:
        # A wide matrix: the columns beyond the square are those of Q times what R has there.
        rest = p.matmul(swapaxes(q, -1, -2), p.getitem(x, index=(Ellipsis, slice(m, None))))
        r = p.concatenate(r, rest, axis=len(shape_of(r)) - 1)
    return QRResult(q, r)


def pinv(x: Operand, rtol: float | None = None) -> Any:
    """Moore-Penrose inverse; singular values below `rtol` times the largest count as 0."""
    x = _matrices(x, "the pseudo-inverse")
    _refuse_truncation(x, rtol, "pinv")
    return p.pinv(x, rtol=rtol)


def _refuse_truncation(x: Value, rtol: float | None, name: str) -> None:
    """Refuse to differentiate where singular values are left out that are not 0.

    The formula for the slope of the pseudo-inverse holds where all that are not 0 are kept.
    """
    if rtol is None or not (isinstance(x, Recorded) and x.requires_grad):
        return
    sizes = np.linalg.svd(x.data, compute_uv=False)
    largest = sizes.max(axis=-1, initial=0.0, keepdims=True)
    rounding = 10 * builtins.max(x.data.shape[-2:]) * float(np.finfo(sizes.dtype).eps)
    if np.any((sizes <= rtol * largest) & (sizes > rounding * largest)):
        raise UnsupportedError(
            f"{name} that leaves out singular values which are not 0 is not differentiated; "
            "lower rtol, or put the inverse together from np.linalg.svd"
        )


def lstsq(a: Operand, b: Operand, rtol: float | None = None) -> tuple[Any, Any, int, Any]:
    """Least squares: the shortest X that makes ‖A X − B‖ smallest.

    Returns
    -------
    x : array or Tensor
    residuals : array or Tensor
        Squared length of each column of B − A X; empty where A has not full column rank, or has
        no more rows than columns.
    rank : int
    singular_values : array or Tensor
        Of A.
    """
    a, b = meet(a, b)
    a, b = _matrices(a, "lstsq"), _floating(b)
    if len(shape_of(a)) != 2 or len(shape_of(b)) not in (1, 2):
        raise ShapeError(
            f"lstsq needs a matrix and a vector or matrix, got {shape_of(a)} and {shape_of(b)}"
        )
    m, n = shape_of(a)
    s = svdvals(a)
    sizes = numbers_of(s)
    if rtol is None:
        rtol = builtins.max(m, n) * float(np.finfo(sizes.dtype).eps)
    _refuse_truncation(a, rtol, "lstsq")
    rank = int((sizes > rtol * sizes.max(initial=0.0)).sum())
    x = matmul(p.pinv(a, rtol=rtol), b)
    squares = p.sum(p.square(p.subtract(b, matmul(a, x))), axis=0, keepdims=len(shape_of(b)) == 1)
    if rank < n or m <= n:
        squares = p.getitem(squares, index=slice(0, 0))
    return x, squares, rank, s


Order = float | Literal["fro", "nuc"] | None


@composite
def matrix_norm(
    x: Operand, ord: Order = "fro", axis: tuple[int, int] = (-2, -1), keepdims: bool = False
) -> Value:
    """Norm of matrices: Frobenius, nuclear, or the operator norm of order ±1, ±2 or ±∞.

    Parameters
    ----------
    x : array or Tensor
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf} or None
        The Frobenius norm √Σx², also for None; the sum of the singular values; the largest
        (smallest) sum of |x| of a column, singular value, or sum of |x| of a row.
    axis : pair of int
        Rows and columns of the matrices.
    keepdims : bool

    Raises
    ------
    ShapeError
        If the axes are not two different ones, or there is no such norm.
    """
    rank = len(shape_of(x))
    rows, columns = normal_axes(tuple(axis), rank)
    if ord is None or ord == "fro":
        return norm(x, None, (rows, columns), keepdims)
    if ord in (1, -1, math.inf, -math.inf):
        inner, outer = (rows, columns) if abs(float(ord)) == 1 else (columns, rows)
        sums = p.sum(p.absolute(x), axis=inner, keepdims=True)
        found = (p.max if float(ord) > 0 else p.min)(sums, axis=outer, keepdims=True)
        return found if keepdims else squeeze(found, (rows, columns))
    if ord not in (2, -2, "nuc"):
        raise ShapeError(
            f"norm of order {ord!r} of a matrix is not defined; use 'fro', 'nuc', ±1, ±2 or ±inf"
        )
    s = svdvals(moveaxis(x, (rows, columns), (-2, -1)))
    reduce = {2: p.max, -2: p.min, "nuc": p.sum}[ord]
    found = reduce(s, axis=-1, keepdims=False)
    return expand_dims(found, (rows, columns)) if keepdims else found


def cond(x: Operand, ord: Order = None) -> Any:
    """Condition number ‖X‖ ‖X⁻¹‖; by default that of order 2, the quotient of singular values."""
    x = _matrices(x, "the condition number")
    if ord is None or ord in (2, -2):
        s = svdvals(x)
        largest = p.max(s, axis=-1, keepdims=False)
        smallest = p.min(s, axis=-1, keepdims=False)
        return p.divide(smallest, largest) if ord == -2 else p.divide(largest, smallest)
    return p.multiply(matrix_norm(x, ord), matrix_norm(inv(x), ord))


def matrix_power(x: Operand, n: int) -> Any:
    """Product of `n` equal square matrices; for n < 0 of their inverses."""
    x = _matrices(x, "matrix_power", square=True)
    n = operator.index(n)
    if n == 0:
        eye = np.eye(shape_of(x)[-1], dtype=numbers_of(x).dtype)
        return p.add(p.multiply(x, 0.0), eye)
    base = inv(x) if n < 0 else x
    result: Value = None
    n = abs(n)
    while n:
        if n % 2:
            result = base if result is None else p.matmul(result, base)
        n //= 2
        base = p.matmul(base, base) if n else base
    return p.identity(result)


def multi_dot(arrays: Sequence[Operand]) -> Any:
    """Product of several matrices, in the order that takes the fewest multiplications."""
    if len(arrays) < 2:
        raise ShapeError(f"multi_dot needs two arrays at least, got {len(arrays)}")
    shapes = [shape_of(x) for x in arrays]
    if any(len(s) != 2 for s in shapes[1:-1]) or any(len(s) not in (1, 2) for s in shapes):
        raise ShapeError(f"multi_dot needs matrices, vectors only at the ends; got {shapes}")
    sizes = [1 if len(shapes[0]) == 1 else shapes[0][0], *(s[0] for s in shapes[1:])]
    sizes.append(shapes[-1][-1] if len(shapes[-1]) == 2 else 1)
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(arrays))}
    for width in range(1, len(arrays)):
        for i in range(len(arrays) - width):
            j = i + width
            best[i, j] = builtins.min(
                (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )

    def product(i: int, j: int) -> Any:
        if i == j:
            return arrays[i]
        k = best[i, j][1]
        return matmul(product(i, k), product(k + 1, j))

    return product(0, len(arrays) - 1)


def tensorinv(x: Operand, ind: int = 2) -> Any:
    """Inverse of a tensor as of the matrix that its first `ind` and its other axes make."""
    shape = shape_of(x)
    rows = math.prod(shape[:ind])
    if ind < 1 or rows != math.prod(shape[ind:]):
        raise ShapeError(f"tensorinv of shape {shape}: the first {ind} axes make no square matrix")
    inverse = inv(p.reshape(_floating(x), shape=(rows, rows)))
    return p.reshape(inverse, shape=(*shape[ind:], *shape[:ind]))


def tensorsolve(a: Operand, b: Operand) -> Any:
    """Solution X of the tensor equation ``np.tensordot(a, x, x.ndim) == b``."""
    a, b = meet(a, b)
    shape = shape_of(a)[len(shape_of(b)) :]
    n = math.prod(shape)
    if n != math.prod(shape_of(b)):
        raise ShapeError(f"tensorsolve of {shape_of(a)} and {shape_of(b)}: no square matrix")
    matrix = p.reshape(_floating(a), shape=(n, n))
    return p.reshape(solve(matrix, p.reshape(_floating(b), shape=(n,))), shape=shape)
