"""Normalisation: values are brought to a common scale, over the batch or within each sample."""

from pellucid.nn.normalization.batch import BatchNorm1d, BatchNorm2d, BatchNorm3d, batch_norm
from pellucid.nn.normalization.group import (
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    group_norm,
    instance_norm,
)
from pellucid.nn.normalization.layer import LayerNorm, RMSNorm, layer_norm, rms_norm
from pellucid.nn.normalization.local_response import LocalResponseNorm, local_response_norm

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LayerNorm",
    "LocalResponseNorm",
    "RMSNorm",
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "rms_norm",
]
