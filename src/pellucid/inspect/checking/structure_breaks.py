"""Mistakes in what moves, normalises or selects entries: reshapes, batch and layer norm, maxima."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Plan, Rule
from pellucid.inspect.checking.breaks import Break, Context, Place
from pellucid.inspect.checking.graph import MOVING, Node
from pellucid.inspect.checking.recognising import between, candidates

__all__ = ["structure_breaks"]

_FEW_AXES = 4


def structure_breaks(context: Context) -> Iterator[Break]:
    """Yield the mistakes that can be made where entries are moved, normalised or selected."""
    for node in context.graph.nodes:
        if context.is_inside(node):
            continue
        if node.operation in ("divide", "multiply"):
            yield from _normalisation(context, node)
        elif node.operation in ("max", "min"):
            yield from _spread(node)
        elif node.operation in MOVING:
            yield from _moved(node)


# --- entries in another order ---------------------------------------------------------------------


def _moved(node: Node) -> Iterator[Break]:
    """Yield ways back that put entries in the wrong order, though the shapes fit."""
    base, transposes = node, []
    while base.operation in ("reshape", "transpose") and base.edges:
        if base.operation == "transpose":
            transposes.append(base)
        base = base.edges[0][1]
    is_end = any(user.operation not in ("reshape", "transpose") for user, _ in node.users)
    if not transposes or (base.parameter is not None and base.data.ndim == 2):
        return
    name = base.called.partition("[")[0] or "the gradient"
    place = Place(base.layer, f"d{name}" if name != "the gradient" else name,
                  "undo the transpose before the reshape: .transpose(...) with the inverse order",
                  node.line)  # fmt: skip
    if is_end and base.data.size == node.data.size:
        yield Break(
            "wrong-order", "reshape", (place,),
            Plan({(node.position, node.edges[0][0]): None},
                 ((node.position, base.position, _reshaped(base.data.shape)),)),
            0.1, (*node.site, "order"), single=True,
            told="the entries were brought back by reshape alone; the forward pass moves axes as "
            "well, so they land in the wrong places",
        )  # fmt: skip
    (i, x), *_ = node.edges
    if node.operation == "transpose" and 3 <= x.data.ndim <= _FEW_AXES:
        right = _inverse(node, x)
        for axes in itertools.permutations(range(x.data.ndim)):
            if axes != right and tuple(node.data.shape[a] for a in axes) == x.data.shape:
                yield Break(
                    "wrong-order", f"transpose{axes}", (place,),
                    Plan({(node.position, i): _transposed(axes)}), 0.3,
                    (*node.site, "order", axes), single=True,
                    told=f"the way back takes the axes in the order {axes}; it has to be {right}",
                )  # fmt: skip


def _inverse(node: Node, x: Node) -> tuple[int, ...]:
    """Return the order of axes that undoes a transpose."""
    probe = np.arange(x.data.size).reshape(x.data.shape)
    moved = node.primitive.forward(probe, **node.attributes)
    return next(
        axes for axes in itertools.permutations(range(x.data.ndim))
        if tuple(moved.shape[a] for a in axes) == x.data.shape
        and np.array_equal(np.transpose(moved, axes), probe)
    )  # fmt: skip


def _reshaped(shape: tuple[int, ...]) -> Rule:
    return lambda g: g.reshape(shape)


def _transposed(axes: tuple[int, ...]) -> Rule:
    return lambda g: np.transpose(g, axes)


# --- maxima ---------------------------------------------------------------------------------------


def _spread(node: Node) -> Iterator[Break]:
    """Yield the gradient of a maximum given to every entry, as that of a sum or a mean."""
    (i, x), *_ = node.edges
    if x.data.size == node.data.size:
        return
    shape = _kept(node, x)
    if shape is None:
        return
    count = x.data.size // node.data.size
    place = Place(node.layer, f"the {node.operation}imum",
                  "only the entry that is the largest gets the gradient: times (x == x.max(...))",
                  node.line)  # fmt: skip
    for divisor, words in ((1, "as if it were a sum"), (count, "as if it were a mean")):
        yield Break(
            "spread-maximum", words, (place,),
            Plan({(node.position, i): _repeated(shape, x.data.shape, divisor)}), 0.1,
            (*node.site, divisor), told=words,
        )  # fmt: skip


def _kept(node: Node, x: Node) -> tuple[int, ...] | None:
    """Return the shape of a reduced value with its axes kept, as length 1."""
    for count in range(1, x.data.ndim + 1):
        for axes in itertools.combinations(range(x.data.ndim), count):
            reduced = getattr(np, node.operation)(x.data, axis=axes, keepdims=True)
            if reduced.size == node.data.size and np.array_equal(
                reduced.ravel(), node.data.ravel()
            ):
                return tuple(reduced.shape)
    return None


def _repeated(kept: tuple[int, ...], shape: tuple[int, ...], divisor: int) -> Rule:
    return lambda g: np.broadcast_to(g.reshape(kept), shape) / divisor


# --- normalisation --------------------------------------------------------------------------------


class _Normalised(NamedTuple):
    """y = (z − mean) / s over some axes, or z / s where `centred` is false."""

    z: Node
    axes: tuple[int, ...]
    s: Array
    centred: bool


def _normalised(y: Node) -> _Normalised | None:
    """Recognise batch, layer and root-mean-square normalisation, however they are written."""
    if y.data.ndim < 2 or np.ptp(y.data) == 0:
        return None
    found = None
    for z in candidates(y):
        if len(z.users) < 2 or z.parameter is not None or between(y, z) is None:
            continue
        for axes in _choices(y.data.ndim):
            for centred in (True, False):
                c = z.data - z.data.mean(axis=axes, keepdims=True) if centred else z.data
                square = np.sum(y.data**2, axis=axes, keepdims=True)
                if np.any(square == 0):
                    continue
                s = np.sum(c * y.data, axis=axes, keepdims=True) / square
                size = np.sqrt(np.mean(c**2, axis=axes, keepdims=True))
                if (
                    np.all(s > 0)
                    and np.allclose(c, s * y.data, rtol=1e-9, atol=1e-12)
                    and np.allclose(s, size, rtol=0.05)
                ):
                    found = found or _Normalised(z, axes, s, centred)
    return found


def _choices(ndim: int) -> Iterator[tuple[int, ...]]:
    for count in range(1, ndim):
        yield from itertools.combinations(range(ndim), count)


def _normalisation(context: Context, y: Node) -> Iterator[Break]:
    """Yield what people forget of dz = (dy − mean(dy) − y · mean(dy · y)) / s."""
    one = _normalised(y)
    if one is None:
        return
    z, axes, s = one.z, one.axes, one.s
    n, raw = y.data, z.data
    mean = 1.0 if one.centred else 0.0
    yn, zn = context.name_of(y) or "xhat", context.name_of(z) or "x"
    axis = axes[0] if len(axes) == 1 else axes
    means = f" - np.mean(d{yn}, axis={axis}, keepdims=True)" if one.centred else ""
    write = (
        f"d{zn} = (d{yn}{means} - {yn} * np.mean(d{yn} * {yn}, axis={axis}, keepdims=True)) / s, "
        f"with s = {'the standard deviation' if one.centred else 'the root mean square'}"
    )
    place = Place(z.layer, "the normalisation", write, y.line)
    edges: dict[tuple[int, int], Rule | None] = {(y.position, i): None for i, _ in y.edges}

    def m(x: Array, along: tuple[int, ...] = axes) -> Array:
        return np.asarray(np.mean(x, axis=along, keepdims=True))

    def make(kind: str, told: str, rule: Rule, cost: float) -> Break:
        plan = Plan(edges, ((y.position, z.position, rule),))
        return Break(kind, told, (place,), plan, cost, (*y.site, told), single=True, told=told)

    count = float(np.prod([n.shape[a] for a in axes]))
    yield make("missing-derivative", "the gradient passes it as if it were not there",
               lambda g: g, 0.05)  # fmt: skip
    yield make("missing-factor", "the division by s is missing on the way back",
               lambda g: g - mean * m(g) - n * m(g * n), 0.05)  # fmt: skip
    yield make("missing-factor", "means over the entries are needed, not sums: a factor "
               f"1/{count:g}",
               lambda g: (g - count * (mean * m(g) + n * m(g * n))) / s, 0.05)  # fmt: skip
    yield make("wrong-factor", "divided by s**2 in place of s",
               lambda g: (g - mean * m(g) - n * m(g * n)) / s**2, 0.1)  # fmt: skip
    yield make("wrong-factor", f"{zn} stands where the normalised {yn} has to stand",
               lambda g: (g - mean * m(g) - raw * m(g * raw)) / s, 0.1)  # fmt: skip
    yield make("sign", "the term of s has the wrong sign",
               lambda g: (g - mean * m(g) + n * m(g * n)) / s, 0.05)  # fmt: skip
    if one.centred:
        constant = "were taken as constants: they depend on every entry"
        yield make("missing-term", f"the mean and the standard deviation {constant}",
                   lambda g: g / s, 0.0)  # fmt: skip
        yield make("missing-term", "the standard deviation was taken as a constant: it depends on "
                   "every entry", lambda g: (g - m(g)) / s, 0.0)  # fmt: skip
        yield make("missing-term", "the mean was taken as a constant: it depends on every entry",
                   lambda g: (g - n * m(g * n)) / s, 0.0)  # fmt: skip
        yield make("sign", "the term of the mean has the wrong sign",
                   lambda g: (g + m(g) - n * m(g * n)) / s, 0.05)  # fmt: skip
    else:
        yield make("missing-term", "the root mean square was taken as a constant: it depends on "
                   "every entry", lambda g: g / s, 0.0)  # fmt: skip
    for other in _choices(n.ndim):
        if other != axes:
            yield make("normalised-axis", f"over {_listed(other)}, not over {_listed(axes)}",
                       _along(other, n, s, mean), 0.05)  # fmt: skip


def _listed(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {axes}"


def _along(axes: tuple[int, ...], n: Array, s: Array, mean: float) -> Rule:
    def rule(g: Array) -> Array:
        one, two = (np.mean(x, axis=axes, keepdims=True) for x in (g, g * n))
        return np.asarray((g - mean * one - n * two) / s)

    return rule
