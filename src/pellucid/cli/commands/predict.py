"""``pellucid predict``."""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen, plural
from pellucid.cli.types import Name

if TYPE_CHECKING:
    from pellucid.dtypes import Array
    from pellucid.training import LoadedRun

__all__ = ["predict"]

_EXAMPLES = """
pellucid predict runs/passengers new.csv
pellucid predict runs/passengers new.csv --proba -o predicted.csv
pellucid predict runs/photos picture.png
pellucid predict runs/airline-passengers airline-passengers.csv
cat new.csv | pellucid predict runs/passengers - --json
"""


@command_of(
    click.Argument(["run"]),
    click.Argument(["file"]),
    Option(
        ["--output", "-o"],
        type=click.Path(),
        metavar="FILE.csv",
        help="Write the predictions to a file; otherwise to stdout.",
    ),
    Option(["--proba"], is_flag=True, help="Add the probability of each class."),
    Option(
        ["--unknown"],
        type=Name("treatment of unknown categories", lambda: ("error", "ignore")),
        default="error",
        help="A category that the training rows do not have: an error, or none of the known ones.",
    ),
    examples=_EXAMPLES,
)
def predict(run: str, file: str, output: str | None, proba: bool, unknown: Any, json: bool) -> None:
    """Predict the rows of FILE with the network of a run folder.

    FILE is like the training data, with or without the target; "-" is a table on stdin. Its rows
    are prepared as the training rows were. The result is CSV with one line for each row, in their
    order: the class, or the numbers in the target's own unit; whether a row is anomalous, with its
    score; or the steps that follow the end of a series.
    """
    from pellucid.cli.new_samples import read_samples
    from pellucid.cli.run_folders import open_run
    from pellucid.errors import CheckpointError, DataError
    from pellucid.training import predict as outputs_of
    from pellucid.training.files import write_atomically

    screen = Screen(json=json)
    loaded = open_run(run)
    if loaded.preparation is None:
        raise CheckpointError(f"'{run}' holds no preparation, so files cannot be prepared")
    kind = loaded.model.extra.get("kind", "rows")
    if kind in _OTHERS:
        raise DataError(_OTHERS[kind].format(run=run))
    if kind == "series":
        columns = _forecast(loaded, file)
    elif kind == "anomaly":
        columns = _anomalies(loaded, read_samples(loaded.preparation, file, unknown))
    else:
        samples = read_samples(loaded.preparation, file, unknown)
        columns = _columns(loaded, outputs_of(loaded.net, samples), proba)
    if proba and kind in ("series", "anomaly"):
        raise DataError("--proba is for classes")
    if json:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        screen.result({"run": run, "predictions": rows})
    if output is None:
        if not json:
            sys.stdout.write(_csv(columns))
        return
    write_atomically(output, _csv(columns).encode())
    if not json:
        count = len(next(iter(columns.values())))
        screen.say(f"{plural(count, 'prediction')} in {output}")


_OTHERS = {
    "language": "'{run}' goes on with a text: pellucid sample {run} --prompt TEXT",
    "adversarial": "'{run}' makes images: pellucid sample {run} --count 64",
    "reconstruction": "'{run}' gives samples again, it predicts nothing; with --normal-label CLASS "
    "in its training it would find those that are unusual",
}
"""What is said of a network that predicts nothing."""


def _forecast(loaded: LoadedRun, file: str) -> dict[str, list[Any]]:
    """Return the steps that follow the last ones of a file, in the series' own unit."""
    from pellucid.cli.new_samples import read_series
    from pellucid.training import predict as outputs_of

    preparation: Any = loaded.preparation
    values = read_series(preparation, file)
    window = preparation.transform(values)[-1:]
    history = values[None, :, preparation.target_column]
    forecast = preparation.inverse_target(outputs_of(loaded.net, window), history)[0]
    return {
        "step": list(range(1, len(forecast) + 1)),
        "prediction": [float(value) for value in forecast],
    }


def _anomalies(loaded: LoadedRun, samples: Array) -> dict[str, list[Any]]:
    """Return the score of each row, and whether it is above the threshold."""
    from pellucid.training.anomaly import AnomalyDetector

    scores = AnomalyDetector(loaded.net).scores(samples)
    above = scores > loaded.model.extra["threshold"]
    return {
        "prediction": ["anomalous" if found else "normal" for found in above],
        "score": [float(score) for score in scores],
    }


def _columns(loaded: LoadedRun, outputs: Array, proba: bool) -> dict[str, list[Any]]:
    """Return the columns of the result by their names."""
    from pellucid.cli.measuring import outputs_to_labels
    from pellucid.errors import DataError
    from pellucid.training.objective import resolve_objective

    preparation, classes, loss = loaded.preparation, loaded.class_names, loaded.model.loss
    assert preparation is not None  # the caller has seen to it
    if not classes:
        if proba:
            raise DataError("--proba is for classes, but this network predicts numbers")
        values = preparation.inverse_target(outputs).reshape(len(outputs), -1)
        target = preparation.target
        names = getattr(target, "names", None) or ("prediction",)
        if len(names) != values.shape[1]:
            names = tuple(f"prediction{i}" for i in range(values.shape[1]))
        if len(names) == 1:
            names = ("prediction",)
        return {name: [float(value) for value in values[:, i]] for i, name in enumerate(names)}
    labels = outputs_to_labels(outputs, loss)
    columns: dict[str, list[Any]] = {"prediction": [classes[label] for label in labels]}
    if not proba:
        return columns
    if loss is None:
        raise DataError("a perceptron gives yes or no, not probabilities")
    objective = resolve_objective(loss, labels, outputs.shape[1:])
    probabilities = objective.probabilities(outputs)
    if probabilities.ndim == 1:
        pair = {classes[0]: 1 - probabilities, classes[1]: probabilities}
    else:
        pair = {name: probabilities[:, i] for i, name in enumerate(classes)}
    for name, column in pair.items():
        columns[f"probability_{name}"] = [float(f"{value:.6g}") for value in column]
    return columns


def _csv(columns: dict[str, list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [f"{value:.7g}" if isinstance(value, float) else value for value in row]
        for row in zip(*columns.values(), strict=True)
    )
    return text.getvalue()
