"""Weight normalisation: the length of a weight vector is learnt apart from its direction."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.nn.module import Module
from pellucid.nn.reparametrization.installing import Reparametrization, install, outputs_axis
from pellucid.tensor import Parameter

__all__ = ["WeightNormalization", "weight_norm"]

Layer = TypeVar("Layer", bound=Module)


class WeightNormalization(Reparametrization):
    """w = g · v / ‖v‖.

    Attributes
    ----------
    magnitude : Parameter
        g, one number for each entry of the axis `dim`, the other axes being 1 long.
    direction : Parameter
        v, of the shape of the weight.
    """

    def __init__(self, weight: Parameter, dim: int | None) -> None:
        super().__init__()
        rank = len(weight.shape)
        if dim is not None and not -rank <= dim < rank:
            raise DataError(f"the weight of shape {weight.shape} has no axis {dim}")
        self.dim = None if dim is None else dim % rank
        self.axes = tuple(a for a in range(rank) if a != self.dim)
        lengths = np.sqrt(np.sum(np.square(weight.data), axis=self.axes, keepdims=True))
        self.magnitude = Parameter(lengths)
        self.direction = Parameter(weight.data.copy())

    def forward(self, advance: bool = False) -> Any:
        """Return g · v / ‖v‖."""
        squares = p.sum(p.square(self.direction), axis=self.axes, keepdims=True)
        return p.multiply(self.direction, p.divide(self.magnitude, p.sqrt(squares)))

    def extra_repr(self) -> str:
        """Return the axis that keeps its own lengths."""
        return "of the whole" if self.dim is None else f"dim={self.dim}"


def weight_norm(layer: Layer, name: str = "weight", dim: int | str | None = "outputs") -> Layer:
    """Let a layer learn the length of its weight vectors apart from their direction.

    w = g · v / ‖v‖

    The layer computes what it computed before; only the path of its training is another one.
    Salimans & Kingma (2016).

    Parameters
    ----------
    layer : Module
        Changed in place. Make the optimizer afterwards, since the parameters are new ones.
    name : str
        The path of the weight in it, such as ``"layer0.recurrent_weight"`` of an LSTM.
    dim : int, None or "outputs"
        The axis of which each entry has a length of its own; None: one length for the whole. By
        default the axis of the outputs: 1 for a matrix (in, out), 0 for a convolution's
        (out, in, ...).

    Returns
    -------
    Module
        The layer. Its state holds ``weight_norm.magnitude`` and ``weight_norm.direction`` instead
        of ``weight``.

    Raises
    ------
    UnknownNameError, DataError
        If there is no such weight, its shape is not known yet, or it is computed already.

    Examples
    --------
    >>> from pellucid import nn
    >>> layer = nn.weight_norm(nn.Linear(4, 3))
    >>> {path: p.shape for path, p in layer.named_parameters()}  # doctest: +NORMALIZE_WHITESPACE
    {'bias': (3,), 'weight_norm.magnitude': (1, 3), 'weight_norm.direction': (4, 3)}
    """

    def make(weight: Parameter) -> WeightNormalization:
        axis: Any = outputs_axis(weight) if dim == "outputs" else dim
        return WeightNormalization(weight, axis)

    install(layer, name, make, "weight_norm")
    return layer
