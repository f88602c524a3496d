"""On which ways of its branches a loss was seen, with a gradient that shows a mistake there."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward, Plan, Rule, contribution, unbroadcast
from pellucid.inspect.checking.branches import Branch, Way, as_activation, branches
from pellucid.inspect.checking.graph import MOVING, Graph, Node
from pellucid.inspect.checking.recognising import Recognised, recognise

__all__ = ["Coverage"]

_VISIBLE = 1e-5  # of a gradient's largest entry: what changes less could pass for rounding
_MOST_ROUNDS = 8  # rounds of a loop in which it is tried whether a way matters


class Coverage:
    """What was seen at the places that were looked at so far.

    Parameters
    ----------
    tolerance : float
        The relative error that counts as right: a mistake on a way has to show more.

    Attributes
    ----------
    branches : dict
        Key to :class:`Branch`, as it was at the last place.
    places : int
        How many places there were.
    """

    def __init__(self, tolerance: float) -> None:
        self._visible = max(_VISIBLE, 10 * tolerance)
        self.branches: dict[tuple[Any, ...], Branch] = {}
        self.places = 0
        self._seen: dict[tuple[Any, ...], set[str]] = {}
        self._touched: set[tuple[Any, ...]] = set()
        self._taken: set[tuple[tuple[Any, ...], str]] = set()
        self._zero: set[str] | None = None
        self._smooth: dict[tuple[Any, ...], bool] = {}
        self._graphs: dict[tuple[Any, ...], Graph] = {}
        self._activations: dict[int, list[Recognised]] = {}

    def add(self, graph: Graph, true: Backward) -> list[tuple[Branch, str]]:
        """Look at one more place; return what was seen there for the first time."""
        self.places += 1
        zero = {name for name, g in true.gradients.items() if not np.any(g)}
        self._zero = zero if self._zero is None else self._zero & zero
        new: list[tuple[Branch, str]] = []
        for key, branch in branches(graph).items():
            known = self._seen.setdefault(key, set())
            for label, ways in branch.ways.items():
                if any(_is_taken(way) for way in ways):
                    self._taken.add((key, label))
                if label not in known and any(
                    _is_taken(way) if not branch.movable else _matters(way, true, self._visible)
                    for way in _heaviest(ways, true)
                ):
                    known.add(label)
                    new.append((branch, label))
            if any(_carries_gradient(way, true) for ways in branch.ways.values() for way in ways):
                self._touched.add(key)
            before = self.branches.get(key)
            if before is not None:
                branch.movable = branch.movable or before.movable
                branch.what, branch.never, branch.frames = before.what, before.never, before.frames
            self.branches[key], self._graphs[key] = branch, graph
        return new

    @property
    def zero(self) -> frozenset[str]:
        """The parameters whose gradient was exactly zero everywhere."""
        return frozenset(self._zero or ())

    @property
    def open(self) -> list[tuple[Branch, str]]:
        """The branches with a way that was not seen; those left out that no gradient passes."""
        found = []
        for key, branch in self.branches.items():
            known = self._seen[key]
            missing = [label for label in branch.never if label not in known]
            if "" in branch.never:
                missing = [""] if len(known) == 1 else []
            if missing and key in self._touched and not self._is_smooth(key):
                found += [(self.branches[key], label) for label in missing]
        return found

    def was_taken(self, branch: Branch, label: str) -> bool:
        """Tell whether a way was taken somewhere, be it with next to no gradient."""
        return (branch.key, label) in self._taken

    def _is_smooth(self, key: tuple[Any, ...]) -> bool:
        """Tell whether a branch is part of a function without a corner; name it if not."""
        if key not in self._smooth:
            graph = self._graphs[key]
            if id(graph) not in self._activations:
                self._activations[id(graph)] = recognise(graph)
            activations = self._activations[id(graph)]
            self._smooth[key] = not as_activation(self.branches[key], activations)
        return self._smooth[key]


def _heaviest(ways: list[Way], true: Backward) -> list[Way]:
    if len(ways) <= _MOST_ROUNDS:
        return ways
    return sorted(ways, key=lambda way: -_weight(way, true))[:_MOST_ROUNDS]


def _weight(way: Way, true: Backward) -> float:
    if way.node is None or way.entries is None:
        return 1.0
    return float(np.max(np.abs(true.total(way.node)) * way.entries, initial=0))


def _carries_gradient(way: Way, true: Backward) -> bool:
    """Tell whether more than rounding arrives at a branch: none does at softmax's shift."""
    if way.node is None:
        return True
    total = true.total(way.node)
    parts = max(float(np.max(np.abs(true.total(user)), initial=0)) for user, _ in way.node.users)
    return float(np.max(np.abs(total), initial=0)) > 1e-12 * parts


def _is_taken(way: Way) -> bool:
    return way.entries is None or bool(way.entries.any())


def _matters(way: Way, true: Backward, visible: float) -> bool:
    """Tell whether more gradient along a way shows in the gradient of some parameter.

    Of a value that is squared none arrives where it is zero; there it is enough to be taken.
    """
    node, entries = way.node, way.entries
    if node is None or entries is None:
        return True
    if not entries.any():
        return False
    if _is_squared(node):
        return True
    if not np.any(true.total(node) * entries):
        return False
    return any(_shows(true, Plan({(node.position, i): _with_more(node, i, entries)}), visible)
               for i, _ in node.edges)  # fmt: skip


def _is_squared(node: Node) -> bool:
    """Tell whether a value is squared, or multiplied by itself, before anything else."""
    stack = [node]
    while stack:
        value = stack.pop()
        for user, _ in value.users:
            if user.operation in ("square", "power"):
                return True
            if user.operation == "multiply" and user.inputs[0] is user.inputs[1]:
                return True
            if user.operation in MOVING or user.operation == "negative" or (
                user.operation in ("multiply", "divide") and len(user.edges) == 1
            ):  # fmt: skip
                stack.append(user)
    return False


def _shows(true: Backward, plan: Plan, visible: float) -> bool:
    """Tell whether broken rules change a gradient by more than could pass for rounding."""
    changed = true.run(plan)
    if changed is None:
        return False
    largest = max(float(np.max(np.abs(g), initial=0)) for g in true.gradients.values())
    for name, gradient in changed.items():
        before = true.gradients[name]
        scale = max(float(np.max(np.abs(before), initial=0)), 1e-4 * largest)
        if float(np.max(np.abs(gradient - before), initial=0)) > visible * scale:
            return True
    return False


def _with_more(node: Node, i: int, entries: Array) -> Rule:
    """Return the true rule with the gradient of some entries passed on once more."""
    if node.operation == "max":
        return lambda g: contribution(node, i, g * (1 + entries))
    shape = np.shape(node.operands[i])
    return lambda g: contribution(node, i, g) + unbroadcast(g * entries, shape)
