"""Discrete Fourier transforms as pairs of real arrays: a Tensor has no complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.ops.operands import shape_of, typed
from pellucid.ops.shape import stack
from pellucid.primitives.declaration import Operand, Value
from pellucid.primitives.reductions import normal_axis

__all__ = ["fft_parts", "ifft_parts", "irfft_parts", "rfft_parts"]


def _floating(x: Value) -> Value:
    if hasattr(x, "dtype") and x.dtype.kind == "f":
        return x
    return np.asarray(x, dtype=np.float64)


def _cut(x: Value, start: int, stop: int, axis: int) -> Value:
    return p.getitem(x, index=(slice(None),) * axis + (slice(start, stop),))


def _of_length(x: Value, n: int, axis: int) -> Value:
    """Entries beyond `n` left out, or zeros put at the end."""
    shape = shape_of(x)
    if shape[axis] >= n:
        return x if shape[axis] == n else _cut(x, 0, n, axis)
    widths = tuple((0, n - m if a == axis else 0) for a, m in enumerate(shape))
    return p.pad(x, widths=widths, value=0.0)


def _length(x: Value, n: int | None, axis: int) -> int:
    length = shape_of(x)[axis] if n is None else n
    if length < 1:
        raise ShapeError(f"a Fourier transform of {length} numbers is not defined; one at least")
    return length


def _transform(real: Value, imaginary: Value, axis: int, *, inverse: bool) -> tuple[Value, Value]:
    both = p.dft(stack([real, imaginary]), axis=axis, inverse=inverse)
    return p.getitem(both, index=0), p.getitem(both, index=1)


def _pair(real: Operand, imaginary: Operand | None) -> tuple[Value, Value]:
    real = _floating(real)
    if imaginary is None:
        return real, p.multiply(real, 0.0)
    real, imaginary = typed([real, imaginary])
    imaginary = _floating(imaginary)
    if shape_of(real) != shape_of(imaginary):
        raise ShapeError(
            f"real and imaginary parts have one shape, got {shape_of(real)} and "
            f"{shape_of(imaginary)}"
        )
    return real, imaginary


def rfft_parts(x: Operand, n: int | None = None, axis: int = -1) -> tuple[Any, Any]:
    """Discrete Fourier transform of real numbers: real and imaginary parts, both recorded.

    X_k = Σₘ xₘ e^(−2πi km/n) for k = 0 … n/2; the other half is the mirror image.

    Parameters
    ----------
    x : array or Tensor
    n : int, optional
        Length of the transform; `x` is cut or filled up with zeros.
    axis : int

    Returns
    -------
    real, imaginary : arrays or Tensors
        ``np.fft.rfft(x, n, axis)``'s parts, of length n // 2 + 1 along `axis`.

    Raises
    ------
    ShapeError
        If there is no such axis, or nothing to transform.

    Examples
    --------
    The power spectrum, ``np.abs(np.fft.rfft(x)) ** 2``:

    >>> import numpy as np
    >>> real, imaginary = rfft_parts(np.array([1.0, 0.0, -1.0, 0.0]))
    >>> real**2 + imaginary**2
    array([0., 4., 0.])
    """
    x = _floating(x)
    axis = normal_axis(axis, len(shape_of(x)))
    n = _length(x, n, axis)
    x = _of_length(x, n, axis)
    real, imaginary = _transform(x, p.multiply(x, 0.0), axis, inverse=False)
    return _cut(real, 0, n // 2 + 1, axis), _cut(imaginary, 0, n // 2 + 1, axis)


def irfft_parts(real: Operand, imaginary: Operand, n: int | None = None, axis: int = -1) -> Any:
    """Real numbers back from the parts of their Fourier transform, as ``np.fft.irfft``.

    xₘ = 1/n Σ_k X_k e^(2πi km/n), over all k, those beyond n/2 being mirror images.

    Parameters
    ----------
    real, imaginary : arrays or Tensors
        What :func:`rfft_parts` returns.
    n : int, optional
        Length of the result; by default the even one, twice the length of the parts less two.
    axis : int

    Raises
    ------
    ShapeError
        If the parts differ in shape, or there is no such axis, or nothing to transform.
    """
    first, second = _pair(real, imaginary)
    shape = shape_of(first)
    axis = normal_axis(axis, len(shape))
    n = 2 * (shape[axis] - 1) if n is None else n
    _length(first, n, axis)
    half = n // 2 + 1
    weights = np.full(half, 2.0)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    column = (weights / n).reshape((-1,) + (1,) * (len(shape) - axis - 1)).astype(first.dtype)
    whole, turned = (
        _of_length(p.multiply(_of_length(part, half, axis), column), n, axis)
        for part in (first, second)
    )
    return _transform(whole, turned, axis, inverse=True)[0]


def fft_parts(real: Operand, imaginary: Operand | None = None, axis: int = -1) -> tuple[Any, Any]:
    """Discrete Fourier transform of complex numbers, in parts and out: ``np.fft.fft``.

    X_k = Σₘ zₘ e^(−2πi km/n). Two of them along two axes are the transform of an image.

    Parameters
    ----------
    real, imaginary : arrays or Tensors
        Without imaginary part the numbers are real.
    axis : int

    Returns
    -------
    real, imaginary : arrays or Tensors

    Raises
    ------
    ShapeError
        If the parts differ in shape, or there is no such axis, or nothing to transform.
    """
    real, imaginary = _pair(real, imaginary)
    axis = normal_axis(axis, len(shape_of(real)))
    _length(real, None, axis)
    return _transform(real, imaginary, axis, inverse=False)


def ifft_parts(real: Operand, imaginary: Operand | None = None, axis: int = -1) -> tuple[Any, Any]:
    """Inverse of :func:`fft_parts`: zₘ = 1/n Σ_k X_k e^(2πi km/n), as ``np.fft.ifft``.

    Raises
    ------
    ShapeError
        If the parts differ in shape, or there is no such axis, or nothing to transform.
    """
    real, imaginary = _pair(real, imaginary)
    axis = normal_axis(axis, len(shape_of(real)))
    n = _length(real, None, axis)
    parts = _transform(real, imaginary, axis, inverse=True)
    return p.multiply(parts[0], 1.0 / n), p.multiply(parts[1], 1.0 / n)
