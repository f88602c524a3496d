"""What can be told from the optimizer alone: what it was given, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.optim import Optimizer

__all__ = ["optimizer_findings"]

_MOST_PATHS = 8


def optimizer_findings(subject: Subject) -> Iterator[Finding]:
    """Yield parameters that it was not given, and a momentum with which moves add up for ever.

    Parameters
    ----------
    subject : Subject
        With its optimizer; without one nothing is yielded.
    """
    if subject.optimizer is None:
        return
    yield from _not_given(subject.net, subject.optimizer)
    yield from _momentum(subject.optimizer)


def _not_given(net: Module, optimizer: Optimizer) -> Iterator[Finding]:
    given = {id(parameter) for group in optimizer.groups for parameter in group["params"]}
    learn = [(path, p) for path, p in net.named_parameters() if p.requires_grad]
    left = [path for path, parameter in learn if id(parameter) not in given]
    if not left:
        return
    listed = ", ".join(f"'{path}'" for path in left[:_MOST_PATHS])
    more = f" and {len(left) - _MOST_PATHS} more" if len(left) > _MOST_PATHS else ""
    layers = list(dict.fromkeys(path.rpartition(".")[0] for path in left))
    named = ", ".join(f'"{layer}"' for layer in layers[:_MOST_PATHS] if layer)
    yield finding(
        "parameters-not-given",
        f"the optimizer was given {len(learn) - len(left)} of {len(learn)} parameters; {listed}"
        f"{more} stay as they are at the start",
        f"give it net.parameters(), or say that they are to stay: net.freeze({named})",
        layer=layers[0],
        measured=float(len(left)),
    )


def _momentum(optimizer: Optimizer) -> Iterator[Finding]:
    group = optimizer.groups[0]
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
