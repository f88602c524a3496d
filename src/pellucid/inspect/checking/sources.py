"""What the learner's code calls what a value was made from: the source of its operands."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pellucid.inspect.checking.graph import Node

__all__ = ["operand_text", "sides_of", "text_of"]

_LONG = 48  # characters of a source that can stand in a sentence


def sides_of(text: str) -> Iterator[str]:
    """Yield the sources of the operands of an expression: ``x - y``, ``np.dot(x, y)``."""
    source = text.strip()
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError):
        return
    parts: list[ast.expr] = []
    if isinstance(tree, ast.BinOp):
        parts = [tree.left, tree.right]
    elif isinstance(tree, ast.Call):
        parts = list(tree.args)
        if len(parts) == 1 and isinstance(tree.func, ast.Attribute):
            parts.insert(0, tree.func.value)
    for part in parts:
        yield ast.get_source_segment(source, part) or ast.unparse(part)


def operand_text(node: Node, i: int) -> str:
    """Return the source of an operand of a value; empty if it is not known, or long."""
    frame = node.line
    sides = list(sides_of(frame.text)) if frame is not None else []
    if len(sides) != 2 or len(node.operands) != 2:
        return ""
    return sides[i] if len(sides[i]) <= _LONG else ""


def text_of(node: Node) -> str:
    """Return the source of the expression that made a value; empty if not known, or long."""
    text = node.line.text if node.line is not None else ""
    return text if len(text) <= _LONG else ""
