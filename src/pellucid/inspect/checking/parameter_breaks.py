"""Mistakes in the last step, from the gradient by a pre-activation to that by a parameter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward, Plan, Rule
from pellucid.inspect.checking.breaks import Break, Context, Place, any_layer
from pellucid.inspect.checking.graph import PRODUCTS, Node
from pellucid.inspect.checking.product_breaks import place_of_edge

__all__ = ["parameter_breaks"]


def parameter_breaks(context: Context, true: Backward) -> Iterator[Break]:
    """Yield the mistakes that change the gradient of one parameter alone."""
    for name, leaf in context.graph.parameters.items():
        yield from _turned(name, leaf)
        yield from _flipped(name, leaf)
        yield from _one_of_the_same_rows(name, leaf)
        yield from _one_use_only(name, leaf)
        for user, i in leaf.users:
            yield from _other_axes(name, user, i)
    yield from _exchanged(context, true)


def _turned(name: str, leaf: Node) -> Iterator[Break]:
    if leaf.data.ndim < 2 or 1 in leaf.data.shape[-2:]:
        return
    place = Place(leaf.layer, f"d{name}", f"d{name} transposed: d{name}.T", None)
    yield Break(
        "transposed", "result", (place,), _total(leaf, lambda g: np.swapaxes(g, -1, -2)), 0.0,
        ("leaf", name),
    )  # fmt: skip


def _total(leaf: Node, rule: Rule) -> Plan:
    return Plan(totals={leaf.position: rule})


def _flipped(name: str, leaf: Node) -> Iterator[Break]:
    """Yield kernels and stacks of layers whose gradient runs backwards along some axes."""
    several = [(-2, -1)] if leaf.data.ndim > 1 else []
    for axes in (*several, *((axis,) for axis in range(leaf.data.ndim))):
        if any(leaf.data.shape[axis] < 2 for axis in axes):
            continue
        text = ", ".join(str(axis % leaf.data.ndim) for axis in axes)
        axis_text = text if len(axes) == 1 else f"({text})"
        write = f"d{name} = np.flip(d{name}, axis={axis_text})"
        yield Break(
            "flipped-kernel", f"{name}, axes {text}", (Place(leaf.layer, f"d{name}", write, None),),
            _total(leaf, _reversed_along(axes)), 0.1, ("leaf", name, axes),
            told="it runs backwards" + (_of_axes(text) if leaf.data.ndim > 1 else ""),
        )  # fmt: skip


def _of_axes(text: str) -> str:
    return f" along {'axes' if ',' in text else 'axis'} {text}"


def _reversed_along(axes: tuple[int, ...]) -> Rule:
    return lambda g: np.flip(g, axis=axes)


def _one_of_the_same_rows(name: str, leaf: Node) -> Iterator[Break]:
    """Yield ``d[rows] = g`` and ``d[rows] += g``, which keep one of the rows chosen twice."""
    for user, i in leaf.users:
        index = user.attributes.get("index")
        parts = index if isinstance(index, tuple) else (index,)
        if user.operation != "getitem" or not any(isinstance(p, np.ndarray) for p in parts):
            continue
        place = Place(leaf.layer, f"d{name}", f"np.add.at(d{name}, rows, ...)", user.line)
        yield Break(
            "overwritten", "rows", (place,),
            Plan({(user.position, i): _assigned(leaf.data.shape, index)}), 0.05,
            ("rows", name), single=True,
            told="rows that are chosen more than once get only the last of their gradients: with "
            "a list of rows, = and += do not add up",
        )  # fmt: skip


def _assigned(shape: tuple[int, ...], index: Any) -> Rule:
    def rule(g: Array) -> Array:
        result = np.zeros(shape)
        result[index] = g
        return result

    return rule


Read = tuple[Node, int, tuple[str, ...]]
"""A value that reads a parameter, which of its inputs, and the entries that it reads."""


def _reads(leaf: Node) -> Iterator[Read]:
    """Yield where a parameter is read, entry by entry as loops do."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(leaf, ())]
    while stack:
        node, path = stack.pop()
        for user, i in node.users:
            if user.operation == "getitem" and "index" in user.attributes:
                index = repr(user.attributes["index"])
                yield user, i, path
                stack.append((user, (*path, index)))
            else:
                yield user, i, path


