"""Which folder a training goes to, and reading it again."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli.config_file import converted
from pellucid.cli.settings import Settings
from pellucid.cli.sources import run_name
from pellucid.errors import CheckpointError, DataError

if TYPE_CHECKING:
    from pellucid.training import LoadedRun, Run

__all__ = ["check_out", "find_run", "is_run", "make_run", "open_run", "settings_of"]

RUNS = Path("runs")


def is_run(path: str | Path) -> bool:
    """Tell whether a folder holds a training."""
    return (Path(path) / "config.json").is_file()


def check_out(out: str | None, *, overwrite: bool) -> None:
    """Refuse a folder that is in use, before anything takes time.

    Raises
    ------
    DataError
        If there is something in it, with what can be done.
    """
    if out is None:
        return
    path = Path(out)
    if path.is_file():
        raise DataError(f"'{out}' is a file; --out is the folder that the training goes to")
    if not path.is_dir() or not any(path.iterdir()):
        return
    if not is_run(path):
        raise DataError(f"'{out}' is not empty and holds no training; choose another --out")
    if not overwrite:
        raise DataError(
            f"'{out}' holds a training already: --resume goes on with it, --overwrite replaces "
            "it, or choose another --out"
        )


def make_run(out: str | None, source: str, config: Mapping[str, Any], *, overwrite: bool) -> Run:
    """Make the folder of a training: `out`, or ``runs/NAME`` with a number if it is taken.

    Raises
    ------
    CheckpointError
        If it cannot be made or written.
    """
    from pellucid.training import Run
    from pellucid.training.files import write_json

    path = RUNS / run_name(source) if out is None else Path(out)
    if overwrite and is_run(path):
        # Only what a training writes goes; a user's own notes in the folder stay.
        run = Run(path, config)
        for file in (
            run.checkpoint_path,
            run.model_path,
            run.history_path,
            run.metrics_path,
            run.curves_path,
            run.path / "doctor.json",
            run.path / "fix.png",
        ):
            file.unlink(missing_ok=True)
        write_json(run.config_path, dict(config))
        return run
    return Run.create(path, config)


def find_run(source: str | None, out: str | None) -> Path:
    """Return the folder that ``--resume`` means.

    It is `out`, or `source` where that is a run folder, or the newest ``runs/NAME-N`` of the
    source.

    Raises
    ------
    DataError
        If there is none.
    """
    if out is not None:
        if not is_run(out):
            raise DataError(f"there is no training to go on with in '{out}'")
        return Path(out)
    if source is None:
        raise DataError("--resume needs the run folder: pellucid train --resume runs/NAME")
    if is_run(source):
        return Path(source)
    first = RUNS / run_name(source)
    found = [first] if is_run(first) else []
    for number in itertools.count(2):
        path = first.with_name(f"{first.name}-{number}")
        if not path.exists():
            break
        if is_run(path):
            found.append(path)
    if not found:
        raise DataError(
            f"there is no training to go on with: neither '{source}' nor '{first}' is a run folder"
        )
    return found[-1]


def settings_of(run: Run) -> Settings:
    """Return what a training was asked for.

    Raises
    ------
    CheckpointError
        If its config does not say.
    """
    values = run.config.get("settings")
    if not isinstance(values, dict):
        raise CheckpointError(f"'{run.config_path}' does not say how the training was made")
    where = f"'{run.config_path}'"
    settings = Settings.from_json(values, where)
    for name, value in settings.given().items():
        try:
            converted(name, value)
        except click.BadParameter as error:
            raise CheckpointError(f"{where}, {name}: {error.message}") from error
    return settings


def open_run(path: str) -> LoadedRun:
    """Read the run folder that a command was given.

    Raises
    ------
    DataError
        If it is none, with those that there are.
    CheckpointError
        If a file in it is missing or damaged.
    """
    from pellucid.training import load_run

    folder = Path(path)
    if folder.name == "model.safetensors":
        folder = folder.parent
    if not is_run(folder):
        there = sorted(str(entry) for entry in RUNS.glob("*") if is_run(entry))
        known = f"; there are {', '.join(there[:8])}" if there else ""
        raise DataError(f"'{path}' is not a run folder, as pellucid train makes them{known}")
    if not (folder / "model.safetensors").is_file():
        raise DataError(
            f"the training in '{folder}' has not come to an end, so there is no model yet; "
            f"go on with it: pellucid train --resume {folder}"
        )
    return load_run(folder)
