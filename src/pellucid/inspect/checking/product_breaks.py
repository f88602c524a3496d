"""Mistakes in products: transposed factors, other factors, forgotten factors, updated weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Plan, Rule, contribution, true_rule
from pellucid.inspect.checking.breaks import Break, Context, Place
from pellucid.inspect.checking.graph import MOVING, Node
from pellucid.inspect.checking.sources import operand_text, text_of

__all__ = [
    "activation_after",
    "name_of",
    "output_after",
    "place_of_edge",
    "product_breaks",
    "shown",
    "updated_weight_plan",
    "uses_of_weights",
]

_MATRIX = frozenset(("matmul", "einsum"))
_ENTRYWISE = frozenset(("multiply", "divide"))
_FURTHEST = 10  # steps from a product to the end of its activation
_MOST_LINES = 40  # values of other lines that are tried in the place of a factor


def product_breaks(context: Context) -> Iterator[Break]:
    """Yield the mistakes that can be made at each product."""
    for node in context.graph.nodes:
        if context.is_inside(node) or len(node.operands) < 2:
            continue
        for i, x in node.edges:
            if node.operation in _MATRIX:
                yield from _transposed(node, i, x)
                yield from _other_factor(context, node, i, x)
            elif node.operation in _ENTRYWISE:
                yield from _forgotten_factor(context, node, i, x)
                if node.operation == "multiply":
                    yield from _other_factor(context, node, i, x)


def place_of_edge(node: Node, x: Node, write: str = "") -> Place:
    """Return the place where the gradient goes from `node` to `x`."""
    parameter = shown(x)
    if parameter:
        return Place(node.layer, f"d{parameter}", write, node.line)
    layer = node.layer
    name = x.called.partition("[")[0]
    if not name and any(one is x for _, one in node.edges):
        name = _identifier(node, x)
    what = f"d{name}" if name and name != "loss" else "the gradient that goes on from there"
    return Place(layer, what, write, node.line)


def _identifier(node: Node, x: Node) -> str:
    """Return the name by which a line uses a value; empty if it uses an expression."""
    i = next(i for i, one in node.edges if one is x)
    text = operand_text(node, i).partition("[")[0].removeprefix("self.")
    return text if text.isidentifier() else ""


def shown(node: Node) -> str | None:
    """Return the name of the parameter that a node is, or shows in another order."""
    while node.parameter is None and node.operation in MOVING and node.edges:
        node = node.edges[0][1]
    return node.parameter


def _edge(node: Node, i: int, rule: Rule | None) -> Plan:
    return Plan({(node.position, i): rule})


# --- transposed -----------------------------------------------------------------------------------


def _swap(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _transposed(node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield products with one factor the wrong way round, where the shapes allow it."""
    shape = np.shape(node.operands[i])
    if node.operation == "einsum":
        yield from _swapped_axes(node, i, x)
        yield from _swapped_gradient(node, i, x)
        return
    other = np.asarray(node.operands[1 - i])
    side = "right" if i == 0 else "left"
    name = name_of(node, 1 - i)
    place = place_of_edge(node, x, f"multiply with {name}.T from the {side}")
    choices: list[Rule] = []
    if i == 0:
        choices = [
            lambda g: g @ other,
            lambda g: _swap(g @ _swap(other)),
            lambda g: _swap(g) @ _swap(other),
            lambda g: _swap(g) @ other,
            lambda g: other @ g,
            lambda g: _swap(other) @ g,
        ]
    else:
        choices = [
            lambda g: other @ g,
            lambda g: _swap(_swap(other) @ g),
            lambda g: _swap(other) @ _swap(g),
            lambda g: g @ other,
            lambda g: g @ _swap(other),
        ]
    probe = np.zeros_like(node.data)
    for number, rule in enumerate(choices):
        try:
            fits = rule(probe).shape == shape
        except ValueError:
            continue
        if fits:
            yield Break(
                "transposed", f"{i}", (place,), _edge(node, i, rule), 0.05 + 0.1 * (number > 0),
                (*node.site, i, number), single=False,
            )  # fmt: skip


def _swapped_axes(node: Node, i: int, x: Node) -> Iterator[Break]:
    for j, operand in enumerate(node.operands):
        numbers = np.asarray(operand)
        if j == i:
            continue
        for a, b in itertools.combinations(range(numbers.ndim), 2):
            if numbers.shape[a] == numbers.shape[b] and numbers.shape[a] > 1:
                swapped = (*node.operands[:j], np.swapaxes(numbers, a, b), *node.operands[j + 1 :])
                yield Break(
                    "transposed", f"axes {a} and {b}",
                    (place_of_edge(node, x, f"{name_of(node, j)} with its axes {a} and {b} "
                                   "the other way round"),),
                    _edge(node, i, _with(node, i, swapped)), 0.2, (*node.site, i, j, a, b),
                )  # fmt: skip


