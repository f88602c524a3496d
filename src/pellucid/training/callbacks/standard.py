"""The callbacks that every training has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pellucid.errors import DataError
from pellucid.training.callbacks.callback import Callback
from pellucid.training.callbacks.non_finite import NonFiniteStop
from pellucid.training.callbacks.progress import ProgressDisplay, ProgressStyle
from pellucid.training.callbacks.saving import Checkpoint, CSVLog
from pellucid.training.files import Pathlike

__all__ = ["with_defaults"]


def with_defaults(
    callbacks: list[Any], progress: ProgressStyle, run_dir: Pathlike | None
) -> list[Callback]:
    """Return the callbacks with those that are always there, in the order to call them.

    Parameters
    ----------
    callbacks : list
        Those that were asked for.
    progress : str
        The style of the display, unless one is among them.
    run_dir : path, optional
        A folder to keep the history and the checkpoint in.

    Raises
    ------
    DataError
        If something else than callbacks is among them.
    """
    for callback in callbacks:
        if not isinstance(callback, Callback):
            hint = "; pass an instance of it" if isinstance(callback, type) else ""
            raise DataError(f"a callback is a Callback, got {callback!r}{hint}")
    if not any(isinstance(callback, NonFiniteStop) for callback in callbacks):
        callbacks.insert(0, NonFiniteStop())
    if not any(isinstance(callback, ProgressDisplay) for callback in callbacks):
        callbacks.append(ProgressDisplay(progress))
    if run_dir is not None:
        folder = Path(run_dir)
        callbacks.append(CSVLog(folder / "history.csv"))
        callbacks.append(Checkpoint(folder / "checkpoint.safetensors", every_seconds=2.0))
    return sorted(callbacks, key=lambda callback: callback.runs_last)
