"""Mistakes in the step from the gradient by a value to that by a parameter it was made with.

With z = W a + b these are dW = dz aᵀ and db = dz, summed over what the bias was repeated along.
People take another gradient than dz, a number (``np.dot``) for the matrix dz aᵀ, or sum everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Plan, Rule, true_rule
from pellucid.inspect.checking.breaks import Break, Context, Place, any_layer
from pellucid.inspect.checking.graph import MOVING, Node
from pellucid.inspect.checking.product_breaks import (
    activation_after,
    name_of,
    output_after,
    place_of_edge,
    shown,
)
from pellucid.inspect.checking.sources import text_of

__all__ = ["last_step_breaks"]

_NEAREST = 8  # values before and after whose gradients are tried
_ALONG = frozenset(("add", "subtract", "multiply", "divide", "matmul", "linear", "einsum"))


def last_step_breaks(context: Context) -> Iterator[Break]:
    """Yield the mistakes in the last step, to each use of each parameter."""
    for node in context.graph.nodes:
        if node.operation not in _ALONG or context.is_inside(node):
            continue
        for i, x in node.edges:
            if shown(x) is not None:
                yield from _of_another_value(context, node, i, x)
                if node.operation == "matmul":
                    yield from _some_samples(context, node, i, x)
                    yield from _numbers_for_matrices(context, node, i, x)
    for name, leaf in context.graph.parameters.items():
        yield from _everything(name, leaf)


# --- another gradient -----------------------------------------------------------------------------


def _of_another_value(context: Context, node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield the gradient by another value of the same shape in the place of that by `node`."""
    z = node
    while len(z.users) == 1 and z.users[0][0].operation == "reshape":
        z = z.users[0][0]  # vectors are multiplied as matrices of one row or column
    values = context.of_shape(z.data.shape)
    later = [n for n in reversed(values) if n.position < node.position]
    earlier = [n for n in values if n.position > node.position]
    parameter = shown(x)
    own = context.name_of(z) or _sum_after(context, z) or z.called or text_of(z) or "that value"
    for direction, nodes in (("later", later), ("earlier", earlier)):
        told: set[object] = set()
        for other in nodes:
            key = (other.operation, any_layer(other.site))
            if key in told or other.parameter is not None or other.operation in MOVING:
                continue
            if len(told) > _NEAREST:
                break
            told.add(key)
            if other.operation in ("add", "subtract") and any(u is other for u, _ in z.users):
                continue  # a sum passes its gradient on as it is
            name = context.name_of(other)
            if not name or name == own:
                name = _source(other)
            cost = (
                0.2 if other.position in node.ancestors or node.position in other.ancestors else 0.3
            )
            yield Break(
                "wrong-source", f"{name} for d{parameter}",
                (place_of_edge(node, x, _from(parameter, own, name)),),
                Plan({(node.position, i): None},
                     ((other.position, x.position, _reshaped(node, i)),)),
                cost, (*node.site, i, direction, key), single=True,
                told=f"it was computed from {_gradient_by(name)}; it needs {_gradient_by(own)}",
            )  # fmt: skip


def _reshaped(node: Node, i: int) -> Rule:
    rule = true_rule(node, i)
    return lambda g: rule(g.reshape(node.data.shape))


def _sum_after(context: Context, node: Node) -> str:
    """Return the name of the sum that a product is a term of: its gradient is the same."""
    while len(node.users) == 1 and node.users[0][0].operation == "add":
        node = node.users[0][0]
        name = context.name_of(node)
        if name:
            return name
    return ""


def _source(node: Node) -> str:
    line = node.line
    text = line.text if line is not None else ""
    if text and len(text) <= 48 and text.isprintable():
        return text
    return f"another value of line {line.line}" if line is not None else "another value"


def _gradient_by(name: str) -> str:
    return f"d{name}" if name.isidentifier() else f"the gradient by {name}"


def _from(parameter: str | None, own: str, other: str) -> str:
    if not (own.isidentifier() and other.isidentifier()):
        return ""
    return f"d{parameter} from d{own}, not from d{other}"


# --- some of the samples --------------------------------------------------------------------------


