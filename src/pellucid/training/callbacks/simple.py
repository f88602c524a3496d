"""Small callbacks: functions as hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pellucid.errors import UnknownNameError
from pellucid.training.callbacks.callback import HOOKS, Callback

__all__ = ["LambdaCallback"]


class LambdaCallback(Callback):
    """A callback made of functions.

    Parameters
    ----------
    **hooks : callable
        Functions by the name of the hook they are for, with the hook's arguments.

    Raises
    ------
    UnknownNameError
        If there is no such hook.

    Examples
    --------
    >>> shout = LambdaCallback(on_epoch_end=lambda trainer: print(trainer.history.last))
    """

    def __init__(self, **hooks: Callable[..., Any]) -> None:
        for name, function in hooks.items():
            if name not in HOOKS:
                raise UnknownNameError("hook", name, HOOKS)
            setattr(self, name, function)
