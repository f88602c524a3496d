"""The recorded loss as a graph of nodes, with what people call them: layers, lines, names."""

from __future__ import annotations

import functools
import linecache
import math
import re
from dataclasses import dataclass, field
from typing import Any

from pellucid.dtypes import Array
from pellucid.inspect.checking.tracing import Trace
from pellucid.inspect.checking.writable import Frame
from pellucid.tensor import Tensor

__all__ = ["MOVING", "PRODUCTS", "Graph", "Node"]

MOVING = frozenset(("reshape", "transpose", "broadcast_to", "cast", "identity", "getitem", "flip"))
"""What shows the entries of one value in another order."""

PRODUCTS = frozenset(("matmul", "linear", "einsum", "convolution"))
"""Where weights meet what they weigh."""


@dataclass(eq=False)
class Node:
    """A value of the graph.

    Attributes
    ----------
    position : int
        Its place, newest first: what uses a value has a smaller position than the value.
    data : ndarray
        The numbers.
    primitive, attributes
        What made it; None for a parameter.
    operands : tuple
        The numbers that it was made from.
    inputs : tuple of Node or None
        The nodes that it was made from; None where an operand is a constant.
    parameter : str or None
        The name, if it is a parameter.
    frames : tuple of Frame
        Where in the learner's code it was made, the outermost call first.
    """

    position: int
    data: Array
    primitive: Any = None
    attributes: dict[str, Any] = field(default_factory=dict)
    operands: tuple[Any, ...] = ()
    inputs: tuple[Node | None, ...] = ()
    parameter: str | None = None
    frames: tuple[Frame, ...] = ()
    users: list[tuple[Node, int]] = field(default_factory=list)
    layer: int = 0

    @property
    def operation(self) -> str:
        """The name of what made it; empty for a parameter."""
        return "" if self.primitive is None else self.primitive.name

    @property
    def edges(self) -> list[tuple[int, Node]]:
        """Positions of the inputs that a gradient goes to, and those inputs."""
        return [(i, x) for i, x in enumerate(self.inputs) if x is not None]

    @property
    def site(self) -> tuple[Any, ...]:
        """The place in the code, the same for every round of a loop, and the layer."""
        return (*self.code, ("layer", self.layer))

    @functools.cached_property
    def code(self) -> tuple[Any, ...]:
        """The place in the code, the same for every round of a loop and every layer."""
        return tuple((f.file, f.function, f.instruction) for f in self.frames)

    @functools.cached_property
    def ancestors(self) -> frozenset[int]:
        """Positions of all values that it was computed from."""
        found: set[int] = set()
        stack: list[Node] = [self]
        while stack:
            for _, x in stack.pop().edges:
                if x.position not in found:
                    found.add(x.position)
                    stack.append(x)
        return frozenset(found)

    @property
    def line(self) -> Frame | None:
        """The line of the learner's code that made it."""
        return self.frames[-1] if self.frames else None

    def text_of_line(self, level: int) -> str:
        """Return the source of a line that made it."""
        frame = self.frames[level]
        return linecache.getline(frame.file, frame.line).strip()

    @property
    def called(self) -> str:
        """The name that the code gives the value: the target of the assignment that made it.

        Empty where the value is only a step on the way to one with a name.
        """
        if self.parameter is not None:
            return self.parameter
        if self.operation in MOVING and self.edges and self._is_part_of_its_user():
            return self.edges[0][1].called
        return self.called_at(len(self.frames) - 1)

    def _is_part_of_its_user(self) -> bool:
        """Tell whether an operation brings the value into this shape for itself."""
        mine = self.frames[-1:]
        return bool(mine) and any(user.frames[-1:] == mine for user, _ in self.users)

    def called_at(self, level: int) -> str:
        """Return what the code calls the value at a level of its calls, counted from outside."""
        while 0 <= level < len(self.frames):
            text = self.text_of_line(level)
            match = _ASSIGNED.match(text)
            if match and "lambda" not in text:
                return "" if self._goes_on_in(level) else match[1]
            if not text.startswith("return") and "lambda" not in text:
                break
            level -= 1
        return ""

    def _goes_on_in(self, level: int) -> bool:
        """Tell whether the line goes on to compute with the value: then the name is not its own."""
        mine = self.frames[level]
        return any(
            user.operation != "assignment"
            and len(user.frames) > level
            and user.frames[level].line == mine.line
            and user.frames[level].instruction > mine.instruction
            for user, _ in self.users
        )


_ASSIGNED = re.compile(r"(?:self\.)?([A-Za-z_]\w*(?:\[[^\]=]*\])?)\s*=(?!=)")


