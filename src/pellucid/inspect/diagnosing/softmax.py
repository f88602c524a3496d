"""A softmax over a single entry, which is 1 whatever the weights are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Call, Graph
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["softmax_findings"]


def softmax_findings(subject: Subject, graph: Graph) -> Iterator[Finding]:
    """Yield the first softmax over an axis of length 1, other than that of samples.

    e^x / Σ e^x = e^x / e^x = 1

    As the output it is critical. Within the network it is a warning: what it weights may still
    learn. A loss refuses a single class by itself.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    graph : Graph
        One forward pass.
    """
    final = graph.final()
    for call in graph.calls:
        axis = _axis_of_one(graph, call)
        if axis is None:
            continue
        layer = graph.where(call)
        at = f"'{layer}'" if layer else "the network"
        inner = [user for user in graph.users(call) if user.name == "exp"]
        always = 0 if call.name == "log_softmax" and not inner else 1
        ends = final is not None and any(final.value is one.value for one in (call, *inner))
        shape = ", ".join(("N", *map(str, call.data.shape[1:])))
        yield finding(
            "softmax-over-one-unit",
            f"{at} takes a softmax over axis {axis} of ({shape}), which has one entry: it gives "
            f"{always} for every sample, whatever the weights are, and passes no gradient on",
            _instead(subject, layer)
            if ends
            else f"take the softmax of {at} over another axis, or leave it out",
            layer=layer,
            measured=1.0,
            severity=None if ends else "warning",
        )
        return


def _instead(subject: Subject, layer: str) -> str:
    leave = f"leave out the softmax at '{layer}'" if layer else "leave out the softmax at the end"
    values = set(subject.y[:4096].reshape(-1).tolist())
    if values <= {0.0, 1.0} or subject.objective.classifies:
        return f"{leave}, and take the loss binary_cross_entropy_with_logits for yes or no"
    return f"{leave}; amounts need no activation at the end"


def _axis_of_one(graph: Graph, call: Call) -> int | None:
    """Return the axis of a softmax that has one entry for each sample."""
    rank = call.data.ndim
    if call.name == "log_softmax":
        axis = int(call.value.producer.attributes.get("axis", -1)) % max(rank, 1)
        return axis if axis and call.data.shape[axis] == 1 else None
    if call.name != "divide":
        return None
    above, below = (graph.maker(x) for x in call.inputs)
    if above is None or below is None or above.name != "exp" or below.name != "sum":
        return None
    summed = graph.maker(below.inputs[0])
    if summed is None or below.data.size != summed.data.size:
        return None
    if not np.array_equal(summed.data, above.data, equal_nan=True):
        return None
    axes = below.value.producer.attributes.get("axis")
    axes = axes if isinstance(axes, (tuple, list)) else (axes,)
    over = [int(a) % rank for a in axes if a is not None]
    return over[0] if over and over[0] else None
