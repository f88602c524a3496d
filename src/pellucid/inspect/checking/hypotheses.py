"""Every mistake that may have been made, with what would come out of it.

Most are rules that differ; for a factor, a learning rate or the strength of a penalty the number is
not known, but the result is linear in it, and the number that fits follows from one more run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activation_breaks import activation_breaks
from pellucid.inspect.checking.backward import Backward, Plan, Rule
from pellucid.inspect.checking.breaks import Break, Context, Place, grouped
from pellucid.inspect.checking.graph import PRODUCTS, Graph
from pellucid.inspect.checking.heads import head_breaks
from pellucid.inspect.checking.label_breaks import label_breaks
from pellucid.inspect.checking.last_step_breaks import last_step_breaks
from pellucid.inspect.checking.parameter_breaks import parameter_breaks
from pellucid.inspect.checking.product_breaks import (
    product_breaks,
    updated_weight_plan,
    uses_of_weights,
)
from pellucid.inspect.checking.recognising import recognise
from pellucid.inspect.checking.round_breaks import round_breaks
from pellucid.inspect.checking.scale_breaks import (
    factor_text,
    only_one_way,
    penalties,
    scalings,
    sizes_of,
)
from pellucid.inspect.checking.shifted_breaks import shifted_breaks
from pellucid.inspect.checking.structure_breaks import structure_breaks

__all__ = ["FREE_ENTRIES", "Gradients", "Hypotheses", "agree", "best_factor"]

FREE_ENTRIES = 3  # entries beyond the unknown factor that have to agree

_CLIPPED = 2
_FASTEST = 1.0  # a learning rate above this was fitted, not chosen
_UNLIKELY = 0.55  # mistakes more far-fetched than this are looked for alone, not beside another

_REMEMBERED = 4_000_000  # numbers of the first mistakes' outcomes that are kept

Gradients = dict[str, Array]

Outcome = tuple[Break, Gradients | None]
"""A mistake, and the gradients that it changes; None where nothing comes out."""


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


class Hypotheses:
    """The mistakes that can be made along a graph, and the learner's gradients to compare with.

    Parameters
    ----------
    graph : Graph
    learner : dict
        Parameter name to the learner's gradient, of whatever shape.
    tolerance : float
    free : int
        A number may be fitted to a gradient of more entries than this: to a single entry some
        number always fits, and only a second place can tell.
    """

    def __init__(
        self,
        graph: Graph,
        learner: Gradients,
        *,
        tolerance: float = 1e-6,
        free: int = FREE_ENTRIES,
    ) -> None:
        self.graph = graph
        self.free = free
        self.learner = learner
        self.tolerance = tolerance
        self.context = Context(graph, recognise(graph))
        self.context.sizes = sizes_of(graph)
        self.true = Backward(graph)
        largest = max((float(np.max(np.abs(g), initial=0)) for g in learner.values()), default=0.0)
        self.floor = 1e-10 * max(
            [largest, *(float(np.max(np.abs(g), initial=0)) for g in self.true.gradients.values())]
        )
        self.singles: list[Break] | None = None
        self.kinds: frozenset[str] | None = None
        self._remembered: tuple[object, list[Outcome]] | None = None

    # --- comparing --------------------------------------------------------------------------------

    def right(self, gradients: Gradients) -> frozenset[str]:
        """Return the names of the parameters for which these are the learner's gradients."""
        return frozenset(name for name in self.learner if self._agrees(name, gradients[name]))

    def _agrees(self, name: str, gradient: Array) -> bool:
        return agree(gradient, self.learner[name], self.tolerance, self.floor)

    def is_looked_for(self, *kinds: str) -> bool:
        """Tell whether one of these kinds of mistakes is to be tried."""
        return self.kinds is None or not self.kinds.isdisjoint(kinds)

    # --- hypotheses -------------------------------------------------------------------------------

    def outcomes(self, base: Backward, wrong: frozenset[str]) -> Iterator[Outcome]:
        """Yield every single mistake with the gradients that it changes.

        Those on top of no other mistake are asked for once for each number of mistakes, and kept.
        """
        if base is not self.true:
            yield from self._outcomes(base, wrong)
            return
        key = (wrong, self.kinds)
        if self._remembered is not None and self._remembered[0] == key:
            yield from self._remembered[1]
            return
        kept: list[Outcome] = []
        numbers = 0
        for one, changed in self._outcomes(base, wrong):
            numbers += sum(g.size for g in (changed or {}).values())
            if numbers <= _REMEMBERED:
                kept.append((one, changed))
            yield one, changed
        if numbers <= _REMEMBERED:
            self._remembered = key, kept

    def _outcomes(self, base: Backward, wrong: frozenset[str]) -> Iterator[Outcome]:
        if self.singles is None:
            self.singles = sorted(
                grouped(
                    [
                        *activation_breaks(self.context),
                        *head_breaks(self.context, self.true),
                        *label_breaks(self.context, self.true),
                        *product_breaks(self.context),
                        *parameter_breaks(self.context, self.true),
                        *last_step_breaks(self.context),
                        *round_breaks(self.context),
                        *shifted_breaks(self.context),
                        *only_one_way(self.context),
                        *penalties(self.context),
                        *structure_breaks(self.context),
                    ]
                ),
                key=lambda one: one.cost,
            )
        for one in self.singles:
            if self.is_looked_for(one.kind) and not (base.plan.touched() and one.cost > _UNLIKELY):
                yield one, base.run(one.plan)
        if self.is_looked_for(
            "factor", "sign", "missing-term", "zero", "stopped", "missing-regulariser"
        ):
            yield from self._scaled(base, wrong)
        if self.is_looked_for("updated-first"):
            yield from self._updated(base, wrong)
        if self.is_looked_for("extra-regulariser"):
            yield from self._decayed(base, wrong)
        if self.is_looked_for("not-summed", "bias-axis"):
            yield from self._not_reduced(base, wrong)
        if self.is_looked_for("clipped"):
            yield from self._clipped(base)

    def _scaled(self, base: Backward, wrong: frozenset[str]) -> Iterator[Outcome]:
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
                if one is not None and not self._is_a_guess(factor, effect, wrong):
                    yield one, {n: without[n] + factor * effect[n] for n in without}

    def _is_a_guess(self, factor: float, effect: Gradients, wrong: frozenset[str]) -> bool:
        """Tell whether a factor that means nothing was fitted to a few numbers."""
        if abs(factor) < 1e-9 or factor_text(factor, self.context.sizes) is not None:
            return False
        return not self._is_overdetermined(effect, wrong)

    def _fitting(self, without: Gradients, effect: Gradients, wrong: frozenset[str]) -> list[float]:
        """Return the factors that make the gradient of one of the wrong parameters right."""
        found: list[float] = []
        for name in wrong & set(effect):
            if self.learner[name].size != effect[name].size:
                continue
            target = self.learner[name].reshape(effect[name].shape) - without[name]
            factor = best_factor({name: (effect[name], target)})
            if factor is not None and not any(
                abs(factor - f) <= 1e-6 * max(abs(f), 1e-3) for f in (*found, 1.0)
            ):
                close = without[name] + factor * effect[name]
                if self._agrees(name, close):
                    found.append(factor)
        return found

    def _updated(self, base: Backward, wrong: frozenset[str]) -> Iterator[Outcome]:
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
                if self._is_a_rate(rate) and self._is_overdetermined(effect, wrong):
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
    def _is_a_rate(rate: float) -> bool:
        return 1e-9 < rate <= _FASTEST * (1 + 1e-9)

    @staticmethod
    def _same_shapes(base: Backward, changed: Gradients) -> bool:
        """Tell whether gradients can be subtracted: a broken rule may give any shape."""
        return all(base.gradients[name].shape == g.shape for name, g in changed.items())

    def _is_overdetermined(self, effect: Gradients, wrong: frozenset[str]) -> bool:
        """Tell whether a number that fits to these entries is more than one equation's solution.

        Where every entry is off by the same factor, as behind a single unit, there is one equation,
        and only a second place can tell.
        """
        names = wrong & set(effect)
        if sum(effect[n].size for n in names) <= self.free:
            return False
        if not self.free:
            return True
        stretched = {n: (self.true.gradients[n], self.learner[n]) for n in names}
        factor = best_factor(stretched)
        return factor is None or not all(
            self._agrees(n, factor * self.true.gradients[n]) for n in names
        )

    def _too_early(self, names: list[str], plan: Plan, rate: float) -> Break:
        places = tuple(
            Place(self.graph.levels[n], n, f"update {n} after all gradients are computed")
            for n in sorted(names, key=lambda n: self.graph.levels[n])
        )
        return Break("updated-first", f"{rate:.6g}", places, plan, 0.1, single=True)

    def _decayed(self, base: Backward, wrong: frozenset[str]) -> Iterator[Outcome]:
        """Yield penalties on weights that the loss does not have."""
        for name in wrong & set(self.graph.parameters):
            leaf = self.graph.parameters[name]
            if self.learner[name].size != leaf.data.size or leaf.data.size <= self.free:
                continue
            if base.gradients[name].shape != leaf.data.shape:
                continue
            difference = self.learner[name].reshape(leaf.data.shape) - base.gradients[name]
            rate = best_factor({name: (leaf.data, difference)})
            if rate is None or abs(rate) < 1e-12:
                continue
            changed = base.gradients[name] + rate * leaf.data
            if not self._agrees(name, changed):
                continue
            write = f"leave out {rate:.6g} * {name}, or add the penalty to the loss"
            guess = 0.0 if leaf.data.size > FREE_ENTRIES else 0.2
            place = Place(leaf.layer, f"d{name}", write)
            plan = Plan(totals={leaf.position: _plus(rate * leaf.data)})
            one = Break(
                "extra-regulariser", f"{rate:.6g}", (place,), plan,
                guess + (0.1 if rate > 0 else 0.3), single=True,
            )  # fmt: skip
            yield one, {name: changed}

    def _not_reduced(self, base: Backward, wrong: frozenset[str]) -> Iterator[Outcome]:
        """Yield gradients with axes left that should be summed over, or summed over too many."""
        for name in wrong & set(self.graph.parameters):
            mine, true = self.learner[name], base.gradients[name]
            leaf = self.graph.parameters[name]
            if any(user.operation in PRODUCTS for user, _ in leaf.users):
                continue  # nobody sums the gradient of a weight
            for kind, told in _reductions(mine, true, self._is_like(true)):
                plan = Plan(totals={leaf.position: _always(mine)})
                place = Place(self.graph.levels.get(name, 0), f"d{name}")
                yield Break(kind, "", (place,), plan, 0.2, told=told), {name: mine}

    def _is_like(self, true: Array) -> Callable[[Array], bool]:
        return lambda x: agree(x, true, self.tolerance, self.floor)

    def _clipped(self, base: Backward) -> Iterator[Outcome]:
        """Yield gradients of which all entries were limited to a range."""
        limit = max(float(np.max(np.abs(g), initial=0)) for g in self.learner.values())
        changed = {name: np.clip(g, -limit, limit) for name, g in base.gradients.items()}
        clipped = sum(int(np.sum(np.abs(g) > limit)) for g in base.gradients.values())
        if clipped < _CLIPPED or limit <= self.floor:
            return  # to one entry some limit always fits
        place = Place(0, "the loss", "clip in the update, after the gradients are checked")
        leaves = self.graph.parameters.values()
        plan = Plan(totals={leaf.position: _clip(limit) for leaf in leaves})
        yield Break("clipped", f"{limit:g}", (place,), plan, 0.1, single=True), changed


