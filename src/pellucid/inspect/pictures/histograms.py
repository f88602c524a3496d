"""How the numbers in a layer are distributed, and how that changes while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError
from pellucid.inspect.pictures.fitting import letters_across, literal, shortened
from pellucid.inspect.pictures.recording import QUANTILES, LayerRecorder
from pellucid.inspect.pictures.style import (
    AMOUNTS,
    OKABE_ITO,
    colour_scale,
    new_axes,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["all_layer_histograms", "density", "layer_histograms", "magnitudes", "update_ratios"]

What = Literal["activations", "gradients"]

_RIDGES = 12
_NAMED = 12  # parameters that a legend can name


def density(quantiles: Array, edges: Array) -> Array:
    """Return which share of the values lies in each bin, from their quantiles.

    Parameters
    ----------
    quantiles : ndarray, shape (65,)
        Values at :data:`QUANTILES`, rising.
    edges : ndarray, shape (B + 1,)
        The bins' borders, rising.
    """
    # Many equal values (zeros of a ReLU) are a jump of the distribution function, at which interp
    # takes the height after it.
    return np.diff(np.interp(edges, quantiles, QUANTILES, left=0.0, right=1.0))


@styled
def layer_histograms(
    recorder: LayerRecorder, path: str, what: What = "activations", *, ax: Axes | None = None
) -> Axes:
    """Draw histograms of a layer's activations or gradients over the training, one behind another.

    The earliest stands at the bottom. At most twelve records are drawn. Gradients shrink by powers
    of ten while a network learns, so that the logarithm of their size is shown.

    Parameters
    ----------
    recorder : LayerRecorder
        The callback that was given to ``fit``.
    path : str
        The layer.
    what : {"activations", "gradients"}
        Its outputs, or the gradients of the loss with respect to them.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    UnknownNameError
        If nothing was recorded of that layer.
    DataError
        If it has no such numbers at all.
    """
    records = getattr(recorder, what)
    if path not in records:
        raise UnknownNameError("path of a recorded layer", path, records)
    chosen = np.unique(np.linspace(0, len(recorder.steps) - 1, _RIDGES).astype(int))
    chosen = chosen[[bool(np.isfinite(records[path][k]).all()) for k in chosen]]
    if not chosen.size:
        raise DataError(f"no finite {what} of '{path}' were recorded")
    all_of = np.stack([records[path][k] for k in chosen])
    edges, shares = (_values if what == "activations" else magnitudes)(all_of)
    middles = (edges[1:] + edges[:-1]) / 2
    tall = float(np.quantile(shares, 0.995)) or float(shares.max()) or 1.0
    axes = new_axes(ax, 4.2, 3.6)
    colours = _shades(len(chosen))
    for place in reversed(range(len(chosen))):
        height = place + np.minimum(shares[place] / tall, 1.6) * 1.5
        axes.fill_between(middles, place, height, color=colours[place], alpha=0.75, linewidth=0)
        axes.plot(middles, height, color="white", linewidth=0.7)
    axes.set_yticks(range(len(chosen)), [f"{recorder.steps[k]:,}" for k in chosen])
    axes.set_ylabel("update")
    axes.set_xlabel("activation" if what == "activations" else "log₁₀ |gradient|")
    axes.locator_params(axis="x", nbins=5)
    title = f"{path}: {recorder.kinds[path]}" if path else recorder.kinds[path]
    axes.set_title(literal(shortened(title, letters_across(axes, 10.0))))
    return axes


def _values(all_of: Array) -> tuple[Array, Array]:
    """Return the borders of bins, and the shares of the values in them."""
    edges = _bins(float(all_of[:, 1].min()), float(all_of[:, -2].max()))
    return edges, np.stack([density(quantiles, edges) for quantiles in all_of])


def magnitudes(all_of: Array) -> tuple[Array, Array]:
    """Return the borders of bins of log₁₀ |x|, and the shares of the values in them."""
    sizes = np.abs(all_of[all_of != 0])
    if not sizes.size:
        return _values(all_of)
    edges = _bins(*np.log10(np.quantile(sizes, [0.02, 0.998])))
    outer = 10.0**edges
    rows = []
    for quantiles in all_of:
        both = np.concatenate([-outer[::-1], outer])
        shares = density(quantiles, both)
        count = len(edges) - 1
        rows.append(shares[:count][::-1] + shares[-count:])
    return edges, np.stack(rows)


def _bins(low: float, high: float) -> Array:
    return np.linspace(low, high, 61) if high > low else np.linspace(low - 0.5, low + 0.5, 61)


def _shades(count: int) -> Array:
    from matplotlib import colormaps

    return colormaps[AMOUNTS](np.linspace(0.1, 0.85, count))


@styled
def all_layer_histograms(recorder: LayerRecorder, what: What = "activations") -> Figure:
    """Draw :func:`layer_histograms` of all layers side by side in a new figure.

    Parameters
    ----------
    recorder : LayerRecorder
        The callback that was given to ``fit``.
    what : {"activations", "gradients"}
        What to draw.

    Raises
    ------
    DataError
        If nothing was recorded.
    """
    records = getattr(recorder, what)
    paths = [path for path, kept in records.items() if np.isfinite(kept).any()]
    if not paths:
        raise DataError("nothing was recorded; give fit(..., callbacks=[recorder])")
    columns = min(len(paths), 4)
    rows = -(-len(paths) // columns)
    figure = new_figure(2.6 * columns, 2.8 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, path in zip(grid, paths, strict=False):
        layer_histograms(recorder, path, what, ax=axes)
        axes.locator_params(axis="x", nbins=3)
    for axes in grid[len(paths) :]:
        axes.set_visible(False)
    return figure


@styled
def update_ratios(recorder: LayerRecorder, *, ax: Axes | None = None) -> Axes:
    """Draw how large the updates of each parameter are, relative to it: ‖ΔW‖ / ‖W‖.

    The dotted line at 10⁻³ is where a healthy training usually stays near; biases, which start at
    zero, lie above it at first. Each layer has a colour, and what is no weight is dashed. More than
    twelve parameters have no names: their colours go from the first to the last.

    Parameters
    ----------
    recorder : LayerRecorder
        The callback that was given to ``fit``.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    DataError
        If nothing was recorded.
    """
    if not recorder.steps:
        raise DataError("nothing was recorded; give fit(..., callbacks=[recorder])")
    from matplotlib.ticker import MaxNLocator

    axes = new_axes(ax, 5.2, 3.4)
    drawn = {p: np.array(r, float) for p, r in recorder.update_ratios.items()}
    named = len(drawn) <= _NAMED
    shades = _shades(len(drawn))
    longest = max(letters_across(axes) // 3, 8)
    layers = list(dict.fromkeys(map(_layer, drawn)))
    for k, (path, ratios) in enumerate(drawn.items()):
        bias = path.rpartition(".")[2] != "weight"
        axes.plot(
            recorder.steps,
            np.where(ratios > 0, ratios, np.nan),
            "--" if bias else "-",
            color=OKABE_ITO[layers.index(_layer(path)) % len(OKABE_ITO)] if named else shades[k],
            marker="o" if len(recorder.steps) == 1 else "",
            linewidth=1.2 if named or not bias else 0.8,
            label=literal(shortened(path, longest)),
        )
    axes.axhline(1e-3, color="black", linestyle=":", linewidth=0.9)
    axes.set_yscale("log")
    axes.set_xlabel("update")
    axes.set_ylabel("‖change‖ / ‖weights‖")
    axes.grid(True, alpha=0.25)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    if named:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8.0, frameon=False)
    else:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import ListedColormap

        colour_scale(axes, ScalarMappable(cmap=ListedColormap(shades)), "parameter")
        bar = axes.get_figure().axes[-1]  # type: ignore[union-attr]
        bar.set_yticks([0, 1], ["first", "last"])
    return axes


def _layer(path: str) -> str:
    return path.rpartition(".")[0]
