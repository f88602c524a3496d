"""Changing the training batches of a loader that is there already."""

from __future__ import annotations

import copy
from typing import Any

from pellucid.data import Loader
from pellucid.errors import DataError

__all__ = ["augmented"]


def augmented(loader: Loader, augment: Any) -> Loader:
    """Return a loader of the same batches, each changed by ``augment(x, y, rng) -> (x, y)``.

    Raises
    ------
    DataError
        If it is no function, or the loader has a transform of its own.
    """
    if not callable(augment):
        raise DataError(
            f"augment is a function (x, y, rng) -> (x, y), or one of pellucid.data.transforms, "
            f"got {augment!r}"
        )
    if loader.transform is not None:
        raise DataError(
            "the loader has a transform already, and augment was given too; give both to the "
            "loader, as one transform after the other"
        )
    changed = copy.copy(loader)
    changed.transform = augment
    return changed
