"""What can be told from the settings of the optimizer alone."""

from __future__ import annotations

from collections.abc import Iterator

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["optimizer_findings"]


def optimizer_findings(subject: Subject) -> Iterator[Finding]:
    """Yield a momentum with which moves add up for ever.

    Parameters
    ----------
    subject : Subject
        With its optimizer; without one nothing is yielded.
    """
    if subject.optimizer is None:
        return
    group = subject.optimizer.groups[0]
    betas = group.get("betas")
    momentum = float(betas[0] if betas else group.get("momentum", 0.0))
    limit = RULES["momentum-too-high"].threshold or 1.0
    if momentum <= limit:
        return
    how = f"about {1 / (1 - momentum):,.0f} updates" if momentum < 1 else "ever"
    name = f"betas=({momentum:g}, …)" if betas else f"momentum={momentum:g}"
    yield finding(
        "momentum-too-high",
        f"with {name} each gradient moves the weights for {how}",
        "take a first beta of 0.9" if betas else "take a momentum of 0.9",
        measured=momentum,
    )
