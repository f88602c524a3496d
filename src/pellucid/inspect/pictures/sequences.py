"""What happens along a sequence, and where symbols lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError, UnsupportedError
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import letters_across, literal, shortened
from pellucid.inspect.pictures.hidden_space import Method, projected
from pellucid.inspect.pictures.style import (
    OKABE_ITO,
    SIGNED,
    colour_scale,
    new_axes,
    signed_range,
    styled,
    visible_text,
)
from pellucid.inspect.pictures.weights import output_of
from pellucid.random import Seed
from pellucid.tensor import Parameter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["embedding_map", "recurrent_states"]


@styled
def recurrent_states(
    net: Module,
    sample: Any,
    path: str,
    *,
    units: Sequence[int] | None = None,
    steps: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw the states of a recurrent layer over the steps of one sequence.

    Parameters
    ----------
    net : Module
        The network.
    sample : array_like, shape (T,) or (T, F)
        One sequence.
    path : str
        The recurrent layer.
    units : sequence of int, optional
        Which units; the first 40 if left out.
    steps : sequence of str
        What stands below each step, such as the characters.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ShapeError
        If the layer gives no states over time.
    DataError
        If it has no such units.
    """
    states = np.asarray(output_of(net, sample, path))
    if states.ndim != 2:
        raise ShapeError(
            f"'{path}' gives {states.shape} for a sequence, but states are (steps, units)"
        )
    from matplotlib.ticker import MaxNLocator

    chosen = list(range(min(states.shape[1], 40))) if units is None else list(units)
    if not chosen or not all(0 <= unit < states.shape[1] for unit in chosen):
        raise DataError(f"'{path}' has the units 0 to {states.shape[1] - 1}, got {chosen}")
    shown = states[:, chosen].T  # (units, T)
    check_finite(shown, f"the states of '{path}'")
    length = shown.shape[1]
    axes = new_axes(ax, min(3.0 + 0.13 * length, 12.0), min(1.4 + 0.12 * len(chosen), 6.0))
    drawn = axes.imshow(shown, cmap=SIGNED, aspect="auto", **signed_range(shown))
    if steps and length <= 90:
        visible = [visible_text(step) for step in steps]
        axes.set_xticks(range(length), visible[:length], fontsize=7)
        axes.tick_params(axis="x", length=0, rotation=90 if max(map(len, visible)) > 1 else 0)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    every = -(-len(chosen) // 12)
    axes.set_yticks(range(0, len(chosen), every), [str(unit) for unit in chosen[::every]])
    axes.set_xlabel("step")
    axes.set_ylabel("unit")
    kind = type(dict(net.named_modules())[path]).__name__
    axes.set_title(
        literal(shortened(f"{path}: {kind}" if path else kind, letters_across(axes, 10.0)))
    )
    axes.spines[:].set_visible(False)
    colour_scale(axes, drawn, "state")
    return axes


@styled
def embedding_map(
    embedding: Module | Array,
    labels: Sequence[str] = (),
    *,
    method: Method = "pca",
    rng: Seed = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw where the vectors of symbols lie, in two dimensions.

    A label that would cover another is left out; its point stays.

    Parameters
    ----------
    embedding : Module or array_like, shape (V, D)
        The layer, or its vectors.
    labels : sequence of str
        What the symbols are.
    method, rng
        See :func:`projected`.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    UnsupportedError
        If the layer has no matrix of vectors.
    """
    if hasattr(embedding, "named_parameters"):
        weight = getattr(embedding, "weight", None)
        if not isinstance(weight, Parameter) or weight.ndim != 2:
            raise UnsupportedError(
                f"expected an Embedding or its vectors, got a {type(embedding).__name__}"
            )
        vectors = weight.data
    else:
        vectors = as_array(embedding)
    places = projected(vectors, method, rng)
    axes = new_axes(ax, 5.0, 4.4)
    axes.scatter(places[:, 0], places[:, 1], s=6, color=OKABE_ITO[0], alpha=0.6, linewidths=0)
    axes.margins(0.08)
    axes.autoscale_view()
    axes.set_xticks([])
    axes.set_yticks([])
    name = "component" if method == "pca" else "t-SNE axis"
    axes.set_xlabel(f"first {name}")
    axes.set_ylabel(f"second {name}")
    _label_points(axes, places, labels)
    return axes


def _label_points(axes: Axes, places: Array, labels: Sequence[str]) -> None:
    """Write labels beside points, from the outside in, where there is room."""
    from matplotlib.transforms import Bbox

    figure = axes.get_figure(root=True)
    assert figure is not None  # axes that are drawn on have one
    canvas: Any = figure.canvas
    figure.draw_without_rendering()
    renderer = canvas.get_renderer() if hasattr(canvas, "get_renderer") else None
    frame = axes.get_window_extent(renderer)
    taken: list[Bbox] = []
    far = np.linalg.norm(places - places.mean(axis=0), axis=1)
    for k in np.argsort(-far, kind="stable"):
        if k >= len(labels) or not labels[k].strip():
            continue
        text = axes.annotate(
            labels[k].replace("$", r"\$"),
            places[k],
            (2.5, 2.5),
            textcoords="offset points",
            fontsize=8,
        )
        box = text.get_window_extent(renderer).expanded(1.08, 1.08)
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and box.y1 <= frame.y1
        if not inside or any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box)
