"""Adversarial pairs: a generator, and a discriminator that it has to deceive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError
from pellucid.losses import binary_cross_entropy_with_logits
from pellucid.models.generative.autoencoder import OutputRange, output_layers, shape_of
from pellucid.models.mlp import MLP, ActivationLike
from pellucid.nn import LeakyReLU, Module, Sequential
from pellucid.primitives import naming
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tape import no_grad
from pellucid.tensor import Tensor

__all__ = ["GAN", "AdversarialPair", "ConditionalGAN"]


class AdversarialPair(Module):
    """A generator and a discriminator, and the losses of their game.

    Subclasses make the two networks; :class:`~pellucid.training.AdversarialTrainer` plays. The game
    is that of Goodfellow et al. (2014), with the generator's loss that does not saturate:

    discriminator: −ln σ(D(x)) − ln(1 − σ(D(G(z)))); generator: −ln σ(D(G(z)))

    Parameters
    ----------
    generator_net : Module
        From noise (N, latent) to samples.
    discriminator : Module
        From samples to one number each, (N, 1): a logit of "real", or a critic's score.
    sample_shape : tuple of int
        The shape of one sample.
    latent : int
        Numbers of noise for a sample.

    Attributes
    ----------
    generator, discriminator : Module
    critic_steps : int
        Updates of the discriminator for one of the generator, if the trainer is not told.
    betas : (float, float)
        Adam's, as the paper of this pair has them.
    """

    critic_steps: int = 1
    betas: tuple[float, float] = (0.5, 0.999)
    classes: int = 0

    def __init__(
        self,
        generator_net: Module,
        discriminator: Module,
        sample_shape: Sequence[int],
        latent: int,
    ) -> None:
        super().__init__()
        self.generator = generator_net
        self.discriminator = discriminator
        self.sample_shape = tuple(sample_shape)
        self.latent = int(latent)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the parameters."""
        return self.generator.parameters()[0].data.dtype

    def noise(self, count: int, rng: Seed = None) -> Array:
        """Return noise ~ N(0, 1), (count, latent)."""
        drawn: Array = generator(rng).standard_normal((count, self.latent), dtype=np.float32)
        return naming.called(drawn.astype(self.dtype, copy=False), "noise", "z")

    def generate(self, noise: Any, labels: Array | None = None) -> Value:
        """Return samples (N, ...) made of noise (N, latent)."""
        made = self.generator(noise)
        made = p.reshape(made, shape=(made.shape[0], *self.sample_shape))
        return naming.called(made, "made", "G(z)")

    def judge(self, samples: Any, labels: Array | None = None) -> Value:
        """Return one number per sample, (N,): the higher, the more it looks real."""
        return p.reshape(self.discriminator(samples), shape=(samples.shape[0],))

    def discriminator_loss(
        self, real: Array, made: Array, labels: Array | None = None, rng: Seed = None
    ) -> tuple[Tensor, Array, Array]:
        """Return the discriminator's loss, and its scores of the real and the made samples."""
        on_real = naming.called(self.judge(real, labels), "on_real", "D(x)")
        on_made = naming.called(self.judge(made, labels), "on_made", "D(G(z))")
        ones, zeros = np.ones_like(on_real.data), np.zeros_like(on_made.data)
        of_real = binary_cross_entropy_with_logits(on_real, ones)
        of_made = binary_cross_entropy_with_logits(on_made, zeros)
        loss: Tensor = p.add(
            naming.called(of_real, "real_loss", "L_real"),
            naming.called(of_made, "made_loss", "L_made"),
        )
        return loss, self.scores(on_real.data), self.scores(on_made.data)

    def generator_loss(self, made: Value, labels: Array | None = None) -> Tensor:
        """Return the generator's loss for samples that it made."""
        on_made = naming.called(self.judge(made, labels), "on_made", "D(G(z))")
        return binary_cross_entropy_with_logits(on_made, np.ones_like(on_made.data))

    def scores(self, judged: Array) -> Array:
        """Return what the discriminator's numbers mean to people: the probability of "real"."""
        return np.asarray(p.sigmoid(judged))

    def forward(self, noise: Any, labels: Array | None = None) -> Any:
        """Return samples made of noise."""
        return self.generate(noise, labels)

    def sample(self, count: int, labels: Any = None, rng: Seed = None) -> Array:
        """Return new samples (count, ...), made in evaluation mode.

        Parameters
        ----------
        count : int
            How many.
        labels : array_like of int, (count,), optional
            What they are to be, for a conditional pair.
        rng : int, numpy.random.Generator or None
            Where the noise comes from.
        """
        given = None if labels is None else np.asarray(labels)
        return self.made_of(self.noise(count, rng), given)

    def made_of(self, noise: Array, labels: Array | None = None) -> Array:
        """Return the samples made of given noise, computed in evaluation mode."""
        modes = [(module, module.training) for module in self.generator.modules()]
        self.generator.eval()
        try:
            with no_grad():
                return np.asarray(self.generate(noise, labels).data)
        finally:
            for module, mode in modes:
                module.training = mode


