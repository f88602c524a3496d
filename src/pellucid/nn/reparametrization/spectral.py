"""Spectral normalisation: a layer that lengthens no vector."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.nn.module import Module
from pellucid.nn.reparametrization.installing import Reparametrization, install, outputs_axis
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["SpectralNormalization", "spectral_norm"]

Layer = TypeVar("Layer", bound=Module)

_FIRST_ITERATIONS = 15


class SpectralNormalization(Reparametrization):
    """w = W / σ(W), σ being the largest singular value of W as a matrix (outputs, rest).

    Attributes
    ----------
    original : Parameter
        W.
    u, v : ndarray
        Buffers: estimates of the first singular vectors.
    """

    u: Array
    v: Array

    def __init__(
        self, weight: Parameter, power_iterations: int, dim: int, eps: float, rng: Seed
    ) -> None:
        super().__init__()
        if isinstance(power_iterations, bool) or power_iterations < 1:
            raise DataError(f"power_iterations is a whole number ≥ 1, got {power_iterations!r}")
        rank = len(weight.shape)
        if not -rank <= dim < rank:
            raise DataError(f"the weight of shape {weight.shape} has no axis {dim}")
        self.power_iterations = power_iterations
        self.eps = eps
        self.dim = dim % rank
        self.order = (self.dim, *(a for a in range(rank) if a != self.dim))
        self.original = Parameter(weight.data.copy())
        matrix = self._matrix(self.original.data)
        rng = generator(rng)
        for name, size in (("u", matrix.shape[0]), ("v", matrix.shape[1])):
            self.register_buffer(name, self._unit(rng.standard_normal(size).astype(matrix.dtype)))
        self._advance(_FIRST_ITERATIONS)

    def forward(self, advance: bool = False) -> Any:
        """Return W / (uᵀ W v); u and v count as constants."""
        if advance:
            self._advance(self.power_iterations)
        # copies: the buffers go on while the way back may still need these
        u = self.u.astype(self.original.dtype)[:, None]
        v = self.v.astype(self.original.dtype)[None, :]
        sigma = p.sum(p.multiply(self._matrix(self.original), u * v))
        return p.divide(self.original, sigma)

    def _advance(self, iterations: int) -> None:
        """Improve the estimates by power iteration."""
        matrix = self._matrix(self.original.data).astype(self.u.dtype, copy=False)
        for _ in range(iterations):
            self.u[...] = self._unit(matrix @ self.v)
            self.v[...] = self._unit(matrix.T @ self.u)

    def _matrix(self, weight: Any) -> Any:
        """Bring the axis of the outputs to the front: (outputs, rest)."""
        return p.reshape(p.transpose(weight, axes=self.order), shape=(weight.shape[self.dim], -1))

    def _unit(self, vector: Array) -> Array:
        return vector / max(float(np.sqrt(np.sum(np.square(vector)))), self.eps)

    def extra_repr(self) -> str:
        """Return axis and iterations."""
        return f"dim={self.dim}, power_iterations={self.power_iterations}"


def spectral_norm(
    layer: Layer,
    name: str = "weight",
    power_iterations: int = 1,
    dim: int | str = "outputs",
    eps: float = 1e-12,
    rng: Seed = None,
) -> Layer:
    """Divide a layer's weight by its largest singular value, so that it lengthens no vector.

    w = W / σ(W), σ(W) = max ‖W x‖ / ‖x‖

    σ is estimated by power iteration, a step of it in each forward pass of training. Miyato et al.
    (2018), for the critics of generative adversarial networks.

    Parameters
    ----------
    layer : Module
        Changed in place. Make the optimizer afterwards, since the parameter is a new one.
    name : str
        The path of the weight in it, such as ``"layer0.recurrent_weight"`` of an LSTM.
    power_iterations : int
        Steps in each forward pass of training.
    dim : int or "outputs"
        The axis that stays when the others are joined to make a matrix; by default that of the
        outputs: 1 for a matrix (in, out), 0 for a convolution's (out, in, ...).
    eps : float
        The smallest length that a vector is divided by.
    rng : int, numpy.random.Generator or None
        Where the first estimates come from.

    Returns
    -------
    Module
        The layer. Its state holds ``weight_norm.original``, ``.u`` and ``.v`` instead of
        ``weight``.

    Raises
    ------
    UnknownNameError, DataError
        If there is no such weight, its shape is not known yet, or it is computed already.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> layer = nn.spectral_norm(nn.Linear(4, 3, rng=0), rng=0)
    >>> bool(np.isclose(np.linalg.norm(layer.weight.data, 2), 1, atol=1e-3))
    True
    """

    def make(weight: Parameter) -> SpectralNormalization:
        axis: Any = outputs_axis(weight) if dim == "outputs" else dim
        return SpectralNormalization(weight, power_iterations, axis, eps, rng)

    install(layer, name, make, "spectral_norm")
    return layer
