"""Gated units: the input times something between 0 and 1 that it chooses itself."""

from __future__ import annotations

import math
from typing import Literal

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.nn.activations.layer import ActivationLayer
from pellucid.nn.activations.squashing import hard_sigmoid
from pellucid.nn.inputs import floats
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = [
    "GELU",
    "GLU",
    "HardSwish",
    "Mish",
    "SiLU",
    "Swish",
    "gelu",
    "glu",
    "hard_swish",
    "mish",
    "silu",
    "swish",
]

Approximation = Literal["none", "tanh"]


@composite
def gelu(x: Value, approximate: Approximation = "none") -> Value:
    """Gaussian error linear unit: the input times the probability that a normal one is smaller.

    x · Φ(x) = x/2 · (1 + erf(x / √2)), or with ``approximate="tanh"``
    x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))).

    Hendrycks & Gimpel (2016).
    """
    x = floats(x)
    if approximate == "none":
        return p.multiply(x, p.normal_cdf(x))
    if approximate == "tanh":
        # √(2/π) · x · (1 + 0.044715 x²), without the overflow of a cube
        cubic = p.add(p.multiply(p.square(x), 0.044715), 1.0)
        bend = p.tanh(p.multiply(p.multiply(x, math.sqrt(2 / math.pi)), cubic))
        return p.multiply(p.multiply(x, 0.5), p.add(bend, 1.0))
    raise DataError(f"approximate is 'none' or 'tanh', got {approximate!r}")


@composite
def silu(x: Value, beta: float = 1.0) -> Value:
    """Sigmoid linear unit, also called Swish.

    x · σ(beta·x)

    Elfwing et al. (2018); with beta, Ramachandran et al. (2017).
    """
    x = floats(x)
    return p.multiply(x, p.sigmoid(x if beta == 1 else p.multiply(x, float(beta))))


swish = silu


@composite
def mish(x: Value) -> Value:
    """Smooth unit gated by the tanh of a softplus.

    x · tanh(ln(1 + eˣ))

    Misra (2020).
    """
    x = floats(x)
    return p.multiply(x, p.tanh(p.softplus(x)))


@composite
def hard_swish(x: Value) -> Value:
    """Swish made of straight lines and one parabola.

    x · min(max(0, x + 3), 6) / 6

    Slope 0 at −3 and 1 at 3. Howard et al. (2019).
    """
    x = floats(x)
    return p.multiply(x, hard_sigmoid(x))


@composite
def glu(x: Value, axis: int = -1) -> Value:
    """Gated linear unit: one half of the features, gated by the other half.

    a · σ(b), where x = [a, b] along `axis`

    Dauphin et al. (2017).

    Raises
    ------
    ShapeError
        If the axis does not have an even length.
    """
    x = floats(x)
    rank = len(x.shape)
    if not -rank <= axis < rank or x.shape[axis] % 2:
        raise ShapeError(
            f"GLU splits axis {axis} in two halves, which shape {x.shape} does not allow; "
            "make the layer before it twice as wide as its output should be"
        )
    half = x.shape[axis] // 2
    before = (slice(None),) * (axis % rank)
    value = p.getitem(x, index=(*before, slice(None, half)))
    gate = p.getitem(x, index=(*before, slice(half, None)))
    return p.multiply(value, p.sigmoid(gate))


class GELU(ActivationLayer):
    """Gaussian error linear unit, exact or by tanh; see :func:`gelu`."""

    options = ("approximate",)

    def __init__(self, approximate: Approximation = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise DataError(f"approximate is 'none' or 'tanh', got {approximate!r}")
        self.approximate: Approximation = approximate

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return gelu(x, self.approximate)


class SiLU(ActivationLayer):
    """Sigmoid linear unit, also called Swish; see :func:`silu`."""

    options = ("beta",)

    def __init__(self, beta: float = 1.0) -> None:
        super().__init__()
        self.beta = float(beta)

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return silu(x, self.beta)


Swish = SiLU


class Mish(ActivationLayer):
    """Unit gated by the tanh of a softplus; see :func:`mish`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return mish(x)


class HardSwish(ActivationLayer):
    """Swish of straight lines and one parabola; see :func:`hard_swish`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return hard_swish(x)


class GLU(ActivationLayer):
    """Gated linear unit, which halves the number of features; see :func:`glu`."""

    options = ("axis",)

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Value) -> Value:
        """Gate the first half of the features by the second."""
        return glu(x, self.axis)
