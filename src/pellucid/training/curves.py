"""Drawing a history: the loss, the metrics and the learning rate over the epochs."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import DataError, MissingExtraError, UnknownNameError
from pellucid.training.files import Pathlike, write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pellucid.training.history import History

__all__ = ["OKABE_ITO", "panels", "plot", "save", "widen"]

# Okabe & Ito (2008): colours that people with any kind of colour vision can tell apart.
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_APART = ("seconds", "samples_per_second")
_PANELS = {"lr": "learning rate", "grad_norm": "gradient norm"}


def plot(history: History, ax: Axes | None = None, metric: str = "loss") -> Any:
    """Draw one curve of a history on `ax`, or all of it on a new pyplot figure."""
    if not len(history):
        raise DataError("the history has no epoch yet, so there is nothing to draw")
    if ax is not None:
        groups = _groups(history)
        if metric not in groups:
            raise UnknownNameError("curve", metric, groups)
        _panel(ax, history, metric, groups[metric])
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing curves") from error
    return panels(history, pyplot.figure(layout="constrained"))


def save(history: History, path: Pathlike) -> None:
    """Draw a history into an image file, without pyplot and without a window."""
    if not len(history):
        raise DataError("the history has no epoch yet, so there is nothing to draw")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing curves") from error
    image = io.BytesIO()
    ending = Path(path).suffix.lstrip(".") or "png"
    panels(history, Figure(layout="constrained")).savefig(image, format=ending, dpi=120)
    write_atomically(path, image.getvalue())


def _groups(history: History) -> dict[str, list[str]]:
    """Return which curves share a panel: a metric and its validation counterpart, and so on."""
    groups: dict[str, list[str]] = {}
    for name in history.columns:
        if name not in _APART:
            groups.setdefault(name.removeprefix("val_"), []).append(name)
    if len(set(history.columns.get("lr", []))) < 2:
        groups.pop("lr", None)  # a constant says nothing
    return groups


def panels(history: History, figure: Figure, columns: int = 3) -> Figure:
    """Draw every curve of a history into an empty figure, a panel for each kind."""
    groups = _groups(history)
    columns = min(len(groups), columns)
    rows = -(-len(groups) // columns)
    figure.set_size_inches(4.6 * columns, 3.4 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, names) in zip(grid, groups.items(), strict=False):
        _panel(axes, history, title, names)
    for axes in grid[len(groups) :]:
        axes.set_visible(False)
    return figure


def widen(axes: Axes) -> None:
    """Give positive curves that go over more than three powers of ten a logarithmic scale."""
    drawn = [value for line in axes.lines for value in _numbers(line) if math.isfinite(value)]
    if drawn and min(drawn) > 0 and max(drawn) > 1000 * min(drawn):
        axes.set_yscale("log")
        axes.set_ylabel(f"{axes.get_ylabel()} (logarithmic)")


def _numbers(line: Any) -> list[float]:
    return [float(value) for value in line.get_ydata()]


def _panel(axes: Axes, history: History, title: str, names: list[str]) -> None:
    """Draw one kind of curve, and mark the best epoch of the one that matters."""
    from matplotlib.ticker import MaxNLocator

    epochs = range(1, len(history) + 1)
    marker = "o" if len(history) <= 12 else ""  # a single epoch would be an invisible line
    for name, colour in zip(names, OKABE_ITO, strict=False):
        values = [float("nan") if v is None else v for v in history[name]]
        validation = name.startswith("val_")
        axes.plot(
            epochs,
            values,
            color=colour,
            marker=marker,
            markersize=3.5,
            linewidth=1.6,
            linestyle="--" if validation else "-",
            label="validation" if validation else "training",
        )
    axes.set_xlabel("epoch")
    axes.set_ylabel(_PANELS.get(title, title.replace("_", " ")))
    widen(axes)
    axes.grid(True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    if title in _PANELS:
        return
    judged = names[-1]
    try:
        best = history.best(judged)
    except DataError:  # not one finite number: nothing to mark
        best = None
    if best is not None:
        axes.plot(
            [best.epoch],
            [best.value],
            marker="*",
            markersize=11,
            linestyle="none",
            color=OKABE_ITO[4],
            markeredgecolor="black",
            markeredgewidth=0.6,
            zorder=5,
            label=f"best {best.value:.4g} (epoch {best.epoch})",
        )
    # Above the panel, so that the legend can never lie on a curve.
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=3,
        frameon=False,
        fontsize="small",
        handlelength=1.6,
        columnspacing=0.9,
        borderaxespad=0.2,
    )
