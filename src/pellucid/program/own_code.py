"""Following a user's function while it runs: its lines, and what it calls its values."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.program.instruction import SourceLine, Variable
from pellucid.tensor import Tensor

if TYPE_CHECKING:
    from pellucid.program.recorder import Recorder

__all__ = ["OwnCode"]

_LIBRARIES = tuple(
    str(Path(file).resolve().parent)
    for file in (np.__file__, sys.modules["pellucid"].__file__ or "")
)


class OwnCode:
    """Watches a function: which of its lines makes which instruction, and the names it gives.

    Parameters
    ----------
    recorder : Recorder
        What writes the instructions down.
    function : callable
        The function that will be called while :meth:`followed`.

    Notes
    -----
    Lines come from ``sys.settrace``, which is put back as it was; only frames outside of Pellucid
    and NumPy are looked at. A value is called what the outermost function calls it that has a name
    for it: in ``a = sigmoid(z)`` it is ``a``, whatever it is called inside ``sigmoid``.
    """

    def __init__(self, recorder: Recorder, function: Callable[..., Any]) -> None:
        self._recorder = recorder
        self._function = function
        self._line: SourceLine | None = None
        self._noted = 0
        self._depths: dict[int, int] = {}
        self._arrays: dict[str, list[Any]] = {}

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Watch the lines that run in the block."""
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            yield
        finally:
            sys.settrace(before)
            self._note()

    # --- lines ------------------------------------------------------------------------------------

    def _entered(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        return self._moved if event == "call" and _is_own(frame) else None

    def _moved(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        self._note()
        self._read_names(frame)
        if event == "return":
            outer = frame.f_back
            while outer is not None and not _is_own(outer):
                outer = outer.f_back
            self._line = None if outer is None else _line_of(outer)
        else:
            self._line = _line_of(frame)
        return self._moved

    def _note(self) -> None:
        """Give the instructions that came since the last line that line."""
        made = self._recorder.instructions
        for instruction in made[self._noted :]:
            if instruction.phase == "forward":
                instruction.line = self._line
        self._noted = len(made)

    # --- names ------------------------------------------------------------------------------------

    def _read_names(self, frame: types.FrameType) -> None:
        depth = _depth(frame)
        code = frame.f_code
        arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        for name, value in frame.f_locals.items():
            if name not in arguments:
                self._call(value, name, depth)
            elif arguments and name == arguments[0] and hasattr(value, "__dict__"):
                for attribute, held in vars(value).items():  # self.a1 in a method
                    self._call(held, attribute, depth)

    def _call(self, value: Any, name: str, depth: int) -> None:
        if name.startswith("__") or not name.strip("_").isidentifier():
            return
        variable = self._variable_of(value)
        if variable is None:
            if isinstance(value, np.ndarray):
                self._keep(name, value)
            return
        known = self._depths.get(id(variable))
        if known is None or depth < known:
            self._depths[id(variable)] = depth
            variable.called = name

    def _variable_of(self, value: Any) -> Variable | None:
        if isinstance(value, Tensor):
            value = value.data
        variable = self._recorder.variable_of(value)
        return None if variable is None or variable.role == "parameter" else variable

    def _keep(self, name: str, array: Any) -> None:
        """Remember an array that nothing has been recorded of."""
        kept = self._arrays.setdefault(name, [])
        if not any(array is other for other in kept):
            kept.append(array)

    def name_data(self, constants: Iterable[Variable]) -> None:
        """Call plain arrays that the function works on what they are called there.

        Those that were taken in another type or shape are known by their numbers, if only one name
        has these.
        """
        for name, array in _arrays_around(self._function):
            self._keep(name, array)
        for variable in constants:
            if variable.called:
                continue
            names = [
                name
                for name, arrays in self._arrays.items()
                if any(self._recorder.variable_of(array) is variable for array in arrays)
            ] or [
                name
                for name, arrays in self._arrays.items()
                if any(_same_numbers(array, variable.value) for array in arrays)
            ]
            if len(names) == 1:
                variable.called = names[0]


def _is_own(frame: types.FrameType) -> bool:
    file = frame.f_code.co_filename
    if file == "<string>":  # methods that a decorator makes have no file of their own
        module = str(frame.f_globals.get("__name__", ""))
        return module.partition(".")[0] not in ("numpy", "pellucid")
    return not file.startswith((*_LIBRARIES, "<frozen"))


def _line_of(frame: types.FrameType) -> SourceLine:
    return SourceLine(frame.f_code.co_filename, frame.f_lineno)


def _depth(frame: types.FrameType) -> int:
    depth, outer = 0, frame.f_back
    while outer is not None:
        depth, outer = depth + 1, outer.f_back
    return depth


def _same_numbers(array: Any, numbers: Any) -> bool:
    return 1 < array.size == numbers.size and bool(np.array_equal(array.ravel(), numbers.ravel()))


def _arrays_around(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Yield the arrays that a function and those it calls find outside of themselves."""
    seen: set[int] = set()
    todo: list[Any] = [function]
    while todo:
        thing = todo.pop()
        thing = getattr(thing, "__func__", thing)
        if not isinstance(thing, types.FunctionType) or id(thing) in seen:
            continue
        seen.add(id(thing))
        found = inspect.getclosurevars(thing)
        for name, value in {**found.globals, **found.nonlocals}.items():
            if isinstance(value, np.ndarray):
                yield name, value
            elif not str(getattr(value, "__module__", "")).startswith(("numpy", "pellucid")):
                todo.append(value)
