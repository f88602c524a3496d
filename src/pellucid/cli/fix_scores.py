"""How good a training is, beside another one and beside a guess."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pellucid.cli.attempt import Attempt
from pellucid.dtypes import Array

__all__ = ["Score", "improves", "scored"]

_LOWER_IS_BETTER = ("loss", "mae", "rmse", "mse", "mase", "log_loss", "perplexity", "bits")
_NOTHING = 0.005
"""A difference below this share makes no difference."""


@dataclass(frozen=True)
class Score:
    """One number of a training, and the same of a guess.

    Parameters
    ----------
    metric : str
        What is measured.
    value : float or None
        How good it is; None if the training broke off.
    guess : float or None
        The same of a guess; None where that is not known.
    always : str
        What is guessed, in words.
    error : float
        The standard error of a share of right labels, of so many samples.
    """

    metric: str
    value: float | None
    guess: float | None = None
    always: str = ""
    error: float = 0.0

    @property
    def called(self) -> str:
        """The metric in words."""
        return self.metric.replace("_", " ")

    @property
    def beats_guess(self) -> bool | None:
        """Whether it is better than a guess; None where that is not known."""
        if self.value is None:
            return False
        if self.guess is None:
            return None
        return _better(self.metric, self.value, self.guess, 2 * self.error)


def scored(attempt: Attempt, balanced: bool) -> Score:
    """Return how good a training is, by the chief metric of its task.

    Parameters
    ----------
    attempt : Attempt
        The training.
    balanced : bool
        Whether classes of very different size are to count the same: then the share of right
        labels is taken class by class, and its mean.
    """
    measured = attempt.measured
    if measured is None:
        return Score("", None)
    if balanced and measured.confusion is not None:
        return _balanced(measured.confusion)
    chief = measured.chief
    value, guess = measured.values[chief], measured.baseline.get(chief)
    error = 0.0
    if chief == "accuracy" and measured.samples:
        error = math.sqrt(value * (1 - value) / measured.samples)
    return Score(chief, value, guess, measured.always, error)


def _balanced(confusion: Array) -> Score:
    """Return the mean over the classes of the share of their samples that are right."""
    counts = confusion.sum(axis=1)
    there = counts > 0
    right = np.diag(confusion)[there] / counts[there]
    error = math.sqrt(float((0.25 / counts[there]).sum())) / len(right)
    mean, guess = float(right.mean()), 1 / len(right)
    return Score("balanced_accuracy", mean, guess, "always one class", error)


def improves(score: Score, before: Score) -> bool:
    """Tell whether a score is better than another one, by more than chance or next to nothing."""
    if score.value is None or not math.isfinite(score.value):
        return False
    if before.value is None or not math.isfinite(before.value):
        return True
    return _better(score.metric, score.value, before.value, min(score.error, before.error))


def _better(metric: str, value: float, other: float, error: float) -> bool:
    least = max(_NOTHING * max(abs(value), abs(other)), error)
    return value < other - least if metric in _LOWER_IS_BETTER else value > other + least