class GAN(AdversarialPair):
    """Generative adversarial network of dense layers.

    Goodfellow et al. (2014). The paper's discriminator has maxout units and dropout; here it has
    leaky ReLU, as became usual.

    Parameters
    ----------
    input_shape : int or tuple of int
        The shape of one sample.
    latent : int
        Numbers of noise for a sample.
    hidden : int or sequence of int
        Units of the generator's hidden layers; the discriminator has them in reverse.
    output : "tanh", "sigmoid" or "linear"
        What the generator ends in; samples should be scaled alike.
    activation : str or callable
        What follows the generator's hidden layers.
    dropout : float
        Probability of dropping a hidden unit of the discriminator.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where the weights come from.

    Examples
    --------
    >>> GAN((1, 8, 8), latent=16, hidden=32, rng=0).sample(5, rng=0).shape
    (5, 1, 8, 8)
    """

    def __init__(
        self,
        input_shape: int | Sequence[int],
        latent: int = 64,
        hidden: int | Sequence[int] = (256, 512),
        *,
        output: OutputRange = "tanh",
        activation: ActivationLike = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        shape, units = shape_of(input_shape), _units(hidden)
        size = math.prod(shape)
        maker = MLP(latent, units, size, activation, dtype=dtype, rng=rng)
        critic = MLP(shape, units[::-1], 1, _leaky, dropout, dtype=dtype, rng=rng)
        super().__init__(Sequential(*maker, *output_layers(output)), critic, shape, latent)


class ConditionalGAN(AdversarialPair):
    """Generative adversarial network that is told which class to make.

    G(z, c) and D(x, c), where the class c is appended as a one-hot row

    Mirza & Osindero (2014), whose networks have a layer of their own for the class before the two
    are joined; here the one-hot row goes straight to the first layer.

    Parameters
    ----------
    input_shape : int or tuple of int
        The shape of one sample.
    classes : int
        How many classes there are.
    latent, hidden, output, activation, dropout, dtype, rng
        As for :class:`GAN`.

    Examples
    --------
    >>> net = ConditionalGAN((1, 8, 8), classes=10, latent=16, hidden=32, rng=0)
    >>> net.sample(3, labels=[7, 7, 1], rng=0).shape
    (3, 1, 8, 8)
    """

    def __init__(
        self,
        input_shape: int | Sequence[int],
        classes: int = 10,
        latent: int = 64,
        hidden: int | Sequence[int] = (256, 512),
        *,
        output: OutputRange = "tanh",
        activation: ActivationLike = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        shape, units = shape_of(input_shape), _units(hidden)
        size = math.prod(shape)
        maker = MLP(latent + classes, units, size, activation, dtype=dtype, rng=rng)
        critic = MLP(size + classes, units[::-1], 1, _leaky, dropout, dtype=dtype, rng=rng)
        super().__init__(Sequential(*maker, *output_layers(output)), critic, shape, latent)
        self.classes = int(classes)

    def _with_class(self, rows: Any, labels: Array | None) -> Value:
        """Return rows (N, D) as (N, D + classes)."""
        if labels is None:
            raise DataError(
                "a conditional GAN needs the classes of its samples: sample(count, labels=...), "
                "and a training part with y"
            )
        if labels.shape != (rows.shape[0],):
            raise DataError(
                f"expected one label per sample, shape ({rows.shape[0]},), got {labels.shape}"
            )
        if labels.size and not 0 <= labels.min() <= labels.max() < self.classes:
            raise DataError(
                f"labels are 0 … {self.classes - 1}, got {labels.min()} … {labels.max()}"
            )
        one_hot = np.eye(self.classes, dtype=self.dtype)[labels]
        return ops.concatenate([rows, one_hot], axis=1)

    def generate(self, noise: Any, labels: Array | None = None) -> Value:
        """Return samples (N, ...) of the classes `labels` (N,), made of noise (N, latent)."""
        return super().generate(self._with_class(noise, labels))

    def judge(self, samples: Any, labels: Array | None = None) -> Value:
        """Return one number per sample: the higher, the more it looks a real one of its class."""
        rows = p.reshape(samples, shape=(samples.shape[0], -1))
        return super().judge(self._with_class(rows, labels))


def _leaky() -> Module:
    return LeakyReLU(0.2)


def _units(hidden: int | Sequence[int]) -> tuple[int, ...]:
    return (hidden,) if isinstance(hidden, int) else tuple(hidden)
