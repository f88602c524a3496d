"""Where a loss takes one of several ways: ReLUs, maxima, masks, limits, ``if``.

A ReLU is on or off, a maximum takes one of its arguments, a mask lets an entry through or not. What
a backward pass does on a way that no entry takes is not tested there.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.breaks import any_layer
from pellucid.inspect.checking.graph import Graph, Node
from pellucid.inspect.checking.recognising import Recognised
from pellucid.inspect.checking.writable import Comparison, Frame

__all__ = ["Branch", "Way", "as_activation", "branches", "guards_at_work"]

_SMOOTH = frozenset(("sigmoid", "tanh", "softplus", "SiLU", "GELU", "softmax", "log-softmax"))
_MOST_POSITIONS = 4  # of a maximum over an axis

Toward = tuple[Any, Any]
"""Two sides, recorded or plain: the first one has to be the larger one."""


@dataclass(frozen=True, eq=False)
class Way:
    """The entries of one value that take one of the ways.

    Attributes
    ----------
    node : Node or None
        None for an ``if``, whose way is taken as a whole.
    entries : ndarray of bool or None
    """

    node: Node | None = None
    entries: Array | None = None


@dataclass(eq=False)
class Branch:
    """A place in the code where the loss takes one of several ways.

    Attributes
    ----------
    key : tuple
        The place, the same at every setting of the parameters.
    what : str
        For people: "the ReLU", "np.maximum".
    frames : tuple of Frame
        The lines: a helper such as ``relu`` is called in the first one.
    never : dict
        Label of each way that has to be seen to what is said if it was not: "was never off". With
        the empty label alone, any two ways will do.
    ways : dict
        Label to the entries that take this way, in all rounds of a loop.
    toward : dict
        Label to the two sides of the comparison that has to hold for it, where they are known.
    movable : bool
        Whether the parameters decide which way is taken; if not, the data do.
    """

    key: tuple[Any, ...]
    what: str
    frames: tuple[Frame, ...]
    never: dict[str, str]
    ways: dict[str, list[Way]] = field(default_factory=dict)
    toward: dict[str, Toward] = field(default_factory=dict)
    movable: bool = True

    @property
    def called(self) -> str:
        """What it is, with its line."""
        if not self.frames:
            return self.what
        within = "in" if " is " in self.what else "of"
        return f"{self.what} {within} line {self.frames[0].line}"

    def taken(self, label: str) -> str:
        """Say that a way is taken: "the ReLU of line 13 is off somewhere"."""
        text = self.never.get(label) or next(iter(self.never.values()))
        for never, now in _NOW.items():
            if text.startswith(never):
                return f"{self.called} {now} {text.removeprefix(never).strip()} somewhere"
        return f"{self.called} {text.replace('is ', 'is not ', 1)}"


_NOW = {
    "was never ": "is", "never met ": "meets", "never took ": "takes", "never gave ": "gives",
    "was always at the same": "is at another", "always gave the same": "gives other",
}  # fmt: skip


def branches(graph: Graph) -> dict[tuple[Any, ...], Branch]:
    """Return the places of a recorded loss where it takes one of several ways."""
    found: dict[tuple[Any, ...], Branch] = {}
    for node in graph.nodes:
        make = _KINDS.get(node.operation)
        one = None if make is None else make(graph, node)
        if one is not None:
            _merge(found, one)
    for comparison in graph.trace.comparisons:
        for one in (*_decisions(comparison), *_choices(graph, comparison)):
            _merge(found, one)
    telling = {
        (node.operation, *any_layer(node.site))
        for node in graph.nodes
        if (node.operation == "multiply" and _is_telling_product(node))
        or (node.operation == "subtract" and _of_difference(graph, node) is None)
    }
    for key in [key for key in found if key[0] in ("multiply", "subtract")]:
        if any_layer(key) in telling:  # in another round of the same loop
            del found[key]
    return found


def _merge(found: dict[tuple[Any, ...], Branch], one: Branch) -> None:
    before = found.setdefault(one.key, one)
    if before is not one:
        for label, ways in one.ways.items():
            before.ways.setdefault(label, []).extend(ways)
        before.movable = before.movable or one.movable


def _two_ways(
    node: Node,
    what: str,
    entries: Array,
    never: tuple[str, str],
    toward: Toward | None,
    *,
    movable: bool = True,
) -> Branch:
    """Return a branch that takes the way "first" at the `entries`, and "second" elsewhere."""
    first = np.broadcast_to(np.asarray(entries, dtype=bool), node.data.shape)
    return Branch(
        (node.operation, *node.site), what, _lines(node),
        {"first": never[0], "second": never[1]},
        {"first": [Way(node, first)], "second": [Way(node, ~first)]},
        {} if toward is None else {"first": toward, "second": toward[::-1]},
        movable,
    )  # fmt: skip


def _lines(node: Node) -> tuple[Frame, ...]:
    """Return the lines that made a value, from the one inwards in which its inputs were made."""
    inputs = [len(x.frames) for _, x in node.edges if x.frames]
    level = min([len(node.frames), *inputs]) - 1
    return node.frames[max(level, 0) :]


def _operands(graph: Graph, node: Node) -> tuple[Any, ...]:
    """Return what a value was made from, recorded."""
    producer = graph.values[node.position].producer
    return () if producer is None else tuple(producer.inputs)


def as_activation(one: Branch, activations: list[Recognised]) -> bool:
    """Say of a branch that is an activation that it is on or off; tell whether it has a corner.

    However a sigmoid is written, for example with ``np.where`` for its two ends, it has none.
    """
    if not one.movable:
        return True  # tanh(z) times a mask of ones is a tanh, too
    nodes = [way.node for ways in one.ways.values() for way in ways if way.node is not None]
    around = [a for a in activations if any(node.position in a.inside for node in nodes)]
    if any(a.name in _SMOOTH for a in around):
        return False
    for activation in around:
        z = activation.z.data
        first = one.ways.get("first", [Way()])[0].entries
        if set(one.never) != {"first", "second"} or first is None or first.shape != z.shape:
            continue
        if not (np.any(z > 0) and np.any(z < 0)):
            continue  # of the one side alone it might be another
        words = ("was never on", "was never off")
        on_first = not np.any(first & (z < 0)) and not np.any(~first & (z > 0))
        one.what = f"the {activation.name.partition(' (')[0]}"
        one.never = dict(zip(("first", "second"), words if on_first else words[::-1], strict=True))
        if activation.y.frames:
            one.frames = activation.y.frames[activation.level :]
    return True


# --- of values ------------------------------------------------------------------------------------


def is_guard(limit: Any) -> bool:
    """Tell whether a limit is there for the numbers' sake: 1e-12 before a logarithm, 500 in exp."""
    if np.ndim(limit) or limit is None:
        return False
    value = float(limit)
    return 0 < abs(value) < 1e-3 or 0 < abs(value - 1) < 1e-3 or abs(value) >= 30


