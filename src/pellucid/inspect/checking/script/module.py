"""The program as a module whose step can be run again and again.

Imports, functions and fixed data stand at the top and are run once. The rest becomes a function,
whose names are global, so that functions of the program find them where they did.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from pellucid.inspect.checking.script.expressions import (
    call_name,
    is_reference,
    last_name,
    own_nodes,
    replaced,
)

__all__ = ["PLOTTING", "as_module", "bound_names", "drop_statements", "number_of", "prepare"]

PLOTTING = frozenset(("matplotlib", "pylab", "seaborn", "plotly", "IPython"))

_PURE_METHODS = frozenset(
    ("reshape", "astype", "copy", "flatten", "ravel", "sum", "mean", "std", "max", "min", "T")
)
_PURE_BUILTINS = frozenset(("len", "float", "int", "range", "list", "tuple", "min", "max", "sum"))


def prepare(tree: ast.Module) -> None:
    """Let a program run wherever it stands: without its ``__main__`` test, without random seeds."""
    _Preparing().visit(tree)
    ast.fix_missing_locations(tree)


class _Preparing(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if isinstance(node.left, ast.Name) and node.left.id == "__name__":
            return ast.copy_location(ast.Constant(True), node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if call_name(node) in ("default_rng", "RandomState") and not node.args:
            node.args = [ast.copy_location(ast.Constant(0), node)]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        call = node.value
        if call_name(call) != "setattr" or not isinstance(call, ast.Call) or len(call.args) != 3:
            return node
        owner, name, value = call.args
        asked = [
            n for n in ast.walk(value)
            if isinstance(n, ast.Call) and call_name(n) == "getattr" and len(n.args) == 2
            and [ast.unparse(a) for a in n.args] == [ast.unparse(owner), ast.unparse(name)]
        ]  # fmt: skip
        if not asked or not is_reference(owner):
            return node
        # An update of an attribute whose name is computed: as an entry, it is one of all
        entry = ast.parse(f"{ast.unparse(owner)}.__dict__[{ast.unparse(name)}]", mode="eval").body
        assert isinstance(entry, ast.Subscript)
        for inner in ast.walk(entry):
            ast.copy_location(inner, node)
        target = ast.copy_location(ast.Subscript(entry.value, entry.slice, ast.Store()), node)
        assigned = ast.Assign([target], replaced(value, [*asked], entry))
        return ast.copy_location(assigned, node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.AST]:
        self.generic_visit(node)
        if len(node.targets) > 1 and isinstance(node.value, ast.Constant):
            # Each name gets a number of its own, so that they can be told apart
            return [
                ast.copy_location(ast.Assign([target], node.value), node) for target in node.targets
            ]
        return node

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        for position, one in enumerate(node.body):
            if isinstance(one, ast.AnnAssign) and one.value is not None:
                plain = ast.Assign([one.target], one.value)
                node.body[position] = ast.copy_location(plain, one)
        return node


def number_of(node: ast.AST) -> int:
    """Return the number of a node, -1 where it has none."""
    return getattr(node, "number", -1)


def bound_names(scope: ast.AST) -> list[str]:
    """Return the names that a scope assigns, imports or defines."""
    found: dict[str, None] = {}
    for node in own_nodes(scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found[node.id] = None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] = None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                found[(alias.asname or alias.name).split(".")[0]] = None
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found[node.name] = None
    found.pop("*", None)
    inside = {
        n.id
        for node in own_nodes(scope)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        for g in node.generators
        for n in ast.walk(g.target)
        if isinstance(n, ast.Name)
    }
    outside = {
        n.id
        for n in _outside_comprehensions(scope)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return [name for name in found if name not in inside or name in outside]


def _outside_comprehensions(scope: ast.AST) -> Iterable[ast.AST]:
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        if isinstance(
            node,
            (
                ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
                ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
            ),
        ):  # fmt: skip
            continue
        yield node
        todo += list(ast.iter_child_nodes(node))


def as_module(tree: ast.Module, function: str) -> ast.Module:
    """Return a module whose function `function` runs the program."""
    top: list[ast.stmt] = []
    rest: list[ast.stmt] = []
    known: set[str] = set()
    changing = _changing_names(tree)
    for one in tree.body:
        if _can_stand_at_top(one, known, changing):
            top.append(one)
            known |= set(bound_names(ast.Module([one], [])))
        else:
            rest.append(one)
    if not rest:
        rest.append(ast.Pass())
    names = bound_names(ast.Module(rest, []))
    body: list[ast.stmt] = [ast.Global(names)] if names else []
    run = ast.parse(f"def {function}(): pass").body[0]
    assert isinstance(run, ast.FunctionDef)
    run.body = [*body, *rest]
    module = ast.Module([*top, run], [])
    return ast.fix_missing_locations(module)


def _changing_names(tree: ast.Module) -> set[str]:
    """Return names that are assigned more than once, or whose values are changed in place."""
    counts: dict[str, int] = {}
    changing: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            counts[node.id] = counts.get(node.id, 0) + 1
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            counts[node.name] = counts.get(node.name, 0) + 1
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            changing.add(node.target.id)
        elif isinstance(node, ast.Global):
            changing |= set(node.names)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            changing |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.Call) and call_name(node) in (
            "shuffle", "append", "extend", "sort", "fill", "copyto", "pop", "insert",
        ):  # fmt: skip
            changing |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.keyword) and node.arg == "out":
            changing |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
    return changing | {name for name, count in counts.items() if count > 1}


def _can_stand_at_top(node: ast.stmt, known: set[str], changing: set[str]) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.FunctionDef):
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        return (
            not node.decorator_list
            and all(_is_pure(d, known) for d in defaults)
            and node.name not in changing
        )
    if isinstance(node, ast.ClassDef):
        plain = all(isinstance(inner, (ast.FunctionDef, ast.Pass, ast.Expr)) for inner in node.body)
        return (
            plain and not node.decorator_list and not node.keywords
            and all(_is_pure(b, known) for b in node.bases) and node.name not in changing
        )  # fmt: skip
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        return (
            isinstance(target, ast.Name)
            and target.id not in changing
            and _is_pure(node.value, known)
        )
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_pure(node: ast.AST, known: set[str]) -> bool:
    """Tell whether an expression gives the same whenever it is computed."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            if inner.id not in known and inner.id not in _PURE_BUILTINS | {"object", "Exception"}:
                return False
        elif isinstance(inner, ast.Attribute):
            if "rand" in inner.attr or "shuffle" in inner.attr or inner.attr == "seed":
                return False
        elif isinstance(inner, ast.Call):
            root = inner.func
            while isinstance(root, ast.Attribute):
                root = root.value
            name = last_name(inner.func)
            fine = (isinstance(root, ast.Name) and root.id in ("np", "numpy")) or (
                name in _PURE_METHODS | _PURE_BUILTINS
                or name.startswith(("load_", "read_", "fetch_"))
            )
            if not fine:
                return False
        elif isinstance(inner, (ast.Lambda, ast.NamedExpr, ast.Await, ast.Yield, ast.ListComp)):
            return False
    return True


