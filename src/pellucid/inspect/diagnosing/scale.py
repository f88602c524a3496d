"""Whether weights start in a size that suits, and biases too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Call, Graph, record
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.nn.init.base import fans
from pellucid.nn.recurrent import RecurrentCell

if TYPE_CHECKING:
    from pellucid.tensor import Parameter

__all__ = ["chance_of_size", "scale_findings"]

_BY_CHANCE = 1e-6
"""Weights whose size comes about by chance less often than this were not drawn as suits."""

_ENOUGH_WEIGHTS = 32
"""From how many weights on what one layer gives is about the same in each drawing."""

_FEW, _MANY, _TOO_MANY = 2**12, 2**16, 2**19
_BEYOND, _BEYOND_FEW = 2.0, 3.0
"""How far beyond the range of the drawings counts: of few weights they differ more."""

_REDRAWS = {_FEW: 8, _MANY: 4}
"""How often networks of up to so many weights are drawn anew; larger ones twice."""

_NORMALISING = frozenset({"batch_norm", "layer_norm", "masked_softmax"})
_SQUASHING = frozenset({"tanh", "sigmoid", "output", "softmax"})
_SIGMOID_GAIN, _TANH_GAIN = 16.0, 25 / 9


@dataclass(frozen=True)
class _Weights:
    """Weights of one layer beside the range that suits: mean squares from `low` to `high`."""

    layer: str
    what: str
    bend: str
    data: Array
    low: float
    high: float
    gives: float | None = None

    @property
    def ratio(self) -> float:
        """The mean square over the end of the range that it is beyond; 1 within."""
        size = float(np.mean(np.square(self.data, dtype=np.float64)))
        return size / self.high if size > self.high else min(size / self.low, 1.0)


def chance_of_size(ratio: float, count: int) -> float:
    r"""Return an upper limit of the chance that `count` weights are so far off in their size.

    The sum of squares of n normal weights over their variance is χ² with n degrees of freedom;
    for the ratio r of mean square and variance Chernoff's bound of either tail is

    .. math:: P ≤ \left(r e^{1 - r}\right)^{n / 2}

    Uniform, truncated and orthogonal weights vary less. Of ten weights a ratio of 1/3,000 has a
    chance below 10⁻¹⁵, a ratio of 1/3 one of a fifth: few honest weights are often that small.

    Parameters
    ----------
    ratio : float
        Mean square over the variance that is expected.
    count : int
        How many weights there are.
    """
    if ratio <= 0:
        return 0.0
    return math.exp(min(0.5 * count * (1 - ratio + math.log(ratio)), 0.0))


def scale_findings(subject: Subject, graph: Graph, x: Array) -> Iterator[Finding]:
    """Yield a layer whose weights, or what it gives, differ in size from what suits.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    graph : Graph
        The forward pass of `x`.
    x : Array
        A probe of the training samples.
    """
    if any(call.name in _NORMALISING for call in graph.calls):
        return  # what is normalised in between does not mind
    limit = RULES["bad-initial-scale"].threshold or 0.0
    judged = [*_dense(graph), *_recurrent(subject)]
    off = [
        (abs(math.log(weights.ratio)), weights)
        for weights in judged
        if weights.ratio > 0  # all zero is no size: those have a rule of their own
        and abs(math.log(weights.ratio)) > math.log(limit)
        and chance_of_size(weights.ratio, weights.data.size) < _BY_CHANCE
    ]
    if off:
        yield _scale_finding(max(off, key=lambda pair: pair[0])[1])
        return
    yield from _signals(subject, graph, x)


def _dense(graph: Graph) -> Iterator[_Weights]:
    calls = graph.dense()
    for call in calls:
        weight = call.weight
        assert weight is not None  # it is dense
        bend = graph.next_bend(call)[0] or ""
        low, high = _suitable(call, weight, bend)
        if call is calls[-1]:
            low = 0.0  # a small last layer is a good start
        data = weight.data
        yield _Weights(
            graph.where(call), "weights", bend, data, max(low, 1e-300), high, float(call.data.std())
        )


def _recurrent(subject: Subject) -> Iterator[_Weights]:
    """Yield the weights from one step to the next, by which a state is multiplied again and again.

    Orthogonal ones have the variance 1/H; those of uniform initialisation have a third of that.
    """
    for path, module in subject.net.named_modules():
        if isinstance(module, RecurrentCell):
            data = module.recurrent_weight.data
            hidden = data.shape[0]
            yield _Weights(path, "recurrent weights", "", data, 1 / (3 * hidden), 1 / hidden)


def _suitable(call: Call, weight: Parameter, bend: str) -> tuple[float, float]:
    """Return the smallest and the largest variance that initialisers for this place have.

    The smallest is that of uniform weights up to 1/√fan_in, with which most networks of other
    frameworks start. Before sigmoids up to four times Glorot's deviation is in use (Bengio, 2012),
    before tanh 5/3 of it.
    """
    shape = weight.data.shape
    if call.name.startswith("convolution"):
        taps = math.prod(shape[2:])
        fan_in, fan_out = shape[1] * taps, shape[0] * taps
    else:
        fan_in, fan_out = fans(shape)
    he, glorot, lecun = 2 / fan_in, 2 / (fan_in + fan_out), 1 / fan_in
    low = min(glorot, 1 / (3 * fan_in))
    if bend == "relu":
        return low, he
    if bend == "sigmoid":
        return low, max(_SIGMOID_GAIN * glorot, he)
    if bend == "tanh":
        return low, max(_TANH_GAIN * glorot, he)
    if bend in _SQUASHING:
        return low, max(glorot, lecun)
    return low, max(he, glorot)


def _scale_finding(weights: _Weights) -> Finding:
    ratio, bend = weights.ratio, weights.bend
    good = "nn.init.HeNormal()" if bend == "relu" else "nn.init.GlorotNormal()"
    before = f" before {bend}" if bend in ("relu", "tanh", "sigmoid") else ""
    how = f"{_plain(ratio)} times" if ratio > 1 else f"1/{_plain(1 / ratio)} of"
    gives = (
        ""
        if weights.gives is None
        else f" (what it gives has a standard deviation of {weights.gives:.3g})"
    )
    recurrent = weights.what != "weights"
    what = "the recurrent weights" if recurrent else "the weights"
    suggestion = (
        f"leave recurrent_init of '{weights.layer}' out, or take nn.init.Orthogonal()"
        if recurrent
        else f"leave weight_init of '{weights.layer}' out, or take {good}"
    )
    size = math.sqrt(float(np.mean(np.square(weights.data, dtype=np.float64))))
    return finding(
        "bad-initial-scale",
        f"the variance of {what} of '{weights.layer}' is {how} what suits a layer{before} of this "
        f"size: the {weights.data.size:,} weights are about {size:.2g} each{gives}",
        suggestion,
        layer=weights.layer,
        measured=ratio,
    )


def _plain(ratio: float) -> str:
    return f"{ratio:,.0f}" if 100 <= ratio < 1e7 else f"{ratio:.3g}"


# --- what comes of the weights ----------------------------------------------------------------


def _signals(subject: Subject, graph: Graph, x: Array) -> Iterator[Finding]:
    """Compare the size of each layer's results with that under freshly drawn weights.

    Nothing has to be assumed about activations, shortcuts or poolings: the network itself is run
    with weights of the smallest and the largest variance that suits, and their range is the
    measure.
    """
    suited: dict[int, tuple[float, float]] = {}
    for call in graph.dense():
        weight = call.weight
        assert weight is not None  # it is dense
        if weight.data.size >= _ENOUGH_WEIGHTS:
            suited[id(weight)] = _suitable(call, weight, graph.next_bend(call)[0] or "")
    if len(graph.dense()) < 3 or not suited:
        return
    references: list[list[float]] = []
    weights = [p for p in subject.net.parameters() if id(p) in suited]
    rng = np.random.default_rng(0)
    total = sum(p.data.size for p in weights)
    if total > _TOO_MANY:
        return  # drawing them would be felt, and layers of that size rarely are off by chance
    for draw in range(next((n for size, n in _REDRAWS.items() if total < size), 2)):
        drawn = {
            id(p): (
                rng.standard_normal(p.data.shape, np.float32) * math.sqrt(suited[id(p)][draw % 2])
            ).astype(p.data.dtype)
            for p in weights
        }
        with _weights(weights, drawn):
            again = record(subject.net, x[:128])
            references.append([float(c.data.std()) for c in again.dense()])
    limit = _BEYOND_FEW if total < _FEW else _BEYOND
    for position, call in enumerate(graph.dense()[:-1]):
        seen = [reference[position] for reference in references if position < len(reference)]
        measured = float(call.data.std())
        if not seen or not min(seen):
            continue
        high, low = measured / max(seen), measured / min(seen)
        if high > limit or low < 1 / limit:
            layer = graph.where(call)
            ratio = high if high > limit else low
            yield finding(
                "bad-initial-scale",
                f"what '{layer}' gives has a standard deviation of {measured:.3g}; with weights "
                f"of the size that suits it is {min(seen):.3g} to {max(seen):.3g}",
                "leave weight_init out, so that each layer starts as suits its activation",
                layer=layer,
                measured=ratio,
                threshold=limit if ratio > 1 else 1 / limit,
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
