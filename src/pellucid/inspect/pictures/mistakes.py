"""What a classifier gets wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError
from pellucid.inspect.pictures.fitting import (
    LETTER,
    letters_across,
    literal,
    points_of,
    shortened,
)
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

_TICK = 8.0  # points of the letters at the ticks
_SMALLEST = 6.0  # points of letters that can be read
_CAPTION = 6.5  # points of the letters above an image
_NAME = 24  # letters of a class in a caption


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
    DataError
        If a class is no whole number from 0 on, or there are fewer of them.
    """
    true, taken = whole_classes(y, classes), whole_classes(predicted, classes)
    if true.shape != taken.shape:
        raise ShapeError(f"{true.size} true classes, but {taken.size} predicted ones")
    count = classes or int(max(true.max(initial=0), taken.max(initial=0))) + 1
    table = np.zeros((count, count), np.int64)
    np.add.at(table, (true, taken), 1)
    return table


def whole_classes(labels: Any, classes: int | None = None) -> Array:
    """Return labels (N,) as whole numbers.

    Raises
    ------
    DataError
        If one is no whole number ≥ 0, or there are fewer classes.
    """
    given = as_array(labels).reshape(-1)
    whole = given.astype(np.int64)
    if np.any(whole != given) or whole.min(initial=0) < 0:
        raise DataError("classes are whole numbers from 0 on; of scores, take argmax(axis=1)")
    if classes is not None and whole.max(initial=0) >= classes:
        raise DataError(f"class {whole.max()} is none of the {classes} classes, 0 to {classes - 1}")
    return whole


@styled
def confusion_matrix(
    y: Any, predicted: Any, *, class_names: Sequence[str] = (), ax: Axes | None = None
) -> Axes:
    """Draw how many samples of each class were taken for which; colours are shares of a row.

    Cells have their numbers where there is room to read them.

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
    side = max(3.2, 1.6 + 0.36 * min(count, 20) + 0.05 * max(count - 20, 0))
    axes = new_axes(ax, side + 0.6, side)
    width, height = points_of(axes)
    room = int(min(width, height) / 3 / (LETTER * _TICK))  # letters: no more than a third
    called = class_names or [str(k) for k in range(count)]
    names = [literal(shortened(name, min(room, 20))) for name in called]
    longest = max(map(len, names)) * LETTER * _TICK
    cell = max((min(width, height) - longest) / count, 1.0)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    drawn = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    size = min(cell / (LETTER * len(str(table.max())) + 0.4), 0.8 * cell, 9.0)
    if size >= _SMALLEST:
        for (row, column), number in np.ndenumerate(table):
            if number:
                colour = "black" if shares[row, column] > 0.5 else "white"
                axes.text(
                    column, row, f"{number}", ha="center", va="center", color=colour, fontsize=size
                )
    step = int(np.ceil(1.3 * _TICK / cell))
    turned = longest > 0.9 * cell * step
    axes.set_xticks(
        range(0, count, step),
        names[::step],
        rotation=90 if turned else 0,
        ha="center",
        va="top",
        fontsize=_TICK,
    )
    axes.set_yticks(range(0, count, step), names[::step], fontsize=_TICK)
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
    DataError
        If a class is none of the network's.
    """
    samples, labels = as_array(x), whole_classes(y)
    if len(labels) != len(samples):
        raise ShapeError(f"{len(samples)} samples, but {len(labels)} classes")
    with unchanged(net):
        probabilities = predict_proba(net, samples, loss)
    whole_classes(labels, probabilities.shape[1])
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

    On the caller's axes, as many as there is room for.

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

    names = [
        (name(true), name(taken)) for true, taken in zip(found.true, found.predicted, strict=True)
    ]
    if describe is not None:
        texts = [describe(samples[i]) for i in found.indices]
        return _lines(names, found, texts, ax)
    images = [image_of(samples[i], image_shape) for i in found.indices]
    return _images(names, found, images, ax)