def _one_use_only(name: str, leaf: Node) -> Iterator[Break]:
    """Yield gradients that were overwritten in a loop instead of added up."""
    by_site: dict[object, list[Read]] = {}
    for user, i, path in _reads(leaf):
        key = (any_layer(user.site), user.operation, i, len(path))
        by_site.setdefault(key, []).append((user, i, path))
    for uses in by_site.values():
        ordered = sorted(uses, key=lambda use: use[0].position)
        firsts: dict[tuple[str, ...], Read] = {use[2]: use for use in ordered}
        lasts: dict[tuple[str, ...], Read] = {use[2]: use for use in reversed(ordered)}
        if len(firsts) == len(uses):
            continue
        for chosen, words in ((firsts, "first"), (lasts, "last")):
            these = {(user.position, i) for user, i, _ in chosen.values()}
            others = [(user.position, i) for user, i, _ in uses if (user.position, i) not in these]
            line = ordered[-1][0].line
            site = ("rounds", name, ordered[0][0].operation)
            place = Place(
                leaf.layer, f"d{name}", f"d{name} += ..., in every round of the loop", line
            )
            yield Break(
                "overwritten", f"only the {words} round", (place,),
                Plan(dict.fromkeys(others)), 0.05, site, single=True,
            )  # fmt: skip
            if len(uses) > 2 * len(chosen):
                place = Place(leaf.layer, f"d{name}", "", line)
                yield Break(
                    "left-out", f"the {words} round of the loop", (place,),
                    Plan(dict.fromkeys(these)), 0.2, (*site, words), single=True,
                )  # fmt: skip


def _other_axes(name: str, user: Node, i: int) -> Iterator[Break]:
    """Yield biases summed over other axes than those along which they were broadcast."""
    shape = np.shape(user.operands[i])
    if user.operation in PRODUCTS or not user.primitive.broadcasts or user.data.shape == shape:
        return
    extra = user.data.ndim - len(shape)
    right = (
        *range(extra),
        *(a + extra for a, n in enumerate(shape) if n == 1 and user.data.shape[a + extra] != 1),
    )
    axes = right[0] if len(right) == 1 else right
    write = f"d{name} = np.sum(..., axis={axes})" if right else ""
    place = place_of_edge(user, user.inputs[i], write)  # type: ignore[arg-type]

    def before_summing(g: Array) -> Array:
        """Return what a bias receives in every sample: the gradient itself, or times a factor."""
        if user.operation in ("multiply", "divide"):
            ones = [np.broadcast_to(x, g.shape) for x in user.operands]
            return np.asarray(user.primitive.vjps[i](g, user.data, *ones, **user.attributes))
        return np.asarray(user.primitive.vjps[i](g, user.data, *user.operands, **user.attributes))

    def make(kind: str, variant: str, rule: Rule, cost: float) -> Break:
        return Break(
            kind, variant, (place,), Plan({(user.position, i): rule}), cost,
            (*user.site, name, variant),
        )  # fmt: skip

    yield make("bias-not-summed", "", before_summing, 0.0)
    if right and user.operation in ("add", "subtract"):
        added_to = math.prod(user.data.shape[axis] for axis in right)
        yield Break(
            "bias-mean", "", (place,),
            Plan({(user.position, i): _averaged(before_summing, right, added_to)}), 0.12,
            (*user.site, name, "mean"),
            told="it is the mean over what the bias was added to, and has to be the sum",
        )  # fmt: skip
    for count in range(1, user.data.ndim + 1):
        for chosen in itertools.combinations(range(user.data.ndim), count):
            if chosen == right:
                continue
            text = f"axis {chosen[0]}" if len(chosen) == 1 else f"axes {chosen}"
            yield make("bias-axis", text, _summed(before_summing, chosen), 0.05)
    # NumPy broadcasts a gradient of one row onto any bias: one sample, the first or the last.
    if len(right) == 1:
        for position, words in ((0, "first"), (-1, "last")):
            yield make(
                "bias-not-summed", f"only the {words} sample is used",
                _one_of(before_summing, position, right[0]), 0.2,
            )  # fmt: skip


def _summed(rule: Rule, axes: tuple[int, ...]) -> Rule:
    return lambda g: rule(g).sum(axis=axes)


def _averaged(rule: Rule, axes: tuple[int, ...], count: int) -> Rule:
    return lambda g: rule(g).sum(axis=axes) / count


def _one_of(rule: Rule, position: int, axis: int) -> Rule:
    return lambda g: np.take(rule(g), [position], axis=axis)


def _always(value: Array) -> Rule:
    return lambda g: value


def _exchanged(context: Context, true: Backward) -> Iterator[Break]:
    """Yield gradients that carry each other's names."""
    leaves = list(context.graph.parameters.values())
    for a, b in itertools.combinations(leaves, 2):
        if a.data.shape != b.data.shape or a.data.size < 2:
            continue
        ga, gb = true.total(a), true.total(b)
        place = Place(a.layer, f"d{a.parameter}", f"d{a.parameter} and d{b.parameter} each under "
                      "its own name", None)  # fmt: skip
        plan = Plan(totals={a.position: _always(gb), b.position: _always(ga)})
        yield Break(
            "exchanged", f"{a.parameter} and {b.parameter}", (place,), plan, 0.1,
            ("exchanged", a.parameter, b.parameter), single=True,
        )  # fmt: skip
