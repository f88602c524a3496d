"""What a classifier gets wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError
from pellucid.inspect.pictures.style import (
    colour_scale,
    image_of,
    mosaic,
    new_axes,
    no_ticks,
    styled,
)
from pellucid.inspect.unchanged import unchanged
from pellucid.training.evaluation import predict_proba

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["Mistakes", "confusion", "confusion_matrix", "find_mistakes", "worst_mistakes"]

_NUMBERED = 20  # classes up to which each cell has its number


def confusion(y: Any, predicted: Any, classes: int | None = None) -> Array:
    """Return how many samples of each class (row) were taken for which (column).

    Parameters
    ----------
    y, predicted : array_like of int, shape (N,)
        True and predicted classes.
    classes : int, optional
        How many there are; one more than the largest if left out.

    Raises
    ------
    ShapeError
        If there are not as many of both.
    """
    true, taken = as_array(y).reshape(-1), as_array(predicted).reshape(-1)
    if true.shape != taken.shape:
        raise ShapeError(f"{true.size} true classes, but {taken.size} predicted ones")
    count = classes or int(max(true.max(initial=0), taken.max(initial=0))) + 1
    table = np.zeros((count, count), np.int64)
    np.add.at(table, (true.astype(np.int64), taken.astype(np.int64)), 1)
    return table


@styled
def confusion_matrix(
    y: Any, predicted: Any, *, class_names: Sequence[str] = (), ax: Axes | None = None
) -> Axes:
    """Draw how many samples of each class were taken for which; colours are shares of a row.

    Parameters
    ----------
    y, predicted : array_like of int, shape (N,)
        True and predicted classes.
    class_names : sequence of str
        What the classes are called.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    table = confusion(y, predicted, len(class_names) or None)
    count = len(table)
    side = max(3.2, 1.6 + 0.36 * count)
    axes = new_axes(ax, side + 0.6, side)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    drawn = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    if count <= _NUMBERED:
        small = 8.0 if count <= 12 and table.max() < 1000 else 6.0
        for (row, column), number in np.ndenumerate(table):
            if number:
                colour = "black" if shares[row, column] > 0.5 else "white"
                axes.text(
                    column, row, f"{number}", ha="center", va="center", color=colour, fontsize=small
                )
    names = list(class_names) or [str(k) for k in range(count)]
    step = -(-count // 30)
    long = max(map(len, names)) > 3
    axes.set_xticks(
        range(0, count, step), names[::step], rotation=90 if long else 0, ha="center", va="top"
    )
    axes.set_yticks(range(0, count, step), names[::step])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.spines[:].set_visible(False)
    colour_scale(axes, drawn, "share of the true class")
    return axes


@dataclass(frozen=True)
class Mistakes:
    """Samples that a classifier gets wrong, the surest mistakes first.

    Attributes
    ----------
    indices : ndarray of int, shape (K,)
        Which samples.
    true, predicted : ndarray of int, shape (K,)
        Their classes, and what they were taken for.
    confidence, chance : ndarray, shape (K,)
        The probability of the predicted class, and of the true one.
    total : int
        How many mistakes there are in all.
    """

    indices: Array
    true: Array
    predicted: Array
    confidence: Array
    chance: Array
    total: int


def find_mistakes(net: Module, x: Any, y: Any, count: int = 16, loss: Any = "auto") -> Mistakes:
    """Return the mistakes in which the true class was given the least probability.

    Parameters
    ----------
    net : Module
        A classifier.
    x : array_like, shape (N, ...)
        Samples.
    y : array_like of int, shape (N,)
        Their classes.
    count : int
        How many to return at most.
    loss : callable or str
        What the network was trained with.

    Raises
    ------
    ShapeError
        If there is not one class for each sample.
    """
    samples, labels = as_array(x), as_array(y).reshape(-1).astype(np.int64)
    if len(labels) != len(samples):
        raise ShapeError(f"{len(samples)} samples, but {len(labels)} classes")
    with unchanged(net):
        probabilities = predict_proba(net, samples, loss)
    taken = np.argmax(probabilities, axis=1)
    chance = probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(taken != labels)
    worst = wrong[np.argsort(chance[wrong], kind="stable")][:count]
    return Mistakes(
        worst,
        labels[worst],
        taken[worst],
        probabilities[worst, taken[worst]],
        chance[worst],
        len(wrong),
    )


@styled
def worst_mistakes(
    net: Module,
    x: Any,
    y: Any,
    *,
    class_names: Sequence[str] = (),
    count: int = 16,
    loss: Any = "auto",
    image_shape: Sequence[int] | None = None,
    describe: Callable[[Array], str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show the samples that a classifier is most wrong about: what they are, and were taken for.

    Parameters
    ----------
    net : Module
        A classifier.
    x : array_like, shape (N, ...)
        Samples: images, unless `describe` is given.
    y : array_like of int, shape (N,)
        Their classes.
    class_names : sequence of str
        What the classes are called.
    count : int
        How many to show at most.
    loss : callable or str
        What the network was trained with.
    image_shape : sequence of int, optional
        What a flat sample is.
    describe : callable, optional
        Turns a sample that is no image into a line of text.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    DataError
        If there is no mistake to show.
    """
    samples = as_array(x)
    found = find_mistakes(net, samples, y, count, loss)
    if not len(found.indices):
        raise DataError("there is no mistake to show: every sample is classified rightly")

    def name(k: int) -> str:
        return class_names[k] if k < len(class_names) else str(k)

    captions = [
        f"{name(true)}, not {name(taken)} ({sure:.0%})"
        for true, taken, sure in zip(found.true, found.predicted, found.confidence, strict=True)
    ]
    title = f"{len(found.indices)} of {found.total} mistakes: what it is, not what it was taken for"
    if describe is not None:
        return _lines(captions, [describe(samples[i]) for i in found.indices], title, ax)
    images = [image_of(samples[i], image_shape) for i in found.indices]
    columns = int(np.ceil(np.sqrt(len(images))))
    wide = max(map(len, captions)) > 20
    captions = [c.replace(", not", ",\nnot").replace(" (", "\n(") if wide else c for c in captions]
    rows = -(-len(images) // columns)
    axes = new_axes(ax, 1.35 * columns + 0.2, (1.65 + 0.25 * wide) * rows + 0.4)
    height, width = images[0].shape[:2]
    gap = max(int(np.ceil(0.34 * height)), 2) * (1 + wide)
    spaced = [_framed(image, gap, max(width // 4, 2)) for image in images]
    axes.imshow(mosaic(spaced, columns, gap=0), cmap="Greys")
    tall, broad = spaced[0].shape[:2]
    for k, caption in enumerate(captions):
        middle = k % columns * broad + broad / 2 - 0.5
        axes.text(
            middle,
            k // columns * tall + gap - 0.03 * height - 0.5,
            caption,
            ha="center",
            va="bottom",
            fontsize=6.5,
        )
    no_ticks(axes)
    axes.set_title(title, fontsize=9)
    return axes


def _framed(image: Array, above: int, beside: int) -> Array:
    """Return an image with white space above and around it."""
    left = beside // 2
    widths = [(above, 0), (left, beside - left), *((0, 0) for _ in image.shape[2:])]
    if image.ndim == 3:
        return np.pad(image, widths, constant_values=1.0)
    return np.pad(image.astype(float), widths, constant_values=np.nan)


def _lines(captions: list[str], texts: list[str], title: str, ax: Axes | None) -> Axes:
    axes = new_axes(ax, 6.4, 0.6 + 0.5 * len(texts))
    for k, (caption, text) in enumerate(zip(captions, texts, strict=True)):
        shown = textwrap.shorten(text, 84, placeholder=" …")
        axes.text(0.0, -k, caption, va="bottom", fontsize=8, fontweight="bold")
        axes.text(0.0, -k - 0.08, shown, va="top", fontsize=8, color="0.25", parse_math=False)
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(texts) + 0.4, 0.6)
    no_ticks(axes)
    axes.set_title(title, fontsize=9, loc="left")
    return axes
