"""Mistakes in the derivative of an activation function."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activations import (
    Activation,
    slope_formulas,
    softmax_jacobian,
)
from pellucid.inspect.checking.backward import Plan, Rule, times, true_rule
from pellucid.inspect.checking.breaks import Break, Context, Place
from pellucid.inspect.checking.graph import MOVING, PRODUCTS, Node
from pellucid.inspect.checking.product_breaks import shown
from pellucid.inspect.checking.recognising import Recognised

__all__ = ["activation_breaks", "replaced"]

_MOST_MASKS = 16

_COSTS = {
    "missing-derivative": 0.0,
    "extra-derivative": 0.05,
    "derivative-at-activation": 0.0,
    "derivative-at-pre-activation": 0.0,
    "other-derivative": 0.05,
    "wrong-derivative": 0.3,
}

_STEPS = frozenset(
    {
        *("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "erf", "log1p", "expm1"),
        *("softplus", "absolute", "power", "reciprocal"),
    }
)
"""Functions of one number whose derivative may be forgotten."""


def activation_breaks(context: Context) -> Iterator[Break]:
    """Yield the mistakes that can be made at each activation function."""
    for one in context.activations:
        if one.activation is not None:
            yield from _elementwise(context, one)
        elif one.name == "softmax":
            yield from _softmax(one)
        else:
            yield from _log_softmax(one)
    for node in context.graph.nodes:
        inside = any(node.position in one.inside for one in context.activations)
        if node.operation in _STEPS and not inside and node.data.dtype.kind == "f":
            for i, x in node.edges[:1]:
                yield from _of_steps(node, i, x)
                yield Break(
                    "missing-derivative", node.operation,
                    (Place(node.layer, f"np.{node.operation}", "", node.line),),
                    Plan({(node.position, i): lambda g: g}), 0.2, node.site, single=True,
                )  # fmt: skip


def _of_steps(node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield wrong derivatives of functions that are no activation: |x|, eˣ."""
    slips: list[tuple[str, Array]] = []
    if node.operation == "absolute":
        slips = [("x", x.data), ("2 * x", 2 * x.data), ("|x|", node.data)]
    elif node.operation in ("exp", "log", "sqrt"):
        slips = [("x", x.data)]
    for text, slope in slips:
        yield Break(
            "wrong-derivative", f"np.{node.operation} of x: {text}",
            (Place(node.layer, f"np.{node.operation}", "", node.line),),
            Plan({(node.position, i): times(slope)}), 0.2, node.site, single=True,
        )  # fmt: skip


def replaced(one: Recognised, rule: Rule) -> Plan:
    """Return the plan in which the gradient goes from y to z by `rule`, and no other way."""
    edges: dict[tuple[int, int], Rule | None] = {(one.y.position, i): None for i, _ in one.y.edges}
    return Plan(edges, ((one.y.position, one.z.position, rule),))


def place_of(one: Recognised) -> Place:
    """Return the place of an activation, with its true derivative."""
    y, z = one.names
    dy, dz = f"d{_bare(y)}", f"d{_bare(z)}"
    if one.activation is not None:
        write = f"{dz} = {dy} * {one.activation.formula.format(a=y, z=z)}"
    elif one.name == "softmax":
        write = f"{dz} = {y} * ({dy} - np.sum({dy} * {y}, axis={one.axis}, keepdims=True))"
    else:
        write = f"{dz} = {dy} - np.exp({y}) * np.sum({dy}, axis={one.axis}, keepdims=True)"
    return Place(one.y.layer, f"the {one.name}", write, one.line)


def _bare(name: str) -> str:
    return name.partition("[")[0]


