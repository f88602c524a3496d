"""The learning rate that makes the loss fall fastest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.inspect.diagnosing.experiments.trying import Trial, batches
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.optim import LBFGS

__all__ = ["lr_range"]

_UPDATES = 150
_LOWEST, _HIGHEST = 1e-6, 10.0
_BATCH = 32
_SMOOTH = 0.9


def lr_range(subject: Subject) -> tuple[list[Finding], dict[str, Any]]:
    """Raise the learning rate from update to update, and watch the loss.

    From 10⁻⁶ to 10 in 150 updates, in equal ratios; it ends where the smoothed loss is four times
    its lowest. Suggested is a third of the rate at which the smoothed loss was lowest, an order of
    magnitude before it ran away at most. Smith (2017).

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
    best = min(range(len(curve)), key=lambda i: curve[i][1]) if curve else 0
    suggested = float(f"{curve[best][0] / 3:.2g}") if curve else None
    said = f"the loss was lowest at a learning rate of {curve[best][0]:.2g}; try {suggested:g}"
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
            f"the learning rate is {used:g}, and {said}",
            f"take a learning rate of {suggested:g}",
            measured=ratio,
            change={"lr": suggested},
        )
    ], result
