"""A prediction (N, 1) that meets a target (N,): every prediction with every target.

NumPy broadcasts the two to (N, N) without a word. Gradients of such a loss can be right, and the
network still learns to predict a constant. Broadcasting is what it should be almost everywhere
else, so three things have to come together: a recorded value and a constant with the same entries,
a result of more entries than both, and a way from there to the loss on which they are only summed,
squared, or what else is done to the entries of a loss one by one.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

import numpy as np

from pellucid.inspect.checking.graph import MOVING, Graph, Node
from pellucid.inspect.checking.sources import sides_of

__all__ = ["Broadcast", "broadcasts"]

_MEETING = frozenset(("subtract", "add", "multiply", "matmul"))
_ENTRYWISE = frozenset(
    (
        "square",
        "power",
        "absolute",
        "log",
        "negative",
        "maximum",
        "minimum",
        "relu",
        "where",
        "clip",
    )
)
_LINEAR = frozenset(("add", "subtract", "multiply", "divide", "negative", "sum"))
_AXIS = ("None", "newaxis", "reshape", "expand_dims", "atleast_2d", "outer")


class Broadcast(NamedTuple):
    """A prediction that meets every target.

    Attributes
    ----------
    file : str
    line : int
    expression : str
        Such as "prediction - y".
    prediction, target : str
        What the two are called.
    shapes : tuple
        Of the prediction, the target, and the result.
    is_product : bool
        Whether it is a matrix product, which needs no broadcasting for it.
    """

    file: str
    line: int
    expression: str
    prediction: str
    target: str
    shapes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    is_product: bool = False

    def __str__(self) -> str:
        prediction, target, result = self.shapes
        where = f" in line {self.line}" if self.line else ""
        return (
            f"{self.expression}{where} has shape {result}: {self.prediction} is {prediction} and "
            f"{self.target} is {target}, so every prediction meets every target, and a network "
            f"learns a constant from that. {self._advice()}"
        )

    def _advice(self) -> str:
        shape, target, _ = self.shapes
        if not self.is_product:
            return f"Give both one shape: {_reshaped(self.target, shape)}"
        plain = self.target.removesuffix(".T")
        if plain == self.target or target[::-1] != shape:
            plain = _reshaped(self.target, shape)
        return f"Multiply entry by entry instead: {_factor(plain)} * {_factor(self.prediction)}"


def broadcasts(graph: Graph) -> list[Broadcast]:
    """Return the places where a prediction meets every target, each line once."""
    found: dict[tuple[str, int], Broadcast] = {}
    for node in reversed(graph.nodes):  # in the order of the code
        if node.operation not in _MEETING or len(node.operands) != 2:
            continue
        for i, x in node.edges:
            target = node.operands[1 - i]
            if node.inputs[1 - i] is None and _every_with_every(node, x, np.shape(target)):
                one = _described(node, i, x, np.shape(target))
                if one is not None and _is_loss(node):
                    found.setdefault((one.file, one.line), one)
    return list(found.values())


def _every_with_every(node: Node, x: Node, target: tuple[int, ...]) -> bool:
    long = [n for n in x.data.shape if n != 1]
    if long != [n for n in target if n != 1] or not long:
        return False
    if node.operation == "matmul":
        return len(long) == 1 and node.data.size == long[0] ** 2
    return node.data.size > x.data.size


def _is_loss(node: Node) -> bool:
    """Tell whether all entries go into the loss one by one."""
    summed = False
    stack, seen = [node], {node.position}
    while stack:
        value = stack.pop()
        for user, i in value.users:
            if user.position in seen:
                continue
            seen.add(user.position)
            if user.operation == "sum":
                summed = True
                if not _only_linear(user):
                    return False
                continue
            if user.data.shape != node.data.shape or not _keeps_entries(user, i):
                return False
            stack.append(user)
    return summed


def _keeps_entries(user: Node, i: int) -> bool:
    """Tell whether an operation belongs to a loss, entry by entry."""
    if user.operation in MOVING or user.operation in _ENTRYWISE:
        return True
    if user.operation not in _LINEAR:
        return False
    for j, operand in enumerate(user.operands):
        other = user.inputs[j]
        if j == i or np.size(operand) == 1:
            continue
        if other is None and user.operation in ("add", "subtract"):
            return False  # a target of its own: the broadcast was meant
        if other is not None and np.shape(operand) != user.data.shape:
            return False  # a parameter
    return True


def _only_linear(node: Node) -> bool:
    """Tell whether a sum goes on to the loss by sums and factors alone."""
    stack = [node]
    while stack:
        value = stack.pop()
        if value.data.size == 1:
            continue
        for user, _ in value.users:
            if user.operation not in _LINEAR and user.operation not in MOVING:
                return False
            stack.append(user)
    return True


def _described(node: Node, i: int, x: Node, target: tuple[int, ...]) -> Broadcast | None:
    """Return it in words; None where both operands were given their axes in this very line."""
    frame = node.line
    text = frame.text if frame is not None else ""
    sides = list(sides_of(text))
    if len(sides) == 2 and all(any(word in side for word in _AXIS) for side in sides):
        return None
    mine, other = (sides[i], sides[1 - i]) if len(sides) == 2 else ("", "")
    if len(mine) > _LONG or not mine:
        mine = x.called or "the prediction"
    if len(other) > _LONG or not other:
        other = "the target"
    symbol = {"subtract": "-", "add": "+", "multiply": "*", "matmul": "@"}[node.operation]
    pair = (mine, other) if i == 0 else (other, mine)
    return Broadcast(
        "" if frame is None else frame.file, 0 if frame is None else frame.line,
        text if text and len(text) <= 2 * _LONG else f" {symbol} ".join(pair),
        mine, other, (x.data.shape, target, node.data.shape), node.operation == "matmul",
    )  # fmt: skip


_LONG = 40


def _reshaped(expression: str, shape: tuple[int, ...]) -> str:
    name = "target" if expression.startswith("the ") else expression
    simple = all(c.isalnum() or c in "_.[]()'\"" for c in name)
    return f"{name if simple else f'({name})'}.reshape({', '.join(map(str, shape))})"


def _factor(expression: str) -> str:
    """Return an expression in a form that can be a factor."""
    if expression.startswith("the "):
        return expression.removeprefix("the ")
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return expression
    return f"({expression})" if isinstance(tree, (ast.BinOp, ast.UnaryOp)) else expression
