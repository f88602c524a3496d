"""The discrete Fourier transform of complex numbers that are given as two real arrays."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array
from pellucid.kernels.reference.elementwise import floating

__all__ = ["dft"]


def dft(x: Array, *, axis: int = -1, inverse: bool = False) -> Array:
    """Σₙ zₙ e^(∓2πi kn/N), unscaled, of z = x[0] + i x[1]; real and imaginary parts stacked again.

    `axis` counts the axes of x[0]; `inverse` takes the + in the exponent.
    """
    x = floating(x)
    z = x[0] + 1j * x[1]
    if z.size:
        transform = np.fft.ifft if inverse else np.fft.fft
        z = transform(z, axis=axis, norm="forward" if inverse else "backward")
    return np.stack([z.real, z.imag]).astype(x.dtype, copy=False)
