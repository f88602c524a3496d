"""What a trained network is worth: beside a guess, and beside copying one of its inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.looks import Past
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.tape import no_grad
from pellucid.training.evaluation import predict

__all__ = ["outcome_findings"]

_MOST_ROWS = 2048
_FEWEST_ROWS = 20
_NO_LOWER = 0.98
_MOST_COLUMNS = 512
_STILL_FALLS = 0.02
_IMBALANCED = 3.0
_AS_GOOD = 1.25


def outcome_findings(subject: Subject, past: Past, step: int) -> Iterator[Finding]:
    """Yield if the network at the end is no better than predictions without learning.

    Judged are the validation samples, or the training samples where there are none.

    Parameters
    ----------
    subject : Subject
        The trained network with its data.
    past : Past
        What was seen while it was trained.
    step : int
        How many updates were made.
    """
    held = subject.validation is not None
    x, y = subject.validation if subject.validation is not None else (subject.x, subject.y)
    x, y = x[:_MOST_ROWS], y[:_MOST_ROWS]
    if not len(x):
        return
    with np.errstate(all="ignore"):
        output = predict(subject.net, x)
    if not np.isfinite(output).all():
        return
    if subject.objective.classifies:
        yield from _classes(subject, past, output, y, held, step)
    elif subject.objective.task == "values" and y.dtype.kind == "f":
        yield from _values(subject, past, output, x, y, held, step)


# --- classes --------------------------------------------------------------------------------------


def _classes(
    subject: Subject, past: Past, output: Array, y: Array, held: bool, step: int
) -> Iterator[Finding]:
    truth = subject.objective.target_labels(y)
    given = subject.objective.labels(output)
    if truth.ndim != 1 or given.shape != truth.shape or (truth < 0).any():
        return
    known = subject.objective.target_labels(subject.y)
    common = int(np.bincount(known).argmax())
    classes, counts = np.unique(truth, return_counts=True)
    if len(classes) < 2:
        return
    judged, always = _called(held), f"always saying {subject.class_name(common)}"
    only = np.unique(given)
    rare = bool(counts.max() > _IMBALANCED * counts.min())
    right, guess = float((given == truth).mean()), float((truth == common).mean())
    if len(only) == 1:
        seen = (
            f"the trained network says {subject.class_name(int(only[0]))} for every one of the "
            f"{len(truth):,} {judged}: {right:.1%} are right, and {always} gets {guess:.1%}"
        )
    elif rare or subject.weighted:
        # Where classes are to count the same, the most frequent one is no measure
        shares = [float((given[truth == label] == label).mean()) for label in classes]
        right, guess = float(np.mean(shares)), 1 / len(classes)
        if right > guess:
            return
        seen = (
            f"of each class of the {len(truth):,} {judged} the trained network gets {right:.1%} "
            f"right in the mean, and {always} {guess:.1%}"
        )
    elif right <= guess and past.learnt_at_end < 1 - _NO_LOWER:
        seen = (
            f"the trained network is right for {right:.1%} of the {len(truth):,} {judged}, and "
            f"{always} for {guess:.1%}"
        )
    else:
        return
    yield finding(
        "no-better-than-guess",
        seen,
        step=step,
        **_advice(past, rare=rare and not subject.weighted),
        measured=right,
        threshold=guess,
    )


# --- values ---------------------------------------------------------------------------------------


def _values(
    subject: Subject,
    past: Past,
    output: Array,
    x: Array,
    y: Array,
    held: bool,
    step: int,
) -> Iterator[Finding]:
    if y.size != output.size:
        return
    output = output.reshape(y.shape)
    reached = _loss(subject, output, y)
    mean = subject.y[: 2 * _MOST_ROWS].mean(axis=0, dtype=np.float64).astype(y.dtype)
    guess = _loss(subject, np.broadcast_to(mean, y.shape).copy(), y)
    if reached is None or guess is None or guess <= 0:
        return
    copied = _best_copy(subject, x, y)
    if copied is not None and copied[0] < min(reached, guess) and _surely(output, copied[2], y):
        value, what, _ = copied
        yield finding(
            "worse-than-naive",
            f"on the {_called(held)} the trained network has a loss of {reached:.4g}; {what} as it "
            f"is, without learning, has {value:.4g}",
            "train longer, or let the network predict the difference from that value",
            step=step,
            measured=reached / value if value else math.inf,
        )
    elif reached >= _NO_LOWER * guess:
        yield finding(
            "no-better-than-guess",
            f"on the {_called(held)} the trained network has a loss of {reached:.4g}, and always "
            f"saying the mean of the training samples {guess:.4g}",
            step=step,
            **_advice(past, rare=False),
            measured=reached / guess,
            threshold=1.0,
        )


def _best_copy(subject: Subject, x: Array, y: Array) -> tuple[float, str, Array] | None:
    """Return the loss of the input that is nearest to the target as it is, its name, and itself.

    For windows of a series that is the naive forecast, the last value, or one of a season before.
    Which one it is, the training samples say.
    """
    if x.dtype.kind != "f" or x.ndim not in (2, 3) or len(subject.x) < _FEWEST_ROWS:
        return None
    if x.shape == y.shape or np.shares_memory(subject.x, subject.y):
        return None  # an autoencoder's input is its target
    if x.ndim == 2 and not _slides(subject.x[:_MOST_ROWS]):
        return None  # the columns of a table are no steps of a series
    if int(np.prod(x.shape[1:])) > _MOST_COLUMNS:
        return None
    horizon = int(np.prod(y.shape[1:], dtype=np.int64))
    known = subject.y[:_MOST_ROWS].reshape(-1, horizon).astype(np.float64)
    inputs = _columns(subject.x[:_MOST_ROWS]).astype(np.float64)
    errors = {
        (column, lag): float(np.square(_copy(inputs, column, lag, horizon) - known).mean())
        for column in range(inputs.shape[2])
        for lag in range(1, inputs.shape[1] + 1)
    }
    least = min(errors.values())
    column, lag = min(
        (key for key, error in errors.items() if error <= _AS_GOOD * least),
        key=lambda key: key[1],  # of two seasons the shorter one
    )
    if errors[column, lag] >= float(np.square(known - known.mean(axis=0)).mean()):
        return None
    copied = _copy(_columns(x), column, lag, horizon).reshape(y.shape).astype(y.dtype)
    loss = _loss(subject, copied, y)
    if loss is None:
        return None
    series = f" of column {column}" if inputs.shape[2] > 1 else ""
    if lag == 1:
        return loss, f"the last value{series} of each window", copied
    return loss, f"the value{series} {lag} steps back in each window", copied


def _surely(output: Array, copied: Array, y: Array) -> bool:
    """Tell whether squared errors are larger beyond chance: by two standard errors, in pairs."""
    rows = (len(y), -1)
    errors = [
        np.square(v - y, dtype=np.float64).reshape(rows).mean(axis=1) for v in (output, copied)
    ]
    difference = errors[0] - errors[1]
    chance = float(difference.std()) / math.sqrt(len(difference))
    return bool(difference.mean() > 2 * chance)


def _slides(x: Array) -> bool:
    """Tell whether each row is the one before, moved on by one step."""
    return x.shape[1] >= 3 and bool(np.isclose(x[1:, :-1], x[:-1, 1:]).all(axis=1).mean() > 0.5)


def _columns(x: Array) -> Array:
    """Return windows as steps of columns, (N, T, F)."""
    return x if x.ndim == 3 else x[:, :, None]


def _copy(x: Array, column: int, lag: int, horizon: int) -> Array:
    """Return the forecast that repeats what was `lag` steps before, (N, horizon)."""
    steps = x[:, :, column]
    ahead = np.arange(horizon) % lag  # a season is repeated, a last value stays
    picked: Array = steps[:, x.shape[1] - lag + ahead]
    return picked


def _loss(subject: Subject, output: Array, y: Array) -> float | None:
    try:
        with no_grad(), np.errstate(all="ignore"):
            value: Any = subject.objective.function(output, y)
        loss = float(getattr(value, "data", value))
    except Exception:  # a loss of the user's own may want more than numbers
        return None
    return loss if math.isfinite(loss) else None


# --- words ----------------------------------------------------------------------------------------


def _called(held: bool) -> str:
    return "validation samples" if held else "training samples"


def _advice(past: Past, *, rare: bool) -> dict[str, Any]:
    """Return what to try: longer, if the loss was still falling; else whether there is anything."""
    losses = [train for train, _ in past.epochs]
    recent = losses[-max(2, len(losses) // 3) :]
    if len(losses) >= 2 and recent[-1] < (1 - _STILL_FALLS) * recent[0]:
        longer = 3 * len(losses)
        return {
            "suggestion": f"train longer, such as {longer} epochs: the loss was still falling at "
            "the end",
            "change": {"epochs": longer},
        }
    if rare:
        return {
            "suggestion": "make all classes count the same with "
            'class_weight="balanced", or give the rare ones more samples',
            "change": {"class_weight": "balanced"},
        }
    return {
        "suggestion": "see whether the targets belong to the inputs: "
        'pl.doctor(net, train, experiments=["ignores-input"])'
    }
