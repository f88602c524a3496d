"""Linear units whose negative side bends into an exponential, and the smooth rectifier."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.nn.activations.layer import ActivationLayer
from pellucid.nn.inputs import floats
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["CELU", "ELU", "SELU", "Softplus", "celu", "elu", "selu", "softplus"]

# The fixed point of Klambauer et al. (2017), equation 14: mean 0 and variance 1 are kept.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


@composite
def elu(x: Value, alpha: float = 1.0) -> Value:
    """Exponential linear unit.

    max(0, x) + alpha · (e^min(0, x) − 1)

    Slope `alpha` at 0. Clevert et al. (2016).
    """
    x = floats(x)
    bent = p.expm1(p.clip(x, high=0.0))
    return p.add(p.relu(x), bent if alpha == 1 else p.multiply(bent, float(alpha)))


@composite
def selu(x: Value) -> Value:
    """Scaled exponential linear unit: keeps mean 0 and variance 1 from layer to layer.

    λ · (max(0, x) + α · (e^min(0, x) − 1)), λ = 1.0507…, α = 1.6732…

    Slope λα at 0. Needs LeCun normal weights. Klambauer et al. (2017).
    """
    return p.multiply(elu(x, _SELU_ALPHA), _SELU_SCALE)


@composite
def celu(x: Value, alpha: float = 1.0) -> Value:
    """Exponential linear unit with a slope that is continuous for every alpha.

    max(0, x) + alpha · (e^(min(0, x) / alpha) − 1)

    Slope 1 at 0. Barron (2017).
    """
    x = floats(x)
    bent = p.expm1(p.multiply(p.clip(x, high=0.0), 1 / alpha))
    return p.add(p.relu(x), p.multiply(bent, float(alpha)))


@composite
def softplus(x: Value, beta: float = 1.0) -> Value:
    """Smooth rectifier.

    ln(1 + e^(beta·x)) / beta

    Dugas et al. (2001).
    """
    x = floats(x)
    if beta == 1:
        return p.softplus(x)
    return p.multiply(p.softplus(p.multiply(x, float(beta))), 1 / beta)


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise DataError(f"{name} must be greater than 0, got {value}")
    return float(value)


class ELU(ActivationLayer):
    """Exponential linear unit; see :func:`elu`."""

    options = ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = float(alpha)

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return elu(x, self.alpha)


class SELU(ActivationLayer):
    """Scaled exponential linear unit; see :func:`selu`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return selu(x)


class CELU(ActivationLayer):
    """Exponential linear unit with a continuous slope; see :func:`celu`."""

    options = ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = _positive("alpha", alpha)

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return celu(x, self.alpha)


class Softplus(ActivationLayer):
    """Smooth rectifier; see :func:`softplus`."""

    options = ("beta",)

    def __init__(self, beta: float = 1.0) -> None:
        super().__init__()
        self.beta = _positive("beta", beta)

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return softplus(x, self.beta)
