"""Mistakes with the rounds of a loop: a value of another round in the place of this one's.

Over the rounds t of a line ``y[t] = x[t] * w`` the values x[t] are a sequence, together with what
comes after the last round. With an index that is off by one, x[t - 1] or x[t + 1] stands there;
in Python x[-1] is the last of a list, where it was meant to be the one before the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activation_breaks import place_of, replaced
from pellucid.inspect.checking.backward import Plan, Rule, times, true_rule
from pellucid.inspect.checking.breaks import Break, Context, any_layer
from pellucid.inspect.checking.graph import MOVING, PRODUCTS, Node
from pellucid.inspect.checking.product_breaks import name_of, place_of_edge, shown
from pellucid.inspect.checking.recognising import Recognised

__all__ = ["round_breaks"]

_SHIFTS = (1, -1, 2, -2)


class _Use(NamedTuple):
    """One round: the product, the input that the gradient goes to, the factor's number."""

    node: Node
    i: int
    j: int

    @property
    def factor(self) -> Node | None:
        return self.node.inputs[self.j]

    @property
    def numbers(self) -> Array:
        return np.asarray(self.node.operands[self.j])


class _Sequence(NamedTuple):
    """The values of a factor over the rounds; more than rounds, where one comes after the last."""

    uses: list[_Use]
    values: list[Array]


def round_breaks(context: Context) -> Iterator[Break]:
    """Yield products in a loop with the factor of another round."""
    groups: dict[tuple[object, ...], list[_Use]] = {}
    for node in reversed(context.graph.nodes):  # the first round first
        if node.operation not in PRODUCTS | {"multiply"} or context.is_inside(node):
            continue
        for i, _ in node.edges:
            for j, operand in enumerate(node.operands):
                if j != i and isinstance(operand, (np.ndarray, np.generic)):
                    key = (any_layer(node.site), node.operation, i, j)
                    groups.setdefault(key, []).append(_Use(node, i, j))
    made: dict[object, list[Node]] = {}
    for node in reversed(context.graph.nodes):
        made.setdefault(_line(node), []).append(node)
    for uses in groups.values():
        weights = any(u.factor is not None and shown(u.factor) for u in uses)
        if len(uses) > 1 and len({u.numbers.shape for u in uses}) == 1 and not weights:
            yield from _shifted(uses, _sequences(uses, made))
    yield from _slopes(context)


def _slopes(context: Context) -> Iterator[Break]:
    """Yield derivatives of activations that were taken at the value of another round."""
    groups: dict[object, list[Recognised]] = {}
    for one in reversed(context.activations):  # the first round first
        if one.activation is not None:
            groups.setdefault((one.name, one.y.site), []).append(one)
    for ones in groups.values():
        if len(ones) < 2 or len({one.y.data.shape for one in ones}) > 1:
            continue
        own = ones[0].activation
        assert own is not None
        of_output = own.slope_of_output
        values = [(one.z if of_output is None else one.y).data for one in ones]
        slope = own.slope if of_output is None else of_output
        name = (ones[0].names[1] if of_output is None else ones[0].names[0]).partition("[")[0]
        for words, cost, of_round in _choices():
            plan: Plan | None = Plan()
            for t, one in enumerate(ones):
                other = slope(of_round(values, t, len(values)))
                plan = None if plan is None else plan.joined(replaced(one, times(other)))
            if plan is not None:
                yield Break(
                    "wrong-derivative", f"{own.name}: {own.formula.format(a=name, z=name)} with "
                    f"{name} {words}", (place_of(ones[0]),), plan, cost + 0.05,
                    (*any_layer(ones[0].y.site), "slope", words), single=True,
                )  # fmt: skip


def _line(node: Node) -> object:
    return node.operation, any_layer(node.site)


def _sequences(uses: list[_Use], made: dict[object, list[Node]]) -> list[_Sequence]:
    """Return the sequence of each run of the loop; one that starts from a constant starts anew."""
    runs: list[list[_Use]] = []
    recurs = any(u.factor is not None for u in uses)
    for use in uses:
        if not runs or (recurs and use.factor is None):
            runs.append([])
        runs[-1].append(use)
    result = []
    for run in runs:
        values = [use.numbers for use in run]
        last = run[-1].factor
        if last is not None and len(run) > 1:
            values += _after(last, run[-1].node, made)
        result.append(_Sequence(run, values))
    return result


def _after(last: Node, node: Node, made: dict[object, list[Node]]) -> list[Array]:
    """Return what the loop makes after the value that its last round uses: the state at the end."""
    of_line = made[_line(last)]
    here = of_line.index(last)
    if last.operation in MOVING or here + 1 >= len(of_line):
        return []
    following = of_line[here + 1]
    return [following.data] if following.data.shape == last.data.shape else []


def _shifted(uses: list[_Use], sequences: list[_Sequence]) -> Iterator[Break]:
    first = uses[0]
    x = first.node.inputs[first.i]
    assert x is not None
    name = name_of(first.node, first.j)
    stem = name.partition("[")[0] if name.partition("[")[0].isidentifier() else name or "the input"
    for words, cost, of_round in _choices():
        edges: dict[tuple[int, int], Rule | None] = {}
        differs = False
        for sequence in sequences:
            for t, use in enumerate(sequence.uses):
                other = of_round(sequence.values, t, len(sequence.uses))
                differs = differs or not np.array_equal(other, use.numbers)
                operands = (*use.node.operands[: use.j], other, *use.node.operands[use.j + 1 :])
                edges[use.node.position, use.i] = true_rule(use.node, use.i, operands)
        if differs:
            write = (
                f"the factor is {name} as this round of the forward pass uses it" if name else ""
            )
            place = place_of_edge(first.node, x, write)
            yield Break(
                "wrong-factor", f"{stem} {words}", (place,), Plan(edges), cost,
                (*any_layer(first.node.site), first.i, first.j, words), single=True,
                told=f"{stem} {words} stands there",
            )  # fmt: skip


def _choices() -> Iterator[tuple[str, float, Any]]:
    """Yield what may stand in the place of the value of a round: words, cost, function."""
    steps = {1: "the round after", -1: "the round before", 2: "two rounds after",
             -2: "two rounds before"}  # fmt: skip
    for shift in _SHIFTS:
        far = 0.1 * (abs(shift) - 1)
        yield f"of {steps[shift]}", 0.25 + far, _moved(shift, "nothing")
        yield (
            f"of {steps[shift]} (and at the end that of the last round)",
            0.3 + far,
            _moved(shift, "end"),
        )
        if shift < 0:
            yield (
                f"of {steps[shift]} (and at the start, where the index is negative, the last one)",
                0.26 + far,
                _moved(shift, "wrapped"),
            )
    yield "of the last round", 0.25, lambda values, t, n: values[n - 1]
    yield "of the end of the loop", 0.27, lambda values, t, n: values[-1]
    yield "of the first round", 0.3, lambda values, t, n: values[0]
    yield "in reverse order", 0.3, lambda values, t, n: values[n - 1 - t]


def _moved(shift: int, outside: str) -> Any:
    def value(values: list[Array], t: int, n: int) -> Array:
        wanted = t + shift
        if 0 <= wanted < len(values):
            return values[wanted]
        if outside == "wrapped":
            return values[wanted % len(values)]
        return values[t] if outside == "end" else np.zeros_like(values[t])

    return value
