"""Names that a function changes without having them: Python stops with UnboundLocalError."""

from __future__ import annotations

import ast

from pellucid.inspect.checking.script.expressions import own_nodes
from pellucid.inspect.checking.script.report import Remark

__all__ = ["bind_names"]


def bind_names(tree: ast.Module) -> list[Remark]:
    """Declare such names global where the module has them; say so.

    ``def train(): bias -= rate * d`` reads its own `bias`, which has no value yet.
    """
    remarks = []
    defined = {
        n.id for n in own_nodes(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        unbound = [
            (name, line) for name, line in _unbound(function).items() if name in defined
        ]  # fmt: skip
        if not unbound:
            continue
        names = [name for name, _ in unbound]
        position = 1 if ast.get_docstring(function, clean=False) is not None else 0
        function.body.insert(position, ast.copy_location(ast.Global(names), function.body[0]))
        for name, line in unbound:
            remarks.append(
                Remark(
                    f"`{name}` is changed in `{function.name}`, but it is neither an argument "
                    "of it nor declared global: Python stops here with UnboundLocalError. Write "
                    f"`global {name}` as the first line of `{function.name}`, or hand it in and "
                    "return it. Checked as if it were global.",
                    line,
                )
            )
    return remarks


def _unbound(function: ast.FunctionDef) -> dict[str, int]:
    """Return the names that are read before the function assigns them, with their lines."""
    arguments = function.args
    own = {
        a.arg
        for a in (
            *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
            *(x for x in (arguments.vararg, arguments.kwarg) if x is not None),
        )
    }  # fmt: skip
    for node in own_nodes(function):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            own |= set(node.names)
    inside = {
        n.id
        for c in own_nodes(function)
        if isinstance(c, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        for g in c.generators
        for n in ast.walk(g.target)
        if isinstance(n, ast.Name)
    }
    first: dict[str, tuple[bool, int]] = {}
    for read, name, line in _in_order(function.body):
        first.setdefault(name, (read, line))
    stored = {
        n.id
        for n in own_nodes(function)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return {
        name: line
        for name, (read, line) in first.items()
        if read and name in stored and name not in own and name not in inside
    }


def _in_order(body: list[ast.stmt]) -> list[tuple[bool, str, int]]:
    """Return reads (True) and assignments of names, in the order in which they happen."""
    found: list[tuple[bool, str, int]] = []

    def names(node: ast.AST | None, read: bool) -> None:
        if node is None:
            return
        for inner in (node, *own_nodes(node)):
            if isinstance(inner, ast.Name) and (read == isinstance(inner.ctx, ast.Load)):
                found.append((read, inner.id, inner.lineno))

    for one in body:
        if isinstance(one, (ast.FunctionDef, ast.ClassDef)):
            found.append((False, one.name, one.lineno))
        elif isinstance(one, ast.AugAssign):
            names(one.value, True)
            names(one.target, True)
            if isinstance(one.target, ast.Name):
                found.append((True, one.target.id, one.lineno))
        elif isinstance(one, ast.Assign):
            names(one.value, True)
            for target in one.targets:
                names(target, True)
                names(target, False)
        elif isinstance(one, (ast.For, ast.AsyncFor)):
            names(one.iter, True)
            names(one.target, False)
            found += _in_order([*one.body, *one.orelse])
        elif isinstance(one, (ast.While, ast.If)):
            names(one.test, True)
            found += _in_order([*one.body, *one.orelse])
        elif isinstance(one, (ast.With, ast.AsyncWith)):
            for item in one.items:
                names(item.context_expr, True)
                names(item.optional_vars, False)
            found += _in_order(one.body)
        elif isinstance(one, ast.Try):
            found += _in_order([*one.body, *(s for h in one.handlers for s in h.body)])
            found += _in_order([*one.orelse, *one.finalbody])
        elif isinstance(one, (ast.Import, ast.ImportFrom)):
            found += [(False, (a.asname or a.name).split(".")[0], one.lineno) for a in one.names]
        else:
            names(one, True)
            names(one, False)
    return found
