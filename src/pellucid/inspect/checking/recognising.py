"""Which parts of a graph are an activation function, whoever wrote it and however.

A value y is a sigmoid of z if z is the only way from y to the parameters, and the numbers of y are
those of sigmoid(z). So ``1 / (1 + np.exp(-z))``, ``0.5 * (1 + np.tanh(z / 2))`` and a version split
over positive and negative z are all the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.activations import ELEMENTWISE, Activation, softmax
from pellucid.inspect.checking.graph import MOVING, Graph, Node
from pellucid.inspect.checking.writable import Frame

__all__ = ["Recognised", "between", "candidates", "recognise"]

_FURTHEST = 10  # calls between an activation's input and its output
_REPEATING = frozenset(("add", "subtract", "multiply", "divide"))
_LARGEST = 24  # calls of which an activation may consist


@dataclass(frozen=True, eq=False)
class Recognised:
    """An activation function in a graph.

    Attributes
    ----------
    name : str
        For people: "sigmoid", "softmax".
    y, z : Node
        The output and the pre-activation.
    inside : frozenset of int
        Positions of `y` and of all values between `y` and `z`.
    activation : Activation or None
        None for the softmax and its logarithm.
    axis : int
        Of the softmax.
    """

    name: str
    y: Node
    z: Node
    inside: frozenset[int]
    activation: Activation | None = None
    axis: int = -1

    @property
    def level(self) -> int:
        """How deep in the calls z was made: there, the activation is one call of a helper."""
        return min(max(len(self.z.frames) - 1, 0), max(len(self.y.frames) - 1, 0))

    @property
    def line(self) -> Frame | None:
        """The line that applies the activation to z."""
        return self.y.frames[self.level] if self.y.frames else None

    @property
    def names(self) -> tuple[str, str]:
        """Return what to call y and z: as the code does, or else a1 and z1."""
        layer = self.y.layer
        y, z = self.y.called_at(self.level), self.z.called
        if not y or y == "loss":
            y = f"a{layer}"
        return y, z if z and z not in (y, "loss") else f"z{layer}"


def recognise(graph: Graph) -> list[Recognised]:
    """Return the activation functions of a graph, from the loss backwards."""
    every = [
        one
        for node in graph.nodes
        if node.parameter is None and node.operation not in MOVING and node.data.dtype.kind == "f"
        for one in [_recognise(node)]
        if one is not None
    ]
    # 1 - sigmoid(z) is a sigmoid too, of -z: of two that overlap, the one that goes further down.
    every.sort(key=lambda one: (-one.z.position, one.y.position))
    found: list[Recognised] = []
    for one in every:
        if not any(one.name == other.name and one.inside & other.inside for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.y.position)


def _recognise(y: Node) -> Recognised | None:
    """Return the largest recognised activation of which `y` is the output."""
    if y.operation in ("assignment", "matmul", "sum", "negative", "einsum"):
        return None
    if y.operation in _REPEATING and any(_same(x.data, y.data) for _, x in y.edges):
        return None  # 0 added, or 1 multiplied with: it is what it was
    best: Recognised | None = None
    for z in candidates(y):
        inside = between(y, z)
        if inside is None:
            continue
        named = _elementwise(y, z) or _along_an_axis(y, z)
        if named is not None:
            name, activation, axis = named
            best = Recognised(name, y, z, inside, activation, axis)
    return best


def candidates(y: Node) -> list[Node]:
    """Return ancestors of the shape of `y`, nearest first."""
    found: dict[int, Node] = {}
    level = [y]
    for _ in range(_FURTHEST):
        level = [x for node in level for _, x in node.edges if x.position not in found]
        for x in level:
            found[x.position] = x
    return [found[p] for p in sorted(found) if found[p].data.shape == y.data.shape]


def between(y: Node, z: Node) -> frozenset[int] | None:
    """Return the positions from `y` down to `z`, `z` left out; None if other ways lead past z."""
    inside = {y.position}
    stack = [y]
    while stack:
        node = stack.pop()
        for _, x in node.edges:
            if x is z or x.position in inside:
                continue
            if x.parameter is not None or x.position > z.position or len(inside) > _LARGEST:
                return None
            inside.add(x.position)
            stack.append(x)
    return frozenset(inside)


def _elementwise(y: Node, z: Node) -> tuple[str, Activation, int] | None:
    if _same(y.data, z.data) and y.operation not in ("maximum", "relu", "where"):
        return None  # nothing happened: y is z
    with np.errstate(all="ignore"):
        for activation in ELEMENTWISE:
            if "leaky" in activation.name and _is_linear(y, z) and activation.name != _USUAL:
                continue
            if _same(activation.value(z.data), y.data):
                return activation.name, activation, -1
    return None


_USUAL = "leaky ReLU (0.01)"


def _is_linear(y: Node, z: Node) -> bool:
    """Tell whether y is but a multiple of a z that is positive everywhere, or nowhere."""
    one_side = np.all(z.data > 0) or np.all(z.data <= 0)
    return y.operation in ("multiply", "divide") and bool(one_side)


def _along_an_axis(y: Node, z: Node) -> tuple[str, None, int] | None:
    for axis in range(z.data.ndim - 1, -1, -1):
        if z.data.shape[axis] < 2:
            continue
        with np.errstate(all="ignore"):
            p = softmax(z.data, axis)
            if _same(p, y.data):
                return "softmax", None, axis
            if _same(np.log(p), y.data):
                return "log-softmax", None, axis
    return None


def _same(x: Array, y: Array) -> bool:
    return bool(np.allclose(x, y, rtol=1e-9, atol=1e-12))
