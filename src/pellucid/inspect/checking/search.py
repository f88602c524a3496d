"""Which broken rules give exactly the gradients that the learner has.

First every single mistake; then, from each that makes more parameters agree, every second one on
top of it, and a third. A mistake near the loss shows in everything behind it, so it has to be found
first: that keeps the search short.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward, Plan, times
from pellucid.inspect.checking.breaks import Break, Place
from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.hypotheses import (
    FREE_ENTRIES,
    Gradients,
    Hypotheses,
    agree,
    best_factor,
)
from pellucid.inspect.checking.scale_breaks import factor_text

__all__ = ["Explanation", "Search", "best_of"]

_DEPTH = 3  # mistakes that are looked for at the same time
_SIDE_BY_SIDE = 60  # mistakes that are tried with each other where none helps alone
_BRANCHES = 14  # first mistakes that are followed up
_COVERING = 3  # mistakes that mend the same parameters, of which each may be the one
_MOST_COVERS = 60
_AFTER_TIME = 1.0  # seconds for pairs of what was tried, where the time was too short for more
_WAYS = frozenset(
    (
        *("factor", "sign", "stopped", "zero", "clipped", "exchanged"),
        *("cross-entropy-gradient", "squared-error-gradient", "wrong-output", "missing-target"),
    )
)
"""Mistakes that nobody makes for one parameter alone, or that have another name there."""


@dataclass(frozen=True)
class Explanation:
    """Mistakes that together give the learner's gradients.

    Attributes
    ----------
    breaks : tuple of Break
    cost : float
        The number of mistakes, and how far-fetched they are.
    """

    breaks: tuple[Break, ...]
    cost: float


class Search(Hypotheses):
    """The search for the mistakes that explain `learner`.

    Parameters
    ----------
    graph : Graph
    learner : dict
        Parameter name to the learner's gradient, of whatever shape.
    tolerance : float
    free : int
        As in :class:`Hypotheses`.
    seconds : float
        When to give up. Counted in computing time, so that a busy machine finds no less.

    Attributes
    ----------
    stopped : bool
        Whether it gave up.
    """

    def __init__(
        self,
        graph: Graph,
        learner: Gradients,
        *,
        tolerance: float = 1e-6,
        free: int = FREE_ENTRIES,
        seconds: float = 6.0,
    ) -> None:
        super().__init__(graph, learner, tolerance=tolerance, free=free)
        self.seconds = seconds
        self.stopped = False
        self._end = 0.0
        self._partial: dict[frozenset[str], list[Break]] = {}
        self._firsts: list[tuple[int, float, Break]] = []

    # --- searching --------------------------------------------------------------------------------

    def explanations(
        self,
        *,
        ties: bool = False,
        kinds: frozenset[str] | None = None,
        confirmed: Callable[[list[Explanation]], list[Explanation]] | None = None,
    ) -> list[Explanation]:
        """Return the explanations of fewest mistakes, the best first; none for right gradients.

        Parameters
        ----------
        ties : bool
            Whether to return also those that are more far-fetched.
        kinds : frozenset of str, optional
            The mistakes to look for; all if left out.
        confirmed : callable, optional
            Returns those of some explanations that hold elsewhere too. Where none does, more
            mistakes are looked for.
        """
        if len(self.right(self.true.gradients)) == len(self.learner):
            return []
        self.kinds = kinds
        self._end = time.thread_time() + self.seconds
        for depth in range(1, _DEPTH + 1):
            for ways in (self._covers, self._search_from_the_start, self._side_by_side):
                found = list(ways(depth))
                if found and confirmed is not None:
                    found = confirmed(found)
                if found:
                    return found if ties else best_of(found)
            if self._late():
                found = self._of_what_was_tried() if depth == 1 else []
                if found and confirmed is not None:
                    found = confirmed(found)
                return found if ties else best_of(found)
        return []

    def _of_what_was_tried(self) -> list[Explanation]:
        """Return pairs of the mistakes that were tried until the time was up."""
        self._end = time.thread_time() + _AFTER_TIME
        firsts = [one for _, _, one in sorted(self._firsts, key=lambda step: step[:2])]
        found = list(self._joined(self.true, (), firsts[:_BRANCHES]))
        self.stopped = True
        return found

    def _search_from_the_start(self, depth: int) -> Iterator[Explanation]:
        return self._search(self.true, (), depth)

    def _late(self) -> bool:
        self.stopped = time.thread_time() > self._end
        return self.stopped

    def _search(
        self, base: Backward, before: tuple[Break, ...], depth: int
    ) -> Iterator[Explanation]:
        """Yield explanations of `depth` more mistakes on top of those in `base`."""
        agreeing = self.right(base.gradients)
        wrong = frozenset(self.learner) - agreeing
        steps: list[tuple[int, float, Break]] = []
        habits: dict[tuple[str, str], list[tuple[frozenset[str], Break]]] = {}
        seen: set[tuple[object, ...]] = set()
        for one, changed in self.outcomes(base, wrong):
            if self._late():
                return
            if changed is None:
                continue
            spoiled = any(
                name in agreeing and not self._agrees(name, g) for name, g in changed.items()
            )
            mended = frozenset(n for n in wrong & set(changed) if self._agrees(n, changed[n]))
            if mended == wrong and not spoiled:
                chosen = (*before, one)
                yield Explanation(chosen, len(chosen) + sum(b.cost for b in chosen))
                continue
            alone = self._for_these_alone(base, one, changed, mended, spoiled)
            if alone is not None and mended == wrong:
                chosen = (*before, alone)
                yield Explanation(chosen, len(chosen) + sum(b.cost for b in chosen))
                continue
            if alone is not None and not before:
                self._partial.setdefault(mended, []).append(alone)
            if alone is not None and spoiled:
                one, changed, spoiled = alone, {n: changed[n] for n in mended}, False
            if mended and not spoiled and depth == 1:
                self._firsts.append((-len(mended), one.cost, one))
            if mended and not spoiled:
                habits.setdefault((one.kind, _generic(one)), []).append((mended, one))
            if depth > 1:
                if depth == 2:
                    yield from self._times_a_factor(base, before, one, changed)
                if depth == 2 and not spoiled:
                    yield from self._times_a_factor_in_one(before, one, changed, wrong - mended)
                if mended and not spoiled:
                    key = (one.kind, *sorted(mended), *_fingerprint(changed))
                    if key not in seen:
                        seen.add(key)
                        steps.append((-len(mended), one.cost, one))
        for members in habits.values():
            whole = _habit(members, wrong)
            if whole is not None:
                chosen = (*before, whole)
                yield Explanation(chosen, len(chosen) + sum(b.cost for b in chosen))
        steps.sort(key=lambda step: step[:2])
        if depth == 2:
            yield from self._joined(base, before, [one for _, _, one in steps[:_BRANCHES]])
        for _, _, one in steps[:_BRANCHES] if depth > 1 else []:
            plan = base.plan.joined(one.plan)
            if plan is not None:
                yield from self._search(Backward(self.graph, plan), (*before, one), depth - 1)

    def _joined(
        self, base: Backward, before: tuple[Break, ...], steps: list[Break]
    ) -> Iterator[Explanation]:
        """Yield two mistakes of which each makes a parameter right: one run tells of both."""
        for a, b in itertools.combinations(steps, 2):
            if self._late():
                return
            plan = a.plan.joined(b.plan)
            changed = None if plan is None else base.run(plan)
            if changed is not None and self.right({**base.gradients, **changed}) == frozenset(
                self.learner
            ):
                chosen = (*before, a, b)
                yield Explanation(chosen, len(chosen) + sum(one.cost for one in chosen))

    def _for_these_alone(
        self,
        base: Backward,
        one: Break,
        changed: Gradients,
        mended: frozenset[str],
        spoiled: bool,
    ) -> Break | None:
        """Return a mistake made in the gradients that it mends, and in no other.

        The mistake itself, if it changes no others; None where it mends nothing, or where a factor
        along a whole way is but a factor in one gradient.
        """
        if not mended:
            return None
        if not spoiled and not any(
            n not in mended and not agree(g, base.gradients[n], self.tolerance, self.floor)
            for n, g in changed.items()
        ):
            return one
        return None if one.kind in _WAYS else one.restricted(mended)

    def _covers(self, depth: int) -> Iterator[Explanation]:
        """Yield mistakes of which each mends parameters of its own: they are told side by side."""
        if depth < 2:
            return
        wrong = frozenset(self.learner) - self.right(self.true.gradients)
        choices = {
            names: sorted(found, key=lambda one: one.cost)[:_COVERING]
            for names, found in self._partial.items()
        }

        def cover(left: frozenset[str], count: int) -> Iterator[tuple[Break, ...]]:
            if not left:
                yield ()
                return
            first = min(left)
            for names, found in choices.items():
                if count and first in names and names <= left:
                    for rest in cover(left - names, count - 1):
                        yield from ((one, *rest) for one in found)

        for chosen in itertools.islice(cover(wrong, depth), _MOST_COVERS):
            if len(chosen) < depth:
                continue
            plan: Plan | None = Plan()
            for one in chosen:
                plan = None if plan is None else plan.joined(one.plan)
            changed = None if plan is None else self.true.run(plan)
            if changed is not None and self.right({**self.true.gradients, **changed}) == frozenset(
                self.learner
            ):
                yield Explanation(chosen, len(chosen) + sum(one.cost for one in chosen))

    def _side_by_side(self, depth: int) -> Iterator[Explanation]:
        """Yield two mistakes that show in the same parameters, so that neither helps alone."""
        if depth != 2:
            return
        wrong = frozenset(self.learner) - self.right(self.true.gradients)
        distinct: dict[tuple[object, ...], Break] = {}
        for one in self.singles or ():
            if not self.is_looked_for(one.kind) or self._late():
                continue
            changed = self.true.run(one.plan)
            if changed is not None and wrong <= set(changed):
                moved = {
                    name: g for name, g in changed.items()
                    if not agree(g, self.true.gradients[name], self.tolerance, self.floor)
                }  # fmt: skip
                if wrong == set(moved):
                    distinct.setdefault(_fingerprint(changed), one)
        for a, b in itertools.combinations(list(distinct.values())[:_SIDE_BY_SIDE], 2):
            if self._late():
                return
            plan = a.plan.joined(b.plan)
            changed = None if plan is None else self.true.run(plan)
            if changed is not None and all(self._agrees(n, changed[n]) for n in wrong):
                yield Explanation((a, b), 2 + a.cost + b.cost)

    def _times_a_factor(
        self, base: Backward, before: tuple[Break, ...], one: Break, changed: Gradients
    ) -> Iterator[Explanation]:
        """Yield the mistake together with a factor on the whole loss, if that explains all."""
        got = {**base.gradients, **changed}
        factor = best_factor({name: (got[name], self.learner[name]) for name in self.learner})
        if factor is None or abs(factor - 1) < 1e-9 or abs(factor) < 1e-9:
            return
        scaled = {name: g * factor for name, g in got.items()}
        if len(self.right(scaled)) < len(self.learner):
            return
        size = factor_text(factor, self.context.sizes)
        if size is None:
            return
        place = Place(0, "the loss", "", self.graph.loss.line)
        kind = "sign" if abs(factor + 1) < 1e-7 else "factor"
        # Everything is linear in the gradient of the loss by itself, so it can be scaled there.
        second = Break(
            kind, f"{factor:.10g}", (place,), Plan(totals={0: times(factor)}),
            0.05 * len(size.split("×")), ("loss",),
        )  # fmt: skip
        chosen = (*before, one, second)
        yield Explanation(chosen, len(chosen) + sum(b.cost for b in chosen))

    def _times_a_factor_in_one(
        self, before: tuple[Break, ...], one: Break, changed: Gradients, left: frozenset[str]
    ) -> Iterator[Explanation]:
        """Yield the mistake with a factor on the one parameter that is still wrong."""
        if len(left) != 1 or not left <= set(changed):
            return
        (name,) = left
        factor = best_factor({name: (changed[name], self.learner[name])})
        size = None if factor is None else factor_text(factor, self.context.sizes)
        if factor is None or size is None or not self._agrees(name, factor * changed[name]):
            return
        place = Place(self.graph.levels.get(name, 0), f"d{name}")
        kind = "sign" if abs(factor + 1) < 1e-7 else "factor"
        leaf = self.graph.parameters[name].position
        plan = Plan(totals={leaf: times(factor)})
        second = Break(kind, f"{factor:.10g}", (place,), plan, 0.1, ("leaf", name), single=True)
        chosen = (*before, one, second)
        yield Explanation(chosen, len(chosen) + sum(b.cost for b in chosen))


def _generic(one: Break) -> str:
    """Return the variant of a mistake without the names of one place."""
    kinds = ("factor", "sign", "overwritten", "extra-regulariser", "updated-first", "left-out")
    return one.variant if one.kind in kinds else ""


def _habit(members: list[tuple[frozenset[str], Break]], wrong: frozenset[str]) -> Break | None:
    """Put together the same mistake at several places, each of which mends some parameters."""
    plan, left, cost, first = Plan(), wrong, 0.0, members[0][1]
    places: list[Place] = []
    for mended, one in sorted(members, key=lambda member: (member[1].cost, -len(member[0]))):
        joined = plan.joined(one.plan) if mended <= left else None
        if joined is not None:
            first = one if left == wrong else first
            plan, left, cost = joined, left - mended, max(cost, one.cost)
            places += one.places
    if left or len(places) < 2:
        return None
    return replace(
        first, places=tuple(sorted(places, key=lambda p: p.layer)), plan=plan, cost=cost + 0.1,
        site=(), single=True,
    )  # fmt: skip


def _fingerprint(gradients: Gradients) -> tuple[object, ...]:
    """Return what tells two outcomes apart, rounding errors left out."""
    return tuple(
        (name, float(f"{float(np.sum(g * _weights(g.size).reshape(g.shape))):.6e}"))
        for name, g in sorted(gradients.items())
    )


def _weights(n: int) -> Array:
    return 1 + np.arange(n) % 7 / 7


_INSTEAD: dict[str, tuple[str, ...]] = {
    "stopped": ("missing-term", "zero", "missing-target", "missing-shift", "missing-regulariser"),
    "zero": ("missing-regulariser",),
    "missing-term": (
        "missing-target", "missing-shift", "missing-regulariser",
        "other-derivative", "wrong-derivative", "overwritten",
    ),
    "bias-mean": ("factor", "missing-factor"),
    "bias-axis": ("bias-not-summed", "spread-maximum"),
    "softmax-normaliser": ("missing-shift",),
    "extra-regulariser": ("factor",),
    "summed-over-everything": ("spread-maximum", "bias-axis", "bias-not-summed", "factor"),
    "wrong-source": (
        "missing-derivative", "extra-derivative", "missing-factor", "extra-factor", "factor",
        "missing-term", "stopped", "sign",
    ),
}  # fmt: skip
"""Mistakes that need not be told where a clearer name for the same numbers is there."""


def best_of(found: list[Explanation]) -> list[Explanation]:
    """Return the best explanation and those that are as good, each kind of mistake once."""
    if not found:
        return []
    found = sorted(found, key=lambda e: e.cost)
    fewest = found[0]
    chosen: list[Explanation] = []
    told: set[tuple[object, ...]] = set()
    for one in found:
        if one.cost > fewest.cost + 0.12 or len(one.breaks) > len(fewest.breaks):
            break
        # several constants of the code may have the number: each is told by its name
        key = tuple(sorted(f"{b.kind} {b.variant if b.constant else ''}" for b in one.breaks))
        if key not in told:
            told.add(key)
            chosen.append(one)
    clear = [e for e in chosen if not any(_is_clearer(other, e) for other in chosen)]
    return _without_twins(clear)[:3]


def _is_clearer(other: Explanation, one: Explanation) -> bool:
    """Tell whether an explanation is another one but for a clearer name of one of its mistakes."""
    mine = Counter(b.kind for b in one.breaks)
    theirs = Counter(b.kind for b in other.breaks)
    old, new = mine - theirs, theirs - mine
    if old.total() != 1 or new.total() != 1:
        return False
    return next(iter(new)) in _INSTEAD.get(next(iter(old)), ())


def _without_twins(found: list[Explanation]) -> list[Explanation]:
    """Leave out one of "sum instead of mean" and "the constant 1/n is missing", which is the same.

    At the loss a whole number is a sum or a mean; elsewhere the constant in the code says more.
    """
    left_out: set[int] = set()
    for factor, constant in itertools.permutations(found, 2):
        one, other = _differing(factor, constant)
        if one is None or other is None:
            continue
        if (one.kind, other.kind) != ("factor", "missing-factor") or not _is_about_a_number(other):
            continue
        size = max(abs(float(one.variant)), 1 / abs(float(one.variant)))
        whole = abs(size - round(size)) < 1e-6 * size
        at_the_loss = all(place.layer == 0 for place in one.places)
        if at_the_loss and whole and round(size) <= 2:
            continue  # the 2 of a square, or a mean over two
        if at_the_loss and whole:
            left_out.add(id(constant))
        elif other.constant or not one.single or not other.only:
            left_out.add(id(factor))
    return [e for e in found if id(e) not in left_out]


def _differing(a: Explanation, b: Explanation) -> tuple[Break | None, Break | None]:
    """Return the mistakes in which two explanations differ, if they differ in one each."""
    mine = Counter(one.kind for one in a.breaks)
    theirs = Counter(one.kind for one in b.breaks)
    old, new = mine - theirs, theirs - mine
    if old.total() != 1 or new.total() != 1:
        return None, None
    return (
        next(one for one in a.breaks if one.kind in old),
        next(one for one in b.breaks if one.kind in new),
    )


def _is_about_a_number(one: Break) -> bool:
    return one.constant or one.variant.startswith("the constant")
