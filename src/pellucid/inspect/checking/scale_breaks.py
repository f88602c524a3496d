"""Mistakes that multiply a gradient by a number: factors, signs, and terms left out (times 0).

Everything behind an edge is linear in what goes along it, so one run with the edge cut tells what
comes out for every factor, and the factor that fits is the solution of a linear equation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Plan, Rule, contribution, times, true_rule
from pellucid.inspect.checking.breaks import Break, Context, Place, any_layer
from pellucid.inspect.checking.graph import PRODUCTS, Graph, Node
from pellucid.inspect.checking.product_breaks import place_of_edge, shown
from pellucid.inspect.checking.sources import operand_text

__all__ = [
    "Scaling",
    "factor_text",
    "is_regulariser",
    "only_one_way",
    "penalties",
    "scalings",
    "sizes_of",
]

_MOST_ROUNDS = 24  # of so many rounds each may be wrong alone; of more, the first and the last


@dataclass(frozen=True, eq=False)
class Scaling:
    """Some edges along which all gradients may be multiplied by one factor.

    Attributes
    ----------
    edges : tuple of (Node, int)
        Empty for a complete gradient.
    node : Node
        Where the gradient arrives.
    nodes : tuple of Node
        Without edges: all whose complete gradients are multiplied, as in every round of a loop.
    linear : bool
        Whether the result is linear in the factor: no edge lies behind another.
    below : frozenset of str
        The parameters that can change.
    """

    edges: tuple[tuple[Node, int], ...]
    node: Node
    linear: bool
    below: frozenset[str]
    context: Context
    nodes: tuple[Node, ...] = ()

    def plan(self, factor: float) -> Plan:
        """Return the plan with the factor on every edge."""
        if not self.edges:
            whole = self.nodes or (self.node,)
            return Plan(totals={node.position: times(factor) for node in whole})
        if factor == 0:
            return Plan({(user.position, i): None for user, i in self.edges})
        return Plan(
            {(user.position, i): true_rule(user, i, factor=factor) for user, i in self.edges}
        )

    @property
    def _single(self) -> str | None:
        """The name of the parameter, if it is the only one that can change."""
        return next(iter(self.below)) if len(self.below) == 1 else None

    def named(self, factor: float, every: frozenset[str]) -> Break | None:
        """Return the mistake of multiplying by `factor`; None if nobody would make it.

        Parameters
        ----------
        factor : float
        every : frozenset of str
            All parameters that the loss depends on.
        """
        user = self.edges[0][0] if self.edges else self.node
        regular = bool(self.edges) and is_regulariser(user, self.node)
        place, cost = self._place(every)
        site = (*user.site, self.edges[0][1] if self.edges else -1)
        if abs(factor) < 1e-9:
            return self._left_out(place, cost, site, regular)
        size = factor_text(factor, self.context.sizes)
        if size is None and not (self._single or self.below == every):
            return None
        kind = "sign" if abs(factor + 1) < 1e-7 else "factor"
        cost += 0.0 if size else 0.3
        cost += 0.05 * len(size.split("×")) if size and kind == "factor" else 0.0
        if regular:
            cost -= 0.05
            place = Place(place.layer, "the regulariser's term", place.write, user.line)
        places = (place,) if regular else self._places(place, every)
        return Break(kind, f"{factor:.10g}", places, self.plan(factor), cost, site, single=True)

    def _left_out(
        self, place: Place, cost: float, site: tuple[object, ...], regular: bool
    ) -> Break | None:
        if regular:
            names = ", ".join(sorted(self.below))
            layer = self.context.graph.levels.get(names, 0)
            where = Place(layer, "the regulariser's term",
                          f"add the derivative of the penalty to the gradient of {names}",
                          self.edges[0][0].line)  # fmt: skip
            return Break(
                "missing-regulariser", names, (where,), self.plan(0), 0.0, ("regulariser",)
            )
        if len(self.node.users) > 1 and self.edges:
            if sum(u.inputs[i] is self.node for u, i in self.edges) == len(self.node.users):
                return None
            name = self.context.name_of(self.node) or "x"
            count = len(self.node.users)
            write = f"d{name} is a sum over the {count} uses of {name}, one term for each"
            if name != "loss":
                place = Place(self.node.layer, f"d{name}", write, place.frame)
            return Break("missing-term", "", (place,), self.plan(0), cost + 0.05, site, single=True)
        if self.node.parameter:
            return Break("zero", "", (place,), self.plan(0), 0.1, site)
        return Break("stopped", "", (place,), self.plan(0), cost + 0.1, site, single=True)

    def _places(self, first: Place, every: frozenset[str]) -> tuple[Place, ...]:
        """Return the places of all edges, each once: a loop over layers has several."""
        found = {(first.layer, first.what): first}
        for user, i in self.edges:
            x = user.inputs[i]
            if x is not None and x is not self.node:
                below = self.context.graph.below(x)
                one = Scaling(((user, i),), x, True, below, self.context)
                place, _ = one._place(every)
                found.setdefault((place.layer, place.what), place)
        return tuple(sorted(found.values(), key=lambda p: p.layer))

    def _place(self, every: frozenset[str]) -> tuple[Place, float]:
        graph = self.context.graph
        user = self.edges[0][0] if self.edges else self.node
        parameter = shown(self.node) or self._single
        if parameter and (shown(self.node) or self.node.data.ndim):
            layer = graph.levels.get(parameter, 0) or self.node.layer or user.layer
            return Place(layer, f"d{parameter}", "", user.line), 0.05
        if self.below == every and self.node.layer >= graph.depth:
            what = _term(user, self.edges[0][1]) if len(self.edges) == 1 else ""
            return Place(0, what or "the loss", "", graph.loss.line), 0.0
        return place_of_edge(user, self.node), 0.1


def _term(user: Node, i: int) -> str:
    """Return what to call a term of the loss, where that is only a part of it."""
    if user.operation not in ("add", "subtract") or len(user.edges) < 2:
        return ""
    text = operand_text(user, i)
    return f"the term {text} of the loss" if text else "one term of the loss"


def scalings(context: Context) -> Iterator[Scaling]:
    """Yield the places where a factor makes a difference of its own.

    Along a chain of values that are each used once, a factor has the same effect everywhere: the
    one nearest to the loss stands for all.
    """
    graph = context.graph
    yield Scaling((), graph.loss, True, graph.below(graph.loss), context)
    by_site: dict[object, list[tuple[Node, int, Node]]] = {}
    whole: dict[object, list[Node]] = {}
    for node in graph.nodes:
        if len(node.users) > 1:
            yield Scaling((), node, True, graph.below(node), context)
            whole.setdefault(any_layer(node.site), []).append(node)
        for user, i in node.users:
            if context.is_inside(node) or context.is_inside(user) or _closed(context, user):
                continue
            if len(user.edges) > 1 or len(node.users) > 1:
                by_site.setdefault((user.site, i), []).append((user, i, node))
    by_code: dict[object, list[tuple[Node, int, Node]]] = {}
    for edges in by_site.values():
        user, i, _ = edges[0]
        by_code.setdefault((any_layer(user.site), i), []).extend(edges)
    for nodes in whole.values():
        if len(nodes) > 1:
            behind = frozenset().union(*(n.ancestors for n in nodes))
            below = frozenset().union(*(graph.below(n) for n in nodes))
            linear = not any(n.position in behind for n in nodes)
            yield Scaling((), nodes[0], linear, below, context, tuple(nodes))
    wider = [edges for edges in by_code.values() if len({user.site for user, _, _ in edges}) > 1]
    for edges in (*by_site.values(), *wider):
        alone = edges if len(edges) <= _MOST_ROUNDS else [edges[0], edges[-1]]
        groups = [edges] if len(edges) == 1 or edges in wider else [edges, *([e] for e in alone)]
        for group in groups:
            past = {p for _, _, x in group for p in (*x.ancestors, x.position)}
            linear = len(group) == 1 or not any(u.position in past for u, _, _ in group)
            below = frozenset().union(*(graph.below(x) for _, _, x in group))
            used = tuple((u, i) for u, i, _ in group)
            yield Scaling(used, group[0][2], linear, below, context)


def penalties(context: Context) -> Iterator[Break]:
    """Yield all penalties on a parameter left out together, and all on all of them."""
    by_name: dict[str, list[tuple[Node, int]]] = {}
    for name, leaf in context.graph.parameters.items():
        by_name[name] = [(user, i) for user, i in leaf.users if is_regulariser(user, leaf)]
    chosen = [[name] for name, edges in by_name.items() if len(edges) > 1]
    several = [name for name, edges in by_name.items() if edges]
    for names in (*chosen, *([several] if len(several) > 1 else [])):
        cut: dict[tuple[int, int], Rule | None] = {
            (user.position, i): None for name in names for user, i in by_name[name]
        }
        places = tuple(
            Place(context.graph.levels.get(name, 0), f"d{name}",
                  f"add the derivative of every penalty to d{name}", by_name[name][0][0].line)
            for name in names
        )  # fmt: skip
        yield Break(
            "missing-regulariser", ", ".join(names), places, Plan(cut), 0.05, ("regulariser",),
            single=True,
        )  # fmt: skip


def only_one_way(context: Context) -> Iterator[Break]:
    """Yield values of three uses or more of which one alone was followed back.

    A normalised value without the derivatives of its mean and its variance is one.
    """
    for node in context.graph.nodes:
        if node.parameter is not None or context.is_inside(node):
            continue
        if len(node.users) > 1:
            yield from _rounds(context, node)
        if len(node.users) < 3:
            continue
        name = context.name_of(node) or "x"
        for kept, (user, number) in enumerate(node.users):
            write = f"d{name} is a sum over the {len(node.users)} uses of {name}"
            place = Place(node.layer, f"d{name}", write, user.line)
            cut: dict[tuple[int, int], Rule | None] = {
                (other.position, i): None for other, i in node.users if (other, i) != (user, number)
            }
            yield Break(
                "missing-term", f"only use {kept}", (place,), Plan(cut), 0.15,
                (*node.site, "one", kept), single=True,
            )  # fmt: skip


def _rounds(context: Context, node: Node) -> Iterator[Break]:
    """Yield a value's gradient with ``=`` in a loop over its uses where ``+=`` has to stand."""
    by_code: dict[object, list[tuple[Node, int]]] = {}
    for user, i in node.users:
        by_code.setdefault((user.operation, any_layer(user.site), i), []).append((user, i))
    name = context.name_of(node) or "x"
    place = Place(node.layer, f"d{name}", f"d{name} += ..., in every round of the loop", node.line)
    for uses in by_code.values():
        if len(uses) < 2:
            continue
        newest_first = sorted(uses, key=lambda use: use[0].position)
        for order, words in ((newest_first, "last"), (newest_first[::-1], "first")):
            yield Break(
                "overwritten", f"only the {words} round", (place,), _overwriting(node, order), 0.1,
                (*node.site, "rounds"), single=True,
            )  # fmt: skip


