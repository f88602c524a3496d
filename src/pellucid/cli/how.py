"""What is said of a training without being part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pellucid.training.callbacks import ProgressStyle

__all__ = ["How"]


@dataclass(frozen=True)
class How:
    """What is said of a training without being part of it.

    Parameters
    ----------
    out : str or None
        The run folder.
    overwrite : bool
        Whether to replace the training that is there.
    checkpoint_every : float
        Least seconds between checkpoints.
    stop_after : int or None
        Stop when so many epochs are done.
    progress : str
        How to show the epochs.
    doctor : bool
        Whether the doctor looks on.
    fix : bool
        Whether to train again with what the doctor suggests, until something helps.
    """

    out: str | None = None
    overwrite: bool = False
    checkpoint_every: float = 2.0
    stop_after: int | None = None
    progress: ProgressStyle = "auto"
    doctor: bool = True
    fix: bool = False
