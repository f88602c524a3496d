"""What texts have in common: the vocabulary, and how progress is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pellucid.training.callbacks import ProgressDisplay

if TYPE_CHECKING:
    from pellucid.training import Trainer
    from pellucid.training.callbacks import ProgressStyle
    from pellucid.training.callbacks.views import View

__all__ = ["TokenProgress"]


class TokenProgress(ProgressDisplay):
    """Progress that counts tokens instead of samples.

    Parameters
    ----------
    style : "auto", "bar", "lines" or "none"
        How to show it.
    length : int
        Tokens in a sample.
    unit : str
        What a token is.
    """

    def __init__(self, style: ProgressStyle, length: int, unit: str) -> None:
        super().__init__(style, tell_end=False)
        self.length, self.unit = length, unit

    def on_train_begin(self, trainer: Trainer) -> None:
        """Find out where to show it."""
        super().on_train_begin(trainer)
        self._samples *= self.length

    def _choose(self) -> View | None:
        view = super()._choose()
        return None if view is None else _Renaming(view, self.unit)


class _Renaming:
    """A view that calls samples by another name."""

    def __init__(self, view: Any, unit: str) -> None:
        self._view, self._unit = view, unit
        self.moves: bool = view.moves

    def refresh(self, fraction: float, text: str) -> None:
        """Show the bar."""
        self._view.refresh(fraction, self._named(text))

    def line(self, text: str) -> None:
        """Show a line."""
        self._view.line(self._named(text))

    def close(self) -> None:
        """End the view."""
        self._view.close()

    def _named(self, text: str) -> str:
        return text.replace("samples/s", f"{self._unit}/s")
