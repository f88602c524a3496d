"""The end of a recorded loss: what may be the output, and what may be its target."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward, Plan, Rule
from pellucid.inspect.checking.breaks import any_layer
from pellucid.inspect.checking.graph import MOVING, Graph, Node
from pellucid.inspect.checking.sources import operand_text

__all__ = ["Output", "Target", "outputs_of", "targets_of"]

_MOST_OUTPUTS = 16  # values of the last layer that are tried as the output
_MOST_TARGETS = 32  # constants that are tried as the target
_MOST_ROUNDS = 200  # of a loop over samples


class Target(NamedTuple):
    """Numbers that may be the target, and how the code may write them.

    Attributes
    ----------
    data : ndarray
        In the shape of the output.
    source : ndarray
        What the code has a name for.
    pattern : str
        How `data` is written with that name.
    text : str
        The source of a single one, in a loop over samples.
    """

    data: Array
    source: Array
    pattern: str = "{}"
    text: str = ""


@dataclass(frozen=True, eq=False)
class Output:
    """A value that may be the output, or a number that is computed in every round of a loop.

    Attributes
    ----------
    nodes : tuple of Node
        In the order of the rounds.
    """

    nodes: tuple[Node, ...]

    @property
    def in_rounds(self) -> bool:
        """Whether it is a number for every round."""
        return len(self.nodes) > 1

    @functools.cached_property
    def data(self) -> Array:
        """The numbers; of all rounds in one array."""
        if not self.in_rounds:
            return self.nodes[0].data
        return np.array([float(np.ravel(node.data)[0]) for node in self.nodes])

    @property
    def called(self) -> str:
        """The name that the code gives it."""
        return self.nodes[0].called

    @property
    def site(self) -> tuple[Any, ...]:
        """The place in the code."""
        return self.nodes[0].site

    def plan(self, slope: Array) -> Plan:
        """Return the plan in which the gradient by the output is `slope`."""
        if not self.in_rounds:
            return Plan(totals={self.nodes[0].position: _constant(slope)})
        return Plan(
            totals={
                node.position: _constant(np.full(node.data.shape, one))
                for node, one in zip(self.nodes, slope, strict=True)
            }
        )

    def total(self, true: Backward) -> Array:
        """Return the gradient of the loss by the output."""
        if not self.in_rounds:
            return true.total(self.nodes[0])
        return np.array([float(np.ravel(true.total(node))[0]) for node in self.nodes])

    def behind(self, graph: Graph) -> list[list[Node]]:
        """Return what is computed from it, newest first: the rounds of each line together."""
        positions = {node.position for node in self.nodes}
        found: dict[object, list[Node]] = {}
        for node in graph.nodes[: max(positions)]:
            if node.position not in positions and node.ancestors & positions:
                found.setdefault((node.operation, any_layer(node.site)), []).append(node)
        return [rounds[::-1] for rounds in found.values()]


def _constant(value: Array) -> Rule:
    return lambda g: value


def outputs_of(graph: Graph) -> list[Output]:
    """Return the values that may be the output, those nearest to the loss first."""
    found: dict[object, list[Node]] = {}
    for node in graph.nodes:
        if node.parameter is not None or node.layer < graph.depth or not node.data.size:
            continue
        user = node.users[0][0] if len(node.users) == 1 else None
        if user is not None and user.operation in MOVING and user.data.size == node.data.size:
            continue  # the same numbers in another order have the name
        if node.ancestors and node.position:
            found.setdefault((node.operation, any_layer(node.site)), []).append(node)
    result: list[Output] = []
    for nodes in found.values():
        if len(nodes) == 1 and nodes[0].data.ndim:
            result.append(Output((nodes[0],)))
        elif 1 < len(nodes) <= _MOST_ROUNDS and all(node.data.size == 1 for node in nodes):
            past = frozenset().union(*(node.ancestors for node in nodes))
            if not any(node.position in past for node in nodes):  # no round needs another
                result.append(Output(tuple(reversed(nodes))))
    return result[:_MOST_OUTPUTS]


def targets_of(graph: Graph, output: Output) -> list[Target]:
    """Return the constants that an output meets on the way to the loss, in its shape."""
    found: list[Target] = []
    for rounds in reversed(output.behind(graph)):
        node = rounds[0]
        for i, x in enumerate(node.inputs):
            if x is not None:
                continue
            if not output.in_rounds and np.size(node.operands[i]) == output.data.size:
                _add(found, np.asarray(node.operands[i]), output.data.shape)
            elif output.in_rounds and len(rounds) == len(output.nodes):
                numbers = [one.operands[i] for one in rounds]
                if all(np.size(number) == 1 for number in numbers):
                    stacked = np.array([np.ravel(number)[0] for number in numbers])
                    _add(found, stacked, output.data.shape, operand_text(node, i))
        if node.operation == "getitem" and output.data.ndim == 2:
            _add_labels(found, node.attributes.get("index"), output.data.shape)
        if len(found) >= _MOST_TARGETS:
            break
    return found


def _add(found: list[Target], operand: Array, shape: tuple[int, ...], text: str = "") -> None:
    if operand.dtype.kind not in "fiub":
        return
    if [n for n in operand.shape if n != 1] == [n for n in shape if n != 1]:
        y = operand.reshape(shape).astype(np.float64)
    elif operand.shape == shape[::-1]:
        y = operand.T.astype(np.float64)
    else:
        return
    for data, name in ((y, text), (1 - y, _rest(text)), (-y, _negative(text))):
        if not any(np.array_equal(data, other.data) for other in found):
            found.append(Target(data, data, text=name if text else ""))


def _rest(text: str) -> str:
    """Return the source of 1 - x."""
    plain = text.removeprefix("(").removesuffix(")")
    return plain.removeprefix("1 - ") if plain.startswith("1 - ") else f"(1 - {text})"


def _negative(text: str) -> str:
    """Return the source of -x."""
    return text.removeprefix("-") if text.startswith("-") else f"(-{text})"


def _add_labels(found: list[Target], index: Any, shape: tuple[int, ...]) -> None:
    """Add the ones of ``p[np.arange(n), labels]``."""
    if not isinstance(index, tuple) or len(index) != 2:
        return
    for axis, (labels, other) in enumerate((index[::-1], index)):
        labels, other = np.asarray(labels), np.asarray(other)
        if labels.ndim != 1 or labels.dtype.kind not in "iu" or other.shape != labels.shape:
            continue
        if not np.array_equal(other, np.arange(shape[axis])) or labels.max() >= shape[1 - axis]:
            continue
        ones = np.eye(shape[1 - axis])[labels]
        pattern = f"np.eye({shape[1 - axis]})[{{}}]" + (".T" if axis else "")
        found.append(Target(ones.T if axis else ones, labels, pattern))