def _of_two(graph: Graph, node: Node) -> Branch | None:
    x, y = (np.asarray(operand, dtype=np.float64) for operand in node.operands[:2])
    largest = node.operation == "maximum"
    name = f"np.{node.operation}"
    recorded = _operands(graph, node)
    for i, limit in enumerate((x, y)):
        if node.inputs[i] is None and (limit.ndim == 0 or not np.ptp(limit)):
            value = float(limit.ravel()[0])
            if is_guard(value):
                return None
            other = (y, x)[i]
            sides = (recorded[1 - i], recorded[i])
            is_relu = largest and value == 0
            what = "the ReLU" if is_relu else name
            never = ("was never on", "was never off")
            if not is_relu:
                never = ("never gave its other argument", f"never gave {value:g}")
            return _two_ways(
                node, what, other > value if largest else other < value, never,
                sides if largest else sides[::-1],
            )  # fmt: skip
    never = ("never took its first argument", "never took its second argument")
    sides = (recorded[0], recorded[1])
    return _two_ways(
        node, name, x > y if largest else x < y, never, sides if largest else sides[::-1]
    )


def _of_relu(graph: Graph, node: Node) -> Branch:
    return _two_ways(
        node, "the ReLU", node.operands[0] > 0, ("was never on", "was never off"),
        (_operands(graph, node)[0], 0.0),
    )  # fmt: skip


def _of_absolute(graph: Graph, node: Node) -> Branch:
    return _two_ways(
        node, "np.abs", node.operands[0] > 0,
        ("was never given a positive number", "was never given a negative number"),
        (_operands(graph, node)[0], 0.0),
    )  # fmt: skip


