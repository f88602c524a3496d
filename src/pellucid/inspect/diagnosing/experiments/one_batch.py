"""Whether the network can learn 16 samples by heart."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.inspect.diagnosing.experiments.trying import Trial
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.guess import guess_loss
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.tape import no_grad

__all__ = ["overfit_batch"]

_SAMPLES = 16
_UPDATES = 1000
_LOOK = 50
_LR = 3e-3


def overfit_batch(subject: Subject) -> tuple[list[Finding], dict[str, Any]]:
    """Train on 16 samples, without regularisation, until they are known or 1,000 updates are done.

    The optimizer is Adam with a learning rate of 0.003: it is network and loss that are tried.

    The error is the share of wrong labels, or for values the loss over that of predicting the mean.
    A network that can learn anything gets it below 5 %. Karpathy (2019).

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    """
    limit = RULES["cannot-overfit-batch"].threshold or 0.0
    x, y = _distinct(subject)
    trial = Trial(replace(subject, optimizer=None), lr=_LR)
    error, step = math.nan, 0
    guess = guess_loss(subject)[0] or subject.loss_of(x, y)
    for step in range(1, _UPDATES + 1):
        loss = trial.step(x, y)
        if not math.isfinite(loss):
            error = math.inf
            break
        if step % _LOOK == 0:
            error = _error(subject, trial, x, y, loss, guess)
            if error <= limit / 2:
                break
    said = f"after {step} updates on {len(x)} samples the error is {error:.1%}"
    result = {"error": error if math.isfinite(error) else None, "updates": step, "summary": said}
    if error <= limit:
        return [], result
    return [
        finding(
            "cannot-overfit-batch",
            said,
            'check the gradients with experiments=["gradients"], then try a network with fewer '
            "layers and more units",
            measured=error,
        )
    ], result


def _distinct(subject: Subject) -> tuple[Any, Any]:
    """Return samples that differ: no network can give equal samples different targets."""
    x, y = subject.probe(256)
    _, first = np.unique(x.reshape(len(x), -1), axis=0, return_index=True)
    picks = np.sort(first)[:: max(len(first) // _SAMPLES, 1)][:_SAMPLES]
    return x[picks], y[picks]


def _error(subject: Subject, trial: Trial, x: Any, y: Any, loss: float, guess: float) -> float:
    objective = subject.objective
    if not objective.classifies:
        return loss / guess
    with no_grad():
        output: Any = trial.net(x)
    output = output[0] if isinstance(output, (tuple, list)) else output
    labels, true = objective.labels(output.data), objective.target_labels(y)
    counted = objective.counted(true)
    wrong = labels != true.reshape(labels.shape)
    return float((wrong if counted is None else wrong[counted]).mean())