def _reductions(
    mine: Array, true: Array, is_true: Callable[[Array], bool]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the axes of a gradient of which sums are right."""
    extra = mine.ndim - true.ndim
    if 0 < extra <= 3 or (extra == 0 and mine.size > true.size):
        for count in range(1, mine.ndim + 1):
            for axes in itertools.combinations(range(mine.ndim), count):
                summed = mine.sum(axis=axes)
                if summed.size == true.size and is_true(summed.reshape(true.shape)):
                    which = f"axis {axes[0]}" if count == 1 else f"axes {axes}"
                    yield (
                        "not-summed",
                        f"it has shape {mine.shape}; summed over {which} as well it is right",
                    )
                    return
    if extra == 0 and mine.shape == true.shape and true.ndim > 1:
        for axis in range(true.ndim):
            summed = np.broadcast_to(true.sum(axis=axis, keepdims=True), true.shape)
            if true.shape[axis] > 1 and agree(mine, summed, 1e-6, 0):
                yield "bias-axis", f"it was summed over its own axis {axis} as well"
                return


def _always(value: Array) -> Rule:
    return lambda g: value


def _clip(limit: float) -> Rule:
    return lambda g: np.clip(g, -limit, limit)


def _plus(more: Array) -> Rule:
    return lambda g: g + more


def best_factor(pairs: dict[str, tuple[Array, Array]]) -> float | None:
    """Return the c of least |y − c x|² over all pairs (x, y); None if there is none."""
    top = bottom = 0.0
    for x, y in pairs.values():
        if x.size != y.size:
            return None
        scale = float(np.max(np.abs(x), initial=0)) or 1.0
        top += float(np.sum((x / scale) * (y.reshape(x.shape) / scale)))
        bottom += float(np.sum((x / scale) ** 2))
    return top / bottom if bottom else None
