"""Functions that squash the whole line into an interval."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.nn.activations.layer import ActivationLayer
from pellucid.nn.inputs import floats
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = [
    "HardSigmoid",
    "Sigmoid",
    "Softsign",
    "Step",
    "Tanh",
    "hard_sigmoid",
    "sigmoid",
    "softsign",
    "step",
    "tanh",
]


@composite
def step(x: Value) -> Value:
    """Heaviside step, the threshold of the first artificial neurons.

    1 if x ≥ 0 else 0

    Its derivative is 0 everywhere (at the jump too, by convention), so nothing before it can learn
    from gradients. McCulloch & Pitts (1943); Rosenblatt (1958).

    Examples
    --------
    >>> step([-0.5, 0.0, 2.0])
    array([0., 1., 1.], dtype=float32)
    """
    return p.step(floats(x))


@composite
def sigmoid(x: Value) -> Value:
    """Logistic function, between 0 and 1.

    1 / (1 + e⁻ˣ)

    Verhulst (1845); Rumelhart et al. (1986).
    """
    return p.sigmoid(floats(x))


@composite
def hard_sigmoid(x: Value) -> Value:
    """Sigmoid made of three straight lines.

    min(max(0, x + 3), 6) / 6

    Slope 0 at −3 and at 3. Courbariaux et al. (2015), with the slope of Howard et al. (2019).
    """
    lifted = p.relu(p.add(floats(x), 3.0))
    return p.multiply(p.minimum(lifted, 6.0, tie_share=0.0), 1 / 6)


@composite
def tanh(x: Value) -> Value:
    """Hyperbolic tangent, between −1 and 1.

    (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)

    LeCun et al. (1998) say why it trains better than the sigmoid.
    """
    return p.tanh(floats(x))


@composite
def softsign(x: Value) -> Value:
    """Squashing function that saturates slowly, between −1 and 1.

    x / (1 + |x|)

    Bergstra et al. (2009); Glorot & Bengio (2010).
    """
    x = floats(x)
    return p.divide(x, p.add(p.absolute(x), 1.0))


class Step(ActivationLayer):
    """Heaviside step, through which no gradient passes; see :func:`step`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return step(x)


class Sigmoid(ActivationLayer):
    """Logistic function; see :func:`sigmoid`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return sigmoid(x)


class HardSigmoid(ActivationLayer):
    """Sigmoid made of three straight lines; see :func:`hard_sigmoid`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return hard_sigmoid(x)


class Tanh(ActivationLayer):
    """Hyperbolic tangent; see :func:`tanh`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return tanh(x)


class Softsign(ActivationLayer):
    """Slowly saturating squashing function; see :func:`softsign`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return softsign(x)
