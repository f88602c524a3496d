"""Looking for parameters at which a loss takes the ways that it did not take at those given.

Where a ReLU is on for every sample, its slope is 1, and a backward pass without it is right there.
So other parameters are tried: drawn anew, with the sign turned round, and moved along the gradient
of the very number whose sign decides. What still was not seen is said, with its line.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import PellucidError
from pellucid.inspect.checking.backward import Backward
from pellucid.inspect.checking.branches import Branch, Toward, branches, guards_at_work
from pellucid.inspect.checking.coverage import Coverage
from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.judging import Judgement
from pellucid.inspect.checking.opinions import Learner, same_draws
from pellucid.inspect.checking.tracing import Trace, trace_loss
from pellucid.tensor import Tensor

__all__ = ["Probe"]

Parameters = dict[str, Array]

_ENTRIES = 12  # of each parameter that are differenced at a place
_MOST = 40  # places that are looked at
_LEAST = 0.4  # seconds that may be spent whatever the check took before
_STEPS = (1.5, 4.0, 15.0)  # times what would just turn the sign, were the loss linear
_SURE = 1e-3  # an error that differences confirm far from where the learner's numbers were
_CLOSE_TO_ZERO = 1e-4  # for the argument of a logarithm or a divisor


class Probe:
    """A search for places with ways that were not seen.

    Parameters
    ----------
    learner : Learner
    places : list of Judgement
        Where the gradients were found right.
    seed : int
    tolerance : float or None
    seconds : float
        The computing time that may be spent.

    Attributes
    ----------
    coverage : Coverage
        What was seen.
    wrong : Judgement or None
        The first place at which the gradients are wrong.
    new : tuple of str
        What the loss does at that place and at no other.
    tried : int
        Places that were looked at, those given among them.
    """

    def __init__(
        self,
        learner: Learner,
        places: list[Judgement],
        seed: int,
        tolerance: float | None,
        seconds: float,
    ) -> None:
        self._learner, self._seed, self._tolerance = learner, seed, tolerance
        self._start = places[0].parameters
        self._rng = np.random.default_rng(seed + 3)
        self.coverage = Coverage(places[0].tolerance)
        self.wrong: Judgement | None = None
        self.new: tuple[str, ...] = ()
        self.tried = len(places)
        self._closest = np.inf
        for place in places:
            if place.graph is not None and place.backward is not None:
                self.coverage.add(place.graph, place.backward)
                self._closest = min(self._closest, _closest_to_zero(place.graph))
        self._end = time.thread_time() + max(seconds, _LEAST)

    def search(self) -> None:
        """Try places until every way was seen, the gradients are wrong, or the time is over."""
        if not self.coverage.places:
            self._look_blindly()
        for candidate in itertools.islice(self._candidates(), _MOST):
            if self.wrong is not None or not self._open() or time.thread_time() > self._end:
                return
            self._look_at(candidate)

    def _open(self) -> list[tuple[Branch, str]]:
        return [(branch, label) for branch, label in self.coverage.open if branch.movable]

    def _look_at(self, parameters: Parameters) -> None:
        """Judge the gradients at a place if something new is to be seen there."""
        traced = self._traced(parameters)
        if traced is None:
            return
        self.tried += 1
        new = self.coverage.add(traced, Backward(traced))
        if not new:
            return
        self._judge(parameters)
        if self.wrong is not None:
            self.new = tuple(branch.taken(label) for branch, label in new)

    def _look_blindly(self) -> None:
        """Judge the gradients at two places without knowing what the loss does there."""
        limit = 3 * max(abs(self._learner.evaluate(self._start)), 1.0)
        for parameters in (self._drawn(1.0), self._with_signs(-1.0)):
            if self.wrong is None and abs(self._learner.evaluate(parameters)) < limit:
                self._judge(parameters)

    def _judge(self, parameters: Parameters) -> None:
        place = judged(self._learner, parameters, self._seed, self._tolerance)
        if place is not None and not place.right and _is_sure(place):
            self.wrong = place

    def _traced(self, parameters: Parameters) -> Graph | None:
        """Return the recorded loss at a place; None where its numbers are extreme."""
        if not np.isfinite(self._learner.evaluate(parameters)):
            return None
        try:
            with same_draws(self._learner.seed):
                graph = Graph(trace_loss(self._learner.loss, parameters))
        except Exception:  # whatever the learner's code raises elsewhere
            return None
        if guards_at_work(graph) or not all(np.all(np.isfinite(n.data)) for n in graph.nodes):
            return None
        # A 1e-8 within a logarithm, left out on the way back, is no mistake; here it would be.
        if _closest_to_zero(graph) < min(_CLOSE_TO_ZERO, 0.1 * self._closest):
            return None
        return graph

    # --- places -----------------------------------------------------------------------------------

    def _candidates(self) -> Iterator[Parameters]:
        yield from self._toward_what_is_missing(self._start)
        drawn = self._drawn(1.0)
        yield drawn
        yield self._with_signs(-1.0)
        yield self._drawn(1.0)
        yield from self._toward_what_is_missing(drawn)
        for name in list(self._start)[:6]:
            yield self._with_signs(-1.0, only=name)
        for size in (1.0, 0.3, 3.0, 0.01):
            drawn = self._drawn(size)
            yield drawn
            yield from self._toward_what_is_missing(drawn)

    def _drawn(self, size: float) -> Parameters:
        """Draw parameters anew, of the size that they have."""
        return {
            name: np.asarray(size * _size_of(value) * self._rng.standard_normal(value.shape))
            for name, value in self._start.items()
        }

    def _with_signs(self, sign: float, only: str | None = None) -> Parameters:
        """Turn signs round, and move a little: at exact zeros there are ties."""
        return {
            name: np.asarray(
                (sign if only in (None, name) else 1.0) * value
                + 0.02 * _size_of(value) * self._rng.standard_normal(value.shape)
            )
            for name, value in self._start.items()
        }

    def _toward_what_is_missing(self, start: Parameters) -> Iterator[Parameters]:
        """Yield parameters, away from `start`, at which ways are taken that were not seen."""
        missing = sorted({(branch.key, label) for branch, label in self._open()}, key=repr)
        graph = self._traced(start) if missing else None
        there = {} if graph is None else branches(graph)
        for key, label in missing:
            branch = there.get(key)
            toward = None if branch is None else branch.toward.get(label)
            way = None if graph is None or toward is None else _way(graph, toward)
            if way is None:
                continue
            for step in _STEPS:
                if (key, label) not in {(b.key, one) for b, one in self._open()}:
                    break
                yield {
                    name: np.asarray(
                        value + step * way[name]
                        + 0.01 * _size_of(value) * self._rng.standard_normal(value.shape)
                    )
                    for name, value in start.items()
                }  # fmt: skip


def judged(
    learner: Learner, parameters: Parameters, seed: int, tolerance: float | None
) -> Judgement | None:
    """Return the opinions at a place; None where they are no numbers."""
    try:
        return Judgement(learner, parameters, seed, tolerance, _ENTRIES)
    except PellucidError:
        return None


def _is_sure(place: Judgement) -> bool:
    """Tell whether the differences confirm that the gradients are clearly wrong."""
    largest = max(float(np.max(np.abs(d.values), initial=0)) for d in place.differences.values())
    for name, found in place.differences.items():
        given = place.given[name]
        if place.verdicts[name].right:
            continue
        if given.size != place.parameters[name].size:
            return True
        mine = given.ravel()[found.indices]
        scale = max(float(np.max(np.abs(found.values))), 1e-4 * largest)
        slack = 20 * found.errors + _SURE * scale
        if np.any((mine < found.low - slack) | (mine > found.high + slack)):
            return True
    return False


def _size_of(value: Array) -> float:
    return float(np.sqrt(np.mean(value**2))) or 0.5


def _closest_to_zero(graph: Graph) -> float:
    """Return how close to zero an argument of a logarithm or root, or a divisor, comes."""
    closest = np.inf
    for node in graph.nodes:
        if node.operation in ("log", "sqrt", "reciprocal"):
            x = node.operands[0]
        elif node.operation == "divide" and node.inputs[1] is not None:
            x = node.operands[1]
        else:
            continue
        closest = min(closest, float(np.min(np.abs(x), initial=np.inf)))
    return closest


def _way(graph: Graph, toward: Toward) -> dict[str, Array] | None:
    """Return the step at which the entry that is next to it would take the way: Newton's.

    The entry is that of the smallest |x − y|; the step is (y − x) ∇(x − y) / |∇(x − y)|².
    """
    x, y = toward
    margin = p.subtract(x, y)
    if not isinstance(margin, Tensor) or not margin.requires_grad:
        return None
    missing = np.where(margin.data <= 0, margin.data, -np.inf).ravel()
    if not np.any(np.isfinite(missing)):
        return None
    entry = int(np.argmax(missing))
    number: Any = ops.reshape(margin, (-1,))[entry] if margin.ndim else margin
    trace = Trace(number, graph.trace.parameters, graph.trace.journal)
    slopes = Backward(Graph(trace)).gradients
    length = sum(float(np.sum(g * g)) for g in slopes.values())
    if not length > 0:
        return None
    size = float(np.median(np.abs(margin.data)))
    step = -float(missing[entry]) + 0.1 * size + 1e-3
    return {name: step * g / length for name, g in slopes.items()}
