"""A script that only defines functions or a class: calling them, with XOR."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from pellucid.inspect.checking.script.expressions import RATE, own_nodes
from pellucid.inspect.checking.script.updates import find_updates

__all__ = ["calls", "uncalled"]

_ROWS = ("[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]", "[[0.0], [1.0], [1.0], [0.0]]")
_COLUMNS = ("[[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]", "[[0.0, 1.0, 1.0, 0.0]]")
_VECTOR = (_ROWS[0], "[0.0, 1.0, 1.0, 0.0]")

_INPUTS = re.compile(
    r"^(x|xs|x_?train|inputs?|data|features?|train\w*_?(x|inputs?)|\w*set_inputs|samples)$", re.I
)
_TARGETS = re.compile(
    r"^(y|ys|y_?train|t|d|targets?|labels?|outputs?|expected\w*|train\w*_?(y|outputs?|labels?)|\w*set_outputs)$",
    re.I,
)
_ROUNDS = re.compile(r"^(n|\w*epochs?|\w*iter(ation)?s?|\w*steps|num_\w+|n_train\w*)$", re.I)
_SIZES = (
    (re.compile(r"^(n_?x|n_?in\w*|input\w*|in_\w+|n_?features?|num_inputs?|d_in|i)$", re.I), "2"),
    (re.compile(r"^(n_?h\w*|hidden\w*|num_hidden\w*|h)$", re.I), "3"),
    (re.compile(r"^(n_?y|n_?out\w*|output\w*|out_\w+|num_outputs?|d_out|o|n_classes)$", re.I), "1"),
    (re.compile(r"^(layers?\w*|sizes|dims?|architecture)$", re.I), "[2, 3, 1]"),
    (re.compile(r"^(batch_?size|mini_?batch\w*|bs)$", re.I), "4"),
    (re.compile(r"^(seed|random_state)$", re.I), "0"),
    (re.compile(r"^(verbose|print_\w+|plot\w*|show\w*|debug)$", re.I), "False"),
)


def calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield programs to append to one that only defines, and what they call."""
    for name, first, second in _targets(tree):
        for data in (_ROWS, _COLUMNS, _VECTOR):
            head = f"_X = np.array({data[0]})\n_y = np.array({data[1]})\n"
            if not any(isinstance(n, ast.Import) for n in tree.body):
                continue
            call = _call(first)
            if call is None:
                break
            if second is None:
                yield f"import numpy as np\n{head}{call}\n", _shown(call)
                continue
            used = _call(second, method=True)
            if used is None:
                break
            method = used if "_X" in used else None
            if method is None:
                break
            made = f"_model = {call}\n"
            yield (
                f"import numpy as np\n{head}{made}_model.{used}\n",
                f"{name}: {_shown(call)}.{_shown(used)}",
            )


def _shown(call: str) -> str:
    return call.replace("_X", "X").replace("_y", "y")


def _targets(tree: ast.Module) -> list[tuple[str, ast.FunctionDef, ast.FunctionDef | None]]:
    """Return the functions that may train, and the classes with their methods that may."""
    found: list[tuple[str, ast.FunctionDef, ast.FunctionDef | None]] = []
    for node in reversed(tree.body):
        if isinstance(node, ast.ClassDef):
            methods = {m.name: m for m in node.body if isinstance(m, ast.FunctionDef)}
            maker = methods.get("__init__") or _empty(node.name)
            maker = _renamed(maker, node.name)
            wanted = sorted(
                (m for name, m in methods.items() if not name.startswith("__")),
                key=lambda m: not re.match(r"(train|fit|learn)", m.name),
            )
            found += [(node.name, maker, m) for m in wanted]
        elif isinstance(node, ast.FunctionDef):
            found.append((node.name, node, None))
    return found


def _empty(name: str) -> ast.FunctionDef:
    made = ast.parse(f"def {name}(self): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    return made


def _renamed(function: ast.FunctionDef, name: str) -> ast.FunctionDef:
    arguments = ast.arguments(
        function.args.posonlyargs, function.args.args[1:], function.args.vararg,
        function.args.kwonlyargs, function.args.kw_defaults, None, function.args.defaults,
    )  # fmt: skip
    result = _empty(name)
    result.args = arguments
    return result


def _call(function: ast.FunctionDef, *, method: bool = False) -> str | None:
    """Return a call of a function with XOR and small sizes; None if an argument is not known."""
    arguments = [a.arg for a in function.args.args]
    if method:
        arguments = arguments[1:]
    required = arguments[: len(arguments) - len(function.args.defaults)]
    values = []
    sizes = itertools.count()
    for name in required:
        value = _value(name, next(sizes))
        if value is None:
            return None
        values.append(value)
    return f"{function.name}({', '.join(values)})"


def _value(name: str, position: int) -> str | None:
    if _INPUTS.match(name) and not name.startswith(("input_", "in_")):
        return "_X"
    if _TARGETS.match(name):
        return "_y"
    for pattern, value in _SIZES:
        if pattern.match(name):
            return value
    if RATE.match(name):
        return "0.1"
    return "3" if _ROUNDS.match(name) else None


def uncalled(tree: ast.Module) -> list[str]:
    """Return the functions with updates that the module itself never calls, as they are written."""
    called = {
        node.func.id
        for node in own_nodes(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    scopes = {id(u.scope.node) for u in find_updates(tree)}
    return [
        f"{node.name}({ast.unparse(node.args)})"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and id(node) in scopes and node.name not in called
    ]
