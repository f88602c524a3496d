"""``pl.check_gradients``: three opinions on a hand-written backward pass, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import GradientError, NonFiniteError
from pellucid.inspect.checking.broadcasts import broadcasts
from pellucid.inspect.checking.judging import Judgement
from pellucid.inspect.checking.loss_suspicion import Suspicion, suspicion_of
from pellucid.inspect.checking.opinions import Learner, checked_parameters
from pellucid.inspect.checking.probing import Probe
from pellucid.inspect.checking.report import Cause, GradientReport, Untested
from pellucid.inspect.checking.search import Explanation, Search, best_of
from pellucid.inspect.checking.untested import untested_of
from pellucid.inspect.checking.wording import describe

__all__ = ["check_gradients"]

_ELSEWHERE = 12  # entries that are differenced at the second place
_SECONDS = 6.0  # of computing time for the search for mistakes
_BESIDE = 1.0  # where the loss is at fault, as far as can be seen


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
    here = Judgement(learner, arrays, seed, tolerance, 64)
    places = [here]
    fixed = "" if callable(gradients) else "as a dict"
    if callable(gradients):
        elsewhere = _second_place(learner, arrays, seed, tolerance, here)
        if isinstance(elsewhere, str):
            notes.append(elsewhere)
            fixed = "as if their function knew no other parameters"
        elif elsewhere is not None:
            places.append(elsewhere)
    untested, far = _elsewhere(learner, places, fixed, seed, tolerance)
    learner.evaluate(arrays)  # what the learner's code keeps of its last call is as it was
    notes += here.notes
    if here.graph is None and here.flat and _is_constant(learner, arrays, seed):
        notes.append(
            "the loss does not change with any parameter; does loss(parameters) use global "
            "variables in place of its argument?"
        )
    shown = here
    if here.right and not all(place.right for place in places):
        shown = places[-1]
        notes.append(
            "at these parameters the gradients happen to be right; at others nearby, shown here, "
            "they are not. Zeros or symmetric values can hide a mistake"
        )
    if far is not None:
        shown, places = far.place, [far.place]
        why = f": there {', '.join(far.new[:3])}, which is not so at these" if far.new else ""
        notes.append(
            "at these parameters and nearby the gradients are right; at others, shown here, they "
            f"are not{why}"
        )
    explanations: tuple[tuple[Cause, ...], ...] = ()
    stopped = False
    if causes and not shown.right:
        suspicion = suspicion_of(places, learner.variables)
        explanations, stopped = _explain(
            places, _BESIDE if suspicion is not None and not suspicion.is_known else _SECONDS
        )
        if suspicion is not None:
            explanations, more = _with_suspicion(explanations, suspicion)
            notes += more
    return GradientReport(
        right=shown.right,
        parameters=shown.verdicts,
        explanations=explanations,
        stopped=stopped and not explanations,
        loss=here.loss,
        tape=here.reason,
        notes=tuple(dict.fromkeys(notes)),
        untested=untested if shown.right else (),
        warnings=() if here.graph is None else tuple(map(str, broadcasts(here.graph))),
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
            f"{again:.8g}. Draw dropout masks, noise and batches once, outside of the function, "
            "or make the generator anew with a fixed seed in each call"
        )
    other = replace(learner, seed=learner.seed + 1).evaluate(parameters)
    if other != value:
        return [
            "the loss draws from np.random; it was checked with the same seed before every call"
        ]
    return []


def _is_constant(learner: Learner, parameters: dict[str, Array], seed: int) -> bool:
    """Tell whether the loss is the same number wherever the parameters go, near and far."""
    rng = np.random.default_rng(seed + 2)
    here = learner.evaluate(parameters)
    for distance in (0.1, 1.0, 1.0, 10.0):
        moved = {
            name: np.asarray(value + distance * rng.standard_normal(value.shape))
            for name, value in parameters.items()
        }
        if learner.evaluate(moved) != here:
            return False
    return True


def _second_place(
    learner: Learner,
    parameters: dict[str, Array],
    seed: int,
    tolerance: float | None,
    here: Judgement,
) -> Judgement | str | None:
    """Return the opinions nearby; or what is odd there; or None if there is nothing to compare."""
    rng = np.random.default_rng(seed + 1)
    moved = {
        name: np.asarray(value + (0.1 * np.std(value) + 0.05) * rng.standard_normal(value.shape))
        for name, value in parameters.items()
    }
    if not np.isfinite(learner.evaluate(moved)):
        return None
    try:
        there = Judgement(learner, moved, seed, tolerance, _ELSEWHERE)
    except (NonFiniteError, GradientError):
        return None
    unmoved = all(np.array_equal(there.given[name], here.given[name]) for name in parameters)
    if unmoved and not there.right:
        return (
            "gradients(parameters) gives the same at other parameters: it seems to use global "
            "variables in place of its argument, so it was checked at one place only"
        )
    return there


class _Far(NamedTuple):
    """A place far away at which the gradients are wrong, and what the loss does only there."""

    place: Judgement
    new: tuple[str, ...]


def _elsewhere(
    learner: Learner,
    places: list[Judgement],
    fixed: str,
    seed: int,
    tolerance: float | None,
) -> tuple[tuple[Untested, ...], _Far | None]:
    """Return what is tested nowhere, and a place far away at which the gradients are wrong.

    Parameters
    ----------
    fixed : str
        Why the gradients are known at one place only; empty if they are known everywhere.
    """
    if not all(place.right for place in places):
        return (), None
    seconds = sum(place.seconds for place in places)
    probe = Probe(learner, places, seed, tolerance, seconds)
    if not fixed:
        probe.search()
    if probe.wrong is not None:
        return (), _Far(probe.wrong, probe.new)
    return untested_of(probe.coverage, places[0], probe.tried, fixed), None


# --- causes ---------------------------------------------------------------------------------------


def _explain(places: list[Judgement], seconds: float) -> tuple[tuple[tuple[Cause, ...], ...], bool]:
    """Return the explanations that hold at every place where something is wrong.

    And whether a search was stopped before it had tried all.
    """
    free: dict[str, int] = {"free": 0} if len(places) > 1 else {}
    searches = [
        Search(place.graph, place.given, tolerance=place.tolerance, seconds=seconds, **free)
        for place in places
        if place.graph is not None and not place.right
    ]
    if not searches:
        return _of_shapes(places[0]), False
    best = searches[-1]  # the second place, if there is one: nothing is zero there by chance

    def confirmed(found: list[Explanation]) -> list[Explanation]:
        """Return the explanations that hold at the first place too, where some of it may hide."""
        if len(searches) == 1:
            return found
        wanted = [Counter(_key(e)) for e in found]

        def are_wanted(others: list[Explanation]) -> list[Explanation]:
            return [e for e in others if any(Counter(_key(e)) <= key for key in wanted)]

        kinds = frozenset(one.kind for e in found for one in e.breaks)
        others = searches[0].explanations(ties=True, kinds=kinds, confirmed=are_wanted)
        here = [Counter(_key(e)) for e in others]
        if not others:
            # Where all outputs are equal, as for weights of 0, no output is recognised as such.
            tried = {one.kind for one in searches[0].singles or ()}
            return [
                e
                for e in found
                if tried.isdisjoint(one.kind for one in e.breaks)
                and _FITTED.isdisjoint(one.kind for one in e.breaks)
            ]
        return [e for e in found if any(key <= Counter(_key(e)) for key in here)]

    found = best.explanations(ties=True, confirmed=confirmed)
    found = best_of(found)
    stopped = any(search.stopped for search in searches)
    if not found:
        return _of_shapes(places[0]), stopped
    explanations = tuple(
        tuple(_cause(describe(one, best.context.sizes)) for one in sorted_breaks(explanation))
        for explanation in found
    )
    return explanations, stopped


_SCALES = frozenset(("factor", "sign", "missing-factor"))


def _with_suspicion(
    explanations: tuple[tuple[Cause, ...], ...], suspicion: Suspicion
) -> tuple[tuple[tuple[Cause, ...], ...], list[str]]:
    """Return the explanations with that of a loss that was meant, and a note instead of it.

    A loss that leads away from the target comes first; beside a well-known one it is a note.
    """
    cause = suspicion.cause
    if not suspicion.is_known:
        others = [e for e in explanations if any(one.layers != (0,) for one in e)]
        return ((cause,), *others[:2]), []
    if explanations and all(one.kind in _SCALES for one in explanations[0]):
        return explanations, []
    return explanations, [suspicion.note] if suspicion.note else []


def _of_shapes(place: Judgement) -> tuple[tuple[Cause, ...], ...]:
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


_FITTED = frozenset(("factor", "extra-regulariser", "updated-first", "clipped"))


def _key(explanation: Explanation) -> tuple[str, ...]:
    """Return what has to be the same at both places: the mistakes, and the size of a factor."""
    return tuple(
        sorted(
            f"{one.kind} {float(one.variant):.4g}"
            if one.kind in _FITTED
            else " ".join((one.kind, *sorted(one.only)))
            for one in explanation.breaks
        )
    )


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
