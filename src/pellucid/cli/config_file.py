"""A configuration file: the options of ``pellucid train`` in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pellucid.cli.settings import SECTIONS
from pellucid.cli.training_options import TRAINING_OPTIONS, TrainingOption
from pellucid.cli.types import known
from pellucid.errors import DataError, UnknownNameError

__all__ = ["converted", "read_config"]

_OPTIONS: dict[str, TrainingOption] = {option.name or "": option for option in TRAINING_OPTIONS}
_WRITTEN = {option.opts[0].lstrip("-").replace("-", "_"): name for name, option in _OPTIONS.items()}


def read_config(path: str) -> dict[str, Any]:
    """Return the settings in a TOML file, checked as those of the command line are.

    The keys are the options' names, with hyphens or underscores, and ``source``. Options that can
    be repeated take lists; ``[set.optimizer]`` and ``[column]`` are tables.

    Raises
    ------
    DataError
        If the file cannot be read, is not TOML, or a value is not such as the option takes.
    UnknownNameError
        If a key is unknown; the nearest one is suggested.
    """
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read '{path}': {error.strerror}") from error
    except ValueError as error:  # TOML errors and text that is not UTF-8
        raise DataError(f"'{path}' is not a TOML file: {error}") from error
    settings: dict[str, Any] = {}
    for key, value in found.items():
        plain = key.replace("-", "_")
        name = _WRITTEN.get(plain, plain)
        if name != "source" and name not in _OPTIONS:
            raise UnknownNameError(f"key in '{path}':", key, ["source", *_WRITTEN])
        if name in settings:
            raise DataError(f"'{path}' says '{key}' twice")
        try:
            settings[name] = converted(name, value)
        except click.BadParameter as error:
            raise DataError(f"'{path}', {key}: {error.message}") from error
    return settings


def converted(name: str, value: Any) -> Any:
    """Return the value of a setting, checked as that of its option is.

    Raises
    ------
    click.BadParameter, UnknownNameError
        If it is not such as the option takes.
    """
    if name == "source":
        return _text(value)
    option = _OPTIONS[name]
    if option.is_flag:
        if not isinstance(value, bool):
            raise click.BadParameter(f"{value!r} is neither true nor false")
        return value
    if isinstance(option.type, (click.types.StringParamType, click.Path)) and not option.multiple:
        return _text(value)
    if not option.multiple:
        return option.type.convert(value, option, None)
    if isinstance(value, Mapping):
        entries = list(_entries(name, value))
    else:
        entries = list(value) if isinstance(value, (list, tuple)) else [value]
    return tuple(
        _text(entry)
        if isinstance(option.type, click.types.StringParamType)
        else option.type.convert(entry, option, None)
        for entry in entries
    )


def _entries(name: str, table: Mapping[str, Any]) -> list[Any]:
    """Return what a table stands for, in the form in which the command line has it."""
    if name == "set":
        entries = []
        for section, options in table.items():
            if not isinstance(options, Mapping):
                raise click.BadParameter(f"expected a table [set.{section}] of options")
            known("section of [set]", section, SECTIONS)
            entries += [(section, option, given) for option, given in options.items()]
        return entries
    if name == "column_types":
        return list(table.items())
    raise click.BadParameter("expected a list")


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise click.BadParameter(f"{value!r} is not a text")
    return str(value)