def _of_clip(graph: Graph, node: Node) -> Branch | None:
    low, high = node.attributes.get("low"), node.attributes.get("high")
    limits = {"low": low, "high": high}
    if (low, high) == (0, 1):
        return None  # keeps a probability a probability
    x, x_value = np.asarray(node.operands[0]), _operands(graph, node)[0]
    inside = np.ones(x.shape, dtype=bool)
    one = Branch(("clip", *node.site), "np.clip", _lines(node), {})
    for label, limit in limits.items():
        if limit is None or np.ndim(limit) or is_guard(limit):
            continue
        beyond = x < limit if label == "low" else x > limit
        inside &= ~beyond
        one.ways[label] = [Way(node, beyond)]
        side = "below" if label == "low" else "above"
        one.never[label] = f"was never given a number {side} {float(limit):g}"
        one.toward[label] = (limit, x_value) if label == "low" else (x_value, limit)
    if not one.never:
        return None
    one.ways["inside"] = [Way(node, inside)]
    one.never["inside"] = "was never given a number within its limits"
    return one


def _of_maximum_over_an_axis(graph: Graph, node: Node) -> Branch | None:
    x, axis = np.asarray(node.operands[0]), node.attributes.get("axis")
    if isinstance(axis, tuple):
        if len(axis) not in (1, x.ndim):
            return None
        axis = axis[0] if len(axis) == 1 else None
    if x.size == node.data.size:
        return None
    chosen = np.argmax(x, axis=axis).reshape(node.data.shape)
    return Branch(
        ("max", *node.site), "the maximum", _lines(node),
        {"": "was always at the same position"},
        {str(i): [Way(node, chosen == i)] for i in np.unique(chosen)[:_MOST_POSITIONS]},
    )  # fmt: skip


def _of_where(graph: Graph, node: Node) -> Branch | None:
    condition = np.asarray(node.operands[0])
    if not condition.ndim or condition.dtype != bool or not _says(node, "where"):
        return None
    known, toward = _asked(graph, condition)
    return _two_ways(
        node, "np.where", condition,
        ("never met a condition that was True", "never met a condition that was False"),
        toward, movable=known,
    )  # fmt: skip


def _says(node: Node, word: str) -> bool:
    """Tell whether the learner wrote this, and not the library within another function."""
    frame = node.line
    if frame is None:
        return False
    return word in (frame.text or linecache.getline(frame.file, frame.line))


def _of_product(graph: Graph, node: Node) -> Branch | None:
    """Return a product with constant zeros and ones: a mask, labels that choose a term, λ = 0."""
    for i in (0, 1):
        factor = np.asarray(node.operands[i])
        if node.inputs[i] is not None or factor.dtype.kind not in "fiub":
            continue
        if _is_telling_product(node):
            return None
        known, toward = _asked(graph, factor) if factor.ndim else (False, None)
        what = "the mask" if known or factor.dtype == bool else "the constant factor"
        one = _two_ways(
            node, what, factor != 0, ("is 0 everywhere", "is 1 everywhere"), toward, movable=known
        )
        if factor.size == 1:
            del one.never["second"]
        return one
    return None


def _of_difference(graph: Graph, node: Node) -> Branch | None:
    """Return a difference from a constant that is zero: targets of zero, most often."""
    constant = np.asarray(node.operands[1])
    if node.inputs[1] is not None or constant.size < 2 or constant.dtype.kind not in "fiub":
        return None
    if np.any(constant) or constant.size < np.size(node.operands[0]):
        return None
    return Branch(
        ("subtract", *node.site), "what is subtracted", _lines(node), {"first": "is 0 everywhere"},
        {"second": [Way(node, np.ones(node.data.shape, dtype=bool))]}, movable=False,
    )  # fmt: skip


def _is_telling_product(node: Node) -> bool:
    """Tell whether a product has other factors than zeros and ones, or a single one."""
    if all(x is not None for x in node.inputs):
        return True
    factor = np.asarray(node.operands[0] if node.inputs[0] is None else node.operands[1])
    if factor.size == 1:
        return bool(np.all(factor))
    return not bool(np.all((factor == 0) | (factor == 1)))


