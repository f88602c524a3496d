"""Images with classes, for networks that see them as images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pellucid.cli.settings import Settings
from pellucid.cli.tasks.base import Task

if TYPE_CHECKING:
    from pellucid.data import Dataset

__all__ = ["Images"]

_TINY, _SMALL = 500, 10_000  # training images
_FEW_EPOCHS = {"cnn": 5}
_ADAM_RATES = {"cnn": 2e-3}  # batch normalisation stands more than the usual 1e-3


class Images(Task):
    """Images (C, H, W)."""

    name = "images"
    called = "images"
    model = "cnn"
    takes = ("images", "rows")
    without = ("unet",)

    def loading(self, settings: Settings) -> dict[str, Any]:
        """Keep the images in their shape."""
        return {} if "flat" in settings.options("data") else {"flat": False}

    def fill(self, settings: Settings, data: Dataset) -> Settings:
        """Fill in everything but the learning rate."""
        rows = len(data.train)
        whole = settings.optimizer == "lbfgs"
        few = _FEW_EPOCHS.get(settings.model or "", 10)
        if settings.optimizer in (None, "adam") and settings.model in _ADAM_RATES:
            settings = settings.filled(lr=_ADAM_RATES[settings.model])
        batch = 64 if rows > _SMALL else 32 if rows > _TINY else 8
        return settings.filled(
            optimizer="adam",
            loss="cross_entropy",
            epochs=None if settings.steps else few if rows > _SMALL else 30,
            batch_size=rows if whole else min(batch, rows),
            schedule="constant" if whole else "cosine",
        )
