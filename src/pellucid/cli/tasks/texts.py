"""Texts with classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pellucid.cli.settings import Settings
from pellucid.cli.tasks.base import Task

if TYPE_CHECKING:
    from pellucid.data import Dataset

__all__ = ["Texts"]


class Texts(Task):
    """Rows of tokens, filled up with padding."""

    name = "texts"
    called = "texts with classes"
    model = "gru"
    suffix = "-classifier"
    takes = ("tokens",)

    def fill(self, settings: Settings, data: Dataset) -> Settings:
        """Fill in everything but the learning rate."""
        rows = len(data.train)
        few = 10 if rows > 1000 else 40
        regression = data.task == "regression"
        settings = settings.filled(
            optimizer="adam",
            loss="mean_squared_error" if regression else "cross_entropy",
            epochs=None if settings.steps else few,
            batch_size=min(32, rows),
            schedule="cosine",
        )
        if regression or settings.metric:
            return settings
        return settings.with_metrics("precision", "recall", "f1")

    def architecture_options(self, settings: Settings, data: Dataset) -> dict[str, Any]:
        """Return the number of tokens."""
        return {"vocabulary": data.vocabulary}
