"""The discrete Fourier transform: linear, and its own derivative but for the sign of i."""

from __future__ import annotations

from pellucid.kernels import reference
from pellucid.primitives.declaration import UnaryPrimitive

__all__ = ["dft"]

dft: UnaryPrimitive = UnaryPrimitive(
    "dft",
    "Σₙ zₙ e^(−2πi kn/N)",
    reference.dft,
    source="dft({0}, axis={axis}, inverse={inverse})",
    vjps=[lambda g, y, x, axis=-1, inverse=False: dft(g, axis=axis, inverse=not inverse)],
    about="Complex numbers are two real arrays in one: x[0] is the real part, x[1] the imaginary "
    "part. `inverse` turns the sign in the exponent; neither way is divided by N.",
)
