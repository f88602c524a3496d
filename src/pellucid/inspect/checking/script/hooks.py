"""Rewriting a program so that it tells what it makes, updates and computes.

The statements stay where they are, with their line numbers. Around some of them come calls of a
:class:`~pellucid.inspect.checking.script.step.Step`.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from typing import Any

from pellucid.inspect.checking.script.expressions import (
    call_name,
    is_reference,
    loaded,
    text_of,
)
from pellucid.inspect.checking.script.gradient_part import Proposal
from pellucid.inspect.checking.script.module import number_of
from pellucid.inspect.checking.script.updates import Update

__all__ = ["Hooks", "Place", "number_nodes", "one_hot_key", "value_places"]

_STEP = "_step"


def number_nodes(tree: ast.AST) -> None:
    """Give every node a number that copies keep."""
    for number, node in enumerate(ast.walk(tree)):
        node.number = number  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Place:
    """An expression whose value is looked at.

    Attributes
    ----------
    node : expression
    label : str
        What the value is called: a name, a function, the words printed before it.
    kind : str
        "assigned", "added", "returned", "element", "shown" or "argument".
    """

    node: ast.expr
    label: str
    kind: str


# --- which values are looked at -------------------------------------------------------------------


def value_places(tree: ast.AST) -> dict[int, Place]:
    """Return the expressions whose values may be parameters or losses, by their numbers."""
    found: dict[int, Place] = {}

    def add(node: ast.expr, label: str, kind: str) -> None:
        if isinstance(node, (ast.Starred, ast.JoinedStr, ast.Lambda)):
            return
        if isinstance(node, (ast.Tuple, ast.List)):
            for one in node.elts:
                add(one, label, "element" if kind == "argument" else kind)
            return
        if isinstance(node, ast.Dict):
            for key, one in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and isinstance(key.value, str)
                add(one, key.value if named else label, "element")  # type: ignore[union-attr]
            return
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            add(node.elt, label, "element")
            return
        if isinstance(node, ast.DictComp):
            add(node.value, label, "element")
            return
        found.setdefault(number_of(node), Place(node, label, kind))

    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                add(node.value, function.name, "returned")
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=False):
                    add(value, text_of(one), "assigned")
            else:
                add(node.value, text_of(target), "assigned")
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            add(node.value, text_of(node.target), "assigned")
        elif isinstance(node, ast.AugAssign):
            add(node.value, text_of(node.target), "added")
        elif isinstance(node, ast.JoinedStr):
            words = ""
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    add(part.value, words, "shown")
                elif isinstance(part, ast.Constant):
                    words = str(part.value)
        elif isinstance(node, ast.Call):
            _arguments(node, add)
    return found


def _arguments(node: ast.Call, add: object) -> None:
    assert callable(add)
    name = call_name(node)
    if name in ("array", "asarray", "range", "seed", "mat", "matrix", "linspace", "arange"):
        return  # data, not looked at entry by entry
    words = ""
    if isinstance(node.func, ast.Attribute) and name in ("append", "format"):
        owner = node.func.value
        words = str(owner.value) if isinstance(owner, ast.Constant) else text_of(owner)
    kind = "shown" if name in ("print", "append", "format", "str", "write") else "argument"
    for one in node.args:
        if isinstance(one, ast.Constant):
            if isinstance(one.value, str):
                words = one.value
            elif isinstance(one.value, float) and kind == "argument":
                add(one, name, kind)
        elif isinstance(one, ast.BinOp) and kind == "shown" and _words(one):
            _shown_parts(one, add)
        elif not is_reference(one) or kind == "shown":
            add(one, str(words) or name, kind)
    for keyword in node.keywords:
        if not is_reference(keyword.value) and not isinstance(keyword.value, ast.Constant):
            add(keyword.value, keyword.arg or name, "argument")


def _words(node: ast.AST) -> str:
    return " ".join(
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    )


def _shown_parts(node: ast.expr, add: object) -> None:
    """Look at the numbers in ``"loss " + str(loss)`` and ``"loss %f" % loss``."""
    assert callable(add)
    words = _words(node)
    if isinstance(node, ast.BinOp):
        for part in (node.left, node.right):
            if isinstance(part, (ast.BinOp, ast.Tuple)) and _words(part):
                _shown_parts(part, add)
            elif not isinstance(part, (ast.Constant, ast.Call)):
                add(part, words, "shown")
            elif isinstance(part, ast.Call) and call_name(part) in ("str", "repr"):
                for one in part.args:
                    add(one, words, "shown")
            elif isinstance(part, ast.Call):
                add(part, words, "shown")


def one_hot_key(node: ast.AST) -> ast.expr | None:
    """Return the index in ``probabilities[range(m), labels] -= 1``; None if it is not that."""
    if (
        isinstance(node, ast.AugAssign)
        and isinstance(node.op, ast.Sub)
        and isinstance(node.target, ast.Subscript)
        and isinstance(node.value, ast.Constant)
        and node.value.value == 1
    ):
        return node.target.slice
    return None


# --- rewriting ------------------------------------------------------------------------------------


@dataclass
class Hooks:
    """What is rewritten in a program, by the numbers of its nodes.

    Attributes
    ----------
    values : dict
        Number of an expression to the name of the method that its value is handed to.
    updates : dict
        Number of an update to the update and the readings of it to be computed.
    writes : set
        Statements that write into an array: it is handed to ``refill`` afterwards.
    differences, one_hots : dict
        Differences of output and target, to the name of the function that looks at them.
    loops : set
        Loops that end when the step has been seen.
    logging : set
        Conditions that hold where the loss is wanted.
    dropped : set
        Statements that are left out.
    looking : bool
        Whether all readings of an update are handed over, or the gradient only.
    """

    values: dict[int, str] = field(default_factory=dict)
    updates: dict[int, tuple[Update, list[Proposal]]] = field(default_factory=dict)
    writes: set[int] = field(default_factory=set)
    differences: dict[int, str] = field(default_factory=dict)
    one_hots: dict[int, str] = field(default_factory=dict)
    loops: set[int] = field(default_factory=set)
    logging: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    looking: bool = False

    def applied(self, tree: ast.Module) -> ast.Module:
        """Return a rewritten copy of a program."""
        result: Any = _Rewriting(self).visit(copy.deepcopy(tree))
        if not self.looking:
            result = _DotAsFunction().visit(result)
        return ast.fix_missing_locations(result)


def _hook(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(
        ast.Attribute(ast.Name(_STEP, ast.Load()), name, ast.Load()), list(arguments), []
    )


def _thunk(expression: ast.expr) -> ast.Lambda:
    nothing = ast.arguments([], [], None, [], [], None, [])
    return ast.Lambda(nothing, copy.deepcopy(expression))


def _unnumbered(node: ast.expr) -> ast.expr:
    result = copy.deepcopy(node)
    for inner in ast.walk(result):
        inner.number = -1  # type: ignore[attr-defined]
    return result


class _DotAsFunction(ast.NodeTransformer):
    """Writes ``x.dot(w)`` as ``np.dot(x, w)``, which also records where only w is recorded."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "dot"
            and len(node.args) == 1
            and not node.keywords
        ):
            dot = ast.Attribute(ast.Name("np", ast.Load()), "dot", ast.Load())
            return ast.copy_location(ast.Call(dot, [function.value, node.args[0]], []), node)
        return node


