"""In which line of a function a recorded call was made."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from pellucid import tape

__all__ = ["LineClock"]


class LineClock:
    """Notes when each line of a function begins, by the clock that orders the recorded calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._file = _file_of(function)
        self._begun: list[tuple[int, CodeType, int]] = []
        self._before: Any = None

    def __enter__(self) -> LineClock:
        self._before = sys.gettrace()
        if self._file and self._before is None:  # a debugger, or coverage, is left alone
            sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        if sys.gettrace() == self._called:
            sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._lined if frame.f_code.co_filename == self._file else None

    def _lined(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self._begun.append((next(tape.Producer._clock), frame.f_code, frame.f_lineno))
        return self._lined

    def at(self, order: int) -> str:
        """Return the line in which a call was made, in words; nothing if it is not known."""
        begun = [(code, line) for time, code, line in self._begun if time < order]
        if not begun:
            return ""
        code, line = begun[-1]
        try:
            source, start = inspect.getsourcelines(code)
            text = source[line - start].strip() if start else source[line - 1].strip()
        except (OSError, TypeError, IndexError):
            return f" (line {line} of {Path(code.co_filename).name})"
        shown = text if len(text) <= 90 else f"{text[:87]}…"
        return f" (line {line} of {Path(code.co_filename).name}: {shown})"


def _file_of(function: Callable[..., Any]) -> str:
    """Return the file that a function, a method or a callable object is written in."""
    target: Any = function
    while hasattr(target, "func"):  # functools.partial
        target = target.func
    target = getattr(target, "__func__", target)
    code = getattr(target, "__code__", None)
    if code is None:
        call: Any = getattr(target, "forward", None) or vars(type(target)).get("__call__")
        code = getattr(getattr(call, "__func__", call), "__code__", None)
    return "" if code is None else str(code.co_filename)
