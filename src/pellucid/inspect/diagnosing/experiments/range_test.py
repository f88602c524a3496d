"""The learning rate at which the loss falls fastest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.inspect.diagnosing.experiments.trying import Trial, batches
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.optim import LBFGS

__all__ = ["lr_range", "steepest"]

_UPDATES = 150
_LOWEST, _HIGHEST = 1e-6, 10.0
_BATCH = 32
_SMOOTH = 0.9
_WARM_UP = 10
"""Updates after which the smoothed loss is a mean of enough losses to be judged."""


def lr_range(subject: Subject) -> tuple[list[Finding], dict[str, Any]]:
    """Raise the learning rate from update to update, and watch the loss.

    From 10⁻⁶ to 10 in 150 updates, in equal ratios; it ends where the smoothed loss is four times
    its lowest. Suggested is the middle of the half decade in which the smoothed loss fell most:
    where it was lowest, the rate was on the way to running away already. Smith (2017).

    Parameters
    ----------
    subject : Subject
        Network, data, loss, and the optimizer whose kind is taken.
    """
    rates = np.geomspace(_LOWEST, _HIGHEST, _UPDATES)
    trial = Trial(subject, regularised=True, lr=_LOWEST)
    curve: list[tuple[float, float]] = []
    mean = 0.0
    pairs = batches(subject.x, subject.y, min(_BATCH, len(subject.x)), _UPDATES)
    for i, (rate, (x, y)) in enumerate(zip(rates, pairs, strict=True)):
        for group in trial.optimizer.groups:
            group["lr"] = float(rate)
        loss = trial.step(x, y)
        mean = _SMOOTH * mean + (1 - _SMOOTH) * loss
        smooth = mean / (1 - _SMOOTH ** (i + 1))
        if not math.isfinite(smooth):
            break
        curve.append((float(rate), smooth))
        if i > 20 and smooth > 4 * min(value for _, value in curve):
            break
    suggested = steepest(curve)
    said = (
        "the loss did not fall at any learning rate"
        if suggested is None
        else f"the loss fell fastest around {suggested:g}; try that learning rate"
    )
    result = {
        "lr": [rate for rate, _ in curve],
        "loss": [value for _, value in curve],
        "suggestion": suggested,
        "summary": said,
    }
    if suggested is None or subject.optimizer is None or isinstance(subject.optimizer, LBFGS):
        return [], result
    limit = RULES["learning-rate-range"].threshold or math.inf
    used = float(subject.optimizer.groups[0]["lr"])
    ratio = used / suggested
    if 1 / limit <= ratio <= limit:
        return [], result
    return [
        finding(
            "learning-rate-range",
            f"the learning rate is {used:g}; in the range test {said}",
            f"take a learning rate of {suggested:g}",
            measured=ratio,
            change={"lr": suggested},
        )
    ], result


def steepest(curve: list[tuple[float, float]]) -> float | None:
    """Return the rate around which the loss fell most, to two digits; None if it never fell.

    Parameters
    ----------
    curve : list of (float, float)
        Learning rates in equal ratios, and the smoothed loss at each.
    """
    if len(curve) < 2:
        return None
    lowest = min(range(len(curve)), key=lambda i: curve[i][1])
    half_decade = round(math.log(10) / 2 / math.log(curve[1][0] / curve[0][0]))
    falls = {
        i: curve[i][1] - curve[i + half_decade][1]
        for i in range(_WARM_UP, lowest - half_decade + 1)
        if i + half_decade < len(curve)
    }
    start = max(falls, key=lambda i: falls[i], default=None)
    if start is None or falls[start] <= 0:
        return None
    return float(f"{math.sqrt(curve[start][0] * curve[start + half_decade][0]):.2g}")
