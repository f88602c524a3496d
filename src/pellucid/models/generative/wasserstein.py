"""The Wasserstein game with a penalty on the critic's gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from pellucid import primitives as p
from pellucid.derivatives import gradients
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError
from pellucid.models.generative.autoencoder import OutputRange
from pellucid.models.generative.dcgan import conv_discriminator, conv_generator
from pellucid.models.generative.gan import GAN, AdversarialPair
from pellucid.primitives import naming, shares
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Tensor

__all__ = ["WGANGP"]


class WGANGP(AdversarialPair):
    """Wasserstein GAN with gradient penalty.

    critic: D(G(z)) − D(x) + λ (‖∇D(x̃)‖ − 1)², x̃ = ε x + (1 − ε) G(z), ε ~ U(0, 1);
    generator: −D(G(z))

    The critic's scores have no sigmoid; where its slope is 1 everywhere, the difference of its mean
    scores is the earth mover's distance between real and made samples. The penalty is the norm of a
    gradient, so its own gradient is a second derivative. There is no batch normalisation in the
    critic, because the penalty is on each sample alone. Gulrajani et al. (2017), with smaller
    networks than the paper's residual ones.

    Parameters
    ----------
    input_shape : int or tuple of int
        The shape of one sample.
    latent : int
        Numbers of noise for a sample.
    hidden : int or sequence of int
        Units of the hidden layers of dense networks.
    network : "dense" or "convolutional"
        Which networks play; convolutional ones are for images of 28 × 28 or 32 × 32.
    channels : int
        The channels of the widest image inside a convolutional network are twice as many.
    penalty : float
        λ.
    critic_steps : int
        Updates of the critic for one of the generator.
    output : "tanh", "sigmoid" or "linear"
        What the generator ends in.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where the weights come from.

    Examples
    --------
    >>> WGANGP(2, latent=4, hidden=16, output="linear", rng=0).sample(5, rng=0).shape
    (5, 2)
    """

    betas = (0.0, 0.9)

    def __init__(
        self,
        input_shape: int | Sequence[int],
        latent: int = 64,
        hidden: int | Sequence[int] = (256, 512),
        *,
        network: Literal["dense", "convolutional"] = "dense",
        channels: int = 32,
        penalty: float = 10.0,
        critic_steps: int = 5,
        output: OutputRange = "tanh",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        if network == "dense":
            pair = GAN(input_shape, latent, hidden, output=output, dtype=dtype, rng=rng)
            super().__init__(pair.generator, pair.discriminator, pair.sample_shape, latent)
        elif network == "convolutional" and not isinstance(input_shape, int):
            shape = tuple(input_shape)
            maker = conv_generator(shape, latent, channels, output, dtype, rng)
            critic = conv_discriminator(shape, channels, False, dtype, rng)
            super().__init__(maker, critic, shape, latent)
        else:
            raise DataError(
                "network is 'dense', or 'convolutional' for samples of shape (C, H, W); got "
                f"{network!r} for {input_shape}"
            )
        self.penalty = float(penalty)
        self.critic_steps = int(critic_steps)

    def gradient_penalty(
        self, real: Array, made: Array, labels: Array | None = None, rng: Seed = None
    ) -> Value:
        """Return the mean of (‖∇D(x̃)‖ − 1)², at a random point between each real and made sample.

        The norm is over all numbers of a sample.
        """
        count = len(real)
        share = generator(rng).random((count, *(1,) * (real.ndim - 1)), dtype=np.float32)
        share = share.astype(real.dtype, copy=False)
        share = naming.called(share, "share", "ε")
        mixed = naming.called(share * real + (1 - share) * made, "between", "x_between")
        between = Tensor(mixed, requires_grad=True)
        judged = naming.called(self.judge(between, labels), "on_between", "D(x_between)")
        (slope,) = gradients(p.sum(judged), [between], create_graph=True)
        slope = naming.called(slope, "slope", "∇D")
        squares = p.sum(p.square(p.reshape(slope, shape=(count, -1))), axis=1)
        # At a slope of exactly 0 the norm has no derivative; the small number gives it one.
        norm = p.sqrt(p.add(squares, float(np.finfo(real.dtype).eps) ** 2))
        norm = naming.called(norm, "norm", "‖∇D‖")
        return p.multiply(p.sum(p.square(p.subtract(norm, 1.0))), shares.share(count))

    def discriminator_loss(
        self, real: Array, made: Array, labels: Array | None = None, rng: Seed = None
    ) -> tuple[Tensor, Array, Array]:
        """Return the critic's loss, and its scores of the real and the made samples."""
        on_real = naming.called(self.judge(real, labels), "on_real", "D(x)")
        on_made = naming.called(self.judge(made, labels), "on_made", "D(G(z))")
        distance = p.multiply(p.subtract(p.sum(on_made), p.sum(on_real)), shares.share(len(real)))
        penalty = self.gradient_penalty(real, made, labels, rng)
        distance = naming.called(distance, "distance", "distance")
        penalty = naming.called(penalty, "penalty", "penalty")
        loss: Tensor = p.add(distance, p.multiply(penalty, self.penalty))
        return loss, on_real.data, on_made.data

    def generator_loss(self, made: Value, labels: Array | None = None) -> Tensor:
        """Return minus the critic's mean score of the samples."""
        judged = naming.called(self.judge(made, labels), "on_made", "D(G(z))")
        loss: Tensor = p.multiply(p.sum(judged), shares.share(math.prod(judged.shape)) * -1.0)
        return loss

    def scores(self, judged: Array) -> Array:
        """Return the critic's scores as they are."""
        return judged

    def extra_repr(self) -> str:
        """Return the weight of the penalty."""
        return f"penalty={self.penalty:g}, critic_steps={self.critic_steps}"
