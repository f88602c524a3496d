"""Three opinions at one setting of the parameters, and the verdict on each gradient."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward
from pellucid.inspect.checking.differences import (
    EPS,
    Differences,
    difference,
    difference_entry,
    rounding_of,
)
from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.opinions import Learner, same_draws
from pellucid.inspect.checking.report import Entry, ParameterVerdict
from pellucid.inspect.checking.tracing import trace_loss
from pellucid.inspect.checking.wording import exact_ratio

__all__ = ["Judgement"]

_BESIDE = 1e-9  # how far from a tie the loss is recorded once more
_WORST = 3  # entries that are shown of each wrong gradient


class _Recorded(NamedTuple):
    """A recorded loss and its backward pass; or why there is none."""

    graph: Graph | None
    backward: Backward | None
    why: str


def _rounding_of_steps(graph: Graph | None, backward: Backward | None, precision: float) -> float:
    """Return how far the rounding of every step can move the loss, to first order."""
    if graph is None or backward is None:
        return 0.0
    with np.errstate(all="ignore"):
        steps = sum(float(np.sum(np.abs(n.data * backward.total(n)))) for n in graph.nodes)
    return precision * steps if np.isfinite(steps) else 0.0


class Judgement:
    """The three opinions at one setting of the parameters."""

    def __init__(
        self,
        learner: Learner,
        parameters: dict[str, Array],
        seed: int,
        tolerance: float | None,
        entries: int,
    ) -> None:
        started = time.thread_time()
        self.parameters = parameters
        self.loss = learner.evaluate(parameters)
        self.given = learner.ask(parameters)
        self.changed = learner.changed
        self.precision = learner.precision
        coarse = self.precision > EPS
        self.tolerance = tolerance or (1e-3 if coarse else 1e-6)
        self.notes: list[str] = []
        self._evaluate = learner.evaluate
        rng = np.random.default_rng(seed)
        recorded = self._recorded(learner, 0.0)
        if recorded.graph is None:
            self.rounding = rounding_of(learner.evaluate, parameters, self.precision)
        else:
            steps = _rounding_of_steps(recorded.graph, recorded.backward, self.precision)
            self.rounding = max(8 * self.precision * abs(self.loss), steps, 1e-300)
        self.differences = difference(
            learner.evaluate, parameters, rng=rng, entries=entries, precision=self.precision,
            rounding=self.rounding,
        )  # fmt: skip
        self.graph, self.backward, self.tape, self.reason = self._of_tape(learner, recorded)
        if self.graph is not None and not _has_corners(self.graph):
            self.differences = {name: d.without_kinks() for name, d in self.differences.items()}
        self.verdicts = {name: self._verdict(name) for name in parameters}
        self._more_notes()
        self.seconds = time.thread_time() - started

    @property
    def flat(self) -> bool:
        """Whether nothing of a slope is to be seen by finite differences."""
        return all(bool(np.all(np.abs(d.values) <= d.errors)) for d in self.differences.values())

    @property
    def right(self) -> bool:
        """Whether all gradients are right here."""
        return all(verdict.right for verdict in self.verdicts.values())

    def _of_tape(
        self, learner: Learner, recorded: _Recorded
    ) -> tuple[Graph | None, Backward | None, dict[str, Array] | None, str]:
        """Return the recorded loss, its backward pass, the gradients; or why there are none.

        At a tie the tape takes one side, also where the sides make a smooth whole, as in
        max(z, 0) - z y + log(1 + exp(-|z|)). A little beside it there is no tie.
        """
        graph, backward, why = recorded
        for retry in (True, False):
            if graph is None or backward is None:
                break
            contradiction = self._contradiction(backward.gradients)
            if not contradiction:
                return graph, backward, backward.gradients, ""
            why = why or contradiction
            if not retry or not _has_corners(graph):
                break
            graph, backward, _ = self._recorded(learner, _BESIDE)
        return None, None, None, why

    def _recorded(self, learner: Learner, shift: float) -> _Recorded:
        """Return the graph of the loss and its backward pass, or why there is none."""
        rng = np.random.default_rng(0)
        parameters = {
            name: np.asarray(value + shift * rng.standard_normal(value.shape)) if shift else value
            for name, value in self.parameters.items()
        }
        try:
            with same_draws(learner.seed):
                trace = trace_loss(learner.loss, parameters)
        except Exception as error:
            why = f"{type(error).__name__}: {error}".removeprefix("UnsupportedError: ")
            return _Recorded(None, None, why)
        graph = Graph(trace)
        backward = Backward(graph)
        value = float(trace.output.data.reshape(()))
        slack = 1e3 * max(
            self.precision * max(1.0, abs(self.loss)),
            _rounding_of_steps(graph, backward, self.precision),
        )
        if not shift and not abs(value - self.loss) <= slack:
            return _Recorded(None, None, (
                f"recorded, the loss is {value:.10g} and not {self.loss:.10g}: the code does "
                "something to its arrays that the recording does not follow"
            ))  # fmt: skip
        return _Recorded(graph, backward, "")

    def _contradiction(self, gradients: dict[str, Array]) -> str:
        """Say where finite differences contradict the tape; nothing where they do not."""
        largest = max(float(np.max(np.abs(g))) for g in gradients.values())
        for name, found in self.differences.items():
            tape = gradients[name].ravel()[found.indices]
            scale = max(float(np.max(np.abs(gradients[name]))), 1e-6 * largest)
            slack = 20 * found.errors + 1e-5 * scale
            if np.any((tape < found.low - slack) | (tape > found.high + slack)):
                return (
                    f"it contradicts the finite differences of {name}, which decide: part of the "
                    "way from the parameters to the loss was not recorded"
                )
        return ""

    # --- verdicts ---------------------------------------------------------------------------------

    def _verdict(self, name: str) -> ParameterVerdict:
        parameter, given = self.parameters[name], self.given[name]
        found = self.differences[name]
        note, right_shape = _shape_note(given.shape, parameter.shape)
        verdict = ParameterVerdict(
            name, parameter.shape, right_shape, 0.0, checked=len(found.indices), note=note
        )
        if given.size != parameter.size or np.squeeze(given).shape != np.squeeze(parameter).shape:
            return replace(
                verdict, right=False, error=float("inf"), entries=self._worst(name, None)
            )
        given = given.reshape(parameter.shape).ravel()
        indices, true, slack, low, high = self._truth(name)
        differs = np.abs(given[indices] - true)
        scale = max(float(np.max(np.abs(true))), 1e-7 * self._largest(), 1e-300)
        bad = (given[indices] < low - slack - self.tolerance * scale) | (
            given[indices] > high + slack + self.tolerance * scale
        )
        bad &= ~self._excused(name, indices, bad, given)
        error = float(np.max(np.where(bad, differs, np.maximum(differs - slack, 0)))) / scale
        if not bad.any():
            return replace(verdict, error=0.0 if not right_shape else min(error, self.tolerance))
        order = indices[np.argsort(-np.where(bad, differs, 0), kind="stable")][:_WORST]
        ratio = _ratio(given[indices], true)
        if ratio is not None and not note:
            note = exact_ratio(ratio) or ""
        return replace(
            verdict, right=False, error=error, entries=self._worst(name, order), note=note
        )

    def _truth(self, name: str) -> tuple[Array, Array, Array, Array, Array]:
        """Return which entries are known, their values, and how far off a right answer may be."""
        found = self.differences[name]
        if self.tape is None:
            return found.indices, found.values, 10 * found.errors, found.low, found.high
        true = self.tape[name].ravel()
        low, high = true.copy(), true.copy()
        kinks = found.indices[found.kinks]
        low[kinks] = np.minimum(low[kinks], found.low[found.kinks])
        high[kinks] = np.maximum(high[kinks], found.high[found.kinks])
        return np.arange(true.size), true, np.zeros(true.size), low, high

    def _largest(self) -> float:
        if self.tape is not None:
            return max(float(np.max(np.abs(g))) for g in self.tape.values())
        return max(float(np.max(np.abs(d.values))) for d in self.differences.values())

    def _excused(self, name: str, indices: Array, bad: Array, given: Array) -> Array:
        """Return which of the bad entries lie at a kink that was not sampled."""
        excused = np.zeros(len(indices), dtype=bool)
        if (
            self.tape is None
            or not bad.any()
            or len(indices) == len(self.differences[name].indices)
        ):
            return excused
        for position in np.flatnonzero(bad)[:8]:
            flat = int(indices[position])
            _, error, low, high = difference_entry(
                self._evaluate,
                self.parameters,
                name,
                flat,
                self.loss,
                self.rounding,
                self.precision,
            )
            if low < high and low - error <= given[flat] <= high + error:
                excused[position] = True
        return excused

    def _worst(self, name: str, order: Array | None) -> tuple[Entry, ...]:
        found: Differences = self.differences[name]
        parameter = self.parameters[name]
        at = {
            int(flat): float(value) for flat, value in zip(found.indices, found.values, strict=True)
        }
        if order is None:
            order = found.indices[np.argsort(-np.abs(found.values), kind="stable")][:_WORST]
        given = self.given[name]
        fits = given.size == parameter.size
        entries = []
        for flat in (int(f) for f in order):
            if flat not in at:
                at[flat] = difference_entry(
                    self._evaluate,
                    self.parameters,
                    name,
                    flat,
                    self.loss,
                    self.rounding,
                    self.precision,
                )[0]
            tape = None if self.tape is None else float(self.tape[name].ravel()[flat])
            index = tuple(int(i) for i in np.unravel_index(flat, parameter.shape))
            entries.append(
                Entry(index, float(given.ravel()[flat]) if fits else None, at[flat], tape)
            )
        return tuple(entries)

    def _more_notes(self) -> None:
        kinks = [name for name, d in self.differences.items() if d.kinks.any()]
        if kinks:
            self.notes.append(
                f"the loss has a kink at some entries of {', '.join(kinks)} (a ReLU at 0, or a "
                "tie): any slope between those on the two sides counts as right there"
            )
        if self.changed:
            self.notes.append(
                f"gradients(parameters) changes {', '.join(self.changed)} in place: weights are "
                "updated in it. Compute all gradients first, and update after"
            )


_CORNERS = frozenset(
    ("maximum", "minimum", "relu", "absolute", "clip", "max", "where", "sign", "step", "sqrt",
     "power", "floor", "ceil", "rint", "linalg.norm")
)  # fmt: skip


def _has_corners(graph: Graph) -> bool:
    """Tell whether a kink can come from something: from an operation, or from an ``if``."""
    return bool(graph.trace.comparisons) or any(n.operation in _CORNERS for n in graph.nodes)


def _shape_note(given: tuple[int, ...], shape: tuple[int, ...]) -> tuple[str, bool]:
    """Return what to say about a shape, and whether an update with it would work."""
    if given == shape:
        return "", True
    text = f"shape {given} instead of {shape}"
    if np.prod(given) != np.prod(shape):
        return text, False
    try:
        works = np.broadcast_shapes(given, shape) == shape
    except ValueError:
        works = False
    return f"{text}, which works" if works else text, works


def _ratio(given: Array, true: Array) -> float | None:
    """Return the number c of given = c · true, or None if there is none."""
    scale = float(np.sum(true * true))
    if not scale:
        return None
    ratio = float(np.sum(given * true)) / scale
    fits = np.allclose(given, ratio * true, rtol=1e-9, atol=1e-10 * float(np.max(np.abs(true))))
    return ratio if fits else None
