"""What a verdict "right" leaves open, in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pellucid.inspect.checking.branches import Branch
from pellucid.inspect.checking.coverage import Coverage
from pellucid.inspect.checking.judging import Judgement
from pellucid.inspect.checking.report import Untested

__all__ = ["untested_of"]


def untested_of(
    coverage: Coverage, here: Judgement, tried: int, fixed: str
) -> tuple[Untested, ...]:
    """Return the parts of a backward pass that no place tested.

    Parameters
    ----------
    coverage : Coverage
        What was seen.
    here : Judgement
        The place that the learner gave.
    tried : int
        Places that were looked at.
    fixed : str
        Why the gradients are known at one place only; empty if they are known everywhere.
    """
    found: dict[str, Untested] = {}
    for branch, label in coverage.open:
        one = _of_branch(branch, label, tried, fixed)
        found.setdefault(one.what, one)
    for name in sorted(coverage.zero):
        one = _of_zero(name, here, fixed)
        found.setdefault(one.what, one)
    return tuple(found.values())


def _of_branch(branch: Branch, label: str, tried: int, fixed: str) -> Untested:
    line = branch.frames[0] if branch.frames else None
    never = branch.never[label]
    if fixed:
        consequence = (
            f"the gradients were given {fixed}, so they are known at one place only; a function "
            "gradients(parameters) could be asked at others"
        )
    elif not branch.movable:
        consequence = "it comes from the data, and no other parameters change it; other data would"
    else:
        consequence = f"at none of the {tried} places that were looked at, so what the backward "
        consequence += "pass does then is not known"
    return Untested(
        f"{branch.called} {never}", consequence,
        Path(line.file).name if line else "", line.line if line else 0,
    )  # fmt: skip


def _of_zero(name: str, here: Judgement, fixed: str) -> Untested:
    if here.graph is not None and name not in here.graph.parameters:
        return Untested(
            f"the loss does not depend on {name}",
            "its gradient is zero, whatever is written for it",
        )
    where = "here" if fixed else "at every place that was looked at"
    zero = "" if np.any(here.parameters[name]) else f"; {name} itself is zero"
    return Untested(
        f"the true gradient of {name} is zero {where}",
        f"what is multiplied by a zero on the way to it was not tested{zero}",
    )
