"""What a broken rule is, and how the same mistake at several places becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Plan
from pellucid.inspect.checking.graph import Graph, Node
from pellucid.inspect.checking.recognising import Recognised
from pellucid.inspect.checking.writable import Frame

__all__ = ["Break", "Context", "Place", "any_layer", "grouped", "numbers_of_layers"]


_FEW_ROUNDS = 3  # of so few rounds each may be wrong alone; of more, the first and the last


_FEW_ALTERNATIVES = 8  # so many rules of one name are tried at one place
_LIKELY = 0.2  # mistakes more far-fetched than this are not looked for in one round alone


def any_layer(site: Iterable[Any]) -> tuple[Any, ...]:
    """Return a place in the code without the layer: a class or loop makes many layers there."""
    return tuple(part for part in site if not (isinstance(part, tuple) and part[:1] == ("layer",)))


@dataclass(frozen=True)
class Place:
    """Where a rule is broken.

    Attributes
    ----------
    layer : int
        Number of the layer, from 1; 0 for the loss as a whole.
    what : str
        What is there, for people: "the sigmoid", "db2".
    write : str
        What to write instead.
    frame : Frame or None
        The line of the forward code that it belongs to.
    """

    layer: int
    what: str
    write: str = ""
    frame: Frame | None = None


@dataclass(frozen=True, eq=False)
class Break:
    """A mistake that may have been made: its name, its places, and what it does.

    Attributes
    ----------
    kind : str
        The mistake, in kebab-case: a key of `wording.TITLES`.
    variant : str
        What distinguishes it from others of its kind.
    places : tuple of Place
    plan : Plan
        The broken rules.
    cost : float
        How far-fetched it is: of two that explain the same, the cheaper is the better.
    site : tuple
        The place in the code, the same for all rounds of a loop.
    single : bool
        Whether the same mistake elsewhere is another mistake, not the same habit.
    told : str
        What to say about it, where that is not what is said about its kind.
    only : frozenset of str
        The parameters in whose gradients it was made; empty for all.
    habit : str
        The variant without the names of one layer, where it has some.
    constant : bool
        Whether it is about a number that stands in the learner's code, and that is no count of
        samples or entries: its name says more than the number does.
    """

    kind: str
    variant: str
    places: tuple[Place, ...]
    plan: Plan
    cost: float = 0.0
    site: tuple[Any, ...] = ()
    single: bool = False
    told: str = ""
    only: frozenset[str] = frozenset()
    habit: str = ""
    constant: bool = False

    def restricted(self, names: frozenset[str]) -> Break | None:
        """Return the mistake made in the gradients of some parameters alone."""
        plan = self.plan.restricted(names)
        if plan is None:
            return None
        cost = self.cost + (_RESTRICTED if not self.constant else 0.0)
        return replace(self, plan=plan, cost=cost, site=(*self.site, names), only=names)


_RESTRICTED = 0.15
"""What it costs that a mistake is made for some parameters and not for others."""


@dataclass
class Context:
    """What the makers of hypotheses look at.

    Attributes
    ----------
    graph : Graph
    activations : list of Recognised
    sizes : dict
        A factor to what it is: ``{4.0: "the 4 samples"}``.
    """

    graph: Graph
    activations: list[Recognised]
    sizes: dict[float, str] = field(default_factory=dict)
    _shapes: dict[tuple[int, ...], list[Node]] = field(default_factory=dict)

    def of_shape(self, shape: tuple[int, ...]) -> list[Node]:
        """Return the values of a shape that people may name: no steps within activations."""
        if shape not in self._shapes:
            self._shapes[shape] = [
                node for node in self.graph.nodes
                if node.data.shape == shape and not self.is_inside(node)
            ]  # fmt: skip
        return self._shapes[shape]

    def shares(self, shape: tuple[int, ...]) -> list[Array]:
        """Return the constants of a shape that lie between 0 and 1, as targets may."""
        every = {id(x): x for node in self.graph.nodes for x in node.operands}
        return [
            x.astype(np.float64) for x in every.values()
            if isinstance(x, np.ndarray) and x.shape == shape and x.dtype.kind in "fiub"
            and x.size and x.min() >= 0 and x.max() <= 1
        ]  # fmt: skip

    def is_inside(self, node: Node) -> bool:
        """Tell whether a node is a step within an activation function."""
        return any(node.position in a.inside and node is not a.y for a in self.activations)

    def name_of(self, node: Node) -> str:
        """Return what to call a value: as the code does, or a1 and z1; empty if it has no name."""
        for one in self.activations:
            if node is one.y:
                return one.names[0].partition("[")[0]
            if node is one.z:
                return one.names[1].partition("[")[0]
        return node.called.partition("[")[0]

    def output_of(self, node: Node) -> Recognised | None:
        """Return the activation of which `node` is the output, looking through reshapes."""
        from pellucid.inspect.checking.graph import MOVING

        while True:
            for activation in self.activations:
                if activation.y is node:
                    return activation
            if node.operation not in MOVING or not node.edges:
                return None
            node = node.edges[0][1]


def grouped(breaks: Iterable[Break]) -> list[Break]:
    """Add to single breaks the same mistake in all rounds of a loop, and at all places.

    Returns
    -------
    list of Break
        Loops as wholes and mistakes that are made everywhere come with no higher cost than a single
        one; a single round of a loop is far-fetched.
    """
    breaks = list(breaks)
    by_site: dict[tuple[Any, ...], list[Break]] = {}
    by_code: dict[tuple[Any, ...], list[Break]] = {}
    by_line: dict[tuple[Any, ...], list[Break]] = {}
    by_line_of_any_layer: dict[tuple[Any, ...], list[Break]] = {}
    for one in breaks:
        by_line.setdefault((one.places[0].layer, _line_of(one)), []).append(one)
        by_line_of_any_layer.setdefault(_line_of(one), []).append(one)
        by_site.setdefault((one.kind, one.variant, *one.site), []).append(one)
        by_code.setdefault((one.kind, one.variant, *any_layer(one.site)), []).append(one)
    result: list[Break] = []
    for members in by_code.values():
        if members[0].single and len({one.site for one in members}) > 1:
            whole = _together(members, first_place_only=False)
            if whole is not None:
                result.append(replace(whole, cost=whole.cost + 0.02))
    for members in by_line.values():
        if len({one.site for one in members}) > 1:
            whole = _together(members, first_place_only=True)
            if whole is not None:
                result.append(replace(whole, cost=whole.cost + 0.01))
    for members in by_line_of_any_layer.values():
        if len({one.places[0].layer for one in members}) > 1:
            whole = _together(members, first_place_only=False)
            if whole is not None:
                result.append(replace(whole, cost=whole.cost + 0.02))
    by_kind: dict[tuple[str, str], list[Break]] = {}
    for members in by_site.values():
        whole = _together(members, first_place_only=True)
        if whole is not None:
            result.append(whole)
            if not whole.single:
                key = (whole.kind, whole.habit or whole.variant)
                by_kind.setdefault(key, []).append(whole)
        else:  # several rules for one place, that have the same name: no rounds of a loop
            result += [replace(one, cost=one.cost + 0.1) for one in members[:_FEW_ALTERNATIVES]]
            continue
        if len(members) > 1 and members[0].cost < _LIKELY:
            ends = members if len(members) <= _FEW_ROUNDS else [members[0], members[-1]]
            result += [replace(one, cost=one.cost + 0.4) for one in ends]
    for members in by_kind.values():
        if len(members) > 1:
            everywhere = _together(members, first_place_only=False)
            if everywhere is not None:
                result.append(replace(everywhere, cost=everywhere.cost + 0.1))
    return result


def _line_of(one: Break) -> tuple[Any, ...]:
    """Return what is the same for all units that one line computes, and all calls of it."""
    place = one.places[0]
    where = place.frame[:3] if place.frame is not None else one.site
    return one.kind, one.variant, one.told, place.what, where


def _together(members: Sequence[Break], *, first_place_only: bool) -> Break | None:
    plan: Plan | None = Plan()
    for one in members:
        plan = plan.joined(one.plan) if plan is not None else None
    if plan is None:
        return None
    first = members[0]
    if first_place_only:
        return replace(first, plan=plan)
    places = tuple(sorted((p for one in members for p in one.places), key=lambda p: p.layer))
    return replace(first, plan=plan, places=places, site=())


def numbers_of_layers(places: Iterable[Place]) -> list[int]:
    """Return the layers of some places, each once, in order."""
    return sorted({place.layer for place in places})
