"""What was advised about the learning rate, whether it was done, and whether it helped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.looks import Past
from pellucid.inspect.diagnosing.rules import finding

__all__ = ["Advice"]

_FOLLOWED = 0.5
"""The part of the way, in powers of ten, from which on advice counts as followed."""

_BETTER = 0.98
_HARDLY_VARIES = 0.03
_FADES = 0.1
_APART = 2.0


@dataclass(frozen=True)
class _Given:
    """One piece of advice: from which learning rate to which, and how low the loss was then."""

    code: str
    old: float
    new: float
    loss: float

    def is_followed(self, lr: float) -> bool:
        """Tell whether a learning rate lies most of the way from the old to the new one."""
        if min(lr, self.old, self.new) <= 0 or self.old == self.new:
            return False
        return math.log(lr / self.old) / math.log(self.new / self.old) >= _FOLLOWED


class Advice:
    """Remembers what was advised, so that what has failed is not advised again.

    Advice to change the learning rate counts as followed when the learning rate has gone most of
    that way, in the same training or in the next one that the same doctor looks at. If the loss is
    no lower then, and the finding is there again, the next likely cause is named instead. Between a
    rate that was found too low and one that was found too high the one in the middle is advised.
    """

    def __init__(self) -> None:
        self._given: list[_Given] = []

    def told(self, findings: Iterable[Finding], past: Past) -> None:
        """Remember the advice in findings that are told now."""
        for found in findings:
            new = (found.change or {}).get("lr")
            if not found.is_alarm or new is None or past.base_lr <= 0:
                continue
            loss = _loss(past)
            given = _Given(found.code, past.base_lr, float(new), loss)
            if not any(g.code == given.code and g.old == given.old for g in self._given):
                self._given.append(given)

    def revise(self, findings: Iterable[Finding], past: Past) -> list[Finding]:
        """Return findings with other advice in place of what has failed before."""
        return [self._revised(_summed(found, past), past) for found in findings]

    def _revised(self, found: Finding, past: Past) -> Finding:
        new = (found.change or {}).get("lr")
        if new is None or past.base_lr <= 0:
            return found
        now, raises = past.base_lr, new > past.base_lr
        before = [g for g in self._given if g.is_followed(now)]
        same = [g for g in before if (g.new > g.old) is raises]
        if same and not any(_loss(past) < _BETTER * g.loss for g in same):
            return _next_cause(found, past, same[-1], raises)
        # The other end: a rate that was left because it was found too low, or too high
        ends = [g.old for g in self._given if (g.new > g.old) is not raises]
        end = min((e for e in ends if e > now), default=None) if raises else None
        if not raises:
            end = max((e for e in ends if e < now), default=None)
        if end is None or (new < end if raises else new > end):
            return found
        if max(end, now) / min(end, now) < _APART**2:
            return _next_cause(found, past, None, raises)
        middle = float(f"{math.sqrt(end * now):.2g}")
        word = "high" if raises else "low"
        return replace(
            found,
            suggestion=f"take a learning rate of {middle:g}: {end:g} was found too {word} before",
            change={"lr": middle},
        )

    def state(self) -> list[dict[str, Any]]:
        """Return plain values for a checkpoint."""
        values = [asdict(given) for given in self._given]
        return [v | {"loss": v["loss"] if math.isfinite(v["loss"]) else None} for v in values]

    def restore(self, state: Iterable[Mapping[str, Any]]) -> None:
        """Take back what :meth:`state` gave."""
        self._given = [
            _Given(v["code"], v["old"], v["new"], math.inf if v["loss"] is None else v["loss"])
            for v in state
        ]


def _summed(found: Finding, past: Past) -> Finding:
    """Return a finding of steps that are too large with what makes them so, if the loss does."""
    lr = (found.change or {}).get("lr")
    if not past.sums or lr is None or lr >= past.base_lr:
        return found
    return replace(
        found,
        cause="the loss is a sum over the samples of a batch, so its gradient grows with the batch",
        suggestion=f"{found.suggestion}; or take the mean in the loss in place of the sum",
    )


def _loss(past: Past) -> float:
    if past.looks:
        return past.last.loss
    return past.epochs[-1][0] if past.epochs else math.inf


def _next_cause(found: Finding, past: Past, failed: _Given | None, raises: bool) -> Finding:
    """Return the next likely cause after the learning rate, by what the last look has measured."""
    word = "raising" if raises else "lowering"
    tried = (
        f"{word} the learning rate from {failed.old:g} to {past.base_lr:g} has not helped (loss "
        f"{_loss(past):.4g})"
        if failed is not None and math.isfinite(_loss(past))
        else f"both higher and lower learning rates than {past.base_lr:g} were tried"
    )
    step = found.step
    look = past.last if past.looks else None
    still = {} if look is None else look.varies
    dead = {} if look is None else {k: v for k, v in look.dead.items() if v >= 1}
    if still and min(still.values()) < _HARDLY_VARIES:
        layer = min(still, key=lambda path: still[path])
        return finding(
            "bad-initial-scale",
            f"{tried}; what '{layer}' gives differs between samples by {still[layer]:.2g} only, so "
            "the layers after it cannot tell them apart",
            "start with larger weights: leave weight_init out, so that each layer starts as suits "
            "its activation",
            layer=layer,
            step=step,
            measured=still[layer],
            threshold=_HARDLY_VARIES,
        )
    if dead:
        layer = next(iter(dead))
        return finding(
            "dead-units",
            f"{tried}; all units of '{layer}' are 0 on every sample of the probe",
            f"use LeakyReLU in place of the ReLU at '{layer}', and start anew",
            layer=layer,
            step=step,
            measured=1.0,
            severity="critical",
            change={"activation": "leaky_relu"},
        )
    ratio = None if look is None else look.first_over_last
    if ratio is not None and ratio < _FADES:
        return finding(
            "vanishing-gradient",
            f"{tried}; the gradient of the first weights is {ratio:.2g} times that of the last",
            "take ReLU as activation, with He initialisation; or add normalisation or shortcuts",
            step=step,
            measured=ratio,
            threshold=_FADES,
            change={"activation": "relu"},
        )
    if raises:
        return finding(
            "flat-loss",
            f"{tried}, so the size of the steps is not what is missing",
            "see whether the targets belong to the inputs: "
            'pl.doctor(net, train, experiments=["ignores-input"])',
            step=step,
        )
    return replace(
        found,
        message=f"{tried}; {found.message}",
        suggestion="measure which learning rate fits: "
        'pl.doctor(net, train, optimizer=…, experiments=["lr-range"])',
        change=None,
    )
