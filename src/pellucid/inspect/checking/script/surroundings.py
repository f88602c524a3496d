"""What a script finds around it while it is checked: no windows, no questions, no waiting."""

from __future__ import annotations

import builtins
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import sys
import time
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pellucid.inspect.checking.script.module import PLOTTING

__all__ = ["Output", "surroundings"]

_KEPT = 200_000  # characters of what a script prints


class Output(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep a text, if there is room."""
        if self._size < _KEPT:
            self._parts.append(text[: _KEPT - self._size])
            self._size += len(text)
        return len(text)

    @property
    def text(self) -> str:
        """What was kept."""
        cut = "\n... (more was printed)\n" if self._size > _KEPT else ""
        return "".join(self._parts) + cut


class _Anything:
    """Stands for whatever a drawing library gives: it can be called, unpacked, and asked."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _Anything()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return _Anything()

    def __iter__(self) -> Iterator[Any]:
        return iter((_Anything(), _Anything()))

    def __getitem__(self, key: Any) -> Any:
        return _Anything()

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        pass


class _StandIn(types.ModuleType):
    """A drawing library that draws nothing; a progress bar that shows none."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "trange":
            return lambda *numbers, **options: range(*numbers)
        if name in ("tqdm", "tqdm_notebook"):
            return lambda iterable=(), *arguments, **options: iterable
        return _Anything()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives stand-ins for drawing libraries."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a stand-in for a drawing library, and for its parts."""
        if name.partition(".")[0] not in PLOTTING | {"tqdm"}:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Make the stand-in."""
        return _StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: the stand-in is complete."""


@contextmanager
def surroundings(path: Path, output: Output) -> Iterator[None]:
    """Run scripts in the block: this process is theirs alone."""
    sys.argv = [str(path)]
    sys.path.insert(0, str(path.resolve().parent))
    sys.meta_path.insert(0, _Finder())
    builtins.input = lambda prompt="": ""
    time.sleep = lambda seconds: None
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield
