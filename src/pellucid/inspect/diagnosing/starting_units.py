"""Units that are dead or at their limits before the first update."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Graph
from pellucid.inspect.diagnosing.output import at_layer, look_at_output
from pellucid.inspect.diagnosing.probes import look_at_units
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["starting_units"]

_LARGE_BIAS = 3.0


def starting_units(subject: Subject, graph: Graph) -> Iterator[Finding]:
    """Yield layers of which no unit, or hardly one, has a slope for any sample, with the cause.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    graph : Graph
        The forward pass of a probe.
    """
    units = look_at_units(graph)
    for layer, share in units.dead.items():
        if share >= (RULES["dead-units"].critical or 1.0):
            yield _found(
                subject, graph, "dead-units", layer, share,
                f"{share:.0%} of the units of '{layer}' are 0 on every sample of the probe before "
                "the first update",
                "draw the weights anew with another seed, or use LeakyReLU", "critical",
            )  # fmt: skip
    for layer, share in units.saturated.items():
        if share > (RULES["saturated-units"].threshold or 1.0):
            critical = share > (RULES["saturated-units"].critical or 1.0)
            yield _found(
                subject, graph, "saturated-units", layer, share,
                f"{share:.0%} of the values of '{layer}' are at the limits of its activation "
                "before the first update",
                "start with smaller weights, scale the inputs, or normalise before the activation",
                "critical" if critical else "warning",
            )  # fmt: skip
    # Zeros in all of a rectified output are for good; a sigmoid comes back, if slowly
    state = look_at_output(graph, None)
    if state.kind == "relu" and state.stuck >= 1:
        yield finding(
            "dead-output",
            f"the ReLU on the output ('{state.layer}') gives 0 for every sample of the probe, and "
            "lets no gradient through",
            f"leave out the ReLU{at_layer(state.layer)}; for values that are never negative take "
            "softplus",
            layer=state.layer,
            measured=state.stuck,
            severity="critical",
        )


def _found(
    subject: Subject,
    graph: Graph,
    code: str,
    layer: str,
    share: float,
    seen: str,
    otherwise: str,
    severity: str,
) -> Finding:
    """Return the finding, with the biases as its cause where they are."""
    before = _bias_before(subject, graph, layer)
    details = {"layer": layer, "measured": share, "severity": severity}
    if before is None:
        return finding(code, seen, otherwise, **details)  # type: ignore[arg-type]
    path, bias = before
    if code == "saturated-units":
        code, details["threshold"] = "bad-initial-scale", RULES["saturated-units"].threshold
    return finding(
        code,
        f"{seen}: the biases of '{path}' are about {bias:.3g}",
        f"start the biases of '{path}' at 0: leave bias_init out",
        cause="biases so large that the inputs cannot make a difference",
        **details,  # type: ignore[arg-type]
    )


def _bias_before(subject: Subject, graph: Graph, layer: str) -> tuple[str, float] | None:
    """Return the layer whose biases are the larger part of what an activation gets."""
    call = next((c for c in graph.calls if graph.where(c) == layer and not c.weight), None)
    while call is not None and call.weight is None:
        makers = [graph.maker(x) for x in call.inputs]
        call = next((maker for maker in makers if maker is not None), None)
    if call is None:
        return None
    path = graph.where(call)
    modules = dict(subject.net.named_modules())
    bias = getattr(modules.get(path), "bias", None)
    if bias is None or not hasattr(bias, "data"):
        return None
    usual = float(np.median(bias.data))
    without = float(np.median(np.abs(call.data - bias.data.reshape(_along(call.data.ndim)))))
    return (path, usual) if abs(usual) > max(_LARGE_BIAS, 2 * without) else None


def _along(ndim: int) -> tuple[int, ...]:
    return (-1, 1, 1) if ndim == 4 else (-1,)
