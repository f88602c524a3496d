"""The backward pass along a graph, as it should be, and with rules broken.

A run with some rules broken recomputes only what they change; the rest is remembered from the run
without them. So hundreds of hypotheses cost about as much as a few training steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.graph import Graph, Node

__all__ = ["Backward", "Plan", "Rule", "contribution", "times", "true_rule"]

Rule = Callable[[Array], Array]
"""From the gradient by a value, the gradient by one of its inputs."""


@dataclass(frozen=True)
class Plan:
    """Which rules are broken, and what stands in their place.

    Attributes
    ----------
    edges : dict
        (position of a node, number of an input) to the rule used there; None passes nothing on.
    jumps : tuple
        (position of a node, position of an ancestor, rule): more ways for the gradient to go.
    totals : dict
        Position of a node to a function that changes its complete gradient.
    only : tuple
        (names, plan): rules that are broken in what the gradients of these parameters are computed
        from, and in no other.
    """

    edges: dict[tuple[int, int], Rule | None] = field(default_factory=dict)
    jumps: tuple[tuple[int, int, Rule], ...] = ()
    totals: dict[int, Rule] = field(default_factory=dict)
    only: tuple[tuple[frozenset[str], Plan], ...] = ()

    @property
    def everywhere(self) -> Plan:
        """What is broken for all parameters."""
        return Plan(self.edges, self.jumps, self.totals) if self.only else self

    def restricted(self, names: frozenset[str]) -> Plan | None:
        """Return the same for some parameters alone; None where it is restricted already."""
        return None if self.only else Plan(only=((names, self),))

    def touched(self) -> set[int]:
        """Return the positions of the nodes whose rules differ."""
        return {p for p, _ in self.edges} | {p for p, _, _ in self.jumps}

    def joined(self, other: Plan) -> Plan | None:
        """Return both together, or None where both change the same rule."""
        totals = set(self.totals) & set(other.totals)
        if totals or set(self.edges) & set(other.edges):
            return None
        if any(mine & names for mine, _ in self.only for names, _ in other.only):
            return None
        return Plan(
            {**self.edges, **other.edges},
            self.jumps + other.jumps,
            {**self.totals, **other.totals},
            self.only + other.only,
        )


class Backward:
    """The backward pass along `graph`, with the rules of `plan` broken from the start.

    Attributes
    ----------
    gradients : dict
        Parameter name to gradient.
    """

    def __init__(self, graph: Graph, plan: Plan | None = None) -> None:
        self.graph = graph
        self.plan = plan or Plan()
        self._parts: dict[tuple[int, int], Array | None] = {}
        self._jumped: dict[tuple[int, int], Array] = {}
        self._totals: dict[int, Array] = {}
        everywhere = self.plan.everywhere
        changed = self._go(everywhere, set(range(len(graph.nodes))))
        self._totals, self._parts, self._jumped = changed
        self.gradients = {
            name: self._totals[graph.parameters[name].position]
            if name in graph.parameters
            else np.zeros(shape)
            for name, shape in graph.shapes.items()
        }
        for names, part in self.plan.only:
            special = self._changed(part)
            self.gradients.update((n, g) for n, g in (special or {}).items() if n in names)

    def total(self, node: Node) -> Array:
        """Return the gradient of the loss by a node."""
        return self._totals[node.position]

    def run(self, broken: Plan) -> dict[str, Array] | None:
        """Return the gradients that change when these rules are broken as well.

        None where a rule is broken already, or where the broken rules give shapes that fit nowhere.
        """
        if self.plan.joined(broken) is None:
            return None
        everywhere = broken.everywhere
        found = self._changed(everywhere)
        for names, part in (*self.plan.only, *broken.only):
            both = everywhere.joined(part)
            special = None if both is None else self._changed(both)
            if found is None or special is None:
                return None
            found.update((name, g) for name, g in special.items() if name in names)
        return found

    def _changed(self, broken: Plan) -> dict[str, Array] | None:
        """Return the gradients that change, for rules that are broken for all parameters."""
        plan = self.plan.everywhere.joined(broken)
        if plan is None:
            return None
        try:
            totals, _, _ = self._go(plan, broken.touched(), set(broken.totals))
        except ValueError:  # shapes that do not fit: nobody can have computed this
            return None
        return {
            name: totals[node.position]
            for name, node in self.graph.parameters.items()
            if node.position in totals
        }

    def _go(self, plan: Plan, touched: set[int], stale: Iterable[int] = ()) -> Any:
        """Recompute what depends on the rules of the `touched` nodes and the `stale` totals."""
        totals: dict[int, Array] = {}
        parts: dict[tuple[int, int], Array | None] = {}
        jumped: dict[tuple[int, int], Array] = {}
        jumps_from: dict[int, list[tuple[int, int, Rule]]] = {}
        jumps_to: dict[int, list[int]] = {}
        for number, (source, target, rule) in enumerate(plan.jumps):
            jumps_from.setdefault(source, []).append((number, target, rule))
            jumps_to.setdefault(target, []).append(number)
        waiting = set(stale)
        first = not self._totals
        start = min([*touched, *waiting], default=len(self.graph.nodes))
        for position in range(start, len(self.graph.nodes)):
            node = self.graph.nodes[position]
            if first or position in waiting:
                total = self._sum(node, parts, jumped, jumps_to.get(position, ()))
                if position in plan.totals:
                    total = plan.totals[position](total)
                totals[position] = total
            elif position in touched:
                total = self._totals[position]
            else:
                continue
            for i, x in node.edges:
                key = (position, i)
                if key in plan.edges:
                    rule_here = plan.edges[key]
                    parts[key] = None if rule_here is None else rule_here(total)
                else:
                    parts[key] = contribution(node, i, total)
                waiting.add(x.position)
            for number, target, rule in jumps_from.get(position, ()):
                jumped[number, target] = rule(total)
                waiting.add(target)
        return totals, parts, jumped

    def _sum(self, node: Node, parts: Any, jumped: Any, numbers: Iterable[int]) -> Array:
        if node.position == 0:
            return np.ones_like(node.data)
        total: Any = None
        for user, i in node.users:
            key = (user.position, i)
            part = parts[key] if key in parts else self._parts.get(key)
            if part is not None:
                total = part if total is None else total + part
        for number in numbers:
            key = (number, node.position)
            part = jumped[key] if key in jumped else self._jumped.get(key)
            if part is not None:
                total = part if total is None else total + part
        return np.zeros_like(node.data) if total is None else total


def contribution(node: Node, i: int, g: Array, operands: Any = None) -> Array:
    """Return what a node passes on to its input `i`, by the true rule.

    Parameters
    ----------
    node : Node
    i : int
    g : ndarray
        Gradient by the node.
    operands : tuple, optional
        Numbers to put in place of those that the node was made from.
    """
    operands = node.operands if operands is None else operands
    part = np.asarray(node.primitive.vjps[i](g, node.data, *operands, **node.attributes))
    shape = np.shape(node.operands[i])
    return unbroadcast(part, shape) if part.shape != shape and node.primitive.broadcasts else part


def times(factor: Array | float) -> Rule:
    """Return the rule that multiplies the gradient by `factor`."""
    return lambda g: g * factor


def true_rule(node: Node, i: int, operands: Any = None, factor: float = 1.0) -> Rule:
    """Return the true rule of an edge, with other numbers, times a factor."""
    return lambda g: contribution(node, i, g, operands) * factor


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which its value was repeated."""
    extra = g.ndim - len(shape)
    axes = (
        *range(extra),
        *(a + extra for a, n in enumerate(shape) if n == 1 and g.shape[a + extra] != 1),
    )
    return g.sum(axis=axes, keepdims=True).reshape(shape) if axes else g.reshape(shape)
