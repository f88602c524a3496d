"""``pl.check_gradients``: three opinions on a hand-written backward pass, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import GradientError, NonFiniteError
from pellucid.inspect.checking.backward import Backward
from pellucid.inspect.checking.differences import EPS, Differences, difference, difference_entry
from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.opinions import Learner, checked_parameters
from pellucid.inspect.checking.report import Cause, Entry, GradientReport, ParameterVerdict
from pellucid.inspect.checking.search import Explanation, Search
from pellucid.inspect.checking.tracing import trace_loss
from pellucid.inspect.checking.wording import describe, exact_ratio

__all__ = ["check_gradients"]

_WORST = 3  # entries that are shown of each wrong gradient
_ELSEWHERE = 12  # entries that are differenced at the second place


def check_gradients(
    loss: Callable[[dict[str, Array]], Any],
    parameters: Mapping[str, Any],
    gradients: Mapping[str, Any] | Callable[[dict[str, Array]], Mapping[str, Any]],
    *,
    tolerance: float | None = None,
    causes: bool = True,
    seed: int = 0,
) -> GradientReport:
    """Check a hand-written backward pass, and say what is wrong with it.

    Three opinions are compared: the gradients given, central differences of the loss in float64,
    and the tape's, which runs the loss itself on recorded values. Where they differ, the recorded
    backward pass is run again with one rule broken at a time, at every place where it could be
    broken (and with two or three), and the mistakes are named that give exactly these numbers.

    Parameters
    ----------
    loss : callable
        ``loss(parameters)`` gives a single number. Plain NumPy; nothing of Pellucid is needed.
    parameters : dict
        Name to array of floats.
    gradients : dict or callable
        Name to array; or ``gradients(parameters)``, which gives that. A function is also asked at
        a second place nearby, where mistakes show that zeros hide at the first.
    tolerance : float, optional
        Largest relative error that counts as right; by default 1e-6, and 1e-3 for float32.
    causes : bool
        Whether to look for the mistakes.
    seed : int
        Chooses entries of large parameters and the second place; NumPy's global generator is set
        to it before each call.

    Returns
    -------
    GradientReport
        True if all gradients are right; printed, it is the verdict in words.

    Raises
    ------
    DataError, DTypeError, ShapeError, NonFiniteError, GradientError
        If the parameters, the loss or the gradients are not what they have to be: whole numbers,
        NaN, a missing name, None, a loss that is random.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]), np.array([[1.0], [0.0], [1.0]])
    >>> def loss(p):
    ...     return np.mean((x @ p["w"] - y) ** 2)
    >>> def gradients(p):
    ...     return {"w": 2 * x.T @ (x @ p["w"] - y)}
    >>> report = check_gradients(loss, {"w": np.array([[0.5], [-0.2]])}, gradients)
    >>> report.right, str(report.causes[0])
    (False, 'sum instead of mean, at the loss')
    """
    arrays = checked_parameters(parameters)
    learner = Learner(loss, gradients, seed)
    notes = _check_loss(learner, arrays)
    here = _Place(learner, arrays, seed, tolerance, 64)
    places = [here]
    if callable(gradients):
        elsewhere = _second_place(learner, arrays, seed, tolerance, here)
        if isinstance(elsewhere, str):
            notes.append(elsewhere)
        elif elsewhere is not None:
            places.append(elsewhere)
    learner.evaluate(arrays)  # what the learner's code keeps of its last call is as it was
    notes += here.notes
    shown = here
    if here.right and not all(place.right for place in places):
        shown = places[-1]
        notes.append(
            "at these parameters the gradients happen to be right; at others nearby, shown here, "
            "they are not. Zeros or symmetric values can hide a mistake"
        )
    explanations: tuple[tuple[Cause, ...], ...] = ()
    if causes and not shown.right:
        explanations = _explain(places)
    return GradientReport(
        right=shown.right,
        parameters=shown.verdicts,
        explanations=explanations,
        loss=here.loss,
        tape=here.reason,
        notes=tuple(dict.fromkeys(notes)),
    )


def _check_loss(learner: Learner, parameters: dict[str, Array]) -> list[str]:
    """Look at the loss alone: finite, and the same number every time."""
    value, again = learner.evaluate(parameters), learner.evaluate(parameters)
    if not np.isfinite(value):
        raise NonFiniteError(
            f"loss(parameters) is {value}; look for log(0), a division by zero, or exp of a large "
            "number"
        )
    if value != again:
        raise GradientError(
            f"the loss is random: two calls with the same parameters gave {value:.8g} and "
            f"{again:.8g}. Draw dropout masks, noise and batches once, outside of loss(parameters), "
            "or make the generator anew with a fixed seed in each call"
        )
    other = replace(learner, seed=learner.seed + 1).evaluate(parameters)
    if other != value:
        return [
            "the loss draws from np.random; it was checked with the same seed before every call"
        ]
    return []


# --- one place ------------------------------------------------------------------------------------


class _Place:
    """The three opinions at one setting of the parameters."""

    def __init__(
        self,
        learner: Learner,
        parameters: dict[str, Array],
        seed: int,
        tolerance: float | None,
        entries: int,
    ) -> None:
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
        self.differences = difference(
            learner.evaluate, parameters, rng=rng, entries=entries, precision=self.precision
        )
        self.reason = ""
        self.graph: Graph | None = None
        self._record(learner)
        self.tape = Backward(self.graph).gradients if self.graph is not None else None
        self._check_tape()
        self.verdicts = {name: self._verdict(name) for name in parameters}
        self._more_notes()

    @property
    def right(self) -> bool:
        """Whether all gradients are right here."""
        return all(verdict.right for verdict in self.verdicts.values())

    def _record(self, learner: Learner) -> None:
        from pellucid.inspect.checking.opinions import same_draws

        try:
            with same_draws(learner.seed):
                trace = trace_loss(learner.loss, self.parameters)
        except Exception as error:  # noqa: BLE001 - whatever the learner's code raises is the reason
            self.reason = f"{type(error).__name__}: {error}".removeprefix("UnsupportedError: ")
            return
        value = float(trace.output.data.reshape(()))
        if abs(value - self.loss) > 1e3 * self.precision * max(1.0, abs(self.loss)):
            self.reason = (
                f"recorded, the loss is {value:.10g} and not {self.loss:.10g}: the code does "
                "something to its arrays that the recording does not follow"
            )
            return
        self.graph = Graph(trace)

    def _check_tape(self) -> None:
        """Trust the tape where finite differences do not contradict it."""
        if self.tape is None:
            return
        largest = max(float(np.max(np.abs(g))) for g in self.tape.values())
        for name, found in self.differences.items():
            tape = self.tape[name].ravel()[found.indices]
            scale = max(float(np.max(np.abs(self.tape[name]))), 1e-6 * largest)
            slack = 20 * found.errors + 1e-5 * scale
            if np.any((tape < found.low - slack) | (tape > found.high + slack)):
                self.reason = (
                    f"it contradicts the finite differences of {name}, which decide: part of the "
                    "way from the parameters to the loss was not recorded"
                )
                self.tape, self.graph = None, None
                return

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
        if self.tape is None or not bad.any() or len(indices) == len(self.differences[name].indices):
            return excused
        for position in np.flatnonzero(bad)[:8]:
            flat = int(indices[position])
            _, error, low, high = difference_entry(
                self._evaluate, self.parameters, name, flat, self.loss, self.precision
            )
            if low < high and low - error <= given[flat] <= high + error:
                excused[position] = True
        return excused

    def _worst(self, name: str, order: Array | None) -> tuple[Entry, ...]:
        found: Differences = self.differences[name]
        parameter = self.parameters[name]
        at = {int(flat): float(value) for flat, value in zip(found.indices, found.values, strict=True)}
        if order is None:
            order = found.indices[np.argsort(-np.abs(found.values), kind="stable")][:_WORST]
        given = self.given[name]
        fits = given.size == parameter.size
        entries = []
        for flat in (int(f) for f in order):
            if flat not in at:
                at[flat] = difference_entry(
                    self._evaluate, self.parameters, name, flat, self.loss, self.precision
                )[0]
            tape = None if self.tape is None else float(self.tape[name].ravel()[flat])
            index = tuple(int(i) for i in np.unravel_index(flat, parameter.shape))
            entries.append(Entry(index, float(given.ravel()[flat]) if fits else None, at[flat], tape))
        return tuple(entries)

    def _more_notes(self) -> None:
        values = [d.values for d in self.differences.values()]
        if all(not np.any(v) for v in values):
            self.notes.append(
                "the loss does not change with any parameter; does loss(parameters) use global "
                "variables in place of its argument?"
            )
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


def _second_place(
    learner: Learner, parameters: dict[str, Array], seed: int, tolerance: float | None, here: _Place
) -> _Place | str | None:
    """Return the opinions nearby; or what is odd there; or None if there is nothing to compare."""
    rng = np.random.default_rng(seed + 1)
    moved = {
        name: value + (0.1 * float(np.std(value)) + 0.05) * rng.standard_normal(value.shape)
        for name, value in parameters.items()
    }
    if not np.isfinite(learner.evaluate(moved)):
        return None
    try:
        there = _Place(learner, moved, seed, tolerance, _ELSEWHERE)
    except (NonFiniteError, GradientError):
        return None
    unmoved = all(np.array_equal(there.given[name], here.given[name]) for name in parameters)
    if unmoved and not there.right:
        return (
            "gradients(parameters) gives the same at other parameters: it seems to use global "
            "variables in place of its argument, so it was checked at one place only"
        )
    return there


# --- causes ---------------------------------------------------------------------------------------


def _explain(places: list[_Place]) -> tuple[tuple[Cause, ...], ...]:
    """Return the explanations that hold at every place where something is wrong."""
    searches = [
        Search(place.graph, place.given, tolerance=place.tolerance)
        for place in places
        if place.graph is not None and not place.right
    ]
    if not searches:
        return _of_shapes(places[0])
    best = searches[-1]  # the second place, if there is one: nothing is zero there by chance
    found = best.explanations()
    if not found and len(searches) > 1:
        best = searches[0]
        found = best.explanations()
    elif found and len(searches) > 1:
        here = {_key(e) for e in searches[0].explanations(ties=True)}
        found = [e for e in found if _key(e) in here] or found
    if not found:
        return _of_shapes(places[0])
    return tuple(
        tuple(_cause(describe(one, best.context.sizes)) for one in sorted_breaks(explanation))
        for explanation in found
    )


def _of_shapes(place: _Place) -> tuple[tuple[Cause, ...], ...]:
    """Return what can be said without an explanation: right numbers in a wrong shape."""
    wrong = [v for v in place.verdicts.values() if not v.right]
    if not wrong or any(v.error > place.tolerance for v in wrong):
        return ()
    names = ", ".join(v.name for v in wrong)
    cause = Cause(
        "wrong-shape", "right numbers in a wrong shape", f"in d{wrong[0].name}",
        f"{names}: an update would fail, or spread the numbers over the wrong axis",
        tuple(f"d{v.name}.reshape({v.shape})" for v in wrong),
    )  # fmt: skip
    return ((cause,),)


def _key(explanation: Explanation) -> tuple[str, ...]:
    return tuple(sorted(one.kind for one in explanation.breaks))


def sorted_breaks(explanation: Explanation) -> list[Any]:
    """Return the mistakes of an explanation from the loss backwards."""
    return sorted(explanation.breaks, key=lambda b: -max(p.layer or 10**6 for p in b.places))


def _cause(words: dict[str, Any]) -> Cause:
    return Cause(
        kind=words["kind"],
        title=words["title"],
        where=words["where"],
        detail=words["detail"],
        write=tuple(words["write"]),
        layers=tuple(words["layers"]),
        lines=tuple((line["file"], line["line"]) for line in words["lines"]),
    )
