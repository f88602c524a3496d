"""Which broken rules give exactly the gradients that the learner has.

First every single mistake; then, from each that makes more parameters agree, every second one on
top of it, and a third. A mistake near the loss shows in everything behind it, so it has to be found
first: that keeps the search short.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activation_breaks import activation_breaks
from pellucid.inspect.checking.backward import Backward, Plan, Rule, times
from pellucid.inspect.checking.breaks import Break, Context, Place, grouped
from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.heads import head_breaks
from pellucid.inspect.checking.parameter_breaks import parameter_breaks
from pellucid.inspect.checking.product_breaks import (
    product_breaks,
    updated_weight_plan,
    uses_of_weights,
)
from pellucid.inspect.checking.recognising import recognise
from pellucid.inspect.checking.scale_breaks import factor_text, only_one_way, scalings, sizes_of

__all__ = ["Explanation", "Search", "agree"]

_DEPTH = 3  # mistakes that are looked for at the same time
_SIDE_BY_SIDE = 60  # mistakes that are tried with each other where none helps alone
_BRANCHES = 14  # first mistakes that are followed up
_FREE_ENTRIES = 3  # entries beyond the unknown factor that have to agree

Gradients = dict[str, Array]


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


def agree(x: Array, y: Array, tolerance: float, floor: float) -> bool:
    """Tell whether two gradients are the same, but for the way their axes of length 1 lie.

    Parameters
    ----------
    x, y : ndarray
    tolerance : float
        Relative to the largest entry.
    floor : float
        What counts as nothing.
    """
    if x.shape != y.shape:
        x, y = np.squeeze(x), np.squeeze(y)
        if x.shape != y.shape:
            return False
    scale = max(float(np.max(np.abs(y), initial=0)), float(np.max(np.abs(x), initial=0)))
    return bool(np.max(np.abs(x - y), initial=0) <= max(tolerance * scale, floor))


class Search:
    """The search for the mistakes that explain `learner`.

    Parameters
    ----------
    graph : Graph
    learner : dict
        Parameter name to the learner's gradient, of whatever shape.
    tolerance : float
    seconds : float
        When to give up.
    """

    def __init__(
        self, graph: Graph, learner: Gradients, *, tolerance: float = 1e-6, seconds: float = 6.0
    ) -> None:
        self.graph = graph
        self.learner = learner
        self.tolerance = tolerance
        self.context = Context(graph, recognise(graph))
        self.context.sizes = sizes_of(graph)
        self.true = Backward(graph)
        largest = max((float(np.max(np.abs(g), initial=0)) for g in learner.values()), default=0.0)
        self.floor = 1e-10 * max(
            [largest, *(float(np.max(np.abs(g), initial=0)) for g in self.true.gradients.values())]
        )
        self._deadline = time.monotonic() + seconds
        self._singles: list[Break] | None = None

    # --- comparing --------------------------------------------------------------------------------

    def right(self, gradients: Gradients) -> frozenset[str]:
        """Return the names of the parameters for which these are the learner's gradients."""
        return frozenset(name for name in self.learner if self._agrees(name, gradients[name]))

    def _agrees(self, name: str, gradient: Array) -> bool:
        return agree(gradient, self.learner[name], self.tolerance, self.floor)

    # --- searching --------------------------------------------------------------------------------

    def explanations(self, *, ties: bool = False) -> list[Explanation]:
        """Return the explanations of fewest mistakes, the best first; none for right gradients.

        With `ties`, also those that are more far-fetched.
        """
        if len(self.right(self.true.gradients)) == len(self.learner):
            return []
        for depth in range(1, _DEPTH + 1):
            found = list(self._search(self.true, (), depth))
            if depth == 2 and not found:
                found = list(self._side_by_side())
            if found:
                return found if ties else _best(found)
            if time.monotonic() > self._deadline:
                break
        return []

    def _search(
        self, base: Backward, before: tuple[Break, ...], depth: int
    ) -> Iterator[Explanation]:
        """Yield explanations of `depth` more mistakes on top of those in `base`."""
        agreeing = self.right(base.gradients)
        wrong = frozenset(self.learner) - agreeing
        steps: list[tuple[int, float, Break]] = []
        seen: set[tuple[object, ...]] = set()
        for one, changed in self._outcomes(base, wrong):
            if time.monotonic() > self._deadline:
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
            elif depth > 1:
                if depth == 2:
                    yield from self._times_a_factor(base, before, one, changed)
                if depth == 2 and not spoiled:
                    yield from self._times_a_factor_in_one(before, one, changed, wrong - mended)
                if mended and not spoiled:
                    key = (one.kind, *sorted(mended), *_fingerprint(changed))
                    if key not in seen:
                        seen.add(key)
                        steps.append((-len(mended), one.cost, one))
        steps.sort(key=lambda step: step[:2])
        for _, _, one in steps[:_BRANCHES] if depth > 1 else []:
            plan = base.plan.joined(one.plan)
            if plan is not None:
                yield from self._search(Backward(self.graph, plan), (*before, one), depth - 1)

    def _side_by_side(self) -> Iterator[Explanation]:
        """Yield two mistakes that show in the same parameters, so that neither helps alone."""
        wrong = frozenset(self.learner) - self.right(self.true.gradients)
        distinct: dict[tuple[object, ...], Break] = {}
        for one in self._singles or ():
            changed = self.true.run(one.plan)
            if changed is not None and wrong <= set(changed):
                moved = {
                    name: g for name, g in changed.items()
                    if not agree(g, self.true.gradients[name], self.tolerance, self.floor)
                }  # fmt: skip
                if wrong == set(moved):
                    distinct.setdefault(_fingerprint(changed), one)
        for a, b in itertools.combinations(list(distinct.values())[:_SIDE_BY_SIDE], 2):
            if time.monotonic() > self._deadline:
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
        factor = _factor({name: (got[name], self.learner[name]) for name in self.learner})
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
        factor = _factor({name: (changed[name], self.learner[name])})
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

    # --- hypotheses -------------------------------------------------------------------------------

    def _outcomes(
        self, base: Backward, wrong: frozenset[str]
    ) -> Iterator[tuple[Break, Gradients | None]]:
        """Yield every single mistake with the gradients that it changes."""
        if self._singles is None:
            self._singles = sorted(
                grouped(
                    [
                        *activation_breaks(self.context),
                        *head_breaks(self.context, self.true),
                        *product_breaks(self.context),
                        *parameter_breaks(self.context, self.true),
                        *only_one_way(self.context),
                    ]
                ),
                key=lambda one: one.cost,
            )
        for one in self._singles:
            yield one, base.run(one.plan)
        yield from self._scaled(base, wrong)
        yield from self._updated(base, wrong)
        yield from self._decayed(base, wrong)
        yield from self._clipped(base)

    def _scaled(
        self, base: Backward, wrong: frozenset[str]
    ) -> Iterator[tuple[Break, Gradients | None]]:
        every = self.graph.below(self.graph.loss)
        for scaling in scalings(self.context):
            if not scaling.below & wrong:
                continue
            without = base.run(scaling.plan(0))
            if without is None or not self._same_shapes(base, without):
                continue
            if not scaling.linear:
                for factor in (0.0, -1.0, 2.0, 0.5):
                    one = scaling.named(factor, every)
                    if one is not None:
                        yield one, base.run(one.plan) if factor else without
                continue
            effect = {name: base.gradients[name] - g for name, g in without.items()}
            for factor in self._fitting(without, effect, wrong):
                one = scaling.named(factor, every)
                if one is not None:
                    yield one, {n: without[n] + factor * effect[n] for n in without}

    def _fitting(self, without: Gradients, effect: Gradients, wrong: frozenset[str]) -> list[float]:
        """Return the factors that make the gradient of one of the wrong parameters right."""
        found: list[float] = []
        for name in wrong & set(effect):
            if self.learner[name].size != effect[name].size:
                continue
            target = self.learner[name].reshape(effect[name].shape) - without[name]
            factor = _factor({name: (effect[name], target)})
            if factor is not None and not any(
                abs(factor - f) <= 1e-6 * max(abs(f), 1e-3) for f in (*found, 1.0)
            ):
                close = without[name] + factor * effect[name]
                if self._agrees(name, close):
                    found.append(factor)
        return found

    def _updated(
        self, base: Backward, wrong: frozenset[str]
    ) -> Iterator[tuple[Break, Gradients | None]]:
        """Yield weights that were updated by the learner's gradient before they were used."""
        uses = {
            name: edges
            for name, edges in uses_of_weights(self.context).items()
            if self.learner[name].size == self.graph.parameters[name].data.size
        }
        rates: list[float] = []
        for name, edges in uses.items():
            update = self.learner[name]
            moved = base.run(updated_weight_plan(edges, update, 1.0))
            if moved is None or not self._same_shapes(base, moved):
                continue
            effect = {n: moved[n] - base.gradients[n] for n in moved}
            unmoved = {n: base.gradients[n] for n in moved}
            for rate in self._fitting(unmoved, effect, wrong):
                if self._is_overdetermined(effect, wrong) and abs(rate) > 1e-9:
                    rates.append(rate)
                    plan = updated_weight_plan(edges, update, rate)
                    yield self._too_early([name], plan, rate), base.run(plan)
        if len(uses) > 1:
            for rate in rates:
                plan = Plan()
                for name, edges in uses.items():
                    more = updated_weight_plan(edges, self.learner[name], rate)
                    plan = plan.joined(more) or plan
                yield self._too_early(list(uses), plan, rate), base.run(plan)

    @staticmethod
    def _same_shapes(base: Backward, changed: Gradients) -> bool:
        """Tell whether gradients can be subtracted: a broken rule may give any shape."""
        return all(base.gradients[name].shape == g.shape for name, g in changed.items())

    def _is_overdetermined(self, effect: Gradients, wrong: frozenset[str]) -> bool:
        return sum(effect[n].size for n in wrong & set(effect)) > _FREE_ENTRIES

    def _too_early(self, names: list[str], plan: Plan, rate: float) -> Break:
        places = tuple(
            Place(self.graph.levels[n], n, f"update {n} after all gradients are computed")
            for n in sorted(names, key=lambda n: self.graph.levels[n])
        )
        cost = 0.1 if rate > 0 else 0.2
        return Break("updated-first", f"{rate:.6g}", places, plan, cost, single=True)

    def _decayed(
        self, base: Backward, wrong: frozenset[str]
    ) -> Iterator[tuple[Break, Gradients | None]]:
        """Yield penalties on weights that the loss does not have."""
        for name in wrong & set(self.graph.parameters):
            leaf = self.graph.parameters[name]
            if self.learner[name].size != leaf.data.size or leaf.data.size <= _FREE_ENTRIES:
                continue
            if base.gradients[name].shape != leaf.data.shape:
                continue
            difference = self.learner[name].reshape(leaf.data.shape) - base.gradients[name]
            rate = _factor({name: (leaf.data, difference)})
            if rate is None or abs(rate) < 1e-12:
                continue
            changed = base.gradients[name] + rate * leaf.data
            if not self._agrees(name, changed):
                continue
            write = f"leave out {rate:.6g} * {name}, or add the penalty to the loss"
            place = Place(leaf.layer, f"d{name}", write)
            plan = Plan(totals={leaf.position: _plus(rate * leaf.data)})
            one = Break(
                "extra-regulariser", f"{rate:.6g}", (place,), plan, 0.1 if rate > 0 else 0.3,
                single=True,
            )  # fmt: skip
            yield one, {name: changed}

    def _clipped(self, base: Backward) -> Iterator[tuple[Break, Gradients | None]]:
        """Yield gradients of which all entries were limited to a range."""
        limit = max(float(np.max(np.abs(g), initial=0)) for g in self.learner.values())
        changed = {name: np.clip(g, -limit, limit) for name, g in base.gradients.items()}
        place = Place(0, "the loss", "clip in the update, after the gradients are checked")
        leaves = self.graph.parameters.values()
        plan = Plan(totals={leaf.position: _clip(limit) for leaf in leaves})
        yield Break("clipped", f"{limit:g}", (place,), plan, 0.1, single=True), changed


