"""Weights that are computed from other parameters: weight and spectral normalisation."""

from pellucid.nn.reparametrization.installing import remove_reparametrization
from pellucid.nn.reparametrization.spectral import spectral_norm
from pellucid.nn.reparametrization.weight import weight_norm

__all__ = ["remove_reparametrization", "spectral_norm", "weight_norm"]
