"""Generative models: autoencoders, the variational autoencoder, and adversarial pairs."""

from pellucid.models.generative.autoencoder import (
    Autoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
)
from pellucid.models.generative.convolutional import ConvAutoencoder
from pellucid.models.generative.dcgan import DCGAN
from pellucid.models.generative.entries import ENTRIES
from pellucid.models.generative.gan import GAN, AdversarialPair, ConditionalGAN
from pellucid.models.generative.vae import VAE
from pellucid.models.generative.wasserstein import WGANGP

__all__ = [
    "DCGAN",
    "ENTRIES",
    "GAN",
    "VAE",
    "WGANGP",
    "AdversarialPair",
    "Autoencoder",
    "ConditionalGAN",
    "ConvAutoencoder",
    "DenoisingAutoencoder",
    "SparseAutoencoder",
]