def _overwriting(node: Node, order: list[tuple[Node, int]]) -> Plan:
    """Return the plan in which what comes first in `order` leaves nothing of the rest.

    Rounds that read different slices overwrite one another only where the slices overlap.
    """
    edges: dict[tuple[int, int], Rule | None] = {}
    free = np.ones(node.data.shape, dtype=bool)
    for user, i in order:
        index = user.attributes.get("index", ...) if user.operation == "getitem" else ...
        written = np.zeros(node.data.shape, dtype=bool)
        written[index] = True
        if not np.all(free[written]):
            edges[user.position, i] = _where(user, i, free.copy()) if free.any() else None
        free &= ~written
    return Plan(edges)


def _where(user: Node, i: int, mask: Array) -> Rule:
    return lambda g: contribution(user, i, g) * mask


def _closed(context: Context, user: Node) -> bool:
    """Tell whether `user` is the output of an activation of several steps."""
    return any(a.y is user and len(a.inside) > 1 for a in context.activations)


def is_regulariser(user: Node, node: Node) -> bool:
    """Tell whether the way from `node` to the loss through `user` is that of a penalty.

    A penalty is a number that comes from the parameters alone, added to one that comes from data.
    """
    if not _only_parameters(node):
        return False
    while user.data.size > 1 or _only_parameters(user):
        if not _only_parameters(user) or len(user.users) != 1:
            return False
        node, user = user, user.users[0][0]
    return node.data.size == 1 and user.operation in ("add", "subtract")


