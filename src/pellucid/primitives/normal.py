"""The standard normal distribution: its distribution function is the gate of GELU."""

from __future__ import annotations

from pellucid.kernels import reference
from pellucid.primitives.declaration import UnaryPrimitive
from pellucid.primitives.elementwise import multiply, negative

__all__ = ["normal_cdf", "normal_pdf"]

normal_cdf: UnaryPrimitive = UnaryPrimitive(
    "normal_cdf",
    "Φ(x) = (1 + erf(x / √2)) / 2",
    reference.normal_cdf,
    source="normal_cdf({0})",
    vjps=[lambda g, y, x: multiply(g, normal_pdf(x))],
    about="The probability that a standard normal number is below x.",
)
normal_pdf: UnaryPrimitive = UnaryPrimitive(
    "normal_pdf",
    "φ(x) = e^(−x²/2) / √(2π)",
    reference.normal_pdf,
    source="normal_pdf({0})",
    vjps=[lambda g, y, x: negative(multiply(g, multiply(x, y)))],
    about="The density of the standard normal distribution.",
)
