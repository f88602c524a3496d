"""What is known of one rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pellucid.inspect.diagnosing.finding import Severity

__all__ = ["Rule", "Stage"]

Stage: TypeAlias = Literal[
    "static",
    "data",
    "non-finite",
    "initialisation",
    "units",
    "gradients",
    "learning rate",
    "loss",
    "experiment",
]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    code : str
        Its name.
    stage : str
        Which part of a training it looks at.
    title : str
        What is wrong, in a few words.
    measures : str
        The quantity that is looked at.
    threshold, critical : float or None
        From where on it is a finding, and a critical one.
    severity : "note", "warning" or "critical"
        How bad it is below `critical`.
    cause : str
        What usually brings it about.
    source : str
        Where the rule comes from.
    explained_by : tuple of str
        Earlier findings whose consequence this one is.
    """

    code: str
    stage: Stage
    title: str
    measures: str
    threshold: float | None
    critical: float | None
    severity: Severity
    cause: str
    source: str
    explained_by: tuple[str, ...] = ()
