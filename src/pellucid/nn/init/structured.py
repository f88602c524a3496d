"""Initialisers of matrices with a structure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.nn.init.base import Initializer, Shape, Source, fans

__all__ = ["Identity", "Orthogonal", "Sparse"]


@dataclass(frozen=True, repr=False)
class Orthogonal(Initializer):
    """A random matrix that keeps lengths: its rows or columns, the fewer, are orthonormal.

    Saxe et al. (2014); drawn evenly among all such matrices as Mezzadri (2007) shows.
    """

    label = "orthogonal"
    formula = "W Wᵀ = gain² I or Wᵀ W = gain² I"
    gain: float = 1.0

    def draw(self, shape: Shape, source: Source) -> Array:
        """Draw a matrix of normal numbers, and take the Q of its QR decomposition."""
        rows, columns = fans(shape)
        # The decomposition is done in float64, so that float32 weights are orthogonal to rounding.
        tall = source.rng.standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diagonal(r) < 0, -self.gain, self.gain)
        return np.ascontiguousarray(q if rows >= columns else q.T)


@dataclass(frozen=True, repr=False)
class Identity(Initializer):
    """Ones on the diagonal: each unit starts as a copy of one input (Le et al., 2015)."""

    label = "identity"
    formula = "W = gain · I"
    gain: float = 1.0

    def draw(self, shape: Shape, source: Source) -> Array:
        """Return a multiple of the identity, cut or padded with zeros to the shape."""
        return np.eye(*fans(shape), dtype=source.dtype) * self.gain


@dataclass(frozen=True, repr=False)
class Sparse(Initializer):
    """Normal, but a fraction `sparsity` of the inputs of each unit is not connected.

    Martens (2010), section 5.
    """

    label = "sparse"
    formula = "w ~ N(0, std²), of which ⌈sparsity · fan_in⌉ per unit are 0"
    sparsity: float = 0.9
    std: float = 0.01

    def draw(self, shape: Shape, source: Source) -> Array:
        """Draw normal numbers, then choose for each unit which inputs to cut."""
        if not 0 <= self.sparsity <= 1:
            raise DataError(f"sparsity is a fraction from 0 to 1, got {self.sparsity}")
        inputs, _ = fans(shape)
        weights = source.normal(shape) * self.std
        # Of random ranks down each column, the lowest are cut.
        ranks = source.rng.random(shape).argsort(axis=0).argsort(axis=0)
        weights[ranks < math.ceil(self.sparsity * inputs)] = 0
        return weights
