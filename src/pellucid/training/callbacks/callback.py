"""The base of callbacks: what can be done at the moments of a training."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["HOOKS", "Callback"]


class Callback:
    """Something that is told of each moment of a training; override the moments you need.

    A hook that is not overridden is never called, so a callback costs only what it does.

    In the order of their occurrence: :meth:`on_train_begin`; for each epoch
    :meth:`on_epoch_begin`, for each update :meth:`on_loss`, :meth:`on_gradients` and
    :meth:`on_batch_end`, then :meth:`on_epoch_evaluated` and :meth:`on_epoch_end`; at last
    :meth:`on_train_end`. A training that is resumed within an epoch does not begin that epoch
    again.

    Notes
    -----
    A callback that remembers something has to give it away in :meth:`state_dict` and take it back
    in :meth:`load_state_dict`; then a resumed training gives the bits of an uninterrupted one.
    """

    runs_last: ClassVar[bool] = False
    """Whether it is told after all others, such as one that saves what the others remember."""

    def on_train_begin(self, trainer: Trainer) -> None:
        """Before the first batch, also of a resumed training."""

    def on_epoch_begin(self, trainer: Trainer) -> None:
        """Before the first batch of an epoch; ``trainer.epoch`` epochs are done."""

    def on_loss(self, trainer: Trainer, value: float) -> None:
        """When the loss of ``trainer.batch`` is known, before going backward."""

    def on_gradients(self, trainer: Trainer) -> None:
        """When all gradients of an update are complete, before clipping and the update."""

    def on_batch_end(self, trainer: Trainer) -> None:
        """After an update: ``trainer.step`` updates are done, ``trainer.last_loss`` is its loss."""

    def evaluation_weights(self, trainer: Trainer) -> AbstractContextManager[Any]:
        """Return a context in which the network has the weights that are to be judged."""
        raise NotImplementedError

    def on_epoch_evaluated(self, trainer: Trainer, row: dict[str, float | None]) -> None:
        """When an epoch was measured, while the network still has the weights that were judged.

        `row` is what will be added to the history.
        """

    def on_epoch_end(self, trainer: Trainer) -> None:
        """After an epoch: ``trainer.epoch`` epochs are done, ``history.last`` is its row."""

    def on_train_end(self, trainer: Trainer) -> None:
        """When training is over: done, stopped or interrupted, but not by an error."""

    def on_train_error(self, trainer: Trainer) -> None:
        """When an error, or a second Ctrl-C, is about to leave the training."""

    def state_dict(self) -> dict[str, Any]:
        """Return what it remembers: ``{"arrays": {name: ndarray}, "values": JSON values}``."""
        return {"arrays": {}, "values": {}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""


HOOKS: tuple[str, ...] = tuple(
    name for name in vars(Callback) if name.startswith("on_") or name == "evaluation_weights"
)
"""The names of all hooks."""
