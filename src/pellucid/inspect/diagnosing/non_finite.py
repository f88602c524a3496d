"""Where the first NaN or infinity came from, as a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.unchanged import unchanged
from pellucid.training.diagnosis import find_non_finite

if TYPE_CHECKING:
    from pellucid.training import Trainer

__all__ = ["non_finite_finding"]

_PHASES = {
    "data": "in the data",
    "update": "in an update of the weights",
    "forward": "in the forward pass",
    "loss": "in the loss",
    "backward": "in the backward pass",
}


def non_finite_finding(trainer: Trainer) -> Finding:
    """Go through the batch in hand once more, and name layer and phase."""
    with unchanged(trainer.net, training=None), np.errstate(all="ignore"):
        place = find_non_finite(trainer.net, trainer.objective, trainer.batch)
    group = trainer.optimizer.groups[0]
    lr = max(float(group["lr"]), float(group.get("initial_lr") or 0.0))  # before its schedule
    if place is not None and place.phase == "data":
        return finding(
            "non-finite",
            f"the first NaN or infinity is in the data: {place.detail}",
            "repair or drop these samples",
            step=trainer.step,
            cause="missing values that were read as NaN, or a division by 0 in preparing the data",
        )
    where = "" if place is None or not place.layer else f" at '{place.layer}'"
    seen = (
        "a NaN or an infinity, which did not appear again when the batch was repeated"
        if place is None
        else f"the first NaN or infinity is {_PHASES[place.phase]}{where}: {place.detail}"
    )
    return finding(
        "non-finite",
        seen,
        f"lower the learning rate from {lr:g} to {lr / 10:g}",
        layer="" if place is None else place.layer,
        step=trainer.step,
        change={"lr": float(f"{lr / 10:.3g}")},
    )
