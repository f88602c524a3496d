"""How a command ends when it does not succeed: one clean message, and an exit code."""

from __future__ import annotations

import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from pellucid.errors import PellucidError

__all__ = ["Failure", "Interrupted", "clean_errors", "in_options"]


class Failure(click.ClickException):
    """Bad input: the message goes to stderr, and the exit code is 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message."""
        click.echo(f"Error: {self.message}", file=file, err=file is None)


class Interrupted(click.ClickException):
    """Ctrl-C: the message says what was saved and how to go on; the exit code is 130."""

    exit_code = 130

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message."""
        click.echo(self.message, file=file, err=file is None)


@contextmanager
def clean_errors(context: click.Context) -> Iterator[None]:
    """Turn the errors that a user can cause into one message each, without a traceback.

    Errors of the library, of the operating system (a full disk, a missing permission) and a lack
    of memory are the user's; anything else is a defect of Pellucid and keeps its traceback. With
    ``--debug`` all do.
    """
    with _plain_warnings():
        try:
            yield
        except PellucidError as error:
            _traceback_for(context)
            raise Failure(in_options(str(error), context)) from error
        except BrokenPipeError:
            raise  # click ends silently
        except OSError as error:
            _traceback_for(context)
            raise Failure(_operating_system(error)) from error
        except MemoryError as error:
            _traceback_for(context)
            raise Failure(f"there is not enough memory ({error})") from error
        except KeyboardInterrupt as error:
            raise Interrupted("Interrupted.") from error


def in_options(message: str, context: click.Context | None = None) -> str:
    """Say ``--target NAME`` where a message of the library says ``target='NAME'``.

    Only names that are options of the command in hand are changed.
    """
    context = context or click.get_current_context()
    command = context.meta.get("pellucid.command", context.command)
    options = {
        parameter.name: parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
    }

    def translated(match: re.Match[str]) -> str:
        name, value = match[1], match[2] or ""
        option = options.get(_RENAMED.get(name, name))
        if option is None:
            return match[0]
        if option.is_flag and value in ("True", "False"):
            names = option.opts if value == "True" else option.secondary_opts
            return names[0] if names else match[0]
        for pattern, form in _COMPOUND:
            value = pattern.sub(form, value)
        return f"{option.opts[0]} {value}".rstrip()

    return _KEYWORD.sub(translated, message)


_KEYWORD = re.compile(
    r"\b([a-z]+(?:_[a-z]+)*)="
    r"(\{'[^']*': '[^']*'\}|\(\d+, \d+\)|'[^']*'|\"[^\"]*\"|[\w+-]+(?:\.\w+)*)?"
)
_COMPOUND = (
    (re.compile(r"\{'([^']*)': '([^']*)'\}"), r"\1=\2"),
    (re.compile(r"\((\d+), (\d+)\)"), r"\1x\2"),
    (re.compile(r"^['\"](\S+)['\"]$"), r"\1"),
)
_RENAMED = {"encoding": "text_encoding"}
"""Keywords of the functions that read files whose option has another name."""


def _operating_system(error: OSError) -> str:
    from pellucid.training.files import describe_os_error

    where = f"'{error.filename}': " if error.filename else ""
    return f"{where}{describe_os_error(error)}"


def _traceback_for(context: click.Context) -> None:
    if context.meta.get("pellucid.debug"):
        traceback.print_exc(file=sys.stderr)


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show a warning as one line, without the place in the library that it came from."""
    before = warnings.showwarning

    def show(message: Warning | str, *place: Any, **more: Any) -> None:
        click.echo(f"Warning: {message}", err=True)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before
