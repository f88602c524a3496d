"""Whether the network learns more from its inputs than from zeros."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.inspect.diagnosing.experiments.trying import Trial, batches
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["ignores_input"]

_UPDATES = 300
_BATCH = 32
_ROWS = 4096


def ignores_input(subject: Subject) -> tuple[list[Finding], dict[str, Any]]:
    """Train two copies for 300 updates, one on the inputs and one on zeros, and compare them.

    Compared are the mean losses of the last third, on batches that were not seen before as far as
    there are enough samples: what is learnt by heart does not count. Karpathy (2019).

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    """
    picks = np.random.default_rng(1).permutation(len(subject.x))[:_ROWS]
    held = picks[: max(len(picks) // 5, 1)]
    learnt = picks[len(held) :] if len(picks) > len(held) else picks
    losses = []
    for factor in (1, 0):
        trial = Trial(subject, regularised=True)
        x = subject.x[learnt] * np.asarray(factor, subject.x.dtype)
        judged = subject.x[held] * np.asarray(factor, subject.x.dtype)
        best = math.inf
        for step, (batch, targets) in enumerate(batches(x, subject.y[learnt], _BATCH, _UPDATES), 1):
            trial.step(batch, targets)
            if step % 30 == 0:
                best = min(best, _judged(subject, trial, judged, subject.y[held]))
        losses.append(best)
    real, zero = losses
    ratio = real / zero if zero else 1.0
    said = (
        f"the loss on held-out samples is {real:.4g} after training on the inputs, {zero:.4g} "
        "after training on zeros"
    )
    result = {"loss": _plain(real), "loss_on_zeros": _plain(zero), "summary": said}
    if math.isfinite(ratio) and ratio <= (RULES["ignores-input"].threshold or 0.0):
        return [], result
    return [
        finding(
            "ignores-input",
            said,
            "look at some samples beside their targets: were they shuffled together, and does the "
            "preparation keep what matters?",
            measured=ratio,
        )
    ], result


def _judged(subject: Subject, trial: Trial, x: Any, y: Any) -> float:
    modes = [(module, module.training) for module in trial.net.modules()]
    trial.net.eval()
    inner = Subject(trial.net, subject.objective, x, y, subject.output_shape)
    loss = inner.loss_of(x, y)
    for module, mode in modes:
        module.training = mode
    return loss


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
