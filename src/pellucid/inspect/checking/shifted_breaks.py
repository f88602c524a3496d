"""Mistakes with the numbers of layers: another layer's weights or activation in every layer.

In a loop over layers, ``W[l - 1].T @ delta`` carries the error back with the weights of the layer
that it goes to, and ``a[l] * (1 - a[l])`` may be the slope of the layer below. Every layer has the
mistake then, so that no layer's alone explains anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activation_breaks import place_of, replaced
from pellucid.inspect.checking.backward import Plan, Rule, times, true_rule
from pellucid.inspect.checking.breaks import Break, Context, Place
from pellucid.inspect.checking.graph import PRODUCTS, Node
from pellucid.inspect.checking.product_breaks import name_of, place_of_edge, shown
from pellucid.inspect.checking.recognising import Recognised

__all__ = ["shifted_breaks"]

_COST = 0.2
_SHIFTS = ((-1, "below"), (1, "above"))


def shifted_breaks(context: Context) -> Iterator[Break]:
    """Yield products and slopes that take the values of the layer below, or above, throughout."""
    yield from _of_weights(context)
    yield from _of_slopes(context)


# --- weights --------------------------------------------------------------------------------------


class _Weighing(NamedTuple):
    """A product with a parameter: the factor's number, the inputs that a gradient goes to."""

    node: Node
    j: int
    onward: list[tuple[int, Node]]

    @property
    def weights(self) -> Array:
        return np.asarray(self.node.operands[self.j])


def _of_weights(context: Context) -> Iterator[Break]:
    layers: dict[int, list[_Weighing]] = {}
    for node in context.graph.nodes:
        if node.operation not in PRODUCTS:
            continue
        for j, factor in enumerate(node.inputs):
            if factor is not None and shown(factor) is not None and np.ndim(node.operands[j]) > 1:
                onward = [(i, x) for i, x in node.edges if shown(x) is None]
                layers.setdefault(node.layer, []).append(_Weighing(node, j, onward))
    # of a layer with several products nobody knows which is the next one's
    ordered = [found[0] for _, found in sorted(layers.items()) if len(found) == 1]
    for shift, words in _SHIFTS:
        edges: dict[tuple[int, int], Rule | None] = {}
        places: list[Place] = []
        fits = True
        for number, one in enumerate(ordered):
            if not one.onward or not 0 <= number + shift < len(ordered):
                continue
            other = ordered[number + shift].weights
            fits = fits and other.shape == one.weights.shape
            operands = (*one.node.operands[: one.j], other, *one.node.operands[one.j + 1 :])
            for i, x in one.onward:
                edges[one.node.position, i] = true_rule(one.node, i, operands)
                write = f"the factor is {name_of(one.node, one.j)}, as in the forward pass"
                places.append(place_of_edge(one.node, x, write))
        if fits and len(places) > 1:
            yield Break(
                "wrong-factor", f"the weights of the layer {words}", tuple(places), Plan(edges),
                _COST, ("shifted weights", shift), single=True,
                told=f"in every layer the weights of the layer {words} stand there",
            )  # fmt: skip


# --- slopes ---------------------------------------------------------------------------------------


def _of_slopes(context: Context) -> Iterator[Break]:
    by_name: dict[str, list[Recognised]] = {}
    for one in context.activations:
        if one.activation is not None:
            by_name.setdefault(one.activation.name, []).append(one)
    for members in by_name.values():
        ordered = sorted(members, key=lambda one: one.y.layer)
        if len({one.y.layer for one in ordered}) < len(ordered):
            continue
        for shift, words in _SHIFTS:
            for layers in (ordered, ordered[:-1]):
                made = _shifted_slopes(context, ordered, layers, shift, words)
                if made is not None:
                    yield made


def _shifted_slopes(
    context: Context, ordered: list[Recognised], layers: list[Recognised], shift: int, words: str
) -> Break | None:
    """Return the slopes of some layers taken at the output of the layer beside each."""
    plan: Plan | None = Plan()
    places: list[Place] = []
    for number, one in enumerate(layers):
        beside = number + shift
        if beside >= len(ordered):
            continue
        values = ordered[beside].y.data if beside >= 0 else _input_of(one.z)
        activation = one.activation
        if values is None or activation is None or plan is None:
            return None
        # ReLU masks and the like come out of the value itself, be it input or output
        slope = (activation.slope_of_output or activation.slope)(values)
        if slope.shape != one.y.data.shape and not _fits(slope, one.y.data):
            return None
        plan = plan.joined(replaced(one, times(slope)))
        places.append(place_of(one))
    if plan is None or len(places) < 2:
        return None
    own = layers[0].activation
    assert own is not None
    formula = f"{own.formula.format(a='a', z='z')} with the output of the layer {words}"
    return Break(
        "wrong-derivative", f"{own.name}: {formula}", tuple(places), plan, _COST,
        ("shifted slopes", own.name, shift, len(layers)), single=True,
    )  # fmt: skip


def _fits(slope: Array, values: Array) -> bool:
    try:
        return np.broadcast_shapes(slope.shape, values.shape) == values.shape
    except ValueError:
        return False


def _input_of(node: Node) -> Array | None:
    """Return the data that the first layer multiplies with its weights."""
    for _ in range(4):
        if node.operation in PRODUCTS:
            others = [
                np.asarray(x) for x, parent in zip(node.operands, node.inputs, strict=True)
                if parent is None
            ]  # fmt: skip
            return others[0] if len(others) == 1 else None
        onward = [x for _, x in node.edges if shown(x) is None]
        if len(onward) != 1:
            return None
        node = onward[0]
    return None
