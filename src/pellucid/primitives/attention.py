"""The softmax of attention, fused: weights of a large batch are the longest arrays there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.kernels import reference
from pellucid.primitives.declaration import BinaryPrimitive, UnaryPrimitive, Value
from pellucid.primitives.elementwise import multiply, subtract
from pellucid.primitives.reductions import sum

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["masked_softmax", "masked_softmax_gradient"]


def _softmax_vjp(
    g: Value, y: Value, x: Value, allowed: Array | None = None, scale: float = 1.0
) -> Value:
    return masked_softmax_gradient(g, y, scale=scale)


masked_softmax: UnaryPrimitive = UnaryPrimitive(
    "masked_softmax",
    "softmax(scale · x), 0 where not allowed",
    reference.masked_softmax,
    source="masked_softmax({0}, allowed={allowed}, scale={scale})",
    vjps=[_softmax_vjp],
    about="Over the last axis. `allowed` is broadcast against x; a row without anything allowed is "
    "all zeros. The backward pass needs the result alone.",
)


def _gradient_vjp_of_g(h: Value, z: Value, g: Value, y: Value, scale: float = 1.0) -> Value:
    # Linear and symmetric in g: z = scale · (diag(y) − y yᵀ) g
    return masked_softmax_gradient(h, y, scale=scale)


def _gradient_vjp_of_y(h: Value, z: Value, g: Value, y: Value, scale: float = 1.0) -> Value:
    # Σ h z / scale = Σ h g y − (Σ h y)(Σ g y)
    along_g = sum(multiply(g, y), axis=-1, keepdims=True)
    along_h = sum(multiply(h, y), axis=-1, keepdims=True)
    mixed = subtract(multiply(h, subtract(g, along_g)), multiply(g, along_h))
    return multiply(mixed, scale)


masked_softmax_gradient: BinaryPrimitive = BinaryPrimitive(
    "masked_softmax_gradient",
    "scale · y · (g − Σ g y)",
    reference.masked_softmax_gradient,
    source="masked_softmax_gradient({0}, {1}, scale={scale})",
    vjps=[_gradient_vjp_of_g, _gradient_vjp_of_y],
    about="What a softmax y passes back of a gradient g, along the last axis.",
)
