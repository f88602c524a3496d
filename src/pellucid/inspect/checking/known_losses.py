"""Well-known losses of an output p and a target y: entry by entry, and their derivatives by p."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activations import softmax

__all__ = ["KNOWN_LOSSES", "ROUND", "KnownLoss", "Reduction", "reductions", "source_of"]


class KnownLoss(NamedTuple):
    """A loss of an output and a target.

    Attributes
    ----------
    name : str
    applies : callable
        Tells of p and y whether the loss is used with such numbers.
    derivative : callable
        Of p and y: that of the sum over all entries, by p.
    formula : str
        The entries as NumPy, over ``{p}`` and ``{y}``.
    one_a_sample : bool
        Whether the entries of a sample make one number: a mean is over the samples then.
    """

    name: str
    applies: Callable[[Array, Array], bool]
    derivative: Callable[[Array, Array], Array]
    formula: str
    one_a_sample: bool = False


class Reduction(NamedTuple):
    """How the entries of a loss become one number: its name, the factor, and the source."""

    name: str
    factor: float
    source: str


ROUND = Reduction("summed", 1.0, "{}")
"""In a loop over samples every round adds an entry."""


def reductions(shape: tuple[int, ...], loss: KnownLoss) -> Iterator[Reduction]:
    """Yield the ways in which a loss of outputs of this shape is summed up."""
    size = int(np.prod(shape))
    yield Reduction("summed", 1.0, "np.sum({})")
    if size > 1 and not loss.one_a_sample:
        yield Reduction("mean", 1 / size, "np.mean({})")
    for n in dict.fromkeys(shape):
        if n > 1 and (n < size or loss.one_a_sample):
            yield Reduction("mean", 1 / n, f"np.sum({{}}) / {n}")


def _always(p: Array, y: Array) -> bool:
    return True


def _probabilities(p: Array, y: Array) -> bool:
    return bool(np.all((p > 0) & (p < 1)) and np.all((y >= 0) & (y <= 1)))


def _shares(p: Array, y: Array) -> bool:
    return bool(np.all((y >= 0) & (y <= 1)))


def _one_of_several(p: Array, y: Array) -> bool:
    return p.ndim == 2 and _shares(p, y) and _class_axis(y) is not None


def _one_of_several_probabilities(p: Array, y: Array) -> bool:
    return _one_of_several(p, y) and _probabilities(p, y)


def _signs(p: Array, y: Array) -> bool:
    return bool(np.all(np.abs(y) == 1) and np.ptp(y))


def _class_axis(y: Array) -> int | None:
    """Return the axis along which a target adds up to 1."""
    for axis in (1, 0):
        if y.shape[axis] > 1 and np.allclose(y.sum(axis=axis), 1):
            return axis
    return None


def _from_softmax(p: Array, y: Array) -> Array:
    return softmax(p, _class_axis(y) or 0) - y


KNOWN_LOSSES: tuple[KnownLoss, ...] = (
    KnownLoss(
        "binary cross-entropy", _probabilities, lambda p, y: (p - y) / (p * (1 - p)),
        "-({y} * np.log({p}) + (1 - {y}) * np.log(1 - {p}))",
    ),
    KnownLoss(
        "cross-entropy", _one_of_several_probabilities, lambda p, y: -y / p,
        "-{y} * np.log({p})", True,
    ),
    KnownLoss("squared error", _always, lambda p, y: 2 * (p - y), "({p} - {y}) ** 2"),
    KnownLoss("half squared error", _always, lambda p, y: p - y, "0.5 * ({p} - {y}) ** 2"),
    KnownLoss(
        "binary cross-entropy of logits", _shares, lambda p, y: 1 / (1 + np.exp(-p)) - y,
        "np.logaddexp(0, {p}) - {y} * {p}",
    ),
    KnownLoss(
        "cross-entropy of logits", _one_of_several, _from_softmax,
        "-{y} * ({p} - np.log(np.sum(np.exp({p}), axis={axis}, keepdims=True)))", True,
    ),
    KnownLoss(
        "hinge loss", _signs, lambda p, y: -y * (y * p < 1), "np.maximum(0, 1 - {y} * {p})"
    ),
    KnownLoss(
        "squared hinge loss", _signs, lambda p, y: -2 * y * np.maximum(0, 1 - y * p),
        "np.maximum(0, 1 - {y} * {p}) ** 2",
    ),
    KnownLoss("absolute error", _always, lambda p, y: np.sign(p - y), "np.abs({p} - {y})"),
    KnownLoss(
        "Huber loss (δ = 1)", _always, lambda p, y: np.clip(p - y, -1, 1),
        "np.where(np.abs({p} - {y}) <= 1, 0.5 * ({p} - {y}) ** 2, np.abs({p} - {y}) - 0.5)",
    ),
    KnownLoss(
        "Poisson loss", lambda p, y: bool(np.all(p > 0) and np.all(y >= 0)),
        lambda p, y: 1 - y / p, "{p} - {y} * np.log({p})",
    ),
    KnownLoss(
        "Poisson loss of logarithms", lambda p, y: bool(np.all(y >= 0) and np.max(p) < 30),
        lambda p, y: np.exp(p) - y, "np.exp({p}) - {y} * {p}",
    ),
)  # fmt: skip
"""The losses that are tried, those that people write most often first."""


def source_of(loss: KnownLoss, reduction: Reduction, p: str, y: str, target: Array) -> str:
    """Return the loss as NumPy."""
    axis = _class_axis(target) if target.ndim == 2 else None
    entries = loss.formula.format(p=p, y=y, axis=axis)
    if entries.startswith("-") and reduction is not ROUND:
        return "-" + reduction.source.format(_without_brackets(entries[1:]))
    return reduction.source.format(entries)


def _without_brackets(text: str) -> str:
    """Leave out brackets around all of a text."""
    if not text.startswith("("):
        return text
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if not depth:
            return text[1:-1] if i == len(text) - 1 else text
    return text
