"""A learner's file with a NumPy function of parameters, for the commands that look into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pellucid.cli.failures import Failure
from pellucid.errors import PellucidError

__all__ = ["is_parameter_file", "opened"]

_NAMES = ("parameters", "loss")


def is_parameter_file(what: str) -> bool:
    """Tell whether an argument names a Python file."""
    return what.endswith(".py")


@contextmanager
def opened(
    what: str | Path, names: tuple[str, ...] = _NAMES, *, shown: bool = True
) -> Iterator[tuple[Any, ...]]:
    """Run a file, and give what it defines under these names to the block.

    Parameters
    ----------
    what : str or Path
        The file: a Python program.
    names : tuple of str
        What the parameters, the loss and, where they are needed, the gradients are called.
    shown : bool
        Whether what the file prints goes to the screen.

    Raises
    ------
    Failure
        If it cannot be used, or its code stops with an error; the line is named.
    """
    from pellucid.inspect.checking.program_file import ProgramError, load_program, place_of_error

    path = Path(what)
    try:
        program = load_program(path, names, shown=shown)
        with program.running():
            yield tuple(program[name] for name in names)
    except ProgramError as error:
        raise Failure(str(error)) from error
    except PellucidError as error:
        raise Failure(f"{what}: {error}") from error
    except Exception as error:
        place = place_of_error(error, path)
        if place is None:
            raise
        raise Failure(place) from error
