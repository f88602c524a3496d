"""Where a classifier decides for what, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError
from pellucid.inspect.pictures.fitting import legend_above, literal, shortened
from pellucid.inspect.pictures.plane import Plane
from pellucid.inspect.pictures.style import MARKERS, class_colour, new_axes, styled
from pellucid.inspect.unchanged import unchanged
from pellucid.training.evaluation import parameter_dtype, predict_proba

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["Surface", "decision_boundary", "decision_surface", "scatter_classes"]

_FEW = 12  # classes that a legend can name
_NAME = 32  # letters of a feature
_UNNAMED = ("first feature", "second feature")


@dataclass(frozen=True)
class Surface:
    """What a classifier says on a grid of points of a plane.

    Attributes
    ----------
    plane : Plane
    horizontal, vertical : ndarray, shape (R,)
        The coordinates of the grid's columns and rows.
    probabilities : ndarray, shape (R, R, C)
        Of each class, at each row and column.
    """

    plane: Plane
    horizontal: Array
    vertical: Array
    probabilities: Array

    @property
    def classes(self) -> Array:
        """The class decided for, (R, R)."""
        return np.argmax(self.probabilities, axis=-1)

    @property
    def confidence(self) -> Array:
        """The probability of that class, (R, R)."""
        return np.max(self.probabilities, axis=-1)


def decision_surface(
    net: Module,
    x: Any,
    *,
    loss: Any = "auto",
    resolution: int = 160,
    margin: float = 0.15,
    plane: Plane | None = None,
) -> Surface:
    """Ask a classifier for its probabilities on a grid that covers the samples.

    Samples with more than two features are cut along the plane of their first two principal
    components, through their mean.

    Parameters
    ----------
    net : Module
        A network that gives logits of classes, or a single one of yes.
    x : array_like, shape (N, ...)
        The samples to cover.
    loss : callable or str
        What the network was trained with, which turns outputs into probabilities.
    resolution : int
        Points along each side.
    margin : float
        How far the grid goes beyond the samples, as a share of their range.
    plane : Plane, optional
        Another plane than the one through the samples.
    """
    samples = as_array(x)
    plane = Plane.through(samples) if plane is None else plane
    seen = plane.coordinates(samples)
    low, high = seen.min(axis=0), seen.max(axis=0)
    border = np.where(high > low, margin * (high - low), 1.0)
    horizontal, vertical = np.linspace(low - border, high + border, resolution).T
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1).reshape(-1, 2)
    points = plane.points(grid).reshape(-1, *samples.shape[1:]).astype(parameter_dtype(net))
    with unchanged(net):
        probabilities = predict_proba(net, points, loss)
    return Surface(plane, horizontal, vertical, probabilities.reshape(resolution, resolution, -1))


@styled
def decision_boundary(
    net: Module,
    x: Any,
    y: Any,
    *,
    class_names: Sequence[str] = (),
    feature_names: Sequence[str] = (),
    loss: Any = "auto",
    resolution: int = 160,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a classifier decides around the samples: the stronger a colour, the surer.

    Lines are drawn where the decision changes. Samples of more than two features are shown on the
    plane of their first two principal components; the network is asked on that plane only.

    Parameters
    ----------
    net : Module
        A classifier.
    x : array_like, shape (N, ...)
        Samples.
    y : array_like of int, shape (N,)
        Their classes.
    class_names : sequence of str
        What the classes are called.
    feature_names : sequence of str
        What the features are called, if there are two.
    loss, resolution
        See :func:`decision_surface`.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    samples, labels = as_array(x), as_array(y)
    surface = decision_surface(net, samples, loss=loss, resolution=resolution)
    axes = new_axes(ax, 4.8, 4.0)
    _draw_surface(axes, surface)
    scatter_classes(axes, surface.plane.coordinates(samples), labels, class_names)
    axes.set_xlim(surface.horizontal[0], surface.horizontal[-1])
    axes.set_ylim(surface.vertical[0], surface.vertical[-1])
    if samples.reshape(len(samples), -1).shape[1] == 2:
        first, second = feature_names if len(feature_names) == 2 else _UNNAMED
        axes.set_xlabel(literal(shortened(first, _NAME)))
        axes.set_ylabel(literal(shortened(second, _NAME)))
    else:
        axes.set_xlabel("first component")
        axes.set_ylabel(f"second ({surface.plane.share:.0%} of the variance in both)")
    return axes


def _draw_surface(axes: Axes, surface: Surface) -> None:
    from matplotlib.colors import to_rgb

    count = surface.probabilities.shape[-1]
    colours = np.array([to_rgb(class_colour(k)) for k in range(count)])
    # From white where all classes are equally likely to the full colour where one is certain
    sureness = (surface.confidence - 1 / count) / (1 - 1 / count)
    strength = (0.1 + 0.5 * sureness)[..., None]
    picture = 1 - strength * (1 - colours[surface.classes])
    left, right = surface.horizontal[[0, -1]]
    bottom, top = surface.vertical[[0, -1]]
    axes.imshow(picture, origin="lower", extent=(left, right, bottom, top), aspect="auto", zorder=0)
    for k in range(count if count > 2 else 1):
        others = np.max(np.delete(surface.probabilities, k, axis=-1), axis=-1)
        lead = surface.probabilities[..., k] - others
        if lead.min() < 0 < lead.max():
            axes.contour(
                surface.horizontal, surface.vertical, lead, [0.0], colors="black", linewidths=0.8
            )


def scatter_classes(
    axes: Axes, places: Array, labels: Array, class_names: Sequence[str] = ()
) -> None:
    """Draw samples in the colours and shapes of their classes, with a legend above.

    More than twelve classes have no legend, since colours and shapes begin again.

    Raises
    ------
    DataError
        If the labels are not one whole number for each sample.
    """
    labels = labels.reshape(-1)
    if labels.dtype.kind == "f" and np.all(labels == np.rint(labels)):
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "iub" or len(labels) != len(places):
        raise DataError("y needs one class, a whole number, for each sample")
    classes = np.unique(labels)
    for k in classes:
        name = class_names[k] if k < len(class_names) else str(k)
        mine = labels == k
        axes.scatter(
            places[mine, 0],
            places[mine, 1],
            s=16,
            color=class_colour(int(k)),
            marker=MARKERS[int(k) % len(MARKERS)],
            edgecolors="white",
            linewidths=0.4,
            label=name,
            zorder=3,
        )
    axes.locator_params(nbins=6)  # labels stay apart in a small animation too
    if len(classes) <= _FEW:
        legend_above(axes)