def _images(
    names: list[tuple[str, str]], found: Mistakes, images: list[Array], ax: Axes | None
) -> Axes:
    """Draw images in rows, as many as have room for a caption that can be read."""
    wide = any(len(true) + len(taken) > 8 for true, taken in names)
    lines = 3 if wide else 1
    columns = int(np.ceil(np.sqrt(len(images))))
    rows = -(-len(images) // columns)
    axes = new_axes(ax, 1.35 * columns + 0.2, (1.65 + 0.25 * wide) * rows + 0.4)
    across, down = points_of(axes)
    above = lines * 1.35 * _CAPTION + 3.0  # points for the caption
    if ax is not None:
        columns = int(np.ceil(np.sqrt(len(images) * across / down)))
        columns = max(min(columns, int(across / (17 * LETTER * _CAPTION))), 1)
        rows = max(min(-(-len(images) // columns), int(down / (above + 28.0))), 1)
    shown = min(len(images), rows * columns)
    height, width = images[0].shape[:2]
    cell = across / columns, down / rows
    scale = max(min(0.92 * cell[0] / width, (cell[1] - above) / height), 0.1)  # points a pixel
    framed = [
        _framed(image, int(np.ceil(above / scale)), max(int(cell[0] / scale) - width, 1))
        for image in images[:shown]
    ]
    axes.imshow(mosaic(framed, columns, gap=0), cmap="Greys")
    tall, broad = framed[0].shape[:2]
    letters = int(cell[0] / (LETTER * _CAPTION))
    for k, (true, taken) in enumerate(names[:shown]):
        axes.text(
            k % columns * broad + broad / 2 - 0.5,
            k // columns * tall + tall - height - 0.5 - 2.0 / scale,
            _caption(true, taken, found.confidence[k], letters, wide),
            ha="center",
            va="bottom",
            fontsize=_CAPTION,
        )
    no_ticks(axes)
    axes.set_title(_title(axes, shown, found.total), fontsize=9)
    return axes


def _caption(true: str, taken: str, sure: float, letters: int, wide: bool) -> str:
    if not wide:
        return literal(f"{true}, not {taken} ({sure:.0%})")
    most = min(_NAME, max(letters - 4, 4))
    first, second = (literal(shortened(name, most)) for name in (true, taken))
    return f"{first},\nnot {second}\n({sure:.0%})"


def _title(axes: Axes, shown: int, total: int) -> str:
    title = f"{shown} of {total:,} mistakes: what it is, not what it was taken for"
    return title if len(title) <= letters_across(axes, 9.0) else title.partition(":")[0]


def _framed(image: Array, above: int, beside: int) -> Array:
    """Return an image with white space above and around it."""
    left = beside // 2
    widths = [(above, 0), (left, beside - left), *((0, 0) for _ in image.shape[2:])]
    if image.ndim == 3:
        return np.pad(image, widths, constant_values=1.0)
    return np.pad(image.astype(float), widths, constant_values=np.nan)


def _lines(
    names: list[tuple[str, str]], found: Mistakes, texts: list[str], ax: Axes | None
) -> Axes:
    """Write texts below each other, as many as have room."""
    axes = new_axes(ax, 6.4, 0.6 + 0.5 * len(texts))
    shown = len(texts) if ax is None else min(len(texts), max(int(points_of(axes)[1] / 28), 1))
    letters = letters_across(axes, 8.5)
    for k in range(shown):
        true, taken = (shortened(name, max((letters - 14) // 2, 4)) for name in names[k])
        caption = literal(f"{true}, not {taken} ({found.confidence[k]:.0%})")
        text = textwrap.shorten(texts[k], letters, placeholder=" …")
        axes.text(0.0, -k, caption, va="bottom", fontsize=8, fontweight="bold")
        axes.text(0.0, -k - 0.08, text, va="top", fontsize=8, color="0.25", parse_math=False)
    axes.set_xlim(0, 1)
    axes.set_ylim(-shown + 0.4, 0.6)
    no_ticks(axes)
    axes.set_title(_title(axes, shown, found.total), fontsize=9, loc="left")
    return axes
