"""``pellucid evaluate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli import names
from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen, plural, quantity
from pellucid.cli.types import Name

if TYPE_CHECKING:
    from pellucid.cli.measuring import Measures
    from pellucid.cli.tasks import Task
    from pellucid.data import Dataset
    from pellucid.training import LoadedRun

__all__ = ["evaluate"]

_MOST_CLASSES = 20  # a larger table of confusions is no longer read
_PARTS = ("test", "validation", "train")

_EXAMPLES = """
pellucid evaluate runs/digits
pellucid evaluate runs/passengers more.csv --metric f1 --metric roc_auc
pellucid evaluate runs/digits --part train
pellucid evaluate runs/digits --json
"""


@command_of(
    click.Argument(["run"]),
    click.Argument(["source"], required=False),
    Option(
        ["--part"],
        type=Name("part", lambda: _PARTS),
        help="Which part of the run's own data (test).",
    ),
    Option(["--metric"], type=names.METRIC, multiple=True, help="What to measure. Repeatable."),
    Option(
        ["--unknown"],
        type=Name("treatment of unknown categories", lambda: ("error", "ignore")),
        default="error",
        help="A category that the training rows do not have: an error, or none of the known ones.",
    ),
    examples=_EXAMPLES,
)
def evaluate(
    run: str,
    source: str | None,
    part: str | None,
    metric: tuple[str, ...],
    unknown: Any,
    json: bool,
) -> None:
    """Measure the network of a run folder on its test rows, or on the rows of SOURCE.

    SOURCE is a file (or a folder of images) as the training data were, with the targets in it. It
    is prepared as the training data were.
    """
    from pellucid.cli.new_samples import read_part
    from pellucid.cli.run_folders import open_run
    from pellucid.cli.tasks import TASKS, Trained
    from pellucid.errors import CheckpointError, DataError

    screen = Screen(json=json)
    loaded = open_run(run)
    if source is not None and part is not None:
        raise DataError("--part is of the run's own data; leave it or SOURCE out")
    kind = loaded.model.extra.get("kind", "rows")
    if kind not in TASKS:
        raise DataError(
            f"'{run}' makes images, and there is no truth to measure them by: "
            f"pellucid sample {run} draws some"
        )
    task = TASKS[kind]
    data, name = None, ""
    if source is None:
        data, name, where = _own_part(task, loaded, part)
        samples = data.parts()[name]
    else:
        if loaded.preparation is None:
            raise CheckpointError(f"'{run}' holds no preparation, so files cannot be prepared")
        samples, where = read_part(loaded.preparation, source, unknown), source
    measured = task.measure(
        Trained.of_run(loaded), samples, metrics=metric, data=data, part_name=name
    )
    if json:
        screen.result(_as_json(loaded, where, measured))
        return
    _show(screen, loaded, where, measured)


def _own_part(task: Task, loaded: LoadedRun, part: str | None) -> tuple[Dataset, str, str]:
    """Load the data of the run again; return them, the part, and what it is called."""
    from pellucid.cli.run_folders import settings_of
    from pellucid.cli.sources import fingerprint, load_source
    from pellucid.errors import DataError

    settings = settings_of(loaded.run)
    described = loaded.config.get("data", {})
    place = described.get("path")
    if place is not None and not Path(settings.source).exists() and Path(place).exists():
        settings = replace(settings, source=place)  # called from another folder
    data = task.adapt(settings, load_source(settings, task.loading(settings)))
    if fingerprint(data) != described.get("fingerprint"):
        raise DataError(
            f"the data '{settings.source}' have changed since '{loaded.run.path}' was trained, so "
            "its test rows are not known any more; name a file with test rows"
        )
    parts = data.parts()
    if part is None:
        part = next(name for name in (task.part, "test", "train") if name in parts)
    if part not in parts:
        raise DataError(f"'{loaded.run.path}' has no {part} part, only {', '.join(parts)}")
    kind = "training" if part == "train" else part
    return data, part, f"the {kind} rows of {data.name}"


def _as_json(loaded: LoadedRun, where: str, measured: Measures) -> dict[str, Any]:
    result: dict[str, Any] = {
        "run": str(loaded.run.path),
        "on": where,
        "samples": measured.samples,
        **measured.values,
        **{f"baseline_{name}": value for name, value in measured.baseline.items()},
    }
    if measured.confusion is not None:
        result["classes"] = list(measured.classes or loaded.class_names)
        result["confusion"] = measured.confusion.tolist()
    return result


def _show(screen: Screen, loaded: LoadedRun, where: str, measured: Measures) -> None:
    from pellucid.cli.report import compare, metric_lines

    screen.say(f"{loaded.run.path} on {where}: {plural(measured.samples, 'sample')}", "bold")
    screen.pairs(metric_lines(measured, ""))
    compare(screen, measured)
    confusion = measured.confusion
    if confusion is None or len(confusion) > _MOST_CLASSES:
        return
    classes = measured.classes or loaded.class_names
    screen.say()
    screen.say("Rows are the true classes, columns the predicted ones:")
    right = range(1, len(classes) + 2)
    rows = [
        (
            name,
            *(quantity(int(count)) if count else "·" for count in counts),
            f"{counts[position] / counts.sum():.1%}" if counts.sum() else "–",
        )
        for position, (name, counts) in enumerate(zip(classes, confusion, strict=True))
    ]
    screen.table(("", *classes, "found"), rows, right)
