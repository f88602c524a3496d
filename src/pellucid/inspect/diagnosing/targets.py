"""What can be told from the targets: their scale, and inputs that are them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.imbalance import imbalance_findings
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["target_findings"]

_ENOUGH_ROWS = 20_000
_FEWEST_ROWS = 20
_FEWEST_COLUMNS = 3
_MEAN, _DEVIATION = 50.0, 30.0


def target_findings(subject: Subject) -> Iterator[Finding]:
    """Yield targets of an unusual scale or among the inputs, and classes of very different size.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    """
    yield from _among_inputs(subject)
    yield from imbalance_findings(subject)
    yield from _scale(subject)


def _scale(subject: Subject) -> Iterator[Finding]:
    if subject.objective.task != "values" or subject.y.dtype.kind not in "fiu":
        return
    if np.shares_memory(subject.x, subject.y):
        return  # an autoencoder's targets are its inputs, which have a rule of their own
    y = subject.y[:_ENOUGH_ROWS].reshape(len(subject.y[:_ENOUGH_ROWS]), -1)
    means, deviations = y.mean(axis=0, dtype=np.float64), y.std(axis=0, dtype=np.float64)
    size = np.maximum(np.abs(means) / _MEAN, deviations / _DEVIATION)
    worst = int(np.argmax(size))
    if size[worst] <= 1:
        return
    which = f"target {worst}" if y.shape[1] > 1 else "the targets"
    by_mean = abs(means[worst]) / _MEAN > deviations[worst] / _DEVIATION
    yield finding(
        "unscaled-targets",
        f"{which} {'has' if y.shape[1] > 1 else 'have'} mean {means[worst]:.4g} and standard "
        f"deviation {deviations[worst]:.4g}",
        "standardise the targets: subtract the mean and divide by the standard deviation of the "
        "training samples, and undo that for predictions",
        measured=float(abs(means[worst]) if by_mean else deviations[worst]),
        threshold=_MEAN if by_mean else _DEVIATION,
    )


# --- a target among the inputs --------------------------------------------------------------------


def _among_inputs(subject: Subject) -> Iterator[Finding]:
    """Look for a column that is the target, but for scale; or that has one value for each class.

    Where there are one or two inputs, a target that is one of them is an exercise.
    """
    x, y = subject.x, subject.y
    if x.ndim != 2 or x.dtype.kind != "f" or len(x) < _FEWEST_ROWS or x.shape[1] < _FEWEST_COLUMNS:
        return
    rows = slice(None, _ENOUGH_ROWS)
    if subject.objective.classifies:
        labels = subject.objective.target_labels(y)
        column = _column_of_classes(x[rows], labels[rows]) if labels.ndim == 1 else None
        how = "has one value for each class"
    else:
        column = _column_of_values(x[rows], y[rows]) if y.size == len(y) else None
        how = "is the target, but for its scale"
    if column is not None:
        yield finding(
            "target-among-inputs",
            f"column {column} of the {x.shape[1]} inputs {how}: with it nothing is left to learn, "
            "and where the target is not known yet it will be missing",
            f"leave column {column} out of the inputs",
            measured=float(column),
            threshold=None,
        )


def _column_of_values(x: Array, y: Array) -> int | None:
    target = y.reshape(-1).astype(np.float64)
    target = target - target.mean()
    size = float(target @ target)
    if not size or len(np.unique(target)) < 3:
        return None
    inputs = x.astype(np.float64)
    inputs -= inputs.mean(axis=0)
    squares = np.einsum("ij,ij->j", inputs, inputs)
    squares[squares == 0] = np.inf
    left = 1 - (inputs.T @ target) ** 2 / (squares * size)
    best = int(np.argmin(left))
    limit = RULES["target-among-inputs"].threshold or 0.0
    return best if left[best] < limit else None


def _column_of_classes(x: Array, labels: Array) -> int | None:
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.min() < 3:
        return None
    first = np.array([np.argmax(labels == label) for label in classes])
    expected = first[np.searchsorted(classes, labels)]
    for column in range(x.shape[1]):
        values = x[first, column]
        if len(np.unique(values)) == len(classes) and np.array_equal(
            x[:, column], x[expected, column]
        ):
            return column
    return None