def _only_parameters(node: Node) -> bool:
    """Tell whether no array but parameters went into a value."""
    stack, seen = [node], {node.position}
    while stack:
        value = stack.pop()
        index = value.attributes.get("index")
        parts = index if isinstance(index, tuple) else (index,)
        if any(isinstance(part, (np.ndarray, list)) for part in parts):
            return False  # rows that data choose
        for operand, x in zip(value.operands, value.inputs, strict=True):
            if x is None:
                if np.size(operand) > 1:
                    return False
            elif x.position not in seen:
                seen.add(x.position)
                stack.append(x)
    return True


# --- what a factor is -----------------------------------------------------------------------------


def sizes_of(graph: Graph) -> dict[float, str]:
    """Return the lengths that a loss may be averaged over, and what they are."""
    output = next(
        (n for n in graph.nodes if n.data.ndim and n.layer == graph.depth and n.data.size > 1), None
    )
    if output is None:
        return {}
    found: dict[float, str] = {}
    samples = _sample_axis(graph, output)
    for axis, n in enumerate(output.data.shape):
        if n > 1 and float(n) not in found:
            words = f"the {n} samples" if axis == samples else f"the {n} outputs"
            found[float(n)] = words
    for node in graph.nodes:
        for operand in node.operands if node.operation == "sum" else ():
            for n in np.shape(operand):
                if n > 1:
                    found.setdefault(float(n), f"an axis of length {n}")
    for node in graph.nodes:
        for n in node.data.shape if node.operation in PRODUCTS else ():
            if n > 1:
                found.setdefault(float(n), f"an axis of length {n}")
    rounds: dict[object, int] = {}
    for node in graph.nodes:
        key = (node.operation, any_layer(node.site))
        rounds[key] = rounds.get(key, 0) + 1
    counts = sorted({n for n in rounds.values() if n > 1})
    words = "the {} rounds of the loop" if len(counts) == 1 else "the {} runs of a line in a loop"
    for n in counts:
        found.setdefault(float(n), words.format(n))
    for (n, a), (m, b) in itertools.combinations(list(found.items()), 2):
        found.setdefault(n * m, f"{a} × {b}")
    found.setdefault(float(output.data.size), f"all {output.data.size} outputs")
    return found


