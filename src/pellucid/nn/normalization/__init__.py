"""Normalisation: values are brought to a common scale, over the batch or within each sample."""

from pellucid.nn.normalization.batch import BatchNorm1d, BatchNorm2d, BatchNorm3d, batch_norm
from pellucid.nn.normalization.layer import LayerNorm, RMSNorm, layer_norm, rms_norm

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LayerNorm",
    "RMSNorm",
    "batch_norm",
    "layer_norm",
    "rms_norm",
]
