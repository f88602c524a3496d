"""Functions of a whole axis that make a probability distribution of it."""

from __future__ import annotations

from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.nn.activations.layer import ActivationLayer
from pellucid.nn.inputs import floats
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["LogSoftmax", "Softmax", "log_softmax", "softmax"]


def _with_axis(x: Value, axis: int) -> Value:
    x = floats(x)
    rank = len(x.shape)
    if not -rank <= axis < rank:
        raise ShapeError(f"there is no axis {axis} in shape {x.shape} to take a softmax over")
    return x


@composite
def softmax(x: Value, axis: int = -1) -> Value:
    """Probabilities from scores: positive, and with sum 1 along `axis`.

    e^xᵢ / Σⱼ e^xⱼ

    Training needs no softmax at the end of a network: classification losses take the scores, and
    apply it themselves. Boltzmann (1868); Bridle (1990).

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5], dtype=float32)
    """
    return ops.softmax(_with_axis(x, axis), axis)


@composite
def log_softmax(x: Value, axis: int = -1) -> Value:
    """Logarithms of the softmax, accurate where the probabilities round to 0.

    xᵢ − ln Σⱼ e^xⱼ

    Bridle (1990).
    """
    return p.log_softmax(_with_axis(x, axis), axis=axis)


class Softmax(ActivationLayer):
    """Probabilities along one axis; see :func:`softmax`."""

    options = ("axis",)

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Value) -> Value:
        """Make a distribution of each row along the axis."""
        return softmax(x, self.axis)


class LogSoftmax(ActivationLayer):
    """Logarithms of probabilities along one axis; see :func:`log_softmax`."""

    options = ("axis",)

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Value) -> Value:
        """Make the logarithm of a distribution of each row along the axis."""
        return log_softmax(x, self.axis)
