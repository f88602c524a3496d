"""A network drawn: a dense one as circles and lines, another as blocks, and what flows through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array, as_array
from pellucid.errors import UnsupportedError
from pellucid.inspect.observing import observe
from pellucid.inspect.pictures.blocks import draw_blocks
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import LETTER, literal, points_of, shortened
from pellucid.inspect.pictures.numbered import draw_numbered, wanted_numbers
from pellucid.inspect.pictures.step_numbers import step_numbers
from pellucid.inspect.pictures.style import (
    SIGNED,
    colour_scale,
    new_axes,
    signed_range,
    styled,
)
from pellucid.inspect.unchanged import unchanged
from pellucid.tape import no_grad
from pellucid.training.evaluation import parameter_dtype

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module
    from pellucid.training.objective import LossLike

__all__ = ["Column", "columns_of", "network_diagram"]

_BESIDE = 18.0  # points beside the outer columns
_LEAST_STEP = 34.0  # points between columns, if names leave so much
_NAME = 22  # letters


@dataclass(frozen=True)
class Column:
    """One layer of units of a dense network.

    Attributes
    ----------
    path : str
        The dense layer that makes it; "" for the input.
    values : ndarray, shape (units,)
        What the units say, after the activation.
    weights : ndarray, shape (units before, units), or None
        What they make of the column before.
    """

    path: str
    values: Array
    weights: Array | None


def columns_of(net: Module, sample: Array) -> list[Column]:
    """Return the columns of a dense network, with what one sample makes of them.

    Parameters
    ----------
    net : Module
        Dense layers in a row, with activations and the like in between.
    sample : ndarray
        One sample, without the batch axis, in the type that the network takes.

    Raises
    ------
    UnsupportedError
        If the network has other layers with weights, or its dense layers do not follow each other.
    """
    with unchanged(net), no_grad(), observe(net, gradients=False) as seen:
        net(sample[None])
    columns: list[Column] = []
    for path in seen.paths:
        module = seen.modules[path]
        if module.children():
            continue
        output = seen.outputs[path][0]
        if isinstance(module, nn.Linear):
            came = np.asarray(seen.inputs[path][0][0])
            if came.ndim != 2:
                raise UnsupportedError(_refusal(path, module))
            if not columns:
                columns.append(Column("", came[0], None))
            elif not np.array_equal(came[0], columns[-1].values):  # something was added to it
                raise UnsupportedError(_refusal(path, module))
            columns.append(Column(path, np.asarray(output)[0], module.weight.data))
        elif any(True for _ in module.named_parameters()) and np.ndim(output) != 2:
            raise UnsupportedError(_refusal(path, module))
        elif columns and np.shape(output) == (1, columns[-1].values.size):
            last = columns[-1]
            columns[-1] = Column(last.path, np.asarray(output)[0], last.weights)
    if not columns:
        raise UnsupportedError("there is no dense layer to draw; pl.summary shows any network")
    return columns


def _refusal(path: str, module: Module) -> str:
    return (
        f"a diagram of units shows dense layers in a row, but '{path}' is a "
        f"{type(module).__name__} in another place; pl.summary shows any network"
    )


@styled
def network_diagram(
    net: Module,
    sample: Any,
    target: Any = None,
    *,
    numbers: bool | str | Sequence[str] = False,
    backward: bool = False,
    loss: LossLike = "auto",
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    most: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network with the activations that one sample causes, or the gradients of its loss.

    Dense layers in a row are circles and lines. Circles are activations, lines are weights: red if
    positive, blue if negative, the stronger the thicker. Of a layer of more than `most` units the
    first and the last are shown.

    With `numbers`, each weight stands on its line, each activation in its circle, each bias below;
    where there is not room for all, the smallest weights are left out, and a line says so. With
    `backward`, lines, circles and what is below are the gradients ∂L/∂W, ∂L/∂a and ∂L/∂b of the
    loss of this sample; all are those of the step that :func:`pellucid.trace` writes down.

    Any other network is drawn as blocks: what each layer makes of the sample (maps side by side,
    steps to the right, units in a row; red if positive, blue if negative, each block on a scale of
    its own), its shape and how many weights it has; arrows show where it goes, past other layers
    too. Layers inside of others are one block where there would be too many.

    Parameters
    ----------
    net : Module
        The network.
    sample : array_like
        One sample, without the batch axis.
    target : array_like, optional
        Its target, which gradients need.
    numbers : bool, str or sequence of str
        Whether to write the numbers, or only the "weights", "activations" or "biases" (with
        `backward`, the gradients by them). Only for dense layers in a row.
    backward : bool
        Whether to draw the gradients.
    loss : callable or str
        As :func:`pellucid.fit` takes it.
    input_names, output_names : sequence of str
        What stands beside the first and the last units of dense layers.
    most : int
        How many units of a layer are drawn at most.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    NonFiniteError
        If an activation is NaN or infinite.
    DataError
        If gradients are asked for without a target.
    UnknownNameError
        If there are no numbers of that name.
    UnsupportedError
        If numbers or gradients are asked for of a network that is not of dense layers in a row.
    """
    one = as_array(sample)
    if one.dtype.kind == "f" or not _takes_whole_numbers(net):
        one = one.astype(parameter_dtype(net), copy=False)
    wanted = wanted_numbers(numbers)
    if wanted or backward:
        columns_of(net, one)  # refuses what has no columns
        return draw_numbered(
            step_numbers(net, one, target, loss=loss, backward=backward),
            numbers=wanted,
            backward=backward,
            input_names=input_names,
            output_names=output_names,
            most=most,
            ax=ax,
        )
    try:
        columns = columns_of(net, one)
    except UnsupportedError:
        return draw_blocks(net, one, ax)
    for column in columns:
        check_finite(column.values, f"the activations of '{column.path}'")
    tallest = max(min(column.values.size, most) for column in columns)
    axes = new_axes(ax, 1.5 + 1.5 * len(columns), 1.2 + 0.32 * tallest)
    space = _Space.on(axes, len(columns), tallest, input_names, output_names)
    shown = [_shown(column.values.size, most) for column in columns]
    heights = [
        _heights(units, column.values.size) for units, column in zip(shown, columns, strict=True)
    ]
    _draw_weights(axes, columns, shown, heights)
    values = np.concatenate(
        [column.values[units] for column, units in zip(columns, shown, strict=True)]
    )
    limits = signed_range(values)
    for k, (column, units, where) in enumerate(zip(columns, shown, heights, strict=True)):
        dots = axes.scatter(
            np.full(len(units), float(k)),
            where,
            s=space.dot**2,
            c=column.values[units],
            cmap=SIGNED,
            **limits,
            edgecolors="black",
            linewidths=0.7,
            zorder=3,
        )
        if len(units) < column.values.size:
            axes.text(k, 0.0, "⋮", ha="center", va="center", fontsize=13, zorder=4)
    space.write_names(axes, input_names, shown[0], heights[0], 0)
    space.write_names(axes, output_names, shown[-1], heights[-1], len(columns) - 1)
    titles = ["input", *(f"layer {column.path}" for column in columns[1:])]
    letters = max(int(space.step / (LETTER * 8.0)) - 1, 4)
    called = [
        f"{literal(shortened(title, max(letters, 10)))}\n{column.values.size} units"
        for title, column in zip(titles, columns, strict=True)
    ]
    every = -(-10 // letters) if letters < 10 else 1  # labels side by side would touch
    axes.set_xticks(range(0, len(columns), every), called[::every], fontsize=8)
    axes.tick_params(length=0)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xlim(-space.left / space.step, len(columns) - 1 + space.right / space.step)
    colour_scale(axes, dots, "activation")
    return axes


@dataclass(frozen=True)
class _Space:
    """How the width of a diagram is shared, in points.

    Attributes
    ----------
    step : float
        From one column to the next.
    left, right : float
        Beside the outer columns, for names.
    dot : float
        The diameter of a unit.
    letters : int
        Of a name at most; 0 if there is no room for names.
    """

    step: float
    left: float
    right: float
    dot: float
    letters: int

    @classmethod
    def on(
        cls, axes: Axes, columns: int, tallest: int, inputs: Sequence[str], outputs: Sequence[str]
    ) -> _Space:
        """Share out: columns stay apart, names get the rest, and units do not touch."""
        width, height = points_of(axes)
        gaps = max(columns - 1, 1)
        rest = width - 2 * _BESIDE - _LEAST_STEP * gaps
        sides = max(bool(inputs) + bool(outputs), 1)
        letters = min(int(rest / sides / (LETTER * 8.0)), _NAME)
        letters = letters if letters >= 3 else 0
        left, right = (
            _BESIDE + LETTER * 8.0 * min(max(map(len, names), default=0), letters)
            for names in (inputs, outputs)
        )
        step = max((width - left - right) / gaps, 1.0)
        return cls(
            step, left, right, max(min(10.5, 0.7 * height / tallest, 0.7 * step), 2), letters
        )

    def write_names(
        self, axes: Axes, names: Sequence[str], units: Array, heights: Array, column: int
    ) -> None:
        """Write names to the left of the first column, to the right of another."""
        side, sign = ("left", 1) if column else ("right", -1)
        for unit, height in zip(units, heights, strict=True):
            if unit < len(names) and self.letters:
                axes.annotate(
                    literal(shortened(names[unit], self.letters)),
                    (column, height),
                    (sign * (0.5 * self.dot + 4.0), 0),
                    textcoords="offset points",
                    ha=side,
                    va="center",
                    fontsize=8,
                )


def _takes_whole_numbers(net: Module) -> bool:
    return any(isinstance(module, nn.Embedding) for module in net.modules())


def _shown(count: int, most: int) -> Array:
    """Return which units are drawn: all, or the first and the last."""
    if count <= most:
        return np.arange(count)
    half = (most - 1) // 2
    return np.r_[:half, count - half : count]


def _heights(units: Array, count: int) -> Array:
    """Return where the units stand, from the top down, about 0; a gap where some are left out."""
    if len(units) == count:
        return (count - 1) / 2 - np.arange(count)
    half = len(units) // 2
    return np.r_[half - np.arange(half), -1 - np.arange(half)].astype(float)


def _draw_weights(
    axes: Axes, columns: list[Column], shown: list[Array], heights: list[Array]
) -> None:
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection

    for k, column in enumerate(columns[1:], 1):
        assert column.weights is not None  # only the input has none
        weights = column.weights[np.ix_(shown[k - 1], shown[k])]
        limit = max(float(np.abs(weights).max()), 1e-12)
        relative = (weights / limit).ravel()
        starts, ends = np.meshgrid(heights[k - 1], heights[k], indexing="ij")
        lines = [((k - 1, a), (k, b)) for a, b in zip(starts.ravel(), ends.ravel(), strict=True)]
        order = np.argsort(np.abs(relative))
        axes.add_collection(
            LineCollection(
                [lines[i] for i in order],
                colors=colormaps[SIGNED](0.5 + 0.5 * relative[order]),
                linewidths=0.2 + 2.0 * np.abs(relative[order]),
                zorder=1,
            )
        )
