"""How a network starts: units that are alike, weights of the wrong size, a loss beyond a guess."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Call, Graph, record
from pellucid.inspect.diagnosing.guess import guess_loss
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.nn.init.base import fans

if TYPE_CHECKING:
    from pellucid.tensor import Parameter

__all__ = ["initial_findings"]

_ENOUGH_WEIGHTS = 32
_REDRAWS = 4
_VALUES_FACTOR = 2.0
_MANY, _TOO_MANY = 2**16, 2**19
_NORMALISING = frozenset({"batch_norm", "layer_norm", "masked_softmax"})
_SQUASHING = frozenset({"tanh", "sigmoid", "output", "softmax"})


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
    yield from _scale(subject, graph, x)
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


# --- the size of the weights ------------------------------------------------------------------


def _scale(subject: Subject, graph: Graph, x: Array) -> Iterator[Finding]:
    """Compare weights with the initialisation that suits, and what comes of either."""
    limit = RULES["bad-initial-scale"].threshold or 0.0
    suited: dict[int, tuple[float, float]] = {}
    worst: tuple[float, float, Call, str] | None = None
    calls = graph.dense()
    for call in calls:
        weight = call.weight
        assert weight is not None  # it is dense
        if weight.data.size < _ENOUGH_WEIGHTS:
            continue
        bend = graph.next_bend(call)[0]
        low, high = _suitable(call, weight, bend)
        suited[id(weight)] = low, high
        variance = float(weight.data.var())
        ratio = variance / high if variance > high else variance / low if variance < low else 1.0
        if ratio < 1 and call is calls[-1]:
            continue  # a small last layer is a good start
        size = abs(math.log(ratio)) if ratio > 0 else math.inf
        if ratio and (worst is None or size > worst[0]):
            worst = (size, ratio, call, bend or "")
    if worst is None:
        return
    if any(call.name in _NORMALISING for call in graph.calls):
        return  # what is normalised in between does not mind
    size, ratio, call, bend = worst
    layer = graph.where(call)
    if size > math.log(limit):
        yield _scale_finding(layer, ratio, bend, call)
        return
    yield from _signals(subject, graph, x, suited)


def _suitable(call: Call, weight: Parameter, bend: str | None) -> tuple[float, float]:
    """Return the smallest and the largest variance that initialisers for this place have."""
    shape = weight.data.shape
    if call.name.startswith("convolution"):
        taps = math.prod(shape[2:])
        fan_in, fan_out = shape[1] * taps, shape[0] * taps
    else:
        fan_in, fan_out = fans(shape)
    he, glorot, lecun = 2 / fan_in, 2 / (fan_in + fan_out), 1 / fan_in
    if bend == "relu":
        return he, he
    if bend in _SQUASHING:
        return min(glorot, lecun), max(glorot, lecun)
    return min(he, glorot, lecun), max(he, glorot, lecun)


def _scale_finding(layer: str, ratio: float, bend: str, call: Call) -> Finding:
    good = "nn.init.HeNormal()" if bend == "relu" else "nn.init.GlorotNormal()"
    before = f" before {bend}" if bend in ("relu", "tanh", "sigmoid") else ""
    how = f"{ratio:.3g} times" if ratio > 1 else f"1/{1 / ratio:.3g} of"
    return finding(
        "bad-initial-scale",
        f"the variance of the weights of '{layer}' is {how} what suits a layer{before} of this "
        f"size (what it gives has a standard deviation of {call.data.std():.3g})",
        f"leave weight_init of '{layer}' out, or take {good}",
        layer=layer,
        measured=ratio,
    )


def _signals(
    subject: Subject, graph: Graph, x: Array, suited: Mapping[int, tuple[float, float]]
) -> Iterator[Finding]:
    """Compare the size of each layer's results with that under freshly drawn weights.

    Nothing has to be assumed about activations, shortcuts or poolings: the network itself is run
    with weights of the smallest and the largest variance that suits, and their range is the
    measure.
    """
    calls = [call for call in graph.dense()[:-1] if call.weight is not None]
    if len(calls) < 2:
        return
    references: list[list[float]] = []
    weights = [p for p in subject.net.parameters() if id(p) in suited]
    rng = np.random.default_rng(0)
    total = sum(p.data.size for p in weights)
    if total > _TOO_MANY:
        return  # drawing them would be felt, and layers of that size rarely are off by chance
    for draw in range(_REDRAWS if total < _MANY else 2):
        drawn = {
            id(p): (
                rng.standard_normal(p.data.shape, np.float32) * math.sqrt(suited[id(p)][draw % 2])
            ).astype(p.data.dtype)
            for p in weights
        }
        with _weights(weights, drawn):
            again = record(subject.net, x[:128])
            references.append([float(c.data.std()) for c in again.dense()])
    for position, call in enumerate(graph.dense()[:-1]):
        seen = [reference[position] for reference in references if position < len(reference)]
        measured = float(call.data.std())
        if not seen or not min(seen):
            continue
        high, low = measured / max(seen), measured / min(seen)
        if high > 2 or low < 0.5:
            layer = graph.where(call)
            ratio = high if high > 2 else low
            yield finding(
                "bad-initial-scale",
                f"what '{layer}' gives has a standard deviation of {measured:.3g}; with weights "
                f"of the size that suits it is {np.median(seen):.3g}",
                "leave weight_init out, so that each layer starts as suits its activation",
                layer=layer,
                measured=ratio,
                threshold=2.0 if ratio > 1 else 0.5,
            )
            return


@contextmanager
def _weights(parameters: list[Parameter], drawn: Mapping[int, Array]) -> Iterator[None]:
    before = [p.data for p in parameters]
    try:
        for p in parameters:
            p.data = drawn[id(p)]
        yield
    finally:
        for p, data in zip(parameters, before, strict=True):
            p.data = data


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
    critical = ratio > worse
    spread = _spread(subject.y) if values else None
    if spread is not None:
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
    plain = abs(mean) <= 1 and 0.3 <= deviation <= 3
    return None if plain else (mean, deviation)
