"""What is tried out on demand, on a copy of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from pellucid.errors import UnknownNameError
from pellucid.inspect.diagnosing.experiments.gradients import wrong_gradient
from pellucid.inspect.diagnosing.experiments.one_batch import overfit_batch
from pellucid.inspect.diagnosing.experiments.range_test import lr_range
from pellucid.inspect.diagnosing.experiments.zeroed_inputs import ignores_input
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.inspect.unchanged import unchanged

__all__ = ["EXPERIMENTS", "Experiment", "perform"]

Experiment: TypeAlias = Callable[[Subject], tuple[list[Finding], dict[str, Any]]]

EXPERIMENTS: dict[str, Experiment] = {
    "overfit-batch": overfit_batch,
    "ignores-input": ignores_input,
    "gradients": wrong_gradient,
    "lr-range": lr_range,
}
"""Every experiment by name: what it finds, and what it measures (with a "summary" in words)."""


def perform(subject: Subject, names: str | Iterable[str]) -> tuple[list[Finding], dict[str, Any]]:
    """Perform experiments; the network and the random generators are as before when it is done.

    Raises
    ------
    UnknownNameError
        If there is no such experiment.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    if "all" in wanted:
        wanted = list(EXPERIMENTS)
    for name in wanted:
        if name not in EXPERIMENTS:
            raise UnknownNameError("experiment", name, (*EXPERIMENTS, "all"))
    findings: list[Finding] = []
    results: dict[str, Any] = {}
    for name in wanted:
        with unchanged(subject.net, training=None):
            found, result = EXPERIMENTS[name](subject)
        findings += found
        results[name] = result
    return findings, results
