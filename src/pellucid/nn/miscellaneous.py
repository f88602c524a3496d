"""Small layers without parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pellucid import primitives as p
from pellucid.dtypes import as_array
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.ops import composite
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["Flatten", "Identity", "Lambda", "identity"]


@composite
def identity(x: Value) -> Value:
    """Nothing happens: the result is `x` itself.

    x

    Examples
    --------
    >>> identity([1.0, -2.0])
    array([ 1., -2.], dtype=float32)
    """
    return floats(x)


class Identity(Module):
    """Passes its input on as it is; a placeholder where a layer is expected."""

    transparent = True

    def forward(self, x: Value) -> Value:
        """Return `x`."""
        return x


class Flatten(Module):
    """Joins all axes from `start_axis` on into one: (N, C, H, W) becomes (N, C·H·W).

    Parameters
    ----------
    start_axis : int
        The first axis that is joined; the axes before it stay.

    Raises
    ------
    ShapeError
        If the input has fewer axes than are to stay.
    """

    transparent = True

    def __init__(self, start_axis: int = 1) -> None:
        super().__init__()
        if start_axis < 0:
            raise DataError(f"Flatten counts axes from the front, got start_axis={start_axis}")
        self.start_axis = start_axis

    def forward(self, x: Value) -> Value:
        """Return the same entries in fewer axes."""
        if not isinstance(x, Recorded):
            x = as_array(x)
        kept = x.shape[: self.start_axis]
        if len(kept) < self.start_axis:
            raise ShapeError(
                f"Flatten keeps the first {self.start_axis} axes, got shape {x.shape}; "
                "a single sample needs a batch axis in front, x[None]"
            )
        return p.reshape(x, shape=(*kept, math.prod(x.shape[self.start_axis :])))

    def extra_repr(self) -> str:
        """Return the first axis that is joined, if it is not the usual one."""
        return "" if self.start_axis == 1 else f"start_axis={self.start_axis}"


class Lambda(Module):
    """A function as a layer.

    Parameters
    ----------
    function : callable
        Written with Pellucid's or NumPy's functions.

    Examples
    --------
    >>> import numpy as np
    >>> Lambda(np.sin)
    Lambda(sin)
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        if not callable(function):
            raise DataError(f"Lambda takes a function, got {function!r}")
        self.function = function

    def forward(self, *inputs: Any) -> Any:
        """Call the function."""
        return self.function(*inputs)

    def extra_repr(self) -> str:
        """Return the name of the function."""
        return getattr(self.function, "__name__", type(self.function).__name__)
