"""Regularisation by randomness in training: channels left out, blocks left out, noise."""

from pellucid.nn.regularization.alpha import AlphaDropout, alpha_dropout
from pellucid.nn.regularization.drop_path import DropPath, drop_path, drop_path_rates
from pellucid.nn.regularization.noise import (
    GaussianDropout,
    GaussianNoise,
    gaussian_dropout,
    gaussian_noise,
)
from pellucid.nn.regularization.spatial import (
    SpatialDropout1d,
    SpatialDropout2d,
    spatial_dropout,
)

__all__ = [
    "AlphaDropout",
    "DropPath",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1d",
    "SpatialDropout2d",
    "alpha_dropout",
    "drop_path",
    "drop_path_rates",
    "gaussian_dropout",
    "gaussian_noise",
    "spatial_dropout",
]
