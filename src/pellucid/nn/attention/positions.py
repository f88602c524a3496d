"""Positions that are added to the inputs: fixed waves, or learnt vectors."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike, float_dtype
from pellucid.errors import DataError, ShapeError
from pellucid.nn.init import InitLike, Normal, make_initializer
from pellucid.nn.inputs import floats, input_of
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["LearnedPositions", "SinusoidalPositions", "sinusoids"]


@lru_cache(maxsize=32)
def _sinusoids(length: int, width: int, base: float, dtype: str) -> Array:
    even = np.arange(0, width, 2)
    angles = np.arange(length)[:, None] * base ** (-even / width)
    waves = np.zeros((length, width), dtype)
    waves[:, 0::2] = np.sin(angles)
    waves[:, 1::2] = np.cos(angles[:, : width // 2])
    waves.flags.writeable = False
    return waves


def sinusoids(
    length: int, width: int, *, base: float = 10_000.0, dtype: DTypeLike | None = None
) -> Array:
    """Return sines and cosines of the position, of wavelengths from 2π to 2π · base.

    P[t, 2i] = sin(t · base^(−2i/width)), P[t, 2i + 1] = cos(t · base^(−2i/width))

    Of shape (length, width), shared and read-only. Vaswani et al. (2017).

    Examples
    --------
    >>> sinusoids(2, 4).round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]], dtype=float32)
    """
    return _sinusoids(length, width, float(base), float_dtype(dtype).name)


def _check(shape: tuple[int, ...], width: int) -> None:
    if len(shape) < 2 or shape[-1] != width:
        raise ShapeError(f"expected shape (..., length, {width}), got {shape}")


class SinusoidalPositions(Module):
    """Adds fixed waves of the position, so that attention can tell first from last.

    y[..., t, :] = scale · x[..., t, :] + P[t]; see :func:`sinusoids` for P

    It has no parameters and works at any length. Vaswani et al. (2017).

    Parameters
    ----------
    width : int
        Width of the inputs.
    scale : float
        What the inputs are multiplied by; the paper takes √width for its embeddings.
    base : float
        The longest wavelength is 2π · base.
    """

    def __init__(self, width: int, *, scale: float = 1.0, base: float = 10_000.0) -> None:
        super().__init__()
        if width < 1:
            raise DataError(f"the width is at least 1, got {width}")
        self.width = width
        self.scale = float(scale)
        self.base = float(base)

    def forward(self, x: Value, offset: int = 0) -> Value:
        """Return `x` with its positions, which are counted from `offset`.

        Parameters
        ----------
        x : array or Tensor
            Of shape (..., T, width).
        offset : int
            Position of the first.
        """
        x = floats(x)
        _check(x.shape, self.width)
        end = offset + x.shape[-2]
        waves = sinusoids(end, self.width, base=self.base, dtype=x.dtype)[offset:]
        return p.add(x if self.scale == 1 else p.multiply(x, self.scale), waves)

    def extra_repr(self) -> str:
        """Return the width, and the scale if there is one."""
        return f"{self.width}" + (f", scale={self.scale:g}" if self.scale != 1 else "")


class LearnedPositions(Module):
    """Adds a learnt vector for each position.

    y[..., t, :] = x[..., t, :] + P[t]

    Longer inputs than it has positions are an error. Gehring et al. (2017).

    Parameters
    ----------
    length : int
        The most positions.
    width : int
        Width of the inputs.
    weight_init : Initializer, str or callable, optional
        What P starts as, by default normal with standard deviation 0.02.
    dtype : dtype, optional
        Type of P, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Attributes
    ----------
    weight : Parameter
        P, of shape (length, width).

    Raises
    ------
    ShapeError
        If the input is longer than there are positions.
    """

    weight: Parameter

    def __init__(
        self,
        length: int,
        width: int,
        *,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if length < 1 or width < 1:
            raise DataError(f"length and width are at least 1, got {length} and {width}")
        init = Normal(std=0.02) if weight_init is None else make_initializer(weight_init)
        self.weight = Parameter(init((length, width), generator(rng), float_dtype(dtype)))

    @property
    def length(self) -> int:
        """The most positions."""
        return self.weight.shape[0]

    def forward(self, x: Value, offset: int = 0) -> Value:
        """Return `x` with its positions, which are counted from `offset`.

        Parameters
        ----------
        x : array or Tensor
            Of shape (..., T, width).
        offset : int
            Position of the first.
        """
        x = input_of(x, self.weight.dtype)
        _check(x.shape, self.weight.shape[1])
        end = offset + x.shape[-2]
        if end > self.length:
            raise ShapeError(
                f"there are {self.length} learnt positions, an input of length {x.shape[-2]}"
                f"{f' from position {offset} on' if offset else ''} needs {end}"
            )
        return p.add(x, p.getitem(self.weight, index=slice(offset, end)))

    def extra_repr(self) -> str:
        """Return the number of positions and the width."""
        return f"{self.length} positions, {self.weight.shape[1]}"