def _elementwise(context: Context, one: Recognised) -> Iterator[Break]:
    activation = one.activation
    assert activation is not None
    y, z = one.names
    place = place_of(one)
    true = activation.slope(one.z.data)
    told = [true]
    for kind, text, slope in slope_formulas(activation, one.z.data, one.y.data):
        if any(np.allclose(slope, other, rtol=1e-9, atol=1e-12) for other in told):
            continue  # the same numbers as the right slope, or as a mistake that is more likely
        told.append(slope)
        variant = f"{activation.name}: {text.format(a=y, z=z)}" if text else activation.name
        yield Break(
            kind, variant, (place,), replaced(one, times(slope)), _COSTS[kind], one.y.site,
            habit=f"{activation.name}: {text}",
        )  # fmt: skip
    yield Break(
        "missing-upstream", activation.name, (place,), replaced(one, _in_place(true)), 0.1,
        one.y.site,
    )  # fmt: skip
    if "ReLU" in activation.name:
        yield from _masks(context, one, place, true)
    else:
        yield from _elsewhere(context, one, place)
    yield from _on_one_way(one, activation)


def _in_place(slope: Array) -> Rule:
    """Return the rule that puts the slope in the place of the gradient, not multiplied with it."""
    return lambda g: np.broadcast_to(slope, np.broadcast_shapes(slope.shape, g.shape))


def _elsewhere(context: Context, one: Recognised, place: Place) -> Iterator[Break]:
    """Yield derivatives that were taken at another value of the same shape."""
    assert one.activation is not None
    for node in context.of_shape(one.z.data.shape)[:_MOST_MASKS]:
        if node is one.z or node is one.y or not context.name_of(node):
            continue
        name, own = context.name_of(node), one.activation
        with np.errstate(all="ignore"):
            slopes = [(own.slope(node.data), f"f'({name}) in place of f'({one.names[1]})")]
            if own.slope_of_output is not None:
                text = own.formula.format(a=name, z=name)
                slopes.append((own.slope_of_output(node.data), text))
        for slope, text in slopes:
            yield Break(
                "wrong-derivative", f"{own.name}: {text}", (place,), replaced(one, times(slope)),
                0.35, one.y.site, single=True,
            )  # fmt: skip


def _on_one_way(one: Recognised, activation: Activation) -> Iterator[Break]:
    """Yield the gradient by a = f(z) used where that by z is needed, on one way from z alone.

    As in ``dW1 = X.T @ da1`` with everything else right.
    """
    y, z = (_bare(name) for name in one.names)
    adds, node = [], one.z
    stack = [node]
    while stack:
        node = stack.pop()
        if node.operation == "add" and node.data.shape == one.z.data.shape:
            adds.append(node)
            stack += [x for _, x in node.edges if x.parameter is None]
    terms = [x for node in adds for _, x in node.edges] or [one.z]
    products = [
        x for x in map(_behind_reshapes, terms)
        if x.data.size == one.z.data.size
        and (x.operation in PRODUCTS
             or (x.operation == "multiply" and any(shown(w) for _, w in x.edges)))
    ]  # fmt: skip
    for node in (*products, *adds):
        for i, x in node.edges:
            if node in adds and x.parameter is None:
                continue
            name = shown(x) or x.called.partition("[")[0]
            what = f"d{name}" if name else "the gradient that goes on from there"
            place = Place(one.y.layer, what, f"{what} from d{z}, not from d{y}", node.line)
            plan = Plan(
                {(node.position, i): None}, ((one.y.position, x.position, _of_the_shape(node, i)),)
            )
            yield Break(
                "missing-derivative", f"{activation.name}, {what}", (place,), plan, 0.1,
                (*node.site, i, "from the output"), single=True,
                told=f"it was computed from d{y}, the gradient by the output of the "
                f"{activation.name}; it needs d{z}, that by its input",
            )  # fmt: skip


def _behind_reshapes(node: Node) -> Node:
    while node.operation == "reshape" and node.edges:
        node = node.edges[0][1]
    return node


def _of_the_shape(node: Node, i: int) -> Rule:
    """Return the true rule for a gradient of the entries of `node`, in whatever shape."""
    rule = true_rule(node, i)
    return lambda g: rule(g.reshape(node.data.shape))


