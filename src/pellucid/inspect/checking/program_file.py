"""A learner's file, run as a program with another ``__name__``."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Program", "ProgramError", "load_program", "place_of_error"]

_NAME = "checked_program"


class ProgramError(Exception):
    """A file cannot be used; the message says why, with the line."""


class Program:
    """The names that a file defines.

    Parameters
    ----------
    path : Path
    module : module
    """

    def __init__(self, path: Path, module: types.ModuleType) -> None:
        self.path = path
        self._module = module

    def __getitem__(self, name: str) -> Any:
        return vars(self._module)[name]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Call the functions of the file in the block: its folder is on the path.

        What they print is left out: they are called hundreds of times.
        """
        with _surroundings(self.path, self._module), contextlib.redirect_stdout(io.StringIO()):
            yield


def load_program(path: Path, names: tuple[str, ...], *, shown: bool = True) -> Program:
    """Run a file and return what it defines.

    Parameters
    ----------
    path : Path
    names : tuple of str
        What the parameters, the loss and, where they are needed, the gradients are called.
    shown : bool
        Whether what it prints goes to the screen.

    Raises
    ------
    ProgramError
        If there is no such file, it does not run, or a name is missing.
    """
    try:
        source = path.read_text(encoding="utf-8")
        code = compile(source, str(path), "exec", dont_inherit=True)
    except OSError as error:
        reason = "it is a folder" if path.is_dir() else error.strerror or str(error)
        raise ProgramError(f"cannot read '{path}': {reason}") from error
    except UnicodeDecodeError as error:
        raise ProgramError(f"'{path}' is no text in UTF-8, so no Python program") from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        message = getattr(error, "msg", None) or str(error)
        raise ProgramError(f"{path}{where}: SyntaxError: {message}") from error
    module = types.ModuleType(_NAME)
    module.__file__ = str(path)
    program = Program(path, module)
    hidden = contextlib.nullcontext() if shown else contextlib.redirect_stdout(io.StringIO())
    with _surroundings(path, module), hidden:
        try:
            exec(code, vars(module))
        except SystemExit as error:
            raise ProgramError(
                f"{path}: it ends the program (sys.exit) while it is loaded; put the part that "
                'runs under `if __name__ == "__main__":`'
            ) from error
        except Exception as error:
            raise ProgramError(place_of_error(error, path) or f"{path}: {error}") from error
    _check_names(path, vars(module), names)
    return program


def _check_names(path: Path, defined: dict[str, Any], names: tuple[str, ...]) -> None:
    parameters, *functions = names
    missing = [name for name in names if name not in defined]
    if missing:
        known = [
            name for name, value in defined.items()
            if not name.startswith("_") and isinstance(value, (types.FunctionType, dict))
        ]  # fmt: skip
        there = f"; it defines {', '.join(known)}" if known else ""
        calls = " and ".join(f"`{name}({parameters})`" for name in functions)
        more = "; under other names, say --parameters, --loss, --gradients" * (len(functions) > 1)
        raise ProgramError(
            f"{path} does not define {' and '.join(f'`{name}`' for name in missing)}{there}. "
            f"It needs `{parameters}` (a dict of arrays) and {calls}{more}"
        )
    for number, name in enumerate(functions):
        value = defined[name]
        if not callable(value) and not (number == 1 and isinstance(value, dict)):
            raise ProgramError(
                f"{path}: `{name}` is {type(value).__name__}, not a function of `{parameters}`"
            )


def place_of_error(error: BaseException, path: Path) -> str | None:
    """Say what the file's own code raised, and in which line; None if it was not its code."""
    lines = [
        frame for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == path
    ]  # fmt: skip
    if not lines:
        return None
    last = lines[-1]
    text = f": `{last.line}`" if last.line else ""
    message = str(error).replace("\n", " ") or "no message"
    return f"{path}, line {last.lineno}{text}\n{type(error).__name__}: {message}"


@contextmanager
def _surroundings(path: Path, module: types.ModuleType) -> Iterator[None]:
    """Let a file import its neighbours and find itself; put everything back."""
    folder = str(path.resolve().parent)
    before = sys.modules.get(_NAME)
    generator = np.random.get_state()  # noqa: NPY002
    arguments, sys.argv = sys.argv, [str(path)]
    sys.path.insert(0, folder)
    sys.modules[_NAME] = module
    backend = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "Agg"  # a window would stop the check
    try:
        yield
    finally:
        sys.argv = arguments
        if folder in sys.path:
            sys.path.remove(folder)
        if before is None:
            sys.modules.pop(_NAME, None)
        else:
            sys.modules[_NAME] = before
        np.random.set_state(generator)  # noqa: NPY002 - the generator that old programs use
        del os.environ["MPLBACKEND"]
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