class Graph:
    """The values between the parameters and the loss.

    Parameters
    ----------
    trace : Trace

    Attributes
    ----------
    nodes : list of Node
        Newest first; the first one is the loss.
    parameters : dict
        Name to node, of the parameters that the loss depends on.
    shapes : dict
        Name to shape, of all parameters.
    values : list of Tensor
        What was recorded, in the order of the nodes.
    trace : Trace
    """

    def __init__(self, trace: Trace) -> None:
        order = _newest_first(trace.output)
        self.values, self.trace = order, trace
        leaf_names = {id(leaf): name for name, leaf in trace.parameters.items()}
        by_id: dict[int, Node] = {}
        self.nodes: list[Node] = []
        for position, value in enumerate(order):
            node = Node(
                position,
                value.data,
                parameter=leaf_names.get(id(value)),
                frames=trace.places.get(id(value), ()),
            )
            by_id[id(value)] = node
            self.nodes.append(node)
        for value, node in zip(order, self.nodes, strict=True):
            if value.producer is None:
                continue
            node.primitive = value.producer.primitive
            node.attributes = value.producer.attributes
            given = value.producer.inputs
            node.operands = tuple(x.data if isinstance(x, Tensor) else x for x in given)
            node.inputs = tuple(
                by_id.get(id(x)) if isinstance(x, Tensor) and x.requires_grad else None
                for x in given
            )
            for i, x in node.edges:
                x.users.append((node, i))
        self.parameters = {n.parameter: n for n in self.nodes if n.parameter is not None}
        self.shapes = {name: leaf.shape for name, leaf in trace.parameters.items()}
        self.levels: dict[str, int] = {}
        self._number_layers()

    @property
    def loss(self) -> Node:
        """The node of the loss."""
        return self.nodes[0]

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return max(self.levels.values(), default=0)

    def _number_layers(self) -> None:
        """Give each parameter the number of its layer, and each value that of its newest one.

        A weight is one layer above the newest weight behind the values that it is first multiplied
        with; what is added or scales entry by entry belongs to the layer of those values.
        """
        for node in reversed(self.nodes):  # oldest first: inputs before what uses them
            if node.parameter is not None:
                continue
            below = max((x.layer for _, x in node.edges if x.parameter is None), default=0)
            names = [name for _, x in node.edges for name in [_shown_parameter(x)] if name]
            for name in names:
                if name not in self.levels and node.operation not in MOVING:
                    # A weight is multiplied; a bias or a scale has one entry a unit.
                    weighs = node.operation in PRODUCTS or (
                        node.operation == "multiply"
                        and (len(_long(self.shapes[name])) > 1 or _is_one_entry(node, name, self))
                    )
                    others = [x.layer for _, x in node.edges if _shown_parameter(x) != name]
                    behind = max(others, default=0)
                    self.levels[name] = behind + 1 if weighs or not behind else behind
            node.layer = max([below, *(self.levels.get(name, 0) for name in names)])
        for name, node in self.parameters.items():
            node.layer = self.levels.get(name, 0)

    def below(self, node: Node) -> frozenset[str]:
        """Return the names of the parameters that a node depends on."""
        positions = node.ancestors | {node.position}
        return frozenset(
            name for name, leaf in self.parameters.items() if leaf.position in positions
        )


def _is_one_entry(node: Node, name: str, graph: Graph) -> bool:
    """Tell whether a number is multiplied with one entry of a parameter, as in loops over units."""
    return not node.data.ndim and math.prod(graph.shapes[name]) > 1


def _long(shape: tuple[int, ...]) -> list[int]:
    """Return the axes of a shape, those of length 1 in front left out."""
    return [n for n in shape if n != 1] if shape[:1] == (1,) else list(shape)


def _shown_parameter(node: Node) -> str | None:
    """Return the name of the parameter that a node is, or shows in another order."""
    while node.parameter is None:
        if node.operation not in MOVING or not node.edges:
            return None
        node = node.edges[0][1]
    return node.parameter


def _newest_first(output: Tensor) -> list[Tensor]:
    """Return all values that the loss depends on, newest first, parameters last."""
    seen = {id(output)}
    made: list[tuple[int, Tensor]] = []
    leaves: list[Tensor] = []
    stack = [output]
    while stack:
        value = stack.pop()
        if value.producer is None:
            leaves.append(value)
            continue
        made.append((value.producer.order, value))
        for x in value.producer.inputs:
            if isinstance(x, Tensor) and x.requires_grad and id(x) not in seen:
                seen.add(id(x))
                stack.append(x)
    made.sort(key=lambda entry: entry[0], reverse=True)
    return [value for _, value in made] + leaves
