"""What every initialiser is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias

import numpy as np

from pellucid.dtypes import Array, DTypeLike, float_dtype
from pellucid.errors import ShapeError
from pellucid.random import Seed, generator

__all__ = ["InitLike", "Initializer", "Shape", "Source", "fans"]

Shape: TypeAlias = tuple[int, ...]


class Source:
    """Random numbers of one type from one generator, drawn in that type where NumPy can."""

    def __init__(self, rng: np.random.Generator, dtype: np.dtype[Any]) -> None:
        self.rng = rng
        self.dtype = dtype
        self._drawn: Any = np.float64 if dtype == np.float64 else np.float32

    def normal(self, shape: Shape) -> Array:
        """Draw from N(0, 1)."""
        return self.rng.standard_normal(shape, dtype=self._drawn)

    def uniform(self, shape: Shape, low: float, high: float) -> Array:
        """Draw from U(low, high)."""
        unit: Array = self.rng.random(shape, dtype=self._drawn)
        return low + (high - low) * unit


@dataclass(frozen=True, repr=False)
class Initializer(ABC):
    """Makes the first numbers of a parameter.

    Examples
    --------
    >>> from pellucid.nn import init
    >>> init.HeNormal()
    HeNormal(): w ~ N(0, σ²), σ² = 2 / fan_in
    >>> init.Constant(0.5)((2, 3))
    array([[0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5]], dtype=float32)
    """

    label: ClassVar[str]
    formula: ClassVar[str]

    def __call__(self, shape: Shape, rng: Seed = None, dtype: DTypeLike | None = None) -> Array:
        """Return a new array.

        Parameters
        ----------
        shape : tuple of int
            Its shape; (in, out) for weights.
        rng : int, numpy.random.Generator or None
            Where random numbers come from.
        dtype : dtype, optional
            A floating-point type, by default float32.

        Raises
        ------
        ShapeError
            If the formula needs a matrix (in, out), and the shape is another.
        """
        wanted = float_dtype(dtype)
        drawn = self.draw(tuple(shape), Source(generator(rng), wanted))
        return drawn.astype(wanted, copy=False)

    @abstractmethod
    def draw(self, shape: Shape, source: Source) -> Array:
        """Return a new array with random numbers from `source`."""

    def law(self) -> str:
        """Return the formula, for these options."""
        return self.formula

    def __repr__(self) -> str:
        law = self.law()
        # Options at their defaults are shown only where the formula speaks of them.
        shown = [
            f"{f.name}={getattr(self, f.name)!r}"
            for f in fields(self)
            if f.name in law or getattr(self, f.name) != f.default
        ]
        return f"{type(self).__name__}({', '.join(shown)}): {law}"

    def __str__(self) -> str:
        values = [(f.name, getattr(self, f.name), f.default) for f in fields(self)]
        changed = [f"{name}={value!r}" for name, value, default in values if value != default]
        return f"{self.label} ({', '.join(changed)})" if changed else self.label


InitLike: TypeAlias = Initializer | Callable[..., Array] | str
"""An initialiser, its name, or a function ``(shape, rng, dtype) -> array``."""


def fans(shape: Shape) -> tuple[int, int]:
    """Return (fan_in, fan_out) of weights.

    Raises
    ------
    ShapeError
        If the shape is not that of a matrix.
    """
    if len(shape) != 2:
        raise ShapeError(
            f"this initialiser is for weights of shape (in, out), got {shape}; "
            "use Normal, Uniform or Constant for other shapes"
        )
    return shape[0], shape[1]
