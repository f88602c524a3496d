"""Mistakes in the gradient of a loss of scores and labels: the softmax's and the hinge loss.

By the scores s of a sample with the label y both have a gradient that is p (its probabilities, or
1 for every class over the margin) less their sum at y:

    g[k] = c (p[k] − [k = y] Σ p)

What goes wrong is the term at y: where it is subtracted, how much, and before or after the mean is
taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward, Plan, Rule
from pellucid.inspect.checking.breaks import Break, Context, Place
from pellucid.inspect.checking.graph import Node

__all__ = ["label_breaks"]

_COST = 0.1


class _Scores(NamedTuple):
    """Scores of samples, the gradient by them, and the labels."""

    node: Node
    g: Array
    labels: Array
    axis: int

    @property
    def right(self) -> Array:
        """Ones at the labels."""
        found = np.zeros_like(self.g)
        np.put_along_axis(found, np.expand_dims(self.labels, self.axis), 1.0, self.axis)
        return found


def label_breaks(context: Context, true: Backward) -> Iterator[Break]:
    """Yield what is subtracted at other places than the labels, or in another size."""
    for node in context.graph.nodes:
        if node.layer != context.graph.depth or node.data.ndim != 2 or context.is_inside(node):
            continue
        for scores in _scores(context, node, true.total(node)):
            yield from _of_scores(context, scores)
            return


def _scores(context: Context, node: Node, g: Array) -> Iterator[_Scores]:
    """Yield the node as scores if its gradient is one of a loss of labels, for each axis."""
    scale = float(np.max(np.abs(g), initial=0))
    if not scale or 1 in g.shape:
        return
    for axis in (1, 0):
        negative = g < -1e-12 * scale
        wrong = np.sum(negative, axis=axis)
        sums = np.abs(np.sum(g, axis=axis))
        if np.any(wrong > 1) or np.any(sums > 1e-9 * scale):
            continue
        labels = _of_code(context, g.shape, axis)
        if labels is None:
            if not np.all(wrong):
                continue
            labels = np.argmin(g, axis=axis)
        at = np.take_along_axis(g, np.expand_dims(labels, axis), axis)
        if np.all(at <= 1e-12 * scale):
            yield _Scores(node, g, labels, axis)


def _of_code(context: Context, shape: tuple[int, ...], axis: int) -> Array | None:
    """Return the labels by which the code picks one entry of every sample."""
    n, classes = shape[1 - axis], shape[axis]
    for node in context.graph.nodes:
        index = node.attributes.get("index") if node.operation == "getitem" else None
        if not isinstance(index, tuple) or len(index) != 2:
            continue
        rows, labels = index[1 - axis], index[axis]
        if any(isinstance(part, (slice, int)) or part is None for part in index):
            continue
        rows, labels = np.asarray(rows), np.asarray(labels)
        if rows.shape != (n,) or labels.shape != (n,) or labels.dtype.kind not in "iu":
            continue
        if np.array_equal(rows, np.arange(n)) and labels.min() >= 0 and labels.max() < classes:
            return labels.astype(np.int64)
    return None


def _of_scores(context: Context, scores: _Scores) -> Iterator[Break]:
    node, g, axis, right = scores.node, scores.g, scores.axis, scores.right
    at_label = -np.sum(g * right, axis=axis, keepdims=True)  # c Σ p, of each sample
    shares = g * (1 - right)  # c p at the other classes
    samples = g.shape[1 - axis]
    name = context.name_of(node)
    what = f"d{name}" if name and name != "loss" else "the gradient by the scores"
    picked = "[np.arange(N), y]" if axis == 1 else "[y, np.arange(N)]"
    for c in (1 / samples, 1.0):
        units = at_label / c
        if np.all(np.abs(units - np.rint(units)) < 1e-9):
            values = _of_hinge(scores, shares, at_label, c)
            write = f"{what}{picked} = -(how many classes are over the margin), for each sample"
        else:
            p = np.where(right == 1, 0.0, shares) / c
            p = p + right * (1 - np.sum(p, axis=axis, keepdims=True))
            if not _is_softmax(node, p, axis):
                continue
            values = _of_softmax(scores, p, c)
            write = (
                f"{what} = p, then {what}{picked} -= 1, then divided by what the mean divides by"
            )
        for text, value in values:
            place = Place(node.layer, what, write, node.line)
            yield Break(
                "wrong-label-term", text, (place,), Plan(totals={node.position: _plus(value - g)}),
                _COST, ("labels", text), single=True,
            )  # fmt: skip
        return


def _is_softmax(node: Node, p: Array, axis: int) -> bool:
    """Tell whether these are the probabilities that the scores stand for."""
    if np.any(p < -1e-9):
        return False
    shifted = np.exp(node.data - np.max(node.data, axis=axis, keepdims=True))
    return bool(np.allclose(p, shifted / np.sum(shifted, axis=axis, keepdims=True), atol=1e-7))


def _of_hinge(
    scores: _Scores, shares: Array, at_label: Array, c: float
) -> Iterator[tuple[str, Array]]:
    node, axis, right = scores.node, scores.axis, scores.right
    over = (at_label > 0).astype(float)
    yield (
        "-1 for the right class, not minus the number of classes over the margin",
        (shares - c * right),
    )
    yield (
        "-1 for the right class of every sample with a class over the margin, not minus their "
        "number",
        shares - c * right * over,
    )
    yield "nothing for the right class", shares
    yield (
        "plus the number of classes over the margin for the right class",
        shares + at_label * right,
    )
    yield (
        "1 for every other class, whether it is over the margin or not",
        (c * (1 - right) - at_label * right),
    )
    number = c * (node.data.shape[axis] - 1)
    yield "minus the number of all other classes for the right class", shares - number * right


def _of_softmax(scores: _Scores, p: Array, c: float) -> Iterator[tuple[str, Array]]:
    axis, labels, right = scores.axis, scores.labels, scores.right
    columns = np.zeros(p.shape[axis])
    columns[labels] = 1.0
    spread = columns[None, :] if axis == 1 else columns[:, None]
    yield (
        "1 was subtracted in every sample in all classes that occur, as in d[:, y] -= 1",
        (c * (p - np.broadcast_to(spread, p.shape))),
    )
    if labels.max() < p.shape[1 - axis]:
        samples = np.zeros(p.shape[1 - axis])
        samples[labels] = 1.0
        rows = samples[:, None] if axis == 1 else samples[None, :]
        yield (
            "1 was subtracted in whole samples that have the numbers of the labels, as in "
            "d[y] -= 1",
            c * (p - np.broadcast_to(rows, p.shape)),
        )
    yield (
        "-1 was put in the place of p - 1 for the right class",
        (c * (np.where(right == 1, 0.0, p) - right)),
    )
    yield "1 was subtracted in every class", c * (p - 1)
    yield "1 was added for the right class, not subtracted", c * (p + right)
    if c != 1:
        yield "1 was subtracted after p was divided by the number of samples", c * p - right
        yield "p was not divided by the number of samples, only the 1", p - c * right


def _plus(change: Array) -> Rule:
    return lambda g: g + change