def _sample_axis(graph: Graph, output: Node) -> int:
    """Return the axis of the samples: that along which the newest bias was repeated."""
    for node in graph.nodes:
        if node.operation == "add":
            for i, x in node.edges:
                shape = np.shape(node.operands[i])
                if shown(x) and node.data.shape == output.data.shape != shape:
                    extra = node.data.ndim - len(shape)
                    return 0 if extra else next((a for a, n in enumerate(shape) if n == 1), 0)
    return 0


def factor_text(factor: float, sizes: dict[float, str]) -> str | None:
    """Say what a factor is: "2", "1/2", "the 4 samples", "2 / the 3 outputs"; None if unknown."""
    size = abs(factor)
    if not 1e-9 < size < 1e9:
        return None
    plain = {1.0: "1", 2.0: "2", 0.5: "1/2"}
    for number, text in plain.items():
        if abs(size - number) < 1e-7 * number:
            return text
    for number, words in sizes.items():
        for two, prefix in ((1.0, ""), (2.0, "2 × "), (0.5, "1/2 × ")):
            if abs(size - two * number) < 1e-7 * size:
                return prefix + words
            if abs(size - two / number) < 1e-7 * size:
                return f"{prefix or '1'}{' ' if not prefix else ''}/ {words}".replace("× /", "/")
    if abs(size - 4) < 1e-7 or abs(size - 0.25) < 1e-8:
        return "4" if size > 1 else "1/4"
    for n, m in itertools.permutations(sizes, 2):  # one mean taken for another
        if abs(size - n / m) < 1e-7 * size:
            return f"{sizes[n]} / {sizes[m]}"
    for prefix, square in (("", size**2), ("1 / ", 1 / size**2)):
        if 1.5 < square < 1e4 and abs(square - round(square)) < 1e-6 * square:
            return f"{prefix}the square root of {round(square)}"
    return None