def _of_assignment(graph: Graph, node: Node) -> Branch | None:
    index = node.attributes.get("index")
    if not isinstance(index, np.ndarray) or index.dtype != bool or index.shape != node.data.shape:
        return None
    known, toward = _asked(graph, index)
    return _two_ways(
        node, "the assignment", index,
        ("never met a condition that was True", "never met a condition that was False"),
        toward, movable=known,
    )  # fmt: skip


_KINDS: dict[str, Callable[[Graph, Node], Branch | None]] = {
    "maximum": _of_two,
    "minimum": _of_two,
    "relu": _of_relu,
    "absolute": _of_absolute,
    "clip": _of_clip,
    "max": _of_maximum_over_an_axis,
    "where": _of_where,
    "multiply": _of_product,
    "subtract": _of_difference,
    "assignment": _of_assignment,
}


# --- of comparisons -------------------------------------------------------------------------------


def _asked(graph: Graph, answer: Array) -> tuple[bool, Toward | None]:
    """Tell whether recorded values were asked for these answers, and what makes them True."""
    for one in graph.trace.comparisons:
        if np.shape(one.answer) == answer.shape:
            for reverse in (False, True):
                if np.array_equal(np.asarray(one.answer) != reverse, answer != 0):
                    toward = _sides(one)
                    return True, toward[::-1] if toward and reverse else toward
    return False, None


def _sides(one: Comparison) -> Toward | None:
    """Return the sides of a comparison, that first which is the larger one if it holds."""
    if len(one.operands) != 2 or not one.name.startswith(("greater", "less")):
        return None
    x, y = one.operands
    return (x, y) if one.name.startswith("greater") else (y, x)


_DECIDES = re.compile(r"^(el)?if\b|\sif\s.*\selse\s|\b(max|min)\(")


def _decisions(one: Comparison) -> Iterator[Branch]:
    """Yield the ``if`` that a comparison of single numbers decides."""
    if np.ndim(one.answer) or not one.frames or any(_is_plain_guard(x) for x in one.operands):
        return
    frame = one.frames[-1]
    if not _DECIDES.search(linecache.getline(frame.file, frame.line).strip()):
        return
    toward = _sides(one)
    places = ((f.file, f.function, f.instruction) for f in one.frames)
    yield Branch(
        ("if", one.name, *places), "the condition", one.frames[-1:],
        {"True": "was never True", "False": "was never False"},
        {str(bool(one.answer)): [Way()]},
        {} if toward is None else {"True": toward, "False": toward[::-1]},
    )  # fmt: skip


def _choices(graph: Graph, one: Comparison) -> Iterator[Branch]:
    """Yield the positions that an ``argmax`` chose, if recorded values are picked by them."""
    if one.name not in ("argmax", "argmin", "argsort") or not one.frames:
        return
    answer = np.asarray(one.answer)
    if not any(_is_index(node, answer) for node in graph.nodes if node.operation == "getitem"):
        return
    places = ((f.file, f.function, f.instruction) for f in one.frames)
    yield Branch(
        ("choice", one.name, *places), f"np.{one.name}", one.frames[-1:],
        {"": "always gave the same positions"}, {answer.tobytes().hex(): [Way()]},
    )  # fmt: skip


def _is_index(node: Node, answer: Array) -> bool:
    index = node.attributes.get("index")
    parts = index if isinstance(index, tuple) else (index,)
    return any(
        isinstance(part, (int, np.integer, np.ndarray)) and np.size(part) == answer.size
        and np.array_equal(np.ravel(part), answer.ravel())
        for part in parts
    )  # fmt: skip


def _is_plain_guard(operand: Any) -> bool:
    return isinstance(operand, (int, float)) and is_guard(operand)


def guards_at_work(graph: Graph) -> bool:
    """Tell whether a limit that is there for the numbers' sake changes a number somewhere."""
    for node in graph.nodes:
        if node.operation == "clip":
            x = np.asarray(node.operands[0])
            low, high = node.attributes.get("low"), node.attributes.get("high")
            both = (low, high) == (0, 1)
            if low is not None and (both or is_guard(low)) and np.any(x < low):
                return True
            if high is not None and (both or is_guard(high)) and np.any(x > high):
                return True
        elif node.operation in ("maximum", "minimum"):
            for i in (0, 1):
                limit, x = node.operands[i], node.operands[1 - i]
                beyond = np.less if node.operation == "maximum" else np.greater
                if node.inputs[i] is None and is_guard(limit) and np.any(beyond(x, limit)):
                    return True
    return False
