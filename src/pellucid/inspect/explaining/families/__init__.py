"""How operations are explained that are more than one formula: a module for each family."""

from pellucid.inspect.explaining.families import (
    convolution,
    embedding,
    normalization,
    recurrence,
    recurrence_back,
    softmax,
)
from pellucid.inspect.explaining.families.registry import BACKWARD, FORWARD, Explainer

__all__ = [
    "BACKWARD",
    "FORWARD",
    "Explainer",
    "convolution",
    "embedding",
    "normalization",
    "recurrence",
    "recurrence_back",
    "softmax",
]
