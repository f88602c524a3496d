"""A layer for each time step of a sequence."""

from __future__ import annotations

import math

from pellucid import primitives as p
from pellucid.dtypes import as_array
from pellucid.errors import ShapeError
from pellucid.nn.branches import tell_branch
from pellucid.nn.containers import _checked
from pellucid.nn.module import Module
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["TimeDistributed"]


class TimeDistributed(Module):
    """Applies a layer to every time step, with the same weights.

    yₜ = f(xₜ)

    Steps are handed to the layer as samples, (N, T, ...) as (N·T, ...), in one call. A
    :class:`Linear` does not need this: it maps the last axis, whatever stands in front.

    Parameters
    ----------
    layer : Module
        The layer, f, of samples such as images (C, H, W).

    Raises
    ------
    ShapeError
        If the input has no axis of time steps, or the layer does not keep samples apart.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> film = np.ones((2, 5, 3, 4, 4))  # 2 films of 5 pictures
    >>> nn.TimeDistributed(nn.Flatten())(film).shape
    (2, 5, 48)
    """

    def __init__(self, layer: Module) -> None:
        super().__init__()
        self.layer = _checked("TimeDistributed", layer)

    def forward(self, x: Value) -> Value:
        """Return the results of all steps, (N, T, ...).

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, T, ...).
        """
        x = x if isinstance(x, Recorded) else as_array(x)
        shape = x.shape
        if len(shape) < 3:
            raise ShapeError(
                f"TimeDistributed expects sequences of shape (N, T, ...), got {shape}"
                + ("; numbers in a row need an axis for them, x[..., None]" if shape else "")
            )
        steps = math.prod(shape[:2])
        y = self.layer(p.reshape(x, shape=(steps, *shape[2:])))
        if not y.shape or y.shape[0] != steps:
            raise ShapeError(
                f"the layer turns {shape[0]}·{shape[1]} = {steps} steps into shape {y.shape}, "
                f"which are no longer {steps} results; it must keep the first axis"
            )
        return p.reshape(y, shape=(*shape[:2], *y.shape[1:]))

    def followed_by(self, layer: Module | None) -> None:
        """Pass on to the layer what comes after it."""
        tell_branch(self.layer, layer)
