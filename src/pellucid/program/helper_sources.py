"""The functions that a printed program needs beside NumPy's, with everything they need in turn."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import types
from collections.abc import Callable, Iterable
from typing import Any

from pellucid.errors import UnsupportedError
from pellucid.primitives import Primitive

__all__ = ["Helpers"]

_WIDTH = 88
"""The widest signature that stands in one line."""


class Helpers:
    """Collects the sources of functions, each once, in an order in which each can be run.

    Parameters
    ----------
    taken : set of str
        Names that are not free.

    Attributes
    ----------
    imports : set of str
        The modules of the standard library that they need.
    """

    def __init__(self, taken: set[str]) -> None:
        self.imports: set[str] = set()
        self._names: dict[int, str] = {}
        self._taken = set(taken)
        self._constants: list[str] = []
        self._functions: list[str] = []
        self._kept: list[Any] = []

    def need(self, function: Callable[..., Any], name: str | None = None, about: str = "") -> str:
        """Add a function and what it needs; return the name that it has in the program.

        `about` becomes its docstring where it has none.
        """
        if id(function) in self._names:
            return self._names[id(function)]
        chosen = self._claim(function, name or function.__name__)
        source = _without_annotations(textwrap.dedent(inspect.getsource(function)))
        source = _renamed(source, {function.__name__: chosen})
        source = _renamed(source, self._requirements(function))
        if about and not function.__doc__:
            source = re.sub(r"(?m)^(def [^\n]*:\n)", rf'\1    """{about}"""\n', source, count=1)
        self._functions.append(source.rstrip())
        return chosen

    def _claim(self, value: Any, name: str) -> str:
        chosen, number = name, 2
        while chosen in self._taken:
            chosen, number = f"{name}_{number}", number + 1
        self._taken.add(chosen)
        self._names[id(value)] = chosen
        self._kept.append(value)
        return chosen

    def _requirements(self, function: Callable[..., Any]) -> dict[str, str]:
        """Add what a function refers to; return what is called otherwise in the program."""
        others: dict[str, str] = {}
        scope = function.__globals__
        for name in _global_names(function.__code__):
            if name not in scope or name == function.__name__:
                continue
            value = scope[name]
            if isinstance(value, types.ModuleType):
                self._import(value)
                continue
            if isinstance(value, Primitive):
                value = value.forward
            chosen = (
                self.need(value)
                if isinstance(value, types.FunctionType)
                else self._constant(name, function)
            )
            if chosen != name:
                others[name] = chosen
        return others

    def _constant(self, name: str, function: Callable[..., Any]) -> str:
        """Add the assignment of a constant, as the module that the function is in has it."""
        module = sys.modules[function.__module__]
        source = inspect.getsource(module)
        for node in ast.parse(source).body:
            targets = (
                node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            )
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                value = ast.get_source_segment(source, node.value)  # type: ignore[attr-defined]
                scope = vars(module)
                for part in ast.walk(node.value):  # type: ignore[attr-defined]
                    if isinstance(part, ast.Name) and isinstance(
                        scope.get(part.id), types.ModuleType
                    ):
                        self._import(scope[part.id])
                text = f"{name} = {value}"
                if text not in self._constants:
                    self._constants.append(text)
                return name
        raise UnsupportedError(
            f"'{name}', which {function.__name__} needs, cannot be printed: it is no constant of "
            f"{module.__name__}"
        )

    def _import(self, module: types.ModuleType) -> None:
        if module.__name__ != "numpy":
            self.imports.add(module.__name__)

    def text(self) -> str:
        """Return the constants and functions as they stand in the program."""
        parts = ["\n".join(self._constants)] if self._constants else []
        return "\n\n\n".join(parts + self._functions)


def _global_names(code: types.CodeType) -> Iterable[str]:
    """Return the names that a function and those inside it look up beyond their own."""
    names = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(dict.fromkeys(_global_names(constant)))
    return names


def _renamed(source: str, others: dict[str, str]) -> str:
    for old, new in others.items():
        if old != new:
            source = re.sub(rf"(?<![\w.]){re.escape(old)}\b", new, source)
    return source


def _without_annotations(source: str) -> str:
    """Cut the types out of a function: a reader of NumPy does not need them."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data = source.encode()

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    cuts: list[tuple[int, int, bytes]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arguments):
            cuts += _of_arguments(node, place)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            begin = data.rindex(b"->", 0, place(node.returns.lineno, node.returns.col_offset))
            cuts.append((begin - 1, _end(node.returns, place), b""))
        elif isinstance(node, ast.AnnAssign):
            cuts.append((_end(node.target, place), _end(node.annotation, place), b""))
    for begin, end, instead in sorted(cuts, reverse=True):
        data = data[:begin] + instead + data[end:]
    return _on_one_line(re.sub(r"[ \t]*# type: ignore.*", "", data.decode()))


def _on_one_line(source: str) -> str:
    """Join the lines of signatures that fit in one, now that they have no types."""

    def join(match: re.Match[str]) -> str:
        inside = " ".join(match[2].split()).rstrip(",")
        line = f"{match[1]}({inside}):"
        return line if len(line) <= _WIDTH else match[0]

    return re.sub(r"(?m)^([ \t]*def \w+)\(\n([^()]*?)\n[ \t]*\):", join, source)


def _of_arguments(
    arguments: ast.arguments, place: Callable[[int, int], int]
) -> list[tuple[int, int, bytes]]:
    """Return what to replace in a signature: types, and the blanks around a default."""
    by_position = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(by_position) - len(arguments.defaults))
    pairs = [
        *zip(by_position, [*missing, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        *((x, None) for x in (arguments.vararg, arguments.kwarg) if x is not None),
    ]
    cuts = []
    for argument, default in pairs:
        if argument.annotation is None:
            continue
        begin = place(argument.lineno, argument.col_offset) + len(argument.arg.encode())
        if default is None:
            cuts.append((begin, _end(argument.annotation, place), b""))
        else:
            cuts.append((begin, place(default.lineno, default.col_offset), b"="))
    return cuts


def _end(node: Any, place: Callable[[int, int], int]) -> int:
    return place(node.end_lineno, node.end_col_offset)
