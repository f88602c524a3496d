"""The rules that are looked at while a network trains; each judges the looks so far."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.looks import Look, Past
from pellucid.inspect.diagnosing.output import at_layer
from pellucid.inspect.diagnosing.rules import RULES, finding

__all__ = ["NOT_MOVED", "divided", "fallen", "live_findings", "threshold", "too_low"]

_FIRST_OVER_LAST = 70.0
_WITH_RISING_LOSS = 0.02
_LOOKS_FOR_SHAPE = 12
_SHRINKS = 0.05
NOT_MOVED = 0.01
_MEDIAN_OF = 5
_USUAL_RATIO = 1e-3
_CLIPPED_AWAY = 0.01


def live_findings(past: Past) -> Iterator[Finding]:
    """Yield what the last look shows, in the light of the ones before; nothing is held back yet."""
    yield from _output(past)
    yield from _units(past)
    yield from _gradients(past)
    yield from _regularisation(past)
    yield from _learning_rate(past)
    yield from _loss(past)


def threshold(code: str) -> float:
    """Return from where on a rule fires."""
    return RULES[code].threshold or 0.0


def _rising(past: Past) -> bool:
    """Tell whether the loss is clearly above the lowest there was."""
    best, last = past.best_loss, past.last
    return best is not None and last.loss > 1.1 * abs(best) + 3 * last.spread


def _stalled(past: Past) -> bool:
    """Tell whether the loss is no lower than some looks ago."""
    looks = past.looks[-_MEDIAN_OF:]
    return len(looks) == _MEDIAN_OF and looks[-1].loss > 0.98 * looks[0].loss - looks[0].spread


def divided(past: Past, by: float) -> dict[str, Any]:
    """Return the change to a learning rate that is so many times lower."""
    return {"lr": float(f"{past.base_lr / by:.3g}")}


# --- the output ----------------------------------------------------------------------------------


def _output(past: Past) -> Iterator[Finding]:
    look = past.last
    rule = RULES["dead-output"]
    if look.stuck < (rule.threshold or 0.0) or past.learnt >= 0.5:
        return
    whole = look.stuck >= (rule.critical or 1.0)
    since = look.step
    for earlier in reversed(past.looks):  # an effect may be told sooner than its cause
        if earlier.stuck < look.stuck:
            break
        since = earlier.step
    units = "" if whole else f" in {look.stuck:.0%} of its units"
    kind, place = look.output_kind, at_layer(look.output_layer)
    if kind == "relu":
        seen = (
            f"the ReLU on the output ('{look.output_layer}') gives 0 for every sample of the "
            f"probe{units}, and lets no gradient through"
        )
        advice = (
            f"leave out the ReLU{place}, and start anew, for what is dead stays dead; for values "
            "that are never negative take softplus"
        )
    else:
        seen = (
            f"the {kind} on the output ('{look.output_layer}') is at the same limit for every "
            f"sample of the probe{units}, where it has hardly any slope"
        )
        advice = (
            f"leave out the {kind}{place}, with a loss that takes the values as they are; or start "
            "with smaller weights and a lower learning rate"
        )
    yield finding(
        "dead-output",
        seen,
        advice,
        layer=look.output_layer,
        step=since,
        measured=look.stuck,
        severity="critical" if whole else None,
    )


# --- units ----------------------------------------------------------------------------------------


def _units(past: Past) -> Iterator[Finding]:
    look = past.last
    rate = divided(past, 10)
    for layer, share in look.dead.items():
        whole = share >= (RULES["dead-units"].critical or 1.0)
        if whole or (share >= threshold("dead-units") and _stalled(past) and past.learnt < 0.5):
            yield finding(
                "dead-units",
                f"{share:.0%} of the units of '{layer}' are 0 on every sample of the probe",
                f"lower the learning rate to {rate['lr']:g}, or use LeakyReLU",
                layer=layer,
                step=look.step,
                measured=share,
                severity="critical" if whole else None,
                change=rate,
            )
    for layer, share in look.saturated.items():
        if share > threshold("saturated-units") and past.learnt < 0.5:
            yield finding(
                "saturated-units",
                f"{share:.0%} of the values of '{layer}' are at the limits of its activation",
                "start with smaller weights, scale the inputs, or normalise before the activation",
                layer=layer,
                step=look.step,
                measured=share,
                severity="critical" if share > (RULES["saturated-units"].critical or 1.0) else None,
            )


# --- gradients ------------------------------------------------------------------------------------


def _gradients(past: Past) -> Iterator[Finding]:
    look = past.last
    norms = [earlier.gradient_norm for earlier in past.looks[:-1]]
    usual = median(norms) if len(norms) >= _MEDIAN_OF else 0.0
    limit = threshold("exploding-gradient")
    # Where the loss falls at last, after a plateau, the gradient grows too, and is to.
    falling = look.loss <= min(earlier.loss for earlier in past.looks)
    if usual and look.gradient_norm > limit * usual and past.learnt < 0.9 and not falling:
        yield finding(
            "exploding-gradient",
            f"the gradient's norm is {look.gradient_norm:.3g}, {look.gradient_norm / usual:.3g} "
            f"times its median so far ({usual:.3g})",
            "clip the gradients with grad_clip=1.0",
            step=look.step,
            measured=look.gradient_norm / usual,
            change={"grad_clip": 1.0},
        )
    ratios = [e.first_over_last for e in past.looks[-_MEDIAN_OF:] if e.first_over_last is not None]
    if len(ratios) < 3:
        return
    ratio = median(ratios)
    if ratio > _FIRST_OVER_LAST:
        yield finding(
            "exploding-gradient",
            f"the gradient of the first weights is {ratio:.3g} times as large as that of the last",
            "clip the gradients with grad_clip=1.0",
            step=look.step,
            measured=ratio,
            threshold=_FIRST_OVER_LAST,
            change={"grad_clip": 1.0},
        )
    rule = RULES["vanishing-gradient"]
    if ratio < threshold("vanishing-gradient") and past.learnt < 0.5:
        critical = ratio < (rule.critical or 0.0)
        yield finding(
            "vanishing-gradient",
            f"the gradient of the first weights is {ratio:.2g} times that of the last ones, so the "
            "first layers hardly learn",
            "take ReLU as activation, with He initialisation; or add normalisation or shortcuts",
            step=look.step,
            measured=ratio,
            threshold=rule.critical if critical else rule.threshold,
            severity="critical" if critical else None,
            change={"activation": "relu"},
        )


def _regularisation(past: Past) -> Iterator[Finding]:
    look = past.last
    recent = [earlier.penalty for earlier in past.looks[-_MEDIAN_OF:]]
    share = median(recent)
    # Decoupled decay shrinks weights until both pulls are equal, so their ratio stays near 1
    shrinks = look.lr * look.weight_decay
    limit = threshold("regularisation-dominates")
    if share < limit and shrinks > _SHRINKS and past.learnt < 0.25:
        yield finding(
            "regularisation-dominates",
            f"each update shrinks the weights by {shrinks:.0%} before it learns anything "
            f"(learning rate {look.lr:g} · weight decay {look.weight_decay:g})",
            step=look.step,
            measured=shrinks,
            threshold=_SHRINKS,
            **_lowered(look, 100),
        )
    elif share >= limit and past.learnt < 0.5:
        yield finding(
            "regularisation-dominates",
            f"the gradient of the penalty is {share:.3g} times that of the data",
            step=look.step,
            measured=share,
            **_lowered(look, 10),
        )


def _lowered(look: Look, by: float) -> dict[str, Any]:
    """Return suggestion and change for the larger of the two penalties."""
    name, words, value = "weight_decay", "the weight decay", look.weight_decay
    if look.l1 > look.weight_decay:
        name, words, value = "l1", "the factor of the L1 penalty", look.l1
    lower = float(f"{value / by:.3g}")
    return {"suggestion": f"lower {words} from {value:g} to {lower:g}", "change": {name: lower}}


# --- the learning rate ----------------------------------------------------------------------------


def _learning_rate(past: Past) -> Iterator[Finding]:
    look = past.last
    ratio = median([earlier.ratio for earlier in past.looks[-_MEDIAN_OF:]])
    limit = threshold("learning-rate-too-high")
    killed = any(share >= 1 for share in look.dead.values())
    poor = _rising(past) or (killed and past.learnt < 0.5) or _never_below_guess(past)
    peak = max(earlier.ratio for earlier in past.looks)
    high = ratio > limit and poor
    rising = ratio > _WITH_RISING_LOSS and _rising(past) and past.learnt < 0.5
    # After a step that killed every unit nothing moves any more, so the largest ratio counts
    fatal = killed and peak > limit and past.learnt < 0.5
    if high or rising or fatal:
        seen = peak if fatal else ratio
        how = "killed units" if killed and not _rising(past) else "the loss is not falling"
        yield finding(
            "learning-rate-too-high",
            f"an update changes weights by {seen:.2g} of their size, and {how} "
            f"(loss {look.loss:.4g}, lowest so far {past.best_loss:.4g})",
            f"lower the learning rate from {past.base_lr:g} to {past.base_lr / 10:g}",
            step=look.step,
            measured=seen,
            threshold=_WITH_RISING_LOSS if rising and not (high or fatal) else limit,
            change=divided(past, 10),
        )
    ended = past.ended_at
    if ended is not None and past.updates > 2 * ended and past.learnt < 0.5:
        yield finding(
            "schedule-ends-early",
            f"the schedule has brought the learning rate from {past.highest_lr:g} to {look.lr:.2g} "
            f"after {ended:,} of {past.updates:,} updates, and the loss is {look.loss:.4g} still",
            "stretch the schedule over the whole training, or leave it out",
            step=ended,
            measured=look.lr / past.highest_lr,
        )
    judged = look.lr >= 0.5 * past.highest_lr  # a schedule that has come to its end is meant so
    alive = not any(share >= 0.5 for share in look.dead.values())
    if (
        judged
        and alive
        and look.ratio > 0
        and ratio < threshold("learning-rate-too-low")
        and (fallen(past) < 0.1 or ratio * look.step < NOT_MOVED)
        and past.learnt < 0.1
    ):
        yield too_low(past, ratio, fallen(past), look.step)


def too_low(past: Past, ratio: float, fallen: float, step: int) -> Finding:
    """Return the finding of updates that change weights by `ratio` of their size only."""
    # The first loss is that of one batch: against it a loss that stands may seem to fall
    told = (
        f"and the loss has fallen by {max(fallen, 0):.1%} only"
        if fallen < 0.1
        else f"{step:,} of them by no more than {ratio * step:.2g}"
    )
    seen = f"an update changes weights by {ratio:.2g} of their size, {told}"
    clipped = past.last.clipped if past.looks else 1.0
    if clipped < _CLIPPED_AWAY:
        limit = clipped * past.last.gradient_norm
        usual = float(f"{median(look.gradient_norm for look in past.looks):.1g}")
        return finding(
            "learning-rate-too-low",
            f"{seen}: of the gradient's norm, {past.last.gradient_norm:.3g}, the clipping at "
            f"{limit:.3g} leaves {clipped:.2g}",
            f"clip the gradients at {usual:g}, if at all",
            step=step,
            measured=ratio,
            cause="gradients are clipped so much that hardly anything of them is left",
            change={"grad_clip": usual},
        )
    raised = _raised(past.base_lr, ratio)
    return finding(
        "learning-rate-too-low",
        seen,
        f"raise the learning rate from {past.base_lr:g} to {raised:g}",
        step=step,
        measured=ratio,
        change={"lr": raised},
    )


def _raised(lr: float, ratio: float) -> float:
    """Return a learning rate with which an update changes weights by about a thousandth.

    That is tenfold or more, in powers of ten: a tenth of the way would show nothing. Beyond 1 it
    is tenfold at most, for there it is rarely the learning rate that is too low.
    """
    tenfold = 10 * lr
    way = 10.0 ** round(math.log10(max(_USUAL_RATIO / ratio, 10.0))) if ratio > 0 else 10.0
    return float(f"{max(tenfold, min(lr * way, 1.0)):.3g}")


def fallen(past: Past) -> float:
    """Return the share by which the loss has fallen since the first look."""
    first = past.first_loss
    return 1 - past.last.loss / first if first else 0.0


def _never_below_guess(past: Past) -> bool:
    return len(past.looks) >= _MEDIAN_OF and past.learnt < 0.02


# --- the shape of the loss ------------------------------------------------------------------------


def _loss(past: Past) -> Iterator[Finding]:
    look, best = past.last, past.best_loss
    level = past.level
    limit = threshold("divergence")
    if best is not None and best > 0 and look.loss >= limit * best and level is not None:
        far = look.loss > 0.5 * level and look.loss - best > 3 * look.spread
        if far:
            yield finding(
                "divergence",
                f"the loss is {look.loss:.4g}, {look.loss / best:.3g} times the lowest there was "
                f"({best:.4g})",
                f"lower the learning rate from {past.base_lr:g} to {past.base_lr / 10:g}",
                step=look.step,
                measured=look.loss / best,
                change=divided(past, 10),
            )
    looks = past.looks[-_LOOKS_FOR_SHAPE:]
    if len(looks) == _LOOKS_FOR_SHAPE:
        changes = [after.loss - before.loss for before, after in pairwise(looks)]
        turns = sum(a * b < 0 for a, b in pairwise(changes))
        share = turns / (len(changes) - 1)
        middle = sum(e.loss for e in looks) / len(looks)
        jump = sum(abs(change) for change in changes) / len(changes)
        noise = 3 * sum(e.spread for e in looks) / len(looks)
        if (
            share > threshold("oscillation")
            and jump > 0.2 * middle
            and jump > noise
            and past.learnt < 0.5
        ):
            yield finding(
                "oscillation",
                f"the loss changes direction in {share:.0%} of the last looks, by {jump:.3g} on "
                f"average around {middle:.3g}",
                f"lower the learning rate from {past.base_lr:g} to {past.base_lr / 3:.3g}",
                step=look.step,
                measured=share,
                change=divided(past, 3),
            )