def _clip(limit: float) -> Rule:
    return lambda g: np.clip(g, -limit, limit)


def _plus(more: Array) -> Rule:
    return lambda g: g + more


def _factor(pairs: dict[str, tuple[Array, Array]]) -> float | None:
    """Return the c of least |y − c x|² over all pairs (x, y); None if there is none."""
    top = bottom = 0.0
    for x, y in pairs.values():
        if x.size != y.size:
            return None
        scale = float(np.max(np.abs(x), initial=0)) or 1.0
        top += float(np.sum((x / scale) * (y.reshape(x.shape) / scale)))
        bottom += float(np.sum((x / scale) ** 2))
    return top / bottom if bottom else None


def _fingerprint(gradients: Gradients) -> tuple[object, ...]:
    """Return what tells two outcomes apart, rounding errors left out."""
    return tuple(
        (name, float(f"{float(np.sum(g * _weights(g.size).reshape(g.shape))):.6e}"))
        for name, g in sorted(gradients.items())
    )


def _weights(n: int) -> Array:
    return 1 + np.arange(n) % 7 / 7


def _best(found: list[Explanation]) -> list[Explanation]:
    """Return the best explanation and those that are as good, each kind of mistake once."""
    found = sorted(found, key=lambda e: e.cost)
    fewest = found[0]
    chosen: list[Explanation] = []
    told: set[tuple[object, ...]] = set()
    for one in found:
        if one.cost > fewest.cost + 0.12 or len(one.breaks) > len(fewest.breaks):
            break
        key = tuple(sorted(b.kind for b in one.breaks))
        if key not in told:
            told.add(key)
            chosen.append(one)
    return chosen[:3]
