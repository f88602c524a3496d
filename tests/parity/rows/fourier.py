"""PyTorch's Fourier transforms along one axis: complex results are two Tensors, their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.replay import NOT_RECORDED
from parity.rows.adapters import plain

from pellucid import ops
from pellucid.errors import UnsupportedError


def _parts(name: str) -> Callable[..., Any]:
    if not hasattr(ops, name):
        raise UnsupportedError(f"pl.ops.{name} {NOT_RECORDED}")
    return getattr(ops, name)


def _of_length(x: Any, n: int | None, axis: int) -> Any:
    """Cut an axis, or add zeros to it."""
    length = plain(x).shape[axis]
    if n is None or n == length:
        return x
    if n < length:
        return np.take(x, np.arange(n), axis=axis)
    widths = [(0, 0)] * np.ndim(plain(x))
    widths[axis] = (0, n - length)
    return np.pad(x, widths)


def _scale(norm: str | None, n: int) -> float:
    """What a transform is multiplied with."""
    return float(n) ** {None: 0.0, "backward": 0.0, "ortho": -0.5, "forward": -1.0}[norm]


def _inverse_scale(norm: str | None, n: int) -> float:
    """What an inverse transform, which divides by n, is multiplied with."""
    return float(n) ** {None: 0.0, "backward": 0.0, "ortho": 0.5, "forward": 1.0}[norm]


def _complex(x: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    x = _of_length(x, n, dim)
    scale = _scale(norm, plain(x).shape[dim])
    return tuple(part * scale for part in _parts("fft_parts")(x, None, axis=dim))


def _inverse(x: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    x = _of_length(x, n, dim)
    scale = _inverse_scale(norm, plain(x).shape[dim])
    return tuple(part * scale for part in _parts("ifft_parts")(x, None, axis=dim))


def _real(x: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    real, imaginary = _parts("rfft_parts")(x, n, axis=dim)
    scale = _scale(norm, n or plain(x).shape[dim])
    return real * scale, imaginary * scale


def _real_inverse(x: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    length = n or 2 * (plain(x).shape[dim] - 1)
    found = _parts("irfft_parts")(x, np.zeros_like(plain(x)), length, axis=dim)
    return found * _inverse_scale(norm, length)


def _hermitian(x: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    length = n or 2 * (plain(x).shape[dim] - 1)
    found = _parts("irfft_parts")(x, np.zeros_like(plain(x)), length, axis=dim)
    return found * (length * _scale(norm, length))


def _hermitian_inverse(x: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    length = n or plain(x).shape[dim]
    real, imaginary = _parts("rfft_parts")(x, n, axis=dim)
    scale = _inverse_scale(norm, length) / length
    return real * scale, imaginary * -scale


ROWS: dict[str, Callable[..., Any]] = {
    "fft.fft": _complex,
    "fft.ifft": _inverse,
    "fft.rfft": _real,
    "fft.irfft": _real_inverse,
    "fft.hfft": _hermitian,
    "fft.ihfft": _hermitian_inverse,
}
