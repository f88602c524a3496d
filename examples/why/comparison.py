"""What the comparisons share: one training in several variants, from several seeds, and a figure.

Each variant is trained once from each seed. Curves show the mean over the seeds and, as a band,
the smallest and the largest value; a difference that is smaller than the band is no difference.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from pellucid.data import Part
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError
from pellucid.training import History

Variant: TypeAlias = Callable[[int], History]
"""Trains from a seed."""

Results: TypeAlias = dict[str, list[History]]
"""The histories of every variant, one a seed."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Okabe and Ito's colours, which most colour-blind readers can tell apart."""

LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))


def train_all(variants: Mapping[str, Variant], seeds: int) -> Results:
    """Train every variant from the seeds 0 … seeds − 1."""
    return {name: [run(seed) for seed in range(seeds)] for name, run in variants.items()}


def with_wrong_labels(part: Part, share: float, classes: int, seed: int) -> Part:
    """Give a share of the samples a label drawn at random, as careless annotators would."""
    rng = np.random.default_rng([seed, 1])
    y = np.array(part.y)
    wrong = rng.random(len(y)) < share
    y[wrong] = rng.integers(0, classes, int(wrong.sum()))
    return Part(part.x, y)


def values(histories: Sequence[History], metric: str) -> Array:
    """Return a metric of every seed at every epoch, (seeds, epochs)."""
    return np.array([history[metric] for history in histories], dtype=np.float64)


def last(histories: Sequence[History], metric: str) -> Array:
    """Return a metric of every seed after the last epoch, (seeds,)."""
    return np.array([history[metric][-1] for history in histories], dtype=np.float64)


def table(results: Results, metrics: Sequence[str]) -> str:
    """Lay out mean ± standard deviation over the seeds, after the last epoch."""
    width = max(map(len, results))
    lines = [" " * width + "".join(f"{metric:>20}" for metric in metrics)]
    for name, histories in results.items():
        cells = []
        for metric in metrics:
            found = last(histories, metric)
            cells.append(f"{found.mean():.4f} ± {found.std():.4f}".rjust(20))
        lines.append(name.ljust(width) + "".join(cells))
    return "\n".join(lines)


def new_figure(columns: int, title: str) -> tuple[Any, list[Any]]:
    """Return a figure and its axes, side by side.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the figure") from error
    figure = Figure(figsize=(5.2 * columns, 4.2), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(1, columns)
    return figure, list(np.atleast_1d(axes))


def draw_curves(axis: Any, results: Results, metric: str, label: str) -> None:
    """Draw a metric over the epochs, a line and a band for each variant."""
    for (name, histories), colour, line in zip(results.items(), COLOURS, LINES, strict=False):
        found = values(histories, metric)
        epochs = np.arange(1, found.shape[1] + 1)
        axis.fill_between(epochs, found.min(0), found.max(0), color=colour, alpha=0.2, lw=0)
        axis.plot(epochs, found.mean(0), color=colour, linestyle=line, label=name)
    axis.set(xlabel="epoch", ylabel=label)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=9)


def command_line(docstring: str | None, arguments: list[str] | None) -> Path | None:
    """Return the file for the figure, if one was asked for."""
    parser = argparse.ArgumentParser(description=(docstring or "").partition("\n")[0])
    parser.add_argument("figure", nargs="?", type=Path, help="file for the figure, such as why.png")
    found: Path | None = parser.parse_args(arguments).figure
    return found


def save(figure: Any, path: Path) -> None:
    """Write the figure and say where it is."""
    figure.savefig(path, dpi=120)
    print(f"The figure is in {path}.")
