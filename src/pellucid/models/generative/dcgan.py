"""Convolutional adversarial networks for small images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pellucid import nn
from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError
from pellucid.models.generative.autoencoder import OutputRange, output_layers
from pellucid.models.generative.gan import AdversarialPair
from pellucid.nn.init import Normal
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator

__all__ = ["DCGAN", "Unflatten", "conv_discriminator", "conv_generator", "quarter"]

_INIT = Normal(0.02)


class Unflatten(nn.Module):
    """Gives rows (N, D) the shape of images (N, C, H, W).

    Parameters
    ----------
    shape : tuple of int
        (C, H, W), with C · H · W = D.
    """

    transparent = True

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: Any) -> Value:
        """Return the images."""
        return p.reshape(x, shape=(x.shape[0], *self.shape))

    def extra_repr(self) -> str:
        """Return the shape."""
        return str(self.shape)


def quarter(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return a quarter of an image's height and width, from which two layers lead up to it.

    Raises
    ------
    DataError
        If there is no such thing.
    """
    if len(shape) != 3 or shape[1] % 4 or shape[2] % 4:
        raise DataError(
            f"images are (channels, height, width) with height and width multiples of 4, as "
            f"28 × 28 and 32 × 32 are; got samples of shape {shape}"
        )
    return shape[1] // 4, shape[2] // 4


def conv_generator(
    shape: tuple[int, ...],
    latent: int,
    channels: int,
    output: OutputRange,
    dtype: DTypeLike | None,
    rng: Seed,
) -> nn.Module:
    """Return a network from noise to images, by two transposed convolutions.

    (N, latent) → (N, 2c, H/4, W/4) → (N, c, H/2, W/2) → (N, C, H, W)
    """
    height, width = quarter(shape)
    wide = 2 * channels
    return nn.Sequential(
        nn.Linear(latent, wide * height * width, False, weight_init=_INIT, dtype=dtype, rng=rng),
        Unflatten((wide, height, width)),
        nn.BatchNorm2d(wide, dtype=dtype),
        nn.ReLU(),
        nn.ConvTranspose2d(
            wide, channels, 4, 2, 1, bias=False, weight_init=_INIT, dtype=dtype, rng=rng
        ),
        nn.BatchNorm2d(channels, dtype=dtype),
        nn.ReLU(),
        nn.ConvTranspose2d(channels, shape[0], 4, 2, 1, weight_init=_INIT, dtype=dtype, rng=rng),
        *output_layers(output),
    )


def conv_discriminator(
    shape: tuple[int, ...],
    channels: int,
    batch_norm: bool,
    dtype: DTypeLike | None,
    rng: Seed,
) -> nn.Module:
    """Return a network from images to one number each, by two convolutions with stride 2.

    (N, C, H, W) → (N, c, H/2, W/2) → (N, 2c, H/4, W/4) → (N, 1)
    """
    height, width = quarter(shape)
    wide = 2 * channels
    middle = [nn.BatchNorm2d(wide, dtype=dtype)] if batch_norm else []
    return nn.Sequential(
        nn.Conv2d(shape[0], channels, 4, 2, 1, weight_init=_INIT, dtype=dtype, rng=rng),
        nn.LeakyReLU(0.2),
        nn.Conv2d(
            channels, wide, 4, 2, 1, bias=not batch_norm, weight_init=_INIT, dtype=dtype, rng=rng
        ),
        *middle,
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(wide * height * width, 1, weight_init=_INIT, dtype=dtype, rng=rng),
    )


class DCGAN(AdversarialPair):
    """Deep convolutional GAN for images of 28 × 28 or 32 × 32.

    Strided and transposed convolutions instead of pooling, batch normalisation everywhere but at
    the generator's end and the discriminator's start, ReLU in the generator and leaky ReLU in the
    discriminator, weights from N(0, 0.02²), Adam with β₁ = 0.5. Radford et al. (2016), whose images
    are 64 × 64, with four layers each way and 128 to 1024 channels; here there are two.

    Parameters
    ----------
    input_shape : tuple of int
        (C, H, W), height and width multiples of 4.
    latent : int
        Numbers of noise for an image.
    channels : int
        Channels at half the size; at a quarter there are twice as many.
    output : "tanh", "sigmoid" or "linear"
        What the generator ends in; images should be scaled alike, for tanh to −1 … 1.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where the weights come from.

    Examples
    --------
    >>> DCGAN((1, 28, 28), latent=16, channels=4, rng=0).sample(2, rng=0).shape
    (2, 1, 28, 28)
    """

    def __init__(
        self,
        input_shape: Sequence[int] = (1, 28, 28),
        latent: int = 64,
        channels: int = 32,
        *,
        output: OutputRange = "tanh",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        shape = tuple(input_shape)
        super().__init__(
            conv_generator(shape, latent, channels, output, dtype, rng),
            conv_discriminator(shape, channels, True, dtype, rng),
            shape,
            latent,
        )
