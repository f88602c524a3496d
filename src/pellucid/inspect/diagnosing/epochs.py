"""What the measures of whole epochs show, and the end of a training that was short."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.live import (
    NOT_MOVED,
    divided,
    fallen,
    threshold,
    too_low,
)
from pellucid.inspect.diagnosing.looks import Past
from pellucid.inspect.diagnosing.rules import finding

__all__ = ["epoch_findings", "final_findings", "hardly_learnt"]

_HARDLY = 0.15
_ENOUGH_UPDATES = 50
_LONG_PLATEAU = 2000
_LEARNS, _BY_HEART, _LITTLE = 0.7, 0.1, 0.6
_MEDIAN_OF = 5
_NEAR_ZERO, _WORTH_WHILE = 0.1, 0.03


def _above_the_start(past: Past, step: int) -> Iterator[Finding]:
    """Yield if a whole epoch is far worse than both the first batch and a guess.

    That needs no look, so it is seen in trainings too short for many of them.
    """
    first, level = past.first_loss, past.level
    if not past.epochs or first is None or level is None or min(first, level) <= 0:
        return
    loss, start = past.epochs[-1][0], max(first, level)
    if loss >= threshold("divergence") * start:
        yield finding(
            "divergence",
            f"the loss of epoch {len(past.epochs)} is {loss:.4g}, {loss / start:.3g} times what it "
            f"was at the start ({start:.4g})",
            f"lower the learning rate from {past.base_lr:g} to {past.base_lr / 10:g}",
            step=step,
            measured=loss / start,
            change=divided(past, 10),
        )


def _learns_nothing_of_others(
    past: Past, judged: list[tuple[float, float]], step: int
) -> Iterator[Finding]:
    """Yield if what is learnt does not carry over: validation is no better than a guess."""
    level, guess = past.level, past.judged_prior
    if level is None or level <= 0:
        return
    train = judged[-1][0]
    lowest, last = min(value for _, value in judged), judged[-1][1]
    stands = last > 0.97 * judged[-3][1]
    if guess is not None and stands and lowest > 0.98 * guess:
        learns = train < _LEARNS * level
        if not learns and not past.classifies:
            return  # neither loss falls: that is not about other samples
        seen = f"without looking at the inputs one gets {guess:.4g}"
        if learns:
            yield finding(
                "overfitting",
                f"the training loss fell to {train:.4g}, but the validation loss has never been "
                f"below {lowest:.4g}, and {seen}: nothing that was learnt holds for other samples",
                "see whether the targets belong to the inputs: "
                'pl.doctor(net, train, experiments=["ignores-input"]); if they do, take more '
                "samples or a smaller network",
                step=step,
                measured=lowest / guess,
                threshold=1.0,
            )
        else:
            yield finding(
                "flat-loss",
                f"after {len(judged)} epochs the validation loss has never been below "
                f"{lowest:.4g}; {seen}",
                "see whether the targets belong to the inputs: "
                'pl.doctor(net, train, experiments=["ignores-input"])',
                step=step,
                measured=1 - lowest / guess,
            )


def _by_heart(past: Past, judged: list[tuple[float, float]], step: int) -> Iterator[Finding]:
    """Yield if next to nothing is left of the training loss, and most of the validation loss."""
    level, guess = past.level, past.judged_prior
    train, last = judged[-1]
    if level is None or guess is None or train >= _BY_HEART * level or last <= _LITTLE * guess:
        return
    yield finding(
        "overfitting",
        f"the training loss is {train:.4g}, and the validation loss {last:.4g}; without looking "
        f"at the inputs one gets {guess:.4g}: most of what was learnt holds for the training "
        "samples only",
        "take more samples, a smaller network, weight decay or dropout",
        step=step,
        measured=last / guess,
        threshold=_LITTLE,
    )


def epoch_findings(past: Past, step: int, passes: float) -> Iterator[Finding]:
    """Yield what the measures of whole epochs show.

    Parameters
    ----------
    past : Past
        With the loss and the validation loss of each epoch.
    step : int
        How many updates are done.
    passes : float
        How many times the training data were gone through.
    """
    yield from _above_the_start(past, step)
    enough = passes >= 1 and step >= max(_ENOUGH_UPDATES, min(past.updates // 4, _LONG_PLATEAU))
    if past.level is not None and past.level > 0 and enough and len(past.epochs) >= 3:
        # A third of all epochs: of many short ones each falls by little
        span = max(3, len(past.epochs) // 3)
        recent = [train for train, _ in past.epochs[-span:]]
        learnt = 1 - min(recent) / past.level
        decrease = (recent[0] - recent[-1]) / max(abs(recent[0]), 1e-12) / (span - 1)
        flat = learnt < threshold("flat-loss") and decrease * (span - 1) < 0.02
        ratio = median([look.ratio for look in past.looks[-_MEDIAN_OF:]]) if past.looks else 0.0
        if flat and 0 < ratio < threshold("learning-rate-too-low"):
            yield too_low(past, ratio, decrease, step)
        elif flat:
            yield finding(
                "flat-loss",
                f"after {len(past.epochs)} epochs the loss is {recent[-1]:.4g}, and it falls by "
                f"{max(decrease, 0):.2%} an epoch; without looking at the inputs one gets "
                f"{past.level:.4g}",
                "see whether the targets belong to the inputs: "
                'pl.doctor(net, train, experiments=["ignores-input"])',
                step=step,
                measured=learnt,
            )
    judged = [(train, value) for train, value in past.epochs if value is not None]
    if len(judged) < 4:
        return
    if enough:
        yield from _learns_nothing_of_others(past, judged, step)
    best = min(range(len(judged)), key=lambda i: judged[i][1])
    train, lowest = judged[best]
    last_train, last = judged[-1]
    # The mean loss of few samples goes up and down by chance
    chance = 1 / math.sqrt(past.judged_rows) if past.judged_rows else 0.0
    limit = max(threshold("overfitting"), 1 + chance)
    apart = last > last_train  # as long as it is below, nothing was learnt by heart
    # A loss near 0 that doubles has lost next to nothing
    guess = past.judged_prior or 0.0
    apart = apart and last > _NEAR_ZERO * guess and last - lowest > _WORTH_WHILE * guess
    if lowest > 0 and apart and last > limit * lowest and last_train < 0.9 * train:
        yield finding(
            "overfitting",
            f"the validation loss is {last:.4g}, {last / lowest:.3g} times its lowest "
            f"({lowest:.4g} after epoch {best + 1}), while the training loss fell from "
            f"{train:.4g} to {last_train:.4g}",
            "stop early, with EarlyStopping (--patience), which keeps the best weights",
            step=step,
            measured=last / lowest,
            change={"patience": 5},
        )
    if enough:
        yield from _by_heart(past, judged, step)


def hardly_learnt(past: Past) -> bool:
    """Tell whether the last epoch's loss is hardly below that of a guess."""
    level = past.level
    return bool(past.epochs) and bool(level) and past.epochs[-1][0] > (1 - _HARDLY) * (level or 0)


def final_findings(past: Past, step: int) -> Iterator[Finding]:
    """Yield what the end of a training shows that was too short for three looks of the same.

    Steps that were large beside the weights at any look, and a loss at the end that is hardly below
    that of a guess, belong together: whatever was lost then did not come back.
    """
    if not past.looks or not hardly_learnt(past):
        return
    peak = max(past.looks, key=lambda look: look.ratio)
    limit = threshold("learning-rate-too-high")
    alive = not any(share >= 0.5 for share in past.last.dead.values())
    if alive and 0 < peak.ratio * step < NOT_MOVED:
        yield too_low(past, peak.ratio, fallen(past), step)
    if peak.ratio > limit:
        yield finding(
            "learning-rate-too-high",
            f"update {peak.step:,} changed weights by {peak.ratio:.2g} of their size, and the loss "
            f"at the end is {past.epochs[-1][0]:.4g}; without looking at the inputs one gets "
            f"{past.level:.4g}",
            f"lower the learning rate from {past.base_lr:g} to {past.base_lr / 10:g}",
            step=step,
            measured=peak.ratio,
            change=divided(past, 10),
        )