def _some_samples(context: Context, node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield weights' gradients of which the first or the last sample is left out, or alone."""
    axis = node.data.ndim - 1 if i == 0 else 0
    count = node.data.shape[axis] if node.data.ndim > 1 else 1
    if count < 3:
        return
    place = Place(node.layer, f"d{shown(x)}", "", node.line)
    for which, words in ((0, "first"), (count - 1, "last")):
        chosen = np.zeros(count)
        chosen[which] = 1
        chosen = chosen.reshape([-1 if a == axis else 1 for a in range(node.data.ndim)])
        for kind, mask, cost in (("left-out", 1 - chosen, 0.2), ("only-one-sample", chosen, 0.2)):
            yield Break(
                kind, f"the {words} sample", (place,),
                Plan({(node.position, i): _masked(node, i, mask)}), cost,
                (*node.site, i, kind, words),
            )  # fmt: skip


def _masked(node: Node, i: int, mask: Array) -> Rule:
    rule = true_rule(node, i)
    return lambda g: rule(g * mask)


# --- a number for a matrix ------------------------------------------------------------------------


def _numbers_for_matrices(context: Context, node: Node, i: int, x: Node) -> Iterator[Break]:
    """Yield what comes of two vectors in other ways than by ``np.outer``."""
    other = np.asarray(node.operands[1 - i])
    if x.data.ndim != 2 or other.ndim == 0 or other.size != max(other.shape):
        return
    if node.data.size * other.size != x.data.size:
        return
    parameter, shape = shown(x), x.data.shape
    own = output_after(node) or activation_after(context, node)
    factors = [(name_of(node, 1 - i), other, "")]  # fmt: skip
    if own is not None:
        factors.append((context.name_of(own) or "its output", own.data, "own"))
    right = factors[0][0]
    for name, numbers, which in factors:
        v = numbers.ravel()
        named = f"{name}, the layer's own output, in place of {right}"
        if name == right:
            named = "the layer's own output in place of its input"
        instead = f", with {named}" if which else ""
        ways: list[tuple[str, str, Rule, float]] = []
        if v.size == node.data.size:
            ways += [
                ("dot", f"np.dot of two vectors is one number{instead}; every entry of the one "
                 "belongs with every entry of the other", _dot(v, None), 0.05),
                ("dot in every entry", f"np.dot of two vectors is one number, and stands in every "
                 f"entry{instead}", _dot(v, shape), 0.1),
                ("entry by entry", f"the two vectors were multiplied entry by entry{instead}; "
                 "every entry of the one belongs with every entry of the other", _times(v), 0.1),
            ]  # fmt: skip
            if len(shape) == 2 and v.size in shape:
                ways.append(
                    ("entry by entry, repeated", "the two vectors were multiplied entry by entry, "
                     f"and the result stands in every row{instead}", _times(v, shape), 0.1),
                )  # fmt: skip
        if which:
            ways.append(
                ("outer", f"{name}, the layer's own output, stands where its input {right} has to "
                 "stand", _outer(v, i), 0.1),
            )  # fmt: skip
        for kind, told, rule, cost in ways:
            z = context.name_of(node) or "z"
            order = f"d{z}, {right}" if i == 0 else f"{right}, d{z}"
            write = f"d{parameter} = np.outer({order})" if right.isidentifier() else (
                f"d{parameter} = np.outer of d{z} and {right}"
            )  # fmt: skip
            yield Break(
                "wrong-factor" if kind == "outer" else "dot-for-outer", f"{kind} {which}",
                (Place(node.layer, f"d{parameter}", write, node.line),),
                Plan({(node.position, i): rule}), cost + 0.05 * bool(which),
                (*node.site, i, kind, which), told=told,
            )  # fmt: skip


def _dot(v: Array, shape: tuple[int, ...] | None) -> Rule:
    if shape is None:
        return lambda g: np.asarray(np.dot(g.ravel(), v))
    return lambda g: np.full(shape, np.dot(g.ravel(), v))


def _times(v: Array, shape: tuple[int, ...] | None = None) -> Rule:
    if shape is None:
        return lambda g: g.ravel() * v
    if shape[1] == v.size:
        return lambda g: np.broadcast_to(g.ravel() * v, shape)
    return lambda g: np.broadcast_to((g.ravel() * v)[:, None], shape)


def _outer(v: Array, i: int) -> Rule:
    return lambda g: np.outer(g.ravel(), v) if i == 0 else np.outer(v, g.ravel())


# --- everything in one number ---------------------------------------------------------------------


def _everything(name: str, leaf: Node) -> Iterator[Break]:
    """Yield one number for all entries: the sum or mean over those of the right gradient."""
    if leaf.data.size < 2:
        return
    place = Place(leaf.layer, f"d{name}", "", leaf.users[0][0].line)
    shape = leaf.data.shape
    choices: list[tuple[str, str, Rule, float]] = [
        ("sum", "all entries were summed into one number", lambda g: np.asarray(g.sum()), 0.1),
        ("sum everywhere", "all entries were summed into one number, which stands in each",
         lambda g: np.full(shape, g.sum()), 0.1),
        ("mean everywhere", "the mean over all entries stands in each",
         lambda g: np.full(shape, g.mean()), 0.15),
    ]  # fmt: skip
    for axis in range(leaf.data.ndim if leaf.data.ndim > 1 else 0):
        if shape[axis] > 1:
            for words, one in (("sum", np.sum), ("mean", np.mean)):
                choices.append(
                    (f"{words} along {axis}", f"the {words} along axis {axis} stands in every "
                     "entry of that axis", _along(one, axis), 0.2),
                )  # fmt: skip
    for variant, told, rule, cost in choices:
        yield Break(
            "summed-over-everything", variant, (place,), Plan(totals={leaf.position: rule}), cost,
            ("leaf", name, variant), told=f"{told}; each entry has a gradient of its own",
        )  # fmt: skip


def _along(function: Any, axis: int) -> Rule:
    return lambda g: np.broadcast_to(function(g, axis=axis, keepdims=True), g.shape)
