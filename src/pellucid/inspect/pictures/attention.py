"""What attends to what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pellucid import nn
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, UnknownNameError
from pellucid.inspect.pictures.style import (
    AMOUNTS,
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
    """Draw the weights of one head: each row shows what one query takes from where.

    Parameters
    ----------
    weights : array_like, shape (T, S)
        Of one sample and head.
    queries, keys : sequence of str
        What stands at the rows and columns, such as the tokens; `keys` is `queries` if left out.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    shown = as_array(weights)
    axes = new_axes(ax, 3.6, 3.6)
    axes.imshow(shown, cmap=AMOUNTS, vmin=0, vmax=float(shown.max()) or 1.0, aspect="auto")
    keys = queries if keys is None else keys
    _label(axes.set_yticks, shown.shape[0], queries)
    _label(axes.set_xticks, shown.shape[1], keys)
    axes.tick_params(length=0)
    if keys and max(len(visible_text(key)) for key in keys) > 2:
        axes.tick_params(axis="x", rotation=90)
    axes.set_ylabel("query")
    axes.set_xlabel("attends to")
    axes.spines[:].set_visible(False)
    return axes


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

    One row for each layer, one column for each head.

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
    heads = max(weights.shape[1] for weights in found.values())
    longest = max(max(weights.shape[2:]) for weights in found.values())
    labelled = bool(queries) and longest <= _MOST_LABELS
    side = max(2.3, 0.7 + 0.105 * longest) if labelled else 2.3
    figure = new_figure(side * heads + 0.3, side * len(found) + 0.3)
    grid = figure.subplots(len(found), heads, squeeze=False)
    for row, (place, weights) in zip(grid, found.items(), strict=True):
        for head, axes in enumerate(row):
            if head >= weights.shape[1]:
                axes.set_visible(False)
                continue
            attention_map(weights[sample, head], queries, keys, ax=axes)
            axes.set_title(f"{place}, head {head}", fontsize=8)
            if head:
                axes.set_ylabel("")
                axes.tick_params(labelleft=False)
    return figure
