"""What makes the output of a network, and whether it can reach the targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Call, Graph
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["OutputState", "at_layer", "look_at_output", "output_findings", "output_kind"]

_FLAT = 1e-3
"""How near to a limit a sigmoid or a tanh has hardly any slope left."""


@dataclass(frozen=True)
class OutputState:
    """What was seen of the output on a probe.

    Parameters
    ----------
    kind : str
        The nonlinearity that makes it, such as "relu", or the primitive's name.
    layer : str
        Where it is made.
    stuck : float
        Share of the output's units that are at a flat part of it for every sample; of units whose
        target never changes none are counted.
    spread : float or None
        Standard deviation over the samples beside that of the targets; None if they are no values.
    """

    kind: str = ""
    layer: str = ""
    stuck: float = 0.0
    spread: float | None = None


def output_kind(graph: Graph, final: Call) -> str:
    """Return the nonlinearity that makes the output, or the primitive's name."""
    if final.name == "exp":
        before = graph.maker(final.inputs[0])
        if before is not None and before.name == "log_softmax":
            return "softmax"
    if final.name == "divide":  # e / sum(e), as tutorials write it
        above = graph.maker(final.inputs[0])
        below = graph.maker(final.inputs[1])
        if above and below and above.name == "exp" and below.name == "sum":
            return "softmax"
    if final.name == "maximum":
        other = [x for x in final.inputs if graph.maker(x) is None]
        if len(other) == 1 and not np.any(getattr(other[0], "data", other[0])):
            return "relu"
    return final.name


def look_at_output(graph: Graph, y: Array | None) -> OutputState:
    """Return what the output does on a probe.

    Parameters
    ----------
    graph : Graph
        One forward pass.
    y : Array or None
        The targets of the probe, if they are values that the output is to reach.
    """
    final = graph.final()
    if final is None or graph.output is None or not len(graph.output.data):
        return OutputState()
    kind, layer = output_kind(graph, final), graph.where(final)
    values = graph.output.data.reshape(len(graph.output.data), -1).astype(np.float64)
    wanted = np.ones(values.shape[1], bool)
    spread: float | None = None
    if y is not None and y.size == values.size:
        targets = y.reshape(values.shape).astype(np.float64)
        varied = targets.std(axis=0) > 0
        if varied.any():
            wanted = varied
            spread = float(np.median(values.std(axis=0)[wanted] / targets.std(axis=0)[wanted]))
    return OutputState(kind, layer, float(_flat(kind, values)[wanted].mean()), spread)


def _flat(kind: str, values: Array) -> Array:
    """Return which units are at the same flat part of the nonlinearity for every sample."""
    if kind == "relu":
        return np.asarray((values <= 0).all(axis=0))
    if kind in ("sigmoid", "tanh"):
        low = 0.0 if kind == "sigmoid" else -1.0
        at_low, at_high = values < low + _FLAT, values > 1 - _FLAT
        return np.asarray(at_low.all(axis=0) | at_high.all(axis=0))
    return np.zeros(values.shape[1], bool)


# --- before training ------------------------------------------------------------------------------


def output_findings(subject: Subject, graph: Graph) -> Iterator[Finding]:
    """Yield what does not fit between the output, the loss and the targets."""
    final = graph.final()
    loss = subject.objective.loss
    if final is None:
        return
    kind, layer = output_kind(graph, final), graph.where(final)
    takes = loss.output if loss is not None else ""
    if loss is None and subject.objective.task == "values":
        takes = "real"  # a loss of one's own compares values with targets
    takes_logits = takes in ("logits", "scores")
    if kind == "softmax" and takes_logits and loss is not None:
        classes = int(subject.output_shape[-1 if loss.class_axis == -1 else 0])
        best = np.log((np.e + classes - 1) / np.e) if classes > 1 else 0.0
        yield finding(
            "softmax-before-cross-entropy",
            f"the output is a softmax already, and {loss.name} takes logits: with {classes} "
            f"classes the loss cannot fall below {best:.2f}",
            f"leave out the softmax{at_layer(layer)}; predict_proba applies it when it is wanted",
            layer=layer,
        )
    elif kind == "sigmoid" and takes_logits and loss is not None:
        what = (
            "several classes of which one is true need a softmax, which the loss applies itself"
            if loss.task == "multiclass"
            else "the loss applies the sigmoid itself"
        )
        yield finding(
            "sigmoid-before-cross-entropy",
            f"the output is a sigmoid, and {loss.name} takes logits: {what}",
            f"leave out the sigmoid{at_layer(layer)}",
            layer=layer,
        )
    elif kind == "relu" and takes in ("logits", "scores", "real", "log-probabilities"):
        yield _rectified(subject, final, layer, takes == "real")
    elif kind in ("sigmoid", "tanh") and takes == "real":
        yield from _bounded(subject, kind, layer)


def _rectified(subject: Subject, final: Call, layer: str, values: bool) -> Finding:
    """Return what a ReLU at the end means for these targets.

    Amounts that cannot be negative are the one case in which it may be meant.
    """
    zero = float((final.data <= 0).mean())
    now = f"; {zero:.0%} of the outputs are 0 already" if zero else ""
    leave = f"leave out the ReLU{at_layer(layer)}"
    if not values:
        return finding(
            "relu-on-output",
            "the output is a ReLU, so no class can be given a logit below 0, and where it is 0 "
            f"nothing is learnt{now}",
            leave,
            layer=layer,
            measured=zero,
        )
    negative = float((subject.y < 0).mean())
    if negative:
        return finding(
            "relu-on-output",
            f"the output is a ReLU, which is never below 0, and {negative:.1%} of the targets are "
            f"(down to {subject.y.min():.4g}): it cannot reach them{now}",
            leave,
            layer=layer,
            measured=negative,
            severity="critical" if negative > 0.5 else None,
        )
    return finding(
        "relu-on-output",
        "the output is a ReLU: the targets are never below 0, but where its input falls below 0 "
        "for every sample it gives 0 and gets no gradient, and stays like that for ever" + now,
        f"{leave}, or take softplus in its place",
        layer=layer,
        measured=zero,
        severity="note",
    )


def _bounded(subject: Subject, kind: str, layer: str) -> Iterator[Finding]:
    low = 0.0 if kind == "sigmoid" else -1.0
    outside = float(((subject.y < low) | (subject.y > 1)).mean())
    if outside > 0:
        yield finding(
            "bounded-output",
            f"the output is a {kind}, between {low:g} and 1, but {outside:.1%} of the targets "
            f"lie outside ({subject.y.min():.4g} … {subject.y.max():.4g})",
            f"leave out the {kind}{at_layer(layer)}, or scale the targets",
            layer=layer,
            measured=outside,
        )


def at_layer(layer: str) -> str:
    """Return where to make a change, in words."""
    return f" at '{layer}'" if layer else " at the end"
