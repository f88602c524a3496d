"""The places of a program where something is updated: ``W -= learning_rate * dW`` in all spellings.

Which of them update parameters is seen only when the program runs.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from pellucid.inspect.checking.script.expressions import (
    RATE,
    additive_terms,
    call_name,
    factors,
    is_reference,
    last_name,
    loaded,
    own_nodes,
    text_of,
)

__all__ = ["Definition", "Scope", "Update", "find_updates"]

Term = tuple[int, ast.expr]


@dataclass
class Definition:
    """What a reference was last made: by an assignment, or changed by ``*=`` and ``+=``.

    Attributes
    ----------
    line : int
    value : expression
    operator : operator or None
        That of ``+=`` and the like.
    """

    line: int
    value: ast.expr
    operator: ast.operator | None = None


@dataclass
class Scope:
    """A function, or the module: what its names are assigned, in the order of its lines."""

    node: ast.AST
    definitions: dict[str, list[Definition]] = field(default_factory=dict)

    def before(self, text: str, line: int) -> list[Definition]:
        """Return the definitions of a reference above a line, the nearest first."""
        found = [d for d in self.definitions.get(text, ()) if d.line < line]
        return found[::-1]


@dataclass
class Update:
    """A place where something is updated: new = old + the sum of the terms.

    Attributes
    ----------
    node : AST
        The statement, or the expression that gives the new value.
    target : expression
        What gives the old value.
    terms : list of (sign, expression)
    scope : Scope
    """

    node: ast.stmt | ast.expr
    target: ast.expr
    terms: list[Term]
    scope: Scope

    @property
    def is_statement(self) -> bool:
        """Whether it is a statement that puts the new value where the old one was."""
        return isinstance(self.node, ast.stmt)

    @property
    def line(self) -> int:
        """The line that it stands in."""
        return self.node.lineno

    @property
    def text(self) -> str:
        """What is updated, as the program writes it."""
        return text_of(self.target)


def find_updates(tree: ast.Module) -> list[Update]:
    """Return all places that look like an update, in the order of the program."""
    found: list[Update] = []
    scopes: list[ast.AST] = [
        tree,
        *(n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))),
    ]
    for scope_node in scopes:
        scope = _scope(scope_node)
        taken: set[int] = set()
        for node in _in_scope(scope_node):
            if isinstance(node, ast.stmt):
                for update in _of_statement(node, scope):
                    found.append(update)
                    if not update.is_statement:
                        taken.add(id(update.node))
        for node in _in_scope(scope_node):
            if isinstance(node, (ast.BinOp, ast.Call)) and id(node) not in taken:
                one = _of_expression(node, scope, found)
                if one is not None:
                    found.append(one)
    return sorted(found, key=lambda u: (u.line, u.node.col_offset))


def _in_scope(node: ast.AST) -> list[ast.AST]:
    """Return the nodes of a function or module; the bodies of classes belong to the module."""
    result: list[ast.AST] = []
    for inner in own_nodes(node):
        result.append(inner)
        if isinstance(inner, ast.ClassDef):
            result += [n for n in own_nodes(inner) if not isinstance(n, ast.FunctionDef)]
        elif isinstance(inner, ast.Lambda):
            result += list(ast.walk(inner.body))
    return result


def _scope(node: ast.AST) -> Scope:
    scope = Scope(node)
    for inner in _in_scope(node):
        if isinstance(inner, ast.Assign):
            for target in inner.targets:
                if isinstance(target, ast.Tuple) and isinstance(inner.value, ast.Tuple):
                    pairs = list(zip(target.elts, inner.value.elts, strict=False))
                else:
                    pairs = [(target, inner.value)]
                for one, value in pairs:
                    if is_reference(one):
                        _define(scope, one, Definition(inner.lineno, value))
        elif isinstance(inner, ast.AnnAssign) and inner.value is not None:
            _define(scope, inner.target, Definition(inner.lineno, inner.value))
        elif isinstance(inner, ast.AugAssign):
            _define(scope, inner.target, Definition(inner.lineno, inner.value, inner.op))
    for definitions in scope.definitions.values():
        definitions.sort(key=lambda d: d.line)
    return scope


def _define(scope: Scope, target: ast.expr, definition: Definition) -> None:
    scope.definitions.setdefault(text_of(target), []).append(definition)


# --- statements -----------------------------------------------------------------------------------


def _of_statement(node: ast.stmt, scope: Scope) -> list[Update]:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
        if isinstance(node.value, ast.Constant):
            return []  # a counter
        sign = 1 if isinstance(node.op, ast.Add) else -1
        return [Update(node, loaded(node.target), additive_terms(node.value, sign), scope)]
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(
            node.value, (ast.Tuple, ast.List)
        ):
            # Each new value is an expression of its own: all are computed before any is assigned
            found = []
            for one, value in zip(target.elts, node.value.elts, strict=False):
                terms = _without_old(value, one)
                if terms is not None:
                    found.append(Update(value, loaded(one), terms, scope))
            return found
        terms = _without_old(node.value, target)
        if terms is not None:
            return [Update(node, _whole(target), terms, scope)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _of_call(node, node.value, scope)
    return []


def _whole(target: ast.expr) -> ast.expr:
    """Return what ``W[:] = ...`` and ``W[...] = ...`` write: W itself."""
    if isinstance(target, ast.Subscript) and (
        (isinstance(target.slice, ast.Constant) and target.slice.value is Ellipsis)
        or (isinstance(target.slice, ast.Slice) and text_of(target.slice) == ":")
    ):
        return loaded(target.value)
    return loaded(target)


def _without_old(value: ast.expr, target: ast.expr) -> list[Term] | None:
    """Return the terms that are added to the old value of `target`; None if it is no update.

    ``(1 - decay) * W - learning_rate * dW`` is one too: what it takes from W is no gradient.
    """
    if not is_reference(target):
        return None
    names = {text_of(target), text_of(_whole(target))}
    terms = additive_terms(value)
    rest = [(sign, term) for sign, term in terms if text_of(term) not in names]
    if len(rest) == len(terms):
        shrunk = [
            (s, t) for s, t in terms
            if s == 1 and any(e == 1 and text_of(f) in names for f, e in factors(t)[1])
            and any("1 -" in text_of(f) for f, _ in factors(t)[1])
        ]  # fmt: skip
        rest = [term for term in terms if term not in shrunk]
    if not rest or len(terms) - len(rest) != 1:
        return None
    if all(isinstance(term, ast.Constant) for _, term in rest):
        return None  # a counter
    return rest


def _of_call(node: ast.Expr, call: ast.Call, scope: Scope) -> list[Update]:
    """Return the update that ``np.subtract(W, rate * dW, out=W)`` or ``np.copyto`` makes."""
    name = call_name(call)
    out = next((k.value for k in call.keywords if k.arg == "out"), None)
    if name in ("subtract", "add"):
        arguments = call.args[:2]
        out = out or (call.args[2] if len(call.args) > 2 else None)
        if out is None or len(arguments) != 2 or text_of(out) != text_of(arguments[0]):
            return []
        sign = 1 if name == "add" else -1
        return [Update(node, out, additive_terms(arguments[1], sign), scope)]
    if name == "copyto" and len(call.args) == 2:
        terms = _without_old(call.args[1], call.args[0])
        return [] if terms is None else [Update(node, call.args[0], terms, scope)]
    if name in ("__isub__", "__iadd__") and isinstance(call.func, ast.Attribute) and call.args:
        sign = 1 if name == "__iadd__" else -1
        return [Update(node, call.func.value, additive_terms(call.args[0], sign), scope)]
    return []


# --- expressions ----------------------------------------------------------------------------------


def _of_expression(node: ast.BinOp | ast.Call, scope: Scope, known: list[Update]) -> Update | None:
    """Return the update in ``return W - rate * dW`` or ``[w - rate * d for w, d in ...]``."""
    terms = additive_terms(node)
    if len(terms) < 2 or any(_contains(u.node, node) for u in known):
        return None
    sign, old = terms[0]
    rest = terms[1:]
    if sign != 1 or not is_reference(old) or not all(_is_rated(term) for _, term in rest):
        return None
    return Update(node, old, rest, scope)


def _contains(outer: ast.AST, inner: ast.AST) -> bool:
    return any(node is inner for node in ast.walk(outer))


def _is_rated(term: ast.expr) -> bool:
    """Tell whether a product has a factor that is a learning rate."""
    for factor, exponent in factors(term)[1]:
        if exponent == 1 and (
            (is_reference(factor) and RATE.match(last_name(factor)) is not None)
            or (isinstance(factor, ast.Constant) and isinstance(factor.value, float))
        ):
            return True
    return False
