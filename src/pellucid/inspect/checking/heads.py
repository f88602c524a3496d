"""Mistakes at the output: the gradient of one loss used with another, and log-softmax shifts.

At the pre-activation z of the output the two common losses have the gradients

    cross-entropy            s (p − y)
    ½ squared error          c (p − y) · f′(z), or the softmax's Jacobian times c (p − y)

so each can be told from the numbers, without knowing how the loss was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activation_breaks import place_of, replaced
from pellucid.inspect.checking.activations import softmax, softmax_jacobian
from pellucid.inspect.checking.backward import Backward, Plan, Rule, times
from pellucid.inspect.checking.breaks import Break, Context, Place
from pellucid.inspect.checking.graph import Node
from pellucid.inspect.checking.recognising import Recognised

__all__ = ["head_breaks"]


def head_breaks(context: Context, true: Backward) -> Iterator[Break]:
    """Yield the mistakes that take one loss for another.

    Parameters
    ----------
    context : Context
    true : Backward
        The pass with no rule broken.
    """
    top = context.graph.depth
    seen: set[int] = set()
    for one in context.activations:
        if one.y.layer != top or one.name not in ("sigmoid", "softmax", "log-softmax", "tanh"):
            continue
        error = _squared_error(one)
        if error is not None:
            yield from _with_squared_error(one, error, true)
        elif one.name != "tanh" and one.z.position not in seen:
            p = one.y.data if one.name != "log-softmax" else np.exp(one.y.data)
            axis = None if one.name == "sigmoid" else one.axis
            target = _target(true.total(one.z), p, axis, context)
            if target is not None:
                seen.add(one.z.position)
                p_name, z_name = one.names
                head = _Head(one.z, p, one.axis, one.name, place_of(one), z_name.partition("[")[0])
                if one.name != "log-softmax":
                    head = head._replace(p_name=p_name)
                yield from _with_cross_entropy(head, *target)
    if not seen:
        yield from _from_logits(context, true, top)


def _squared_error(one: Recognised) -> Array | None:
    """Return p − y if the output goes into a difference and from there into a square."""
    for user, i in one.y.users:
        if user.operation != "subtract":
            continue
        for later, _ in user.users:
            if later.operation in ("square", "power", "multiply"):
                return np.asarray(user.data if i == 0 else -user.data)
    return None


def _with_squared_error(one: Recognised, error: Array, true: Backward) -> Iterator[Break]:
    g = true.total(one.y)
    place = place_of(one)
    ratio = _ratio(g, error)
    scales = {1.0}
    if ratio:
        scales |= {1 / ratio, 1 / (ratio * (len(error) if error.ndim else 1))}
    if one.name == "tanh":
        return
    for scale in sorted(scales):
        yield Break(
            "cross-entropy-gradient", f"{one.name}, times {scale:g}", (place,),
            replaced(one, times(scale)), 0.02, one.y.site, single=True,
        )  # fmt: skip


def _ratio(g: Array, error: Array) -> float | None:
    """Return the number c of g = c · error, or None if there is none."""
    scale = float(np.sum(error * error))
    if g.shape != error.shape or not scale:
        return None
    ratio = float(np.sum(g * error)) / scale
    fits = np.allclose(g, ratio * error, rtol=1e-9, atol=1e-12 * max(abs(ratio), 1))
    return ratio if fits and ratio else None


def _target(g: Array, p: Array, axis: int | None, context: Context) -> tuple[Array, float] | None:
    """Return (y, s) if g = s (p − y) for a likely s, and some y of zeros and ones or of the data.

    Along the `axis` of a softmax the entries of y have to add up to 1.
    """
    if not np.ptp(p):
        return None
    for scale in (1.0, *(1 / size for size in context.sizes if size > 1)):
        y = p - g / scale
        near = np.rint(y)
        if (
            np.all((near == 0) | (near == 1))
            and np.allclose(y, near, atol=1e-7)
            and _adds_up(near, axis)
        ):
            return near, scale
    for y in context.shares(p.shape):
        ratio = _ratio(g, p - y) if np.ptp(y) and _adds_up(y, axis) else None
        if ratio is not None and ratio > 0:
            return y, ratio
    return None


def _adds_up(y: Array, axis: int | None) -> bool:
    return axis is None or bool(np.allclose(np.sum(y, axis=axis), 1))


class _Head(NamedTuple):
    """An output p = f(z) that goes into a cross-entropy."""

    z: Node
    p: Array
    axis: int
    name: str
    place: Place
    z_name: str
    p_name: str = "p"


def _with_cross_entropy(head: _Head, y: Array, scale: float) -> Iterator[Break]:
    z, p, axis, name = head.z, head.p, head.axis, head.name
    divided = "" if scale == 1 else f" / {1 / scale:g}"
    numerator = f"{head.p_name} - y" if scale == 1 else f"({head.p_name} - y)"
    where = Place(head.place.layer, f"the {name.removeprefix('log-')} of the output",
                  f"d{head.z_name} = {numerator}{divided}", head.place.frame)  # fmt: skip
    slope = p * (1 - p)
    is_softmax = name != "sigmoid"

    def make(kind: str, rule: Rule, cost: float, variant: str) -> Break:
        return Break(kind, variant, (where,), Plan(totals={z.position: rule}), cost, z.site, True)

    if is_softmax:
        yield make(
            "squared-error-gradient", lambda g: softmax_jacobian(g, p, axis), 0.02, "softmax"
        )
        yield make("extra-derivative", lambda g: g * slope, 0.0, "softmax, p * (1 - p)")
        yield make("missing-shift", lambda g: g - scale * p, 0.1, "only - y is left of p - y")
    else:
        yield make("squared-error-gradient", lambda g: g * slope, 0.02, "sigmoid")
        yield make("extra-derivative", lambda g: g * slope, 0.0, "sigmoid")
    yield make(
        "missing-target",
        lambda g: g + scale * y,
        0.05,
        f"{head.p_name} is left of {head.p_name} - y",
    )
    for value, called in _in_place_of(head):
        yield make("wrong-output", _plus(scale * (value - p)), 0.1, called)


def _in_place_of(head: _Head) -> list[tuple[Array, str]]:
    """Return what people take for the output p: the logits, log p, the decision."""
    z, p, axis = head.z.data, head.p, head.axis
    values = [(np.asarray(z), head.z_name)]
    if head.name == "sigmoid":
        decided = (p > 0.5).astype(float)
    else:
        decided = (p == np.max(p, axis=axis, keepdims=True)).astype(float)
        values.append((np.log(np.maximum(p, np.finfo(float).tiny)), f"log {head.p_name}"))
    return [*values, (decided, "the decision (zeros and ones)")]


def _plus(change: Array) -> Rule:
    return lambda g: g + change


def _from_logits(context: Context, true: Backward, top: int) -> Iterator[Break]:
    """Yield the same for a cross-entropy written with the logits alone."""
    for node in context.graph.nodes:
        if node.layer != top or not node.data.ndim or context.is_inside(node):
            continue
        if not any(name in context.graph.parameters for name in context.graph.below(node)):
            continue
        choices = [("sigmoid", 1 / (1 + np.exp(-np.clip(node.data, -500, 500))), -1)]
        choices += [
            ("softmax", softmax(node.data, axis), axis)
            for axis in range(node.data.ndim)
            if node.data.shape[axis] > 1
        ]
        for name, p, axis in choices:
            target = _target(true.total(node), p, None if name == "sigmoid" else axis, context)
            if target is not None:
                place = Place(node.layer, f"the {name}", "", node.line)
                called = node.called.partition("[")[0]
                z_name = called if called not in ("", "loss") else f"z{node.layer}"
                yield from _with_cross_entropy(_Head(node, p, axis, name, place, z_name), *target)
                return