class _Rewriting(ast.NodeTransformer):
    def __init__(self, hooks: Hooks) -> None:
        self.hooks = hooks

    def visit(self, node: ast.AST) -> ast.AST | list[ast.AST]:
        number = number_of(node)
        if number in self.hooks.dropped and isinstance(node, ast.stmt):
            return ast.copy_location(ast.Pass(), node)
        if number in self.hooks.updates:
            return self._update(node, number)
        original = node
        result = self.generic_visit(node)
        if number in self.hooks.differences and isinstance(result, ast.BinOp):
            call = self._look(self.hooks.differences[number], number, result.left, result.right)
            result = ast.copy_location(call, original)
        if number in self.hooks.values and isinstance(result, ast.expr):
            method = self.hooks.values[number]
            place = [] if method == "loss" else [ast.Constant(number)]
            call = _hook(method, *place, result)
            return ast.copy_location(call, original)
        if number in self.hooks.one_hots and isinstance(result, ast.AugAssign):
            assert isinstance(result.target, ast.Subscript)
            arguments = (loaded(result.target.value), _key(loaded(result.target.slice)))
            look = ast.Expr(self._look(self.hooks.one_hots[number], number, *arguments))
            return [ast.copy_location(look, original), result]
        if number in self.hooks.writes and isinstance(result, ast.stmt):
            return self._write(result, number)
        if number in self.hooks.loops and isinstance(result, (ast.For, ast.While)):
            asked = _hook("enough")
            if self.hooks.looking:
                asked = _hook("round_of", ast.Constant(number))
            stop = ast.If(asked, [ast.Break()], [])
            result.body.insert(0, ast.copy_location(stop, result.body[0]))
        if number in self.hooks.logging and isinstance(result, ast.If):
            result.test = ast.copy_location(
                ast.BoolOp(ast.Or(), [_hook("logging"), result.test]), result.test
            )
        return result

    def _update(self, node: ast.AST, number: int) -> ast.AST:
        update, readings = self.hooks.updates[number]
        target = _unnumbered(update.target)
        key: list[ast.expr] = []
        if isinstance(target, ast.Subscript):
            key = [_key(target.slice)]
            target = target.value
        if self.hooks.looking:
            total = _sum(update)
            thunks: list[ast.expr] = []
            for one in readings:
                rate = one.rate if one.rate is not None else ast.Constant(1.0)
                thunks += [_thunk(_unnumbered(one.gradient)), _thunk(_unnumbered(rate))]
            handed: list[ast.expr] = [
                ast.Constant(number), target, _thunk(_unnumbered(total)),
                ast.List(thunks, ast.Load()), *key,
            ]  # fmt: skip
            call = _hook("look_at_update", *handed)
        else:
            call = _hook("update", target, _thunk(_unnumbered(readings[0].gradient)), *key)
        ast.copy_location(call, node)
        self.generic_visit(node)
        if isinstance(node, ast.stmt):
            body = [node, *self._told_new(node, number)]
            return ast.copy_location(ast.If(call, body, []), node)
        assert isinstance(node, ast.expr)
        if self.hooks.looking:
            new = ast.copy_location(_hook("updated", ast.Constant(number), node), node)
            return ast.copy_location(ast.IfExp(call, new, _unnumbered(update.target)), node)
        return ast.copy_location(ast.IfExp(call, node, _unnumbered(update.target)), node)

    def _told_new(self, node: ast.stmt, number: int) -> list[ast.stmt]:
        """Hand over what an update has made, so that it is not taken for something new."""
        if not self.hooks.looking or not isinstance(node, (ast.Assign, ast.AugAssign)):
            return []
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        told = ast.Expr(_hook("updated", ast.Constant(number), _unnumbered(loaded(target))))
        return [ast.copy_location(told, node)]

    def _look(self, function: str, number: int, *arguments: ast.expr) -> ast.Call:
        """Call a function of the module; or, where everything is looked at, the step's method."""
        if self.hooks.looking:
            return _hook(function, ast.Constant(number), *arguments)
        return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])

    def _write(self, node: ast.stmt, number: int) -> ast.AST | list[ast.AST]:
        assert isinstance(node, (ast.Assign, ast.AugAssign))
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        assert isinstance(target, ast.Subscript)
        call = ast.Expr(_hook("refill", ast.Constant(number), loaded(target.value)))
        if self.hooks.looking:
            written = _hook("written", ast.Constant(number), loaded(target.value), node.value)
            node.value = ast.copy_location(written, node.value)
        return [node, ast.copy_location(call, node)]


def _key(index: ast.expr) -> ast.expr:
    """Return an index as a value: a slice cannot stand alone."""
    if isinstance(index, ast.Slice):
        nothing = ast.Constant(None)
        return ast.Call(
            ast.Name("slice", ast.Load()),
            [index.lower or nothing, index.upper or nothing, index.step or nothing], [],
        )  # fmt: skip
    if isinstance(index, ast.Tuple):
        return ast.Tuple([_key(one) for one in index.elts], ast.Load())
    return index


def _sum(update: Update) -> ast.expr:
    """Return what is added to the old value."""
    result: ast.expr | None = None
    for sign, term in update.terms:
        if result is None:
            result = term if sign == 1 else ast.UnaryOp(ast.USub(), term)
        else:
            result = ast.BinOp(result, ast.Add() if sign == 1 else ast.Sub(), term)
    assert result is not None
    return result
