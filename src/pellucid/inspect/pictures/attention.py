"""What attends to what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pellucid import nn
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import literal, shortened
from pellucid.inspect.pictures.style import (
    AMOUNTS,
    colour_scale,
    new_axes,
    new_figure,
    styled,
    visible_text,
)
from pellucid.inspect.unchanged import unchanged
from pellucid.primitives import masked_softmax
from pellucid.primitives.declaration import Recorded
from pellucid.tape import no_grad
from pellucid.training.evaluation import parameter_dtype

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pellucid.nn import Module

__all__ = ["attention_map", "attention_maps", "attention_weights"]

_MOST_LABELS = 40
_ACROSS = 4  # heads side by side


def attention_weights(net: Module, *inputs: Any) -> dict[str, Array]:
    """Return the weights of every attention in a network, by the path of the layer.

    Parameters
    ----------
    net : Module
        The network, used in evaluation mode.
    *inputs : array_like
        What it is called with, with the batch axis.

    Returns
    -------
    dict of str to ndarray, shape (N, heads, T, S)
        How much each of T queries takes from each of S positions; rows add up to 1. Of a layer that
        is called several times, the last call.
    """
    found: dict[str, Array] = {}
    inside: list[str] = [""]
    forward: Callable[..., Any] = masked_softmax.forward

    def told(scores: Array, **how: Any) -> Array:
        weights: Array = forward(scores, **how)
        found[inside[-1]] = weights if weights.ndim == 4 else weights[:, None]
        return weights

    def leave(path: str, module: Module, arguments: Any, output: Any) -> None:
        inside.pop()
        if isinstance(output, tuple) and type(module).__name__ == "SequenceAttention":
            weights = output[1].data if isinstance(output[1], Recorded) else output[1]
            found[path] = weights[:, None]

    given = [as_array(x) for x in inputs]
    given = [x.astype(parameter_dtype(net)) if x.dtype.kind == "f" else x for x in given]
    masked_softmax.forward = told
    try:
        with unchanged(net), no_grad(), nn.observe_calls(net, leave, entering=inside.append):
            net(*given)
    finally:
        masked_softmax.forward = forward
    return found


@styled
def attention_map(
    weights: Any,
    queries: Sequence[str] = (),
    keys: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the weights of one head: each row shows what one query takes from where, in shares.

    Parameters
    ----------
    weights : array_like, shape (T, S)
        Of one sample and head.
    queries, keys : sequence of str
        What stands at the rows and columns, such as the tokens; `keys` is `queries` if left out.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ShapeError
        If they are no matrix.
    """
    shown = as_array(weights)
    if shown.ndim != 2 or not shown.size:
        raise ShapeError(f"expected the weights of one sample and head, (T, S), got {shown.shape}")
    check_finite(shown, "the weights of the attention")
    axes = new_axes(ax, 4.0, 3.6)
    colour_scale(axes, _draw(axes, shown, queries, keys), "attention")
    return axes


def _draw(
    axes: Axes,
    shown: Array,
    queries: Sequence[str],
    keys: Sequence[str] | None,
    largest: float | None = None,
) -> Any:
    """Draw weights (T, S) on axes; return what tells their colours."""
    most = float(shown.max(initial=0.0)) if largest is None else largest
    image = axes.imshow(shown, cmap=AMOUNTS, vmin=0, vmax=most or 1.0, aspect="auto")
    keys = queries if keys is None else keys
    _label(axes.set_yticks, shown.shape[0], queries)
    _label(axes.set_xticks, shown.shape[1], keys)
    axes.tick_params(length=0)
    if keys and max(len(visible_text(key)) for key in keys) > 2:
        axes.tick_params(axis="x", rotation=90)
    axes.set_ylabel("query")
    axes.set_xlabel("attends to")
    axes.spines[:].set_visible(False)
    return image


def _label(set_ticks: Callable[..., Any], count: int, names: Sequence[str]) -> None:
    if names and count <= _MOST_LABELS:
        size = 7 if count <= 16 else 6
        set_ticks(range(count), [visible_text(name) for name in names[:count]], fontsize=size)
    else:
        step = max(-(-count // 8), 1)
        set_ticks(range(0, count, step))


@styled
def attention_maps(
    net: Module,
    *inputs: Any,
    path: str | None = None,
    sample: int = 0,
    queries: Sequence[str] = (),
    keys: Sequence[str] | None = None,
) -> Figure:
    """Draw all heads of an attention layer, or of all such layers, in a new figure.

    Each layer begins a new row, of at most four heads. All have the same scale of colours.

    Parameters
    ----------
    net : Module
        The network.
    *inputs : array_like
        What it is called with, with the batch axis.
    path : str, optional
        One layer; all of them if left out.
    sample : int
        Which sample of the batch.
    queries, keys : sequence of str
        What stands at rows and columns; see :func:`attention_map`.

    Raises
    ------
    DataError
        If the network has no attention.
    UnknownNameError
        If `path` is none.
    """
    found = attention_weights(net, *inputs)
    if not found:
        raise DataError("no layer of this network attends to anything")
    if path is not None:
        if path not in found:
            raise UnknownNameError("path of an attention layer", path, found)
        found = {path: found[path]}
    heads = [
        (place, head, weights[sample, head], not head % _ACROSS)
        for place, weights in found.items()
        for head in range(weights.shape[1])
    ]
    columns = min(max(weights.shape[1] for weights in found.values()), _ACROSS)
    rows = sum(first for *_, first in heads)
    longest = max(max(shown.shape) for _, _, shown, _ in heads)
    labelled = bool(queries) and longest <= _MOST_LABELS
    side = max(2.3, 0.7 + 0.105 * longest) if labelled else 2.3
    figure = new_figure(side * columns + 0.8, (side + 0.15) * rows + 0.3)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_visible(False)
    largest = max(float(shown.max(initial=0.0)) for _, _, shown, _ in heads)
    row, column = -1, 0
    image: Any = None
    for place, head, shown, first in heads:
        row, column = (row + 1, 0) if first else (row, column + 1)
        axes = grid[row, column]
        axes.set_visible(True)
        image = _draw(axes, shown, queries, keys, largest)
        name = literal(shortened(place, int(side * 14)))  # its end tells it apart
        axes.set_title(f"{name}\nhead {head}" if name else f"head {head}", fontsize=8)
        if column:
            axes.set_ylabel("")
            axes.tick_params(labelleft=False)
    bar = figure.colorbar(image, ax=grid, fraction=0.05, pad=0.02, aspect=30)
    bar.set_label("attention")
    bar.outline.set_visible(False)
    return figure