# --- what is left out -----------------------------------------------------------------------------


def drop_statements(tree: ast.Module) -> set[int]:
    """Return the numbers of statements that only print or draw."""
    drawing = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] in PLOTTING
    } | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PLOTTING
        for alias in node.names
    }
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {(a.asname or a.name).split(".")[0] for a in node.names}
            if names <= drawing:
                found.add(number_of(node))
        elif isinstance(node, (ast.Assign, ast.Expr)) and isinstance(node.value, ast.Call):
            if _root(node.value) in drawing:
                found.add(number_of(node))
                if isinstance(node, ast.Assign):
                    drawing |= {n.id for n in ast.walk(node.targets[0]) if isinstance(n, ast.Name)}
            elif (
                isinstance(node, ast.Expr)
                and call_name(node.value) in ("print", "input")
                and _only_shows(node.value)
            ):
                found.add(number_of(node))
    return found


def _only_shows(call: ast.Call) -> bool:
    """Tell whether what is printed calls nothing of the program, such as a training step."""
    for inner in ast.walk(call):
        if isinstance(inner, ast.Call) and inner is not call and not _is_harmless(inner):
            return False
    return True


def _is_harmless(call: ast.Call) -> bool:
    name = call_name(call)
    if isinstance(call.func, ast.Attribute):
        return _root(call) in ("np", "numpy") or name in _PURE_METHODS | _SHOWING
    return name in _PURE_BUILTINS | _SHOWING


_SHOWING = frozenset(("str", "repr", "format", "round", "abs", "item", "tolist", "join", "dot"))


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
