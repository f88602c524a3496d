"""What is a convention and no mistake: a sum in the update, and a mean on the screen."""

from __future__ import annotations

from dataclasses import replace

from pellucid.inspect.checking.report import Cause, GradientReport

__all__ = ["without_convention"]


def without_convention(report: GradientReport) -> tuple[GradientReport, str]:
    """Return a report in which a sum over the samples beside real mistakes is a note.

    Parameters
    ----------
    report : GradientReport
        Of a training program, whose learning rate makes up for the number of samples.

    Returns
    -------
    GradientReport
        Without "sum instead of mean, at the loss", in every explanation that has other causes.
        Where it is an explanation of its own, nothing changes.
    str
        What to say about it; empty if there was none.
    """
    if not report.explanations:
        return report, ""
    kept: list[tuple[Cause, ...]] = []
    found = ""
    for explanation in report.explanations:
        rest = tuple(cause for cause in explanation if not _is_a_sum(cause))
        if not rest:
            return report, ""
        for cause in explanation:
            found = found or (cause.detail if _is_a_sum(cause) else "")
        kept.append(rest)
    if not found:
        return report, ""
    note = (
        f"The updates add up over the samples, and the loss is a mean ({found}). That acts like "
        "another learning rate, and is no mistake."
    )
    return replace(report, explanations=tuple(kept)), note


def _is_a_sum(cause: Cause) -> bool:
    return (
        cause.kind == "factor"
        and cause.title == "sum instead of mean"
        and cause.layers == (0,)
        and "samples" in cause.detail
        and "sign" not in cause.detail
    )
