"""Curves over the epochs: of one training, and of several side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pellucid.errors import DataError, UnknownNameError
from pellucid.inspect.pictures.fitting import legend_above, letters_across, shortened
from pellucid.inspect.pictures.style import OKABE_ITO, new_axes, styled
from pellucid.training import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.training import History

__all__ = ["compare_runs", "learning_curves"]

_DASHES = ("-", "--", "-.", ":")
_NAME = 28  # letters of a run in a legend
_FEW = 4  # runs whose best epoch is named too


@styled
def learning_curves(history: History, metric: str = "loss", *, ax: Axes | None = None) -> Axes:
    """Draw a quantity over the epochs, in training and validation, with its best epoch.

    Parameters
    ----------
    history : History
        What :func:`pellucid.fit` returned, or ``History.from_csv(path)``.
    metric : str
        Which: "loss", "accuracy", "lr" …
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    UnknownNameError
        If the history has no such quantity.
    DataError
        If it has no epoch.
    """
    axes = new_axes(ax)
    curves.plot(history, axes, metric)
    legend_above(axes)
    return axes


@styled
def compare_runs(
    histories: Mapping[str, History], metric: str = "val_loss", *, ax: Axes | None = None
) -> Axes:
    """Draw the same quantity of several trainings; a star marks the best epoch of each.

    Parameters
    ----------
    histories : mapping of str to History
        By the name that the legend shows.
    metric : str
        Which column of the histories; one with a "val_" in front is taken without it from a
        training without validation, and the legend says so.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    DataError
        If there is nothing to compare.
    UnknownNameError
        If a training has no such quantity.
    """
    if not histories or not all(len(history) for history in histories.values()):
        raise DataError("there is nothing to compare: give at least one history with an epoch")
    from matplotlib.ticker import MaxNLocator

    axes = new_axes(ax, 4.8, 3.6 + 0.16 * max((len(histories) - _FEW) // 2, 0))
    longest = max(len(name) for name in histories)
    roomy = 2 * (min(longest, _NAME) + 14) <= letters_across(axes)  # names and best values
    for k, (name, history) in enumerate(histories.items()):
        column = metric if metric in history else metric.removeprefix("val_")
        if column not in history:
            raise UnknownNameError(f"curve of '{name}'", metric, history.columns)
        values = np.array([np.nan if v is None else v for v in history[column]], float)
        epochs = np.arange(1, len(values) + 1)
        colour = OKABE_ITO[k % len(OKABE_ITO)]
        dashes = _DASHES[k % len(_DASHES)]  # lines can be told apart without colours too
        label = shortened(name, _NAME) + (" (training)" if column != metric else "")
        if np.isfinite(values).any():
            best = history.best(column)
            if len(histories) <= _FEW:
                label += f": {best.value:.4g} (epoch {best.epoch})"
            elif roomy:
                label += f": {best.value:.4g}"
            axes.plot(best.epoch, best.value, "*", color=colour, markersize=9, zorder=5)
        marker = "o" if len(values) == 1 else ""  # a single epoch would be an invisible line
        axes.plot(epochs, values, dashes, color=colour, marker=marker, label=label)
    axes.set_xlabel("epoch")
    axes.set_ylabel(metric.replace("val_", "validation ").replace("_", " "))
    curves.widen(axes)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    axes.grid(True, alpha=0.25)
    legend_above(axes, rows=max(_FEW, -(-len(histories) // 2)))
    return axes