def _masks(context: Context, one: Recognised, place: Place, true: Array) -> Iterator[Break]:
    """Yield masks taken from other values of the same shape, and from the gradient itself."""
    low = float(true.min()) if one.activation and one.activation.name != "ReLU" else 0.0
    seen: list[Array] = [true]
    for node in context.graph.nodes:
        if node.data.shape != one.y.data.shape or node.operation in MOVING:
            continue
        mask = np.where(node.data > 0, 1.0, low)
        if any(np.array_equal(mask, other) for other in seen):
            continue
        seen.append(mask)
        name = node.called or "another value"
        yield Break(
            "wrong-mask", name, (place,), replaced(one, times(mask)), 0.2, one.y.site, single=True
        )
        if len(seen) > _MOST_MASKS:
            break
    for operand in {id(x): x for n in context.graph.nodes for x in n.operands}.values():
        if isinstance(operand, np.ndarray) and operand.shape == true.shape and len(seen) < 40:
            mask = np.where(operand > 0, 1.0, low)
            if not any(np.array_equal(mask, other) for other in seen):
                seen.append(mask)
                yield Break(
                    "wrong-mask", "another array", (place,), replaced(one, times(mask)), 0.25,
                    one.y.site, single=True,
                )  # fmt: skip
    y, _ = one.names
    yield Break(
        "wrong-mask", f"the incoming gradient d{_bare(y)}", (place,),
        replaced(one, lambda g: g * np.where(g > 0, 1.0, low)), 0.05, one.y.site,
    )  # fmt: skip


def _softmax(one: Recognised) -> Iterator[Break]:
    place, p, axis = place_of(one), one.y.data, one.axis

    def make(kind: str, rule: Rule, cost: float, variant: str = "softmax") -> Break:
        return Break(kind, variant, (place,), replaced(one, rule), cost, one.y.site)

    yield make("diagonal-softmax", times(p * (1 - p)), 0.0)
    yield make("missing-derivative", lambda g: g, 0.0)
    yield make("softmax-normaliser", times(p), 0.1)
    yield make("extra-derivative", lambda g: softmax_jacobian(g, p, axis) * p * (1 - p), 0.1)
    yield make("softmax-unweighted", lambda g: p * (g - g.sum(axis=axis, keepdims=True)), 0.15)
    yield make(
        "softmax-unweighted",
        lambda g: g - np.sum(g * p, axis=axis, keepdims=True),
        0.15,
        "the factor p in front is missing",
    )
    yield make("derivative-at-pre-activation", times(one.z.data * (1 - one.z.data)), 0.1)
    yield make("other-derivative", times(1 - p**2), 0.15, "softmax: tanh")
    yield make("other-derivative", times((one.z.data > 0).astype(float)), 0.15, "softmax: ReLU")
    for other in range(p.ndim):
        if other != axis % p.ndim:
            yield make("softmax-axis", _jacobian(p, other), 0.1, f"axis {other}")


def _jacobian(p: Array, axis: int) -> Rule:
    return lambda g: softmax_jacobian(g, p, axis)


def _log_softmax(one: Recognised) -> Iterator[Break]:
    place, p = place_of(one), np.exp(one.y.data)
    true = _true_rule(one)
    yield Break(
        "missing-shift", "log-softmax", (place,), replaced(one, lambda g: g), 0.0, one.y.site
    )
    yield Break(
        "diagonal-softmax", "log-softmax", (place,), replaced(one, times(1 - p)), 0.1, one.y.site
    )
    yield Break(
        "extra-derivative", "softmax", (place,), replaced(one, lambda g: true(g) * p * (1 - p)),
        0.05, one.y.site,
    )  # fmt: skip


def _true_rule(one: Recognised) -> Rule:
    p = np.exp(one.y.data)
    return lambda g: g - p * g.sum(axis=one.axis, keepdims=True)
