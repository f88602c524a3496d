"""The generative models by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pellucid.models.generative.autoencoder import (
    Autoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
)
from pellucid.models.generative.convolutional import ConvAutoencoder
from pellucid.models.generative.dcgan import DCGAN
from pellucid.models.generative.gan import GAN, ConditionalGAN
from pellucid.models.generative.vae import VAE
from pellucid.models.generative.wasserstein import WGANGP
from pellucid.models.model import Model
from pellucid.nn import Module

__all__ = ["ENTRIES"]


def _autoencoder(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: Any = (128, 64),
    code: int = 16,
    activation: str = "relu",
    output: Any = "linear",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return Autoencoder(
        input_shape, hidden, code, activation=activation, output=output, dtype=dtype, rng=rng
    )


def _denoising(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: Any = (128, 64),
    code: int = 32,
    noise: Any = "gaussian",
    amount: float = 0.3,
    activation: str = "relu",
    output: Any = "linear",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return DenoisingAutoencoder(
        input_shape,
        hidden,
        code,
        noise=noise,
        amount=amount,
        activation=activation,
        output=output,
        dtype=dtype,
        rng=rng,
    )


def _sparse(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: Any = (),
    code: int = 64,
    penalty: Any = "kl",
    weight: float = 1e-3,
    activity: float = 0.05,
    activation: str = "relu",
    output: Any = "linear",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return SparseAutoencoder(
        input_shape,
        hidden,
        code,
        penalty=penalty,
        weight=weight,
        activity=activity,
        activation=activation,
        output=output,
        dtype=dtype,
        rng=rng,
    )


def _convolutional(
    input_shape: tuple[int, ...],
    outputs: int,
    channels: int = 16,
    code: int = 32,
    output: Any = "linear",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return ConvAutoencoder(input_shape, channels, code, output=output, dtype=dtype, rng=rng)


def _vae(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: Any = (400,),
    latent: int = 20,
    likelihood: Any = "gaussian",
    beta: float = 1.0,
    sigma: float = 1.0,
    activation: str = "relu",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return VAE(
        input_shape,
        hidden,
        latent,
        likelihood=likelihood,
        beta=beta,
        sigma=sigma,
        activation=activation,
        dtype=dtype,
        rng=rng,
    )


def _gan(
    input_shape: tuple[int, ...],
    outputs: int,
    latent: int = 64,
    hidden: Any = (256, 512),
    output: Any = "tanh",
    dropout: float = 0.0,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return GAN(input_shape, latent, hidden, output=output, dropout=dropout, dtype=dtype, rng=rng)


def _dcgan(
    input_shape: tuple[int, ...],
    outputs: int,
    latent: int = 64,
    channels: int = 32,
    output: Any = "tanh",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return DCGAN(input_shape, latent, channels, output=output, dtype=dtype, rng=rng)


def _wgan_gp(
    input_shape: tuple[int, ...],
    outputs: int,
    latent: int = 64,
    hidden: Any = (256, 512),
    network: Any = "dense",
    channels: int = 32,
    penalty: float = 10.0,
    critic_steps: int = 5,
    output: Any = "tanh",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return WGANGP(
        input_shape,
        latent,
        hidden,
        network=network,
        channels=channels,
        penalty=penalty,
        critic_steps=critic_steps,
        output=output,
        dtype=dtype,
        rng=rng,
    )


def _conditional_gan(
    input_shape: tuple[int, ...],
    outputs: int,
    latent: int = 64,
    hidden: Any = (256, 512),
    output: Any = "tanh",
    dropout: float = 0.0,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return ConditionalGAN(
        input_shape,
        outputs,
        latent,
        hidden,
        output=output,
        dropout=dropout,
        dtype=dtype,
        rng=rng,
    )


def _entry(
    name: str,
    builder: Callable[..., Module],
    description: str,
    paper: str,
    smaller: str = "",
    takes: Any = "rows",
) -> Model:
    makes: Any = "samples" if "gan" in name or name == "vae" else "reconstruction"
    return Model(name, builder, description, paper, smaller=smaller, takes=takes, makes=makes)


ENTRIES: tuple[Model, ...] = (
    _entry(
        "autoencoder",
        _autoencoder,
        "Dense layers to a short code and back to the input.",
        "Hinton & Salakhutdinov (2006)",
        "No layer-wise pre-training.",
    ),
    _entry(
        "conv-autoencoder",
        _convolutional,
        "Strided convolutions to a short code, transposed ones back to the image.",
        "Masci et al. (2011)",
        "Strides in the place of max pooling.",
        "images",
    ),
    _entry(
        "denoising-autoencoder",
        _denoising,
        "An autoencoder that is given disturbed samples, and asked for the clean ones.",
        "Vincent et al. (2008)",
        "All layers are trained at once.",
    ),
    _entry(
        "sparse-autoencoder",
        _sparse,
        "An autoencoder with few active units in its code.",
        "Ng (2011)",
    ),
    _entry(
        "vae",
        _vae,
        "An autoencoder with normally distributed codes, which new samples can be drawn from.",
        "Kingma & Welling (2014)",
    ),
    _entry(
        "gan",
        _gan,
        "A generator of dense layers, and a discriminator that it has to deceive.",
        "Goodfellow et al. (2014)",
        "Leaky ReLU in the place of maxout units.",
    ),
    _entry(
        "dcgan",
        _dcgan,
        "An adversarial pair of convolutional networks with batch normalisation.",
        "Radford et al. (2016)",
        "Two layers each way for images of 28 × 28 or 32 × 32, the paper has four for 64 × 64.",
        "images",
    ),
    _entry(
        "wgan-gp",
        _wgan_gp,
        "An adversarial pair whose critic's slope is held near 1.",
        "Gulrajani et al. (2017)",
        "Dense, or two convolutions each way; the paper has residual networks.",
    ),
    _entry(
        "conditional-gan",
        _conditional_gan,
        "An adversarial pair that is told which class to make.",
        "Mirza & Osindero (2014)",
        "The class goes straight to the first layer.",
    ),
)
