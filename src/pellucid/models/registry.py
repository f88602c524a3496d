"""Every model by name: what the command line makes, and what a saved model is made again from."""

from __future__ import annotations

from pellucid.errors import UnknownNameError
from pellucid.models import (
    dense,
    generative,
    images,
    sequences,
    temporal_convolution,
    transformers,
)
from pellucid.models.model import Model

__all__ = ["MODELS", "Model", "find_model"]

_FAMILIES = (
    dense.ENTRIES,
    images.ENTRIES,
    generative.ENTRIES,
    sequences.ENTRIES,
    temporal_convolution.ENTRIES,
    transformers.ENTRIES,
)

MODELS: dict[str, Model] = {entry.name: entry for family in _FAMILIES for entry in family}
"""Every model by name."""


def find_model(name: str) -> Model:
    """Return the model called `name`; case, hyphens and underscores do not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is suggested.
    """
    plain = name.lower().replace("_", "-")
    if plain not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    return MODELS[plain]
