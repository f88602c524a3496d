"""How good a guess is that does not look at the inputs: the yardstick of every loss."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.tape import no_grad

__all__ = ["guess_loss", "judged_prior_loss", "prior_loss"]

_ENOUGH_ROWS = 4096


def guess_loss(subject: Subject) -> tuple[float | None, str]:
    """Return the loss of knowing nothing, and what that is in words.

    ln C for C classes, ln 2 for yes or no, and the loss of predicting the mean for values. None for
    losses of which it is not known.
    """
    objective = subject.objective
    loss = objective.loss
    if loss is None:
        return None, ""
    if objective.task == "multiclass" and loss.output in ("logits", "log-probabilities"):
        shape = subject.output_shape
        classes = int(shape[-1] if loss.class_axis == -1 else shape[0])
        if loss.name in ("cross_entropy", "token_cross_entropy", "negative_log_likelihood"):
            return math.log(classes), f"a guess among {classes} classes"
    if loss.name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        return math.log(2), "a guess between yes and no"
    if objective.task == "values" and loss.output == "real":
        return _constant_loss(subject), "predicting the mean"
    return None, ""


def prior_loss(subject: Subject) -> float | None:
    """Return the loss of the best guess that knows how frequent each target is.

    The entropy of the classes; the loss of predicting the mean for values.
    """
    objective = subject.objective
    guess, _ = guess_loss(subject)
    if guess is None or objective.task == "values" or subject.weighted:
        return guess  # with weights the classes are no longer as frequent as they are counted
    labels = objective.target_labels(subject.y[:_ENOUGH_ROWS])
    counted = objective.counted(labels)
    picked = labels.reshape(-1) if counted is None else labels[counted]
    if objective.task == "binary":
        share = subject.y[:_ENOUGH_ROWS].mean(axis=0, dtype=np.float64).reshape(-1)
        share = np.clip(share, 1e-12, 1 - 1e-12)
        return float(-(share * np.log(share) + (1 - share) * np.log1p(-share)).mean())
    counts = np.bincount(picked)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def judged_prior_loss(subject: Subject) -> float | None:
    """Return :func:`prior_loss` on the validation samples, which may lie elsewhere."""
    if subject.weighted:
        return None  # the validation loss has no weights, so it is not what was made small
    prior = prior_loss(subject)
    if prior is None or subject.validation is None or subject.objective.task != "values":
        return prior
    return _constant_loss(subject, subject.validation[1][:_ENOUGH_ROWS])


def _constant_loss(subject: Subject, judged: Array | None = None) -> float | None:
    """Return the loss of giving the mean of the training targets for every sample."""
    y = subject.y[:_ENOUGH_ROWS] if judged is None else judged
    mean = subject.y[:_ENOUGH_ROWS].mean(axis=0, dtype=np.float64).astype(y.dtype)
    with no_grad(), np.errstate(all="ignore"):
        value: Any = subject.objective.function(np.broadcast_to(mean, y.shape).copy(), y)
    loss = float(getattr(value, "data", value))
    return loss if math.isfinite(loss) and loss > 0 else None
