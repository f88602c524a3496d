"""NumPy's names for functions of a family, with NumPy's arguments: tables for `numpy_protocols`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.numpy_names import (
    elementwise,
    fourier,
    linear_algebra,
    products,
    reductions,
    shape,
    statistics,
)

__all__ = ["FUNCTIONS", "PLAIN", "UFUNCS"]

_FAMILIES = (elementwise, fourier, linear_algebra, products, shape, statistics, reductions)

UFUNCS: dict[np.ufunc, Callable[..., Any]] = {**elementwise.UFUNCS, **linear_algebra.UFUNCS}
"""Ufuncs, and what records them."""

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    function: record for family in _FAMILIES for function, record in family.FUNCTIONS.items()
}
"""Other functions, and what records them, with the arguments that are supported."""

PLAIN: tuple[Callable[..., Any], ...] = tuple(
    function for family in _FAMILIES for function in getattr(family, "PLAIN", ())
)
"""Functions without a derivative, whose results are plain."""
