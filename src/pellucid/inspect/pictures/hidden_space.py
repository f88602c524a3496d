"""The space in which a layer sees the samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, MissingExtraError, ShapeError, UnknownNameError
from pellucid.inspect.observing import observe
from pellucid.inspect.pictures.boundary import scatter_classes
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import LETTER, in_columns, literal, shortened
from pellucid.inspect.pictures.layer_outputs import layer_outputs
from pellucid.inspect.pictures.plane import Plane
from pellucid.inspect.pictures.style import new_axes, new_figure, styled
from pellucid.inspect.unchanged import unchanged
from pellucid.random import Seed, generator
from pellucid.tape import no_grad
from pellucid.training.evaluation import parameter_dtype

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pellucid.nn import Module

__all__ = ["all_hidden_spaces", "bent_grid", "hidden_space", "projected", "representation"]

Method = Literal["pca", "tsne"]


def representation(net: Module, x: Any, path: str) -> Array:
    """Return what a layer makes of each sample, in one row: (N, D).

    Parameters
    ----------
    net : Module
        The network, used in evaluation mode.
    x : array_like, shape (N, ...)
        Samples.
    path : str
        The layer; "" for the outputs. Of one that returns several values, the first is taken.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    DataError
        If there is no sample.
    """
    return np.concatenate([rows.reshape(len(rows), -1) for rows in layer_outputs(net, x, path)])


def projected(vectors: Array, method: Method = "pca", rng: Seed = 0) -> Array:
    """Bring vectors (N, D) into the plane, (N, 2).

    Parameters
    ----------
    vectors : ndarray, shape (N, D)
    method : {"pca", "tsne"}
        The first two principal components, which keep large distances, or t-SNE (van der Maaten &
        Hinton, 2008), which keeps neighbours together; its axes and distances mean nothing.
    rng : int, numpy.random.Generator or None
        Where t-SNE's random numbers come from.

    Raises
    ------
    UnknownNameError
        If the method is another.
    MissingExtraError
        If scikit-learn, which t-SNE needs, is not installed.
    DataError
        If there are too few vectors.
    """
    if method == "pca":
        if vectors.shape[1] == 1:
            return np.concatenate([vectors, np.zeros_like(vectors)], axis=1)
        return Plane.through(vectors).coordinates(vectors)
    if method != "tsne":
        raise UnknownNameError("method", method, ("pca", "tsne"))
    try:
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "sklearn", "t-SNE") from error
    check_finite(vectors, "what the layer makes of the samples")
    if len(vectors) < 2:
        raise DataError("t-SNE needs neighbours: give at least two samples")
    perplexity = min(30.0, max((len(vectors) - 1) / 3, 1.0))
    seed = int(generator(rng).integers(2**31))
    made = TSNE(init="pca", perplexity=perplexity, random_state=seed).fit_transform(
        np.ascontiguousarray(vectors, np.float32)
    )
    return np.asarray(made)


@styled
def hidden_space(
    net: Module,
    x: Any,
    y: Any,
    path: str,
    *,
    method: Method = "pca",
    class_names: Sequence[str] = (),
    rng: Seed = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw where a layer puts the samples, in two dimensions, by class.

    Parameters
    ----------
    net : Module
        The network.
    x : array_like, shape (N, ...)
        Samples.
    y : array_like of int, shape (N,)
        Their classes.
    path : str
        The layer; "" for the outputs.
    method, rng
        See :func:`projected`.
    class_names : sequence of str
        What the classes are called.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    vectors = representation(net, x, path)
    axes = new_axes(ax, 4.6, 4.0)
    scatter_classes(axes, projected(vectors, method, rng), as_array(y), class_names)
    spread = float(np.ptp(vectors, axis=0).max(initial=0.0))
    if spread <= 1e-6 * float(np.abs(vectors).max(initial=0.0)):  # but for rounding
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel("every sample is in one place")
    elif method == "pca" and vectors.shape[1] > 2:
        share = Plane.through(vectors).share
        axes.set_xlabel("first component")
        axes.set_ylabel(f"second ({share:.0%} of the variance in both)")
    elif method == "pca":
        axes.set_xlabel("first unit")
        axes.set_ylabel("second unit")
    else:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel("t-SNE: neighbours count, distances do not")
    return axes


@styled
def all_hidden_spaces(
    net: Module,
    x: Any,
    y: Any,
    *,
    paths: Sequence[str] | None = None,
    method: Method = "pca",
    class_names: Sequence[str] = (),
    rng: Seed = 0,
) -> Figure:
    """Draw the samples as each layer sees them, side by side in a new figure.

    Parameters
    ----------
    net, x, y, method, class_names, rng
        As for :func:`hidden_space`.
    paths : sequence of str, optional
        The layers; those without layers inside of them, in the order of their calls, if left out.

    Raises
    ------
    DataError
        If there are none.
    """
    if paths is None:
        with unchanged(net), no_grad(), observe(net, gradients=False) as seen:
            first = as_array(x)[:1]
            net(first.astype(parameter_dtype(net)) if first.dtype.kind == "f" else first)
        paths = [path for path, module in seen.modules.items() if not module.children()]
    if not paths:
        raise DataError("there is no layer to look into")
    modules = dict(net.named_modules())
    legend = None
    columns = min(len(paths), 4)
    rows = -(-len(paths) // columns)
    figure = new_figure(2.9 * columns, 2.7 * rows + 0.3)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, path in zip(grid, paths, strict=False):
        hidden_space(net, x, y, path, method=method, class_names=class_names, rng=rng, ax=axes)
        legend = axes.get_legend()
        if legend is not None:
            handles, labels = axes.get_legend_handles_labels()
            legend.remove()
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel("")
        axes.set_ylabel("")
        title = f"{path}: {type(modules[path]).__name__}" if path else "outputs"
        axes.set_title(literal(shortened(title, 30)))
    if legend is not None:
        room = int(figure.get_figwidth() * 72 / (LETTER * 8.0))
        names, count = in_columns(labels, room, most=10)
        figure.legend(handles, names, loc="outside lower center", ncols=count)
    for axes in grid[len(paths) :]:
        axes.set_visible(False)
    return figure


@styled
def bent_grid(
    net: Module,
    x: Any,
    y: Any,
    path: str,
    *,
    lines: int = 21,
    plane: Plane | None = None,
    class_names: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw what a layer makes of the plane that its samples lie in: a grid, bent.

    Parameters
    ----------
    net : Module
        A network of two input features.
    x : array_like, shape (N, 2)
        Samples.
    y : array_like of int, shape (N,)
        Their classes.
    path : str
        The layer; of one with more than two units, the plane in which the samples differ most.
    lines : int
        How many lines of the grid there are in each direction.
    plane : Plane, optional
        The plane to look at, if it shall be the same in several pictures.
    class_names : sequence of str
        What the classes are called.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ShapeError
        If the samples have another number of features than two.
    """
    samples = as_array(x)
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise ShapeError(f"a grid is drawn for samples of two features (N, 2), got {samples.shape}")
    if plane is None:
        Plane.through(samples)  # says what is wrong with them
    low, high = samples.min(axis=0), samples.max(axis=0)
    border = 0.1 * (high - low)
    fine = 101
    across, up = np.linspace(low - border, high + border, fine).T
    columns, rows = np.linspace(low - border, high + border, lines).T
    upright = np.stack([np.repeat(columns, fine), np.tile(up, lines)], axis=1)
    level = np.stack([np.tile(across, lines), np.repeat(rows, fine)], axis=1)
    vectors = representation(net, np.concatenate([samples, upright, level]), path)
    if vectors.shape[1] == 1:
        vectors = np.concatenate([vectors, np.zeros_like(vectors)], axis=1)
    if plane is None:
        plane = Plane.through(vectors[: len(samples)])
    places = plane.coordinates(vectors)
    axes = new_axes(ax, 4.4, 4.0)
    from matplotlib.collections import LineCollection

    bent = places[len(samples) :].reshape(2 * lines, fine, 2)
    axes.add_collection(LineCollection(list(bent), colors="0.6", linewidths=0.6, zorder=1))
    scatter_classes(axes, places[: len(samples)], as_array(y), class_names)
    axes.margins(0.05)
    axes.autoscale_view()
    exact = vectors.shape[1] <= 2
    axes.set_xlabel("first unit" if exact else "first component")
    share = f"second ({plane.share:.0%} of the variance in both)"
    axes.set_ylabel("second unit" if exact else share)
    return axes
