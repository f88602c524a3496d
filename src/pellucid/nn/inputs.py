"""What layers accept: recorded values as they are, raw data made fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import as_array, default_float
from pellucid.errors import DTypeError
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["floats", "input_of"]


def floats(x: Any) -> Value:
    """Return `x` as it is if it is recorded, else as an array; whole numbers become float32."""
    if isinstance(x, Recorded):
        return x
    array = as_array(x)
    return array if array.dtype.kind == "f" else array.astype(default_float)


def input_of(x: Any, dtype: np.dtype[Any]) -> Value:
    """Return the input of a layer whose parameters have this type.

    Raw data is converted. A Tensor is not: converting it would hide that two parts of a network
    compute in different types.

    Raises
    ------
    DTypeError
        If `x` is a Tensor of another type.
    """
    if not isinstance(x, Recorded):
        return as_array(x, dtype)
    if x.data.dtype != dtype:
        raise DTypeError(
            f"expected a Tensor of {dtype}, the type of this layer's parameters, got "
            f"{x.data.dtype}; convert it with x.astype('{dtype}'), or this layer with "
            f".astype('{x.data.dtype if x.data.dtype.kind == 'f' else 'float64'}')"
        )
    return x