def _swapped_gradient(node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield products whose incoming gradient has two axes of equal length exchanged."""
    shape = node.data.shape
    for a, b in itertools.combinations(range(len(shape)), 2):
        if shape[a] == shape[b] > 1:
            name = node.called.partition("[")[0] or "the product"
            yield Break(
                "transposed", f"axes {a} and {b} of the gradient",
                (place_of_edge(node, x, f"d{name} with its axes {a} and {b} the other way round"),),
                _edge(node, i, _exchanging(node, i, a, b)), 0.2, (*node.site, i, "g", a, b),
            )  # fmt: skip


def _exchanging(node: Node, i: int, a: int, b: int) -> Rule:
    return lambda g: contribution(node, i, np.swapaxes(g, a, b))


def _with(node: Node, i: int, operands: tuple[Any, ...]) -> Rule:
    """Return the true rule with other numbers."""
    return true_rule(node, i, operands)


def name_of(node: Node, j: int) -> str:
    """Return what to call an operand: a name of its own, or what stands in this line."""
    operand = node.inputs[j]
    name = "" if operand is None else shown(operand) or operand.called
    if not name or "[" in name:  # of another round of a loop
        name = operand_text(node, j) or name
    if not name:
        name = "the input" if operand is None else text_of(operand)
    return name or "the value that was multiplied with"


# --- other factors --------------------------------------------------------------------------------


def _is_fixed(node: Node, j: int) -> bool:
    """Tell whether a factor is a number written in the code, as in ``2 * z``."""
    if node.inputs[j] is not None:
        return False
    text = operand_text(node, j)
    return not text or text.replace(".", "").isdigit()


class _StandIn(NamedTuple):
    """What may stand in the place of a factor: how far-fetched it is, the numbers, its name.

    `source` tells how it was found, so that the same mistake in every round of a loop is one;
    `told` is the name with the round.
    """

    cost: float
    data: Array
    name: str
    source: str
    told: str = ""


def _other_factor(context: Context, node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield products with another value of the same shape in the place of the other factor."""
    for j, operand in enumerate(node.operands):
        if j == i or (np.ndim(operand) == 0 and _is_fixed(node, j)):
            continue
        told = set()
        for one in _stand_ins(context, node, j, x, np.shape(operand)):
            if (one.name, one.source) in told or np.array_equal(one.data, operand):
                continue
            told.add((one.name, one.source))
            called = one.told or one.name
            operands = (*node.operands[:j], one.data, *node.operands[j + 1 :])
            yield Break(
                "wrong-factor", one.name,
                (place_of_edge(node, x, f"the factor is {name_of(node, j)}, not {called}"),),
                _edge(node, i, _with(node, i, operands)), one.cost,
                (*node.site, i, j, one.name, one.source), single=True,
                told=f"{called} stands there",
            )  # fmt: skip


def _stand_ins(
    context: Context, node: Node, j: int, x: Node, shape: tuple[int, ...]
) -> Iterator[_StandIn]:
    factor = node.inputs[j]
    after = activation_after(context, node)
    if after is not None and after.data.shape == shape:
        name = after.called or f"a{after.layer}"
        told = f"{name.partition('[')[0]} of the same round" if _is_repeated(context, node) else ""
        yield _StandIn(0.2, after.data, name, "after", told)
    if x.data.shape == shape and node.operation == "multiply":
        yield _StandIn(0.3, x.data, context.name_of(x) or shown(x) or "the value itself", "itself")
    if factor is not None:
        parameter = shown(factor)
        if parameter is not None:
            for other in context.graph.parameters.values():
                if other.parameter != parameter and other.data.shape == shape:
                    yield _StandIn(0.15, other.data, str(other.parameter), "parameter")
            yield from _mirrored(factor, shape)
            return
        if factor.data.min() >= 0 and factor.data.max() <= 1:
            yield _StandIn(0.25, 1 - factor.data, f"1 - {name_of(node, j)}", "complement")
        yield from _near(context, factor, shape)
    yield from _of_other_lines(context, node, factor, shape)


def _is_repeated(context: Context, node: Node) -> bool:
    """Tell whether a line runs in several rounds of a loop."""
    key = _line_of(node)
    return (
        sum(other.operation == key[0] and _line_of(other) == key for other in context.graph.nodes)
        > 1
    )


def _mirrored(factor: Node, shape: tuple[int, ...]) -> Iterator[_StandIn]:
    """Yield the slice of a parameter that is as far from its end as this one from its start."""
    if factor.operation != "getitem" or not factor.edges:
        return
    whole = factor.edges[0][1]
    index = factor.attributes.get("index")
    index = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    if whole.data.shape[1:] == shape and isinstance(index, (int, np.integer)):
        name = f"{shown(factor) or factor.called} from the other end"
        yield _StandIn(0.2, whole.data[len(whole.data) - 1 - index], name, "mirrored")


def _near(context: Context, factor: Node, shape: tuple[int, ...]) -> Iterator[_StandIn]:
    """Yield the other side of the activation, and what the factor was computed from."""
    near: dict[int, float] = {}
    activation = context.output_of(factor)
    if activation is not None:
        if activation.y is factor:
            near[activation.z.position] = 0.1
        else:  # a = f(z) goes through a reshape: z would as well
            name = activation.names[1].partition("[")[0]
            moved = _moved_along(factor, activation.z.data, activation.y)
            yield _StandIn(0.1, moved, name, "input")
    for one in context.activations:
        if one.z is factor:
            near[one.y.position] = 0.1
    level = [factor]
    for depth in range(4):
        level = [x for n in level for _, x in n.edges]
        for x in level:
            near.setdefault(x.position, 0.25 + 0.001 * depth)
    for position, cost in list(near.items())[:12]:
        candidate = context.graph.nodes[position]
        numbers = candidate.data
        if numbers.shape != shape and numbers.size == np.prod(shape) and numbers.ndim:
            numbers = numbers.reshape(shape)
        if numbers.shape == shape:
            name = candidate.called
            if not name or name == factor.called:
                name = f"z{candidate.layer}" if cost == 0.1 else "an earlier value"
            yield _StandIn(cost, numbers, name, f"near {cost}")


def _of_other_lines(
    context: Context, node: Node, factor: Node | None, shape: tuple[int, ...]
) -> Iterator[_StandIn]:
    """Yield the values that lie nearest, before and after, of each line of the code."""
    values = context.of_shape(shape)
    earlier = [n for n in values if n.position > node.position]  # numbered from the loss
    later = [n for n in reversed(values) if n.position < node.position]
    for direction, nodes in (("later", later), ("earlier", earlier)):
        told: set[object] = set()
        for other in nodes:
            key = _line_of(other)
            if key in told or other is factor or len(told) > _MOST_LINES:
                continue
            told.add(key)
            name = context.name_of(other)
            called = ""
            if factor is not None and name and name == _stem(factor):
                called = f"{name} of {_ROUND[direction]}"
            line = f"another value of line {other.line.line}" if other.line else "another value"
            cost = 0.3 if name else 0.4
            yield _StandIn(cost, other.data, name or line, f"{direction} {key}", called)
    if factor is not None and factor.called:
        key = _line_of(factor)
        if key not in told and any(_line_of(n) == key for n in later):
            # the first round of a loop: what stands before it is the zeros that it starts from
            name = context.name_of(factor)
            called = f"{name} of {_ROUND['earlier']}"
            yield _StandIn(0.3, np.zeros(shape), name, f"earlier {key}", called)


def _stem(factor: Node) -> str:
    """Return the name of a value without an index: S for ``S[:, k]``."""
    return (factor.called or text_of(factor)).partition("[")[0]


_ROUND = {"later": "the next round", "earlier": "the round before"}


def _line_of(node: Node) -> tuple[object, ...]:
    return node.operation, node.code


def _recognised_after(context: Context, node: Node) -> Node | None:
    for _ in range(_FURTHEST):
        for activation in context.activations:
            if activation.z is node:
                return activation.y
        if len(node.users) != 1:
            return None
        node = node.users[0][0]
    return None


def activation_after(context: Context, node: Node) -> Node | None:
    """Return the output of the activation that a product goes into, if it is only one.

    Of an activation that is not recognised: the last value that is computed from the product and
    from parameters and constants alone, entry by entry.
    """
    return _recognised_after(context, node) or output_after(node)


def output_after(node: Node) -> Node | None:
    """Return the last value computed entry by entry from a product, parameters and constants."""
    start, last = node, None
    for _ in range(_FURTHEST):
        if not node.users or (last is not None and len(node.users) > 1):
            break
        after = node.users[0][0]
        others = [x for _, x in after.edges if x is not node and x.parameter is None]
        if others or after.data.size != start.data.size or after.operation in _MATRIX:
            break
        if after.operation not in ("add", "subtract", *MOVING):
            last = after
        node = after
    return last


def _forgotten_factor(context: Context, node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield an entry-by-entry product of which one factor was forgotten on the way back."""
    other = node.operands[1 - i]
    if node.operation == "divide" and i == 1:
        yield Break(
            "wrong-factor", "the derivative of a quotient",
            (place_of_edge(node, x, "d(x / y) by y is -x / y**2"),),
            _edge(node, i, lambda g: contribution(node, i, g) * np.asarray(node.operands[1])),
            0.3, (*node.site, i), single=True,
        )  # fmt: skip
        return
    if node.inputs[1 - i] is x:
        return  # a square: its factor 2 is found as a factor
    factor = node.inputs[1 - i]
    name = (shown(factor) or factor.called) if factor is not None else ""
    constant = not name and np.size(other) == 1
    text = operand_text(node, 1 - i)
    counted = constant and _is_a_count(other, text, context.sizes)
    if constant:
        literal = not text or counted or text.replace(".", "").isdigit()
        name = f"the constant {float(np.sum(other)):g}" if literal else text
    name = name or text or "the constant that stands there"
    sign = "/" if node.operation == "divide" else "*"
    cost = 0.1 if np.ndim(other) else 0.15
    named = constant and not name.startswith("the constant")
    cost -= 0.02 * named
    verb = "divides" if node.operation == "divide" else "multiplies"
    yield Break(
        "missing-factor", name, (place_of_edge(node, x, f"times the factor: {sign} {name}"),),
        _edge(node, i, _without(node, i)), cost, (*node.site, i), single=True,
        constant=constant and not counted,
        told=f"the forward pass {verb} by {name}" if named else "",
    )  # fmt: skip
    if np.ndim(other) and node.operation == "multiply":
        yield Break(
            "extra-factor", name, (place_of_edge(node, x, f"times {name} once"),),
            _edge(node, i, lambda g: contribution(node, i, g * np.asarray(other))),
            0.15, (*node.site, i, "twice"), single=True,
        )  # fmt: skip
        if factor is None and not np.all(other):
            kept = (np.asarray(other) != 0).astype(float)
            yield Break(
                "wrong-factor", f"a mask of zeros and ones in place of {name}",
                (place_of_edge(node, x, f"times {name} itself"),),
                _edge(node, i, true_rule(node, i, _instead(node, 1 - i, kept))),
                0.15, (*node.site, i, "mask"), single=True,
            )  # fmt: skip
    if node.operation == "divide":
        yield Break(
            "wrong-factor", f"times {name} instead of divided by it",
            (place_of_edge(node, x, f"divided by {name}"),),
            _edge(node, i, lambda g: contribution(node, i, g * np.asarray(other) ** 2)),
            0.2, (*node.site, i, "inverse"), single=True,
        )  # fmt: skip


def _is_a_count(number: Any, text: str, sizes: dict[float, str]) -> bool:
    """Tell whether a factor of the code is a number of samples or entries, as in a mean."""
    if np.asarray(number).dtype.kind in "iu" or "len(" in text or ".shape" in text:
        return True
    size = float(np.sum(number))
    return any(abs(size * n - 1) < 1e-9 or (n == size and "sqrt" not in text) for n in sizes)


def _instead(node: Node, j: int, numbers: Array) -> tuple[Any, ...]:
    return (*node.operands[:j], numbers, *node.operands[j + 1 :])


def _without(node: Node, i: int) -> Rule:
    ones = tuple(x if j == i else np.ones(np.shape(x)) for j, x in enumerate(node.operands))
    return true_rule(node, i, ones)


# --- weights that were updated too early ----------------------------------------------------------


def uses_of_weights(context: Context) -> dict[str, list[tuple[Node, int, int]]]:
    """Return for each parameter the edges whose rule multiplies by it: (node, edge, operand)."""
    uses: dict[str, list[tuple[Node, int, int]]] = {}
    for node in context.graph.nodes:
        if node.operation not in _MATRIX | _ENTRYWISE:
            continue
        for i, x in node.edges:
            if shown(x) is not None:
                continue
            for j, factor in enumerate(node.inputs):
                name = shown(factor) if j != i and factor is not None else None
                if name is not None:
                    uses.setdefault(name, []).append((node, i, j))
    return uses


def updated_weight_plan(uses: list[tuple[Node, int, int]], update: Array, rate: float) -> Plan:
    """Return the plan in which a weight less `rate` × `update` carries the gradient back."""
    edges: dict[tuple[int, int], Rule | None] = {}
    for node, i, j in uses:
        factor = node.inputs[j]
        assert factor is not None
        moved = np.asarray(node.operands[j]) - rate * _moved_along(factor, update)
        operands = (*node.operands[:j], moved, *node.operands[j + 1 :])
        edges[node.position, i] = _with(node, i, operands)
    return Plan(edges)


def _moved_along(node: Node, update: Array, start: Node | None = None) -> Array:
    """Bring an array of the shape of `start`, or a parameter, into the order that `node` shows."""
    steps: list[Node] = []
    while node is not start and node.parameter is None:
        steps.append(node)
        node = node.edges[0][1]
    result = np.asarray(update, dtype=np.float64).reshape(node.data.shape)
    for step in reversed(steps):
        result = step.primitive.forward(result, **step.attributes)
    return result
