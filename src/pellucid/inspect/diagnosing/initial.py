"""How a network starts: units that are alike, weights of the wrong size, a loss beyond a guess."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Graph
from pellucid.inspect.diagnosing.guess import guess_loss
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.scale import scale_findings
from pellucid.inspect.diagnosing.starting_units import starting_units
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.training.evaluation import predict

__all__ = ["initial_findings"]

_VALUES_FACTOR = 2.0
_USUAL_OUTPUT = 5.0
"""Root mean square of outputs that a few updates bring to targets of a size about 1."""


def initial_findings(subject: Subject, graph: Graph, x: Array, y: Array) -> Iterator[Finding]:
    """Yield what is wrong with the first weights; the network is in the mode that it has.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    graph : Graph
        The forward pass of `x`.
    x, y : Array
        A probe of the training samples.
    """
    yield from _symmetric(graph)
    yield from scale_findings(subject, graph, x)
    yield from starting_units(subject, graph)
    yield from _loss(subject, x, y)


def _symmetric(graph: Graph) -> Iterator[Finding]:
    for call in graph.dense()[:-1]:
        weight = call.weight
        assert weight is not None  # it is dense
        if call.name.startswith("convolution"):
            units = weight.data.reshape(len(weight.data), -1)
        else:
            units = weight.data.T
        if len(units) < 2 or (not units.any() and graph.next_bend(call)[0] is None):
            continue  # a branch that starts at zero beside a shortcut is meant so
        alike = len(units) - _different(units)
        if alike:
            layer = graph.where(call)
            what = f"are all {units.flat[0]:g}" if np.ptp(units) == 0 else "repeat each other"
            yield finding(
                "symmetric-units",
                f"the weights of {alike + 1} of the {len(units)} units of '{layer}' {what}",
                f"draw the weights of '{layer}' at random: leave weight_init out, or take "
                "nn.init.HeNormal() or GlorotNormal()",
                layer=layer,
                measured=float(alike + 1),
            )
            return


def _different(units: Array) -> int:
    """Return how many rows differ; by their products with one random vector, which is quick."""
    probe = np.random.default_rng(0).standard_normal(units.shape[1])
    return len(np.unique(units @ probe))


# --- the loss ---------------------------------------------------------------------------------


def _loss(subject: Subject, x: Array, y: Array) -> Iterator[Finding]:
    guess, what = guess_loss(subject)
    if guess is None or guess <= 0:
        return
    start = subject.loss_of(x, y)
    rule = RULES["loss-at-start"]
    ratio = start / guess
    values = subject.objective.task == "values"
    # A random output of variance 2 is already 3 times as far from a value as the mean is; and
    # logits grow with the inputs, whose scale has a rule of its own
    factor = _VALUES_FACTOR if values else max(1.0, _size(x))
    limit, worse = factor * (rule.threshold or 0.0), factor * (rule.critical or math.inf)
    if not math.isfinite(ratio) or ratio <= limit:
        return
    spread = _spread(subject.y) if values else None
    far = math.sqrt(float(np.square(predict(subject.net, x), dtype=np.float64).mean()))
    if values and spread is None and far < _USUAL_OUTPUT:
        return  # both outputs and targets are of a usual size: that is soon made up for
    critical = ratio > worse
    if spread is not None and not (values and far > 2 * math.hypot(*spread)):
        suggestion = (
            f"standardise the targets (mean {spread[0]:.4g}, standard deviation {spread[1]:.4g})"
        )
    else:
        bias = "the mean of the targets" if values else "the logarithm of each class's share"
        suggestion = (
            "make the weights of the last layer smaller (weight_init=nn.init.Normal(std=0.01)), "
            f"and its bias {bias}"
        )
    details: dict[str, Any] = {"severity": "critical"} if critical else {}
    yield finding(
        "loss-at-start",
        f"the loss starts at {start:.4g}, {ratio:.3g} times that of {what} ({guess:.4g})",
        suggestion,
        measured=ratio,
        threshold=worse if critical else limit,
        **details,
    )


def _size(x: Array) -> float:
    """Return the root mean square of inputs that are numbers, 1 of those that are tokens."""
    if x.dtype.kind != "f":
        return 1.0
    return math.sqrt(float(np.mean(np.square(x, dtype=np.float64))))


def _spread(y: Array) -> tuple[float, float] | None:
    """Return mean and deviation of targets that are not near 0 and 1."""
    mean, deviation = float(y.mean()), float(y.std())
    plain = abs(mean) <= 3 and 0.3 <= deviation <= 3
    return None if plain else (mean, deviation)
