"""Small questions about expressions of a learner's program, asked of its syntax tree."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import TypeGuard, TypeVar

__all__ = [
    "RATE",
    "Reference",
    "additive_terms",
    "call_name",
    "factors",
    "is_rate",
    "is_reference",
    "last_name",
    "loaded",
    "own_nodes",
    "references",
    "replaced",
    "simplified",
    "text_of",
]

Reference = ast.Name | ast.Attribute | ast.Subscript

T = TypeVar("T", bound=ast.AST)


def text_of(node: ast.AST) -> str:
    """Return an expression as Python writes it: two equal ones have the same text."""
    return ast.unparse(node)


def loaded(node: ast.expr) -> ast.expr:
    """Return a copy of a target of an assignment, to be read."""
    result = copy.deepcopy(node)
    for inner in ast.walk(result):
        if isinstance(inner, (ast.Name, ast.Attribute, ast.Subscript, ast.Starred, ast.List)):
            inner.ctx = ast.Load()
    return result


def is_reference(node: ast.AST) -> bool:
    """Tell whether an expression is a name, an attribute or an entry of something."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return is_reference(node.value)
    return isinstance(node, ast.Name)


def last_name(node: ast.AST) -> str:
    """Return what a reference is called: ``W1`` of ``self.W1`` and of ``params["W1"]``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return node.slice.value
        return last_name(node.value)
    return ""


def call_name(node: ast.AST) -> str:
    """Return what a call calls: ``clip`` of ``np.clip(x, -1, 1)``; empty if it is no call."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, class or module without those of functions within it."""
    todo = list(ast.iter_child_nodes(scope))[::-1]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            todo += list(ast.iter_child_nodes(node))[::-1]


def references(node: ast.AST) -> list[str]:
    """Return the texts of the references in an expression, the longest of each."""
    found: list[str] = []
    todo = [node]
    while todo:
        one = todo.pop(0)
        if is_reference(one):
            found.append(text_of(one))
            continue
        todo += list(ast.iter_child_nodes(one))
    return found


# --- arithmetic -----------------------------------------------------------------------------------

_AS_OPERATOR: dict[str, type[ast.operator]] = {
    "multiply": ast.Mult,
    "divide": ast.Div,
    "add": ast.Add,
    "subtract": ast.Sub,
}


def _binary(node: ast.AST) -> tuple[type[ast.operator], ast.expr, ast.expr] | None:
    """Return operator and operands, also of ``np.multiply(a, b)``."""
    if isinstance(node, ast.BinOp):
        return type(node.op), node.left, node.right
    operator = _AS_OPERATOR.get(call_name(node))
    if operator is not None and isinstance(node, ast.Call) and len(node.args) == 2:
        return operator, node.args[0], node.args[1]
    return None


def additive_terms(node: ast.expr, sign: int = 1) -> list[tuple[int, ast.expr]]:
    """Return the terms of a sum with their signs, as they stand."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return additive_terms(node.operand, -sign if isinstance(node.op, ast.USub) else sign)
    both = _binary(node)
    if both is not None and both[0] in (ast.Add, ast.Sub):
        _, left, right = both
        other = -sign if both[0] is ast.Sub else sign
        return additive_terms(left, sign) + additive_terms(right, other)
    return [(sign, node)]


def factors(node: ast.expr) -> tuple[int, list[tuple[ast.expr, int]]]:
    """Return the sign of a product, and its factors with their exponents, 1 or -1."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        sign, inner = factors(node.operand)
        return (-sign if isinstance(node.op, ast.USub) else sign), inner
    both = _binary(node)
    if both is not None and both[0] in (ast.Mult, ast.Div):
        operator, left, right = both
        first, one = factors(left)
        second, other = factors(right)
        turned = -1 if operator is ast.Div else 1
        return first * second, one + [(f, turned * e) for f, e in other]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        # `rate * X.T @ d` is (rate * X.T) @ d
        sign, inner = factors(node.left)
        rates = [(f, e) for f, e in inner if e == 1 and is_rate(f)]
        if rates or sign == -1:
            return (sign if rates else 1), [*rates, (node, 1)]
    return 1, [(node, 1)]


def is_rate(node: ast.AST) -> bool:
    """Tell whether an expression is called like a learning rate, or is a number such as 0.1."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return is_reference(node) and RATE.match(last_name(node)) is not None


# --- rewriting ------------------------------------------------------------------------------------


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: list[ast.AST], new: ast.expr) -> None:
        self._old = {id(node) for node in old}
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        if id(node) in self._old:
            return ast.copy_location(copy.deepcopy(self._new), node)
        return super().generic_visit(node)


def replaced(expression: T, old: list[ast.AST], new: ast.expr) -> T:
    """Return a copy of an expression with some of its nodes replaced."""
    positions = [i for i, node in enumerate(ast.walk(expression)) if any(node is o for o in old)]
    result = copy.deepcopy(expression)
    nodes = list(ast.walk(result))
    return _Replacing([nodes[i] for i in positions], new).visit(result)  # type: ignore[return-value]


class _Simplifying(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            if _is_one(node.left):
                return node.right
            if _is_one(node.right):
                return node.left
            if _is_minus(node.left) and _is_one(node.left.operand):
                return ast.UnaryOp(ast.USub(), node.right)
        if isinstance(node.op, ast.Div) and _is_one(node.right):
            return node.left
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if _is_minus(node) and _is_minus(node.operand):
            return node.operand.operand
        return node


def _is_minus(node: ast.AST) -> TypeGuard[ast.UnaryOp]:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is float and node.value == 1.0


def simplified(node: ast.expr) -> ast.expr:
    """Leave out factors of 1.0."""
    return _Simplifying().visit(copy.deepcopy(node))


RATE = re.compile(
    r"^(?:l_?r(?:ate)?(?:_?[0t])?|learn(?:ing)?(?:_?rate)?|l_rate|alpha|eta|step(?:_?size)?|rate|η|α"
    r"|base_lr|epsilon|eps|gamma|mu|\w*learning_?rate\w*|lr_\w+|\w+_lr)$",
    re.IGNORECASE,
)
"""What people call the learning rate."""
