"""Classes of very different size: worth knowing before, and a fault if a rare one is not learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.training.evaluation import predict

__all__ = ["imbalance_at_end", "imbalance_findings"]

_CODE = "class-imbalance"
_LEARNT = 2 / 3
"""Balanced accuracy from which on a class is learnt; that of a guess is 1/2."""

_FEWEST_RARE = 5
_MOST_RARE, _MOST_OTHERS = 256, 2048


def imbalance_findings(subject: Subject) -> Iterator[Finding]:
    """Yield, as a note, that the largest class has many times the samples of the smallest."""
    counts = _counts(subject)
    if counts is None:
        return
    present = counts[counts > 0]
    ratio = float(present.max() / present.min())
    if ratio > _limit():
        rare = int(np.flatnonzero(counts == present.min())[0])
        yield finding(
            _CODE,
            f"{subject.class_name(int(counts.argmax()))} has {present.max():,} samples, "
            f"{subject.class_name(rare)} only {present.min():,}",
            'make all classes count the same with class_weight="balanced", or judge by a metric '
            "that does, such as F1",
            measured=ratio,
            change={"class_weight": "balanced"},
        )


def imbalance_at_end(subject: Subject, step: int) -> Finding | None:
    """Return the note as a warning if a trained network has not learnt a rare class.

    A class is learnt if the mean of its recall and that of all the others together, the balanced
    accuracy of one class beside the rest, is at least 2/3; a guess gets 1/2. It is measured on the
    validation samples where these have five of the class, else on training samples.

    Parameters
    ----------
    subject : Subject
        The trained network, in the mode for predictions, with its data.
    step : int
        How many updates were made.

    Returns
    -------
    Finding or None
        A note if every rare class is learnt; None where no class is rare.
    """
    note = next(imbalance_findings(subject), None)
    counts = _counts(subject)
    if note is None or counts is None:
        return None
    rare = np.flatnonzero((counts > 0) & (counts * _limit() < counts.max()))
    worst: tuple[float, int, float, int, str] | None = None
    for label in rare.tolist():
        x, is_rare, where = _samples(subject, label)
        with np.errstate(all="ignore"):
            output = predict(subject.net, x)
        if not np.isfinite(output).all():
            return note
        given = subject.objective.labels(output) == label
        if given.shape != is_rare.shape:
            return note
        recall = float(given[is_rare].mean())
        balanced = (recall + 1 - float(given[~is_rare].mean())) / 2
        if worst is None or balanced < worst[0]:
            worst = balanced, label, recall, int(is_rare.sum()), where
    if worst is None or worst[0] >= _LEARNT:
        return note
    balanced, missed, recall, many, where = worst
    return replace(
        note,
        severity="warning",
        step=step,
        message=f"{note.message}; of the {many:,} {where} samples of {subject.class_name(missed)} "
        f"the trained network gets {recall:.0%} right (balanced accuracy {balanced:.1%}, that of "
        "a guess 50%)",
    )


def _limit() -> float:
    return RULES[_CODE].threshold or 0.0


def _counts(subject: Subject) -> Array | None:
    """Return the number of samples of each class, where these count as they are."""
    if not subject.objective.classifies or subject.weighted:
        return None
    labels = subject.objective.target_labels(subject.y)
    if labels.ndim != 1 or (labels < 0).any():
        return None
    counts = np.bincount(labels)
    return counts if (counts > 0).sum() >= 2 else None


def _samples(subject: Subject, label: int) -> tuple[Array, Array, str]:
    """Return samples of a class and of the others, which are of the class, and where they are from.

    Not all of them, for large data; but of the rare class as many as there are, up to a limit.
    """
    x, y, where = subject.x, subject.y, "training"
    if subject.validation is not None:
        held = subject.objective.target_labels(subject.validation[1]) == label
        if held.sum() >= _FEWEST_RARE and not held.all():
            (x, y), where = subject.validation, "validation"
    is_rare = subject.objective.target_labels(y) == label
    picks = np.concatenate(
        [np.flatnonzero(is_rare)[:_MOST_RARE], np.flatnonzero(~is_rare)[:_MOST_OTHERS]]
    )
    return x[picks], is_rare[picks], where
