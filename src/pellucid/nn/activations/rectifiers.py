"""Rectifiers: one slope for positive inputs, a smaller one for negative ones."""

from __future__ import annotations

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike, float_dtype
from pellucid.errors import DataError, ShapeError
from pellucid.nn.activations.layer import ActivationLayer
from pellucid.nn.inputs import floats, input_of
from pellucid.ops import composite
from pellucid.primitives.declaration import Value
from pellucid.tensor import Parameter

__all__ = ["LeakyReLU", "PReLU", "ReLU", "ReLU6", "leaky_relu", "prelu", "relu", "relu6"]


@composite
def relu(x: Value) -> Value:
    """Rectified linear unit.

    max(0, x)

    Slope 0 at 0. Fukushima (1969); Nair & Hinton (2010).

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return p.relu(floats(x))


@composite
def relu6(x: Value) -> Value:
    """ReLU that saturates at 6.

    min(max(0, x), 6)

    Slope 0 at 0 and at 6. Krizhevsky (2010).
    """
    return p.minimum(p.relu(floats(x)), 6.0, tie_share=0.0)


@composite
def leaky_relu(x: Value, negative_slope: float = 0.01) -> Value:
    """ReLU that lets a little of the negative side through, so that no unit dies.

    max(0, x) + negative_slope · min(0, x)

    Slope `negative_slope` at 0. Maas et al. (2013).
    """
    x = floats(x)
    return p.add(p.relu(x), p.multiply(p.clip(x, high=0.0), float(negative_slope)))


@composite
def prelu(x: Value, weight: Value = 0.25, axis: int = 1) -> Value:
    """Leaky ReLU whose negative slope is learnt, one for all or one per channel.

    max(0, x) + weight · min(0, x)

    Slope `weight` at 0. He et al. (2015).

    Parameters
    ----------
    x : array or Tensor
    weight : array or Tensor
        One slope, or one for each channel.
    axis : int
        The axis of the channels.

    Raises
    ------
    ShapeError
        If there are several slopes, and not as many as channels.
    """
    x, slope = floats(x), floats(weight)
    slopes = int(np.prod(slope.shape))
    if slopes == 1:
        slope = p.reshape(slope, shape=())  # a single number has no axis to gain
    else:
        rank = len(x.shape)
        if not -rank <= axis < rank or x.shape[axis] != slopes:
            raise ShapeError(
                f"PReLU has {slopes} slopes, one for each channel (axis {axis}), but the inputs "
                f"have shape {x.shape}; make it PReLU(num_parameters=1) or as many as channels"
            )
        shape = [1] * rank
        shape[axis] = slopes
        slope = p.reshape(slope, shape=tuple(shape))
    return p.add(p.relu(x), p.multiply(p.clip(x, high=0.0), slope))


class ReLU(ActivationLayer):
    """Rectified linear unit, max(0, x); see :func:`relu`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return relu(x)


class ReLU6(ActivationLayer):
    """ReLU that saturates at 6; see :func:`relu6`."""

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return relu6(x)


class LeakyReLU(ActivationLayer):
    """ReLU with a small negative slope; see :func:`leaky_relu`."""

    options = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = float(negative_slope)

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return leaky_relu(x, self.negative_slope)


class PReLU(ActivationLayer):
    """Leaky ReLU whose negative slope is learnt; see :func:`prelu`.

    Parameters
    ----------
    num_parameters : int
        1 for one slope shared by all, or the number of channels for one each.
    init : float
        The slopes before training.
    axis : int
        The axis of the channels.
    dtype : dtype, optional
        Type of the slopes, by default float32.
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        axis: int = 1,
        *,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        if num_parameters < 1:
            raise DataError(f"PReLU needs at least one slope, got num_parameters={num_parameters}")
        self.axis = axis
        self.weight = Parameter(np.full(num_parameters, init, float_dtype(dtype)))

    def forward(self, x: Value) -> Value:
        """Apply it to each entry."""
        return prelu(input_of(x, self.weight.dtype), self.weight, self.axis)

    def extra_repr(self) -> str:
        """Return how many slopes there are."""
        return "" if self.weight.size == 1 else f"{self.weight.size} channels on axis {self.axis}"
