"""The variational autoencoder: an autoencoder that new samples can be drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.losses import binary_cross_entropy_with_logits
from pellucid.losses.reduction import reduce, sample_weights
from pellucid.models.generative.autoencoder import shape_of
from pellucid.models.mlp import MLP, ActivationLike
from pellucid.nn import Module
from pellucid.primitives import naming
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tape import no_grad
from pellucid.tensor import Tensor

__all__ = ["VAE"]


class VAE(Module):
    """Variational autoencoder: codes are distributions, kept close to the standard normal one.

    −ELBO = −E ln p(x | z) + β · KL(q(z | x) ‖ N(0, 1)), with z = μ(x) + σ(x) · ε, ε ~ N(0, 1)

    The random draw is written as a function of ε, which needs no gradient, so that μ and σ have one
    (the reparametrisation). Kingma & Welling (2014); β ≠ 1: Higgins et al. (2017).

    The network returns (reconstruction, decoded, μ, ln σ²), and :meth:`loss` takes them all:
    ``fit(net, x, loss=net.loss)``. Predictions are the reconstruction, the mean of p(x | z). In
    evaluation z is μ itself, without a draw, so that predictions can be repeated; the loss is then
    that of the mean code, a little below the bound.

    Parameters
    ----------
    input_shape : int or tuple of int
        The shape of one sample.
    hidden : int or sequence of int
        Units of the encoder's hidden layers; the decoder has them in reverse.
    latent : int
        Numbers in z.
    likelihood : "bernoulli" or "gaussian"
        What p(x | z) is: for samples in [0, 1], such as grey values, or for any numbers.
    beta : float
        Weight of the divergence.
    sigma : float
        Standard deviation of the Gaussian likelihood.
    activation : str or callable
        What follows each hidden layer.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where the weights and the draws of ε come from.

    Examples
    --------
    >>> import numpy as np
    >>> net = VAE((1, 8, 8), hidden=32, latent=2, rng=0)
    >>> net.sample(3, rng=0).shape
    (3, 1, 8, 8)
    """

    def __init__(
        self,
        input_shape: int | Sequence[int],
        hidden: int | Sequence[int] = (400,),
        latent: int = 20,
        *,
        likelihood: Literal["bernoulli", "gaussian"] = "bernoulli",
        beta: float = 1.0,
        sigma: float = 1.0,
        activation: ActivationLike = "relu",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if likelihood not in ("bernoulli", "gaussian"):
            raise DataError(f"likelihood is 'bernoulli' or 'gaussian', got {likelihood!r}")
        if not sigma > 0:
            raise DataError(f"sigma is above 0, got {sigma}")
        self.rng = None if rng is None else generator(rng)
        units = (hidden,) if isinstance(hidden, int) else tuple(hidden)
        self.sample_shape = shape_of(input_shape)
        self.latent, self.likelihood = int(latent), likelihood
        self.beta, self.sigma = float(beta), float(sigma)
        size = math.prod(self.sample_shape)
        self.encoder = MLP(
            self.sample_shape, units, 2 * latent, activation, dtype=dtype, rng=self.rng
        )
        self.decoder = MLP(latent, units[::-1], size, activation, dtype=dtype, rng=self.rng)

    def encode(self, x: Any) -> tuple[Value, Value]:
        """Return μ and ln σ² of q(z | x), each (N, latent), of samples (N, ...)."""
        both = self.encoder(x)  # (N, 2 · latent)
        mean = p.getitem(both, index=(slice(None), slice(None, self.latent)))
        log_variance = p.getitem(both, index=(slice(None), slice(self.latent, None)))
        return (
            naming.called(mean, "mean", "μ"),
            naming.called(log_variance, "log_variance", "lnσ²"),
        )

    def _decoded(self, z: Any) -> Value:
        rows = self.decoder(z)
        return p.reshape(rows, shape=(rows.shape[0], *self.sample_shape))

    def _mean(self, decoded: Value) -> Value:
        return p.sigmoid(decoded) if self.likelihood == "bernoulli" else decoded

    def decode(self, z: Any) -> Value:
        """Return the mean of p(x | z) of codes (N, latent), in the shape of samples."""
        return self._mean(self._decoded(z))

    def draw(self, mean: Value, log_variance: Value) -> Value:
        """Return z = μ + σ · ε, with a new ε ~ N(0, 1) for each number."""
        noise = generator(self.rng).standard_normal(mean.shape, dtype=np.float32)
        noise = naming.called(noise.astype(mean.dtype, copy=False), "noise", "ε")
        spread = naming.called(p.exp(p.multiply(log_variance, 0.5)), "spread", "σ")
        return naming.called(p.add(mean, p.multiply(spread, noise)), "z", "z")

    def forward(self, x: Any) -> Any:
        """Return (reconstruction, decoded, μ, ln σ²).

        "decoded" is what comes out of the decoder before the likelihood's own sigmoid.
        """
        mean, log_variance = self.encode(x)
        decoded = self._decoded(self.draw(mean, log_variance) if self.training else mean)
        return self._mean(decoded), decoded, mean, log_variance

    def parts(self, outputs: Any, targets: Any) -> tuple[Value, Value]:
        """Return −ln p(x | z) and KL(q ‖ N(0, 1)) of each sample, (N,) each."""
        _, decoded, mean, log_variance = outputs
        if self.likelihood == "bernoulli":
            each: Value = binary_cross_entropy_with_logits(decoded, targets, reduction="none")
        else:
            away = p.multiply(p.subtract(decoded, targets), 1.0 / self.sigma)
            constant = math.log(self.sigma) + 0.5 * math.log(2 * math.pi)
            each = p.add(p.multiply(p.square(away), 0.5), constant)
        error = p.sum(each, axis=tuple(range(1, len(each.shape))))
        excess = p.subtract(p.add(p.square(mean), p.exp(log_variance)), p.add(log_variance, 1.0))
        divergence = p.multiply(p.sum(excess, axis=1), 0.5)
        return (
            naming.called(error, "reconstruction", "reconstruction"),
            naming.called(divergence, "divergence", "KL"),
        )

    def loss(self, outputs: Any, targets: Any, *, sample_weight: Any = None) -> Tensor:
        """Return −ELBO with the divergence times β, in nats, as the mean over the samples."""
        error, divergence = self.parts(outputs, targets)
        each = p.add(error, p.multiply(divergence, self.beta))
        weights = sample_weights("VAE.loss", sample_weight, each.shape, each.dtype)
        return reduce("VAE.loss", each, "mean", weights)

    def sample(self, count: int, rng: Seed = None) -> Array:
        """Return new samples (count, ...): the means of p(x | z) for z ~ N(0, 1)."""
        z = generator(rng).standard_normal((count, self.latent), dtype=np.float32)
        with no_grad():
            found = self.decode(z)
        return np.asarray(found.data if isinstance(found, Tensor) else found)

    def interpolate(self, first: Any, second: Any, steps: int = 8) -> Array:
        """Return the samples on the way from one to another, in equal steps between their codes.

        Parameters
        ----------
        first, second : array_like
            One sample each.
        steps : int
            How many samples, both ends included.

        Returns
        -------
        Array, shape (steps, ...)
        """
        ends = np.stack([np.asarray(first), np.asarray(second)])
        if ends.shape[1:] != self.sample_shape:
            raise ShapeError(
                f"expected two samples of shape {self.sample_shape}, got {ends.shape[1:]}"
            )
        with no_grad():
            mean, _ = self.encode(ends)
            codes = np.asarray(mean.data)
            way = np.linspace(0, 1, steps, dtype=codes.dtype)[:, None]
            found = self.decode((1 - way) * codes[0] + way * codes[1])
        return np.asarray(found.data)
