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
    order: the class, or the numbers in the target's own unit.
    """
    from pellucid.cli.new_samples import read_samples
    from pellucid.cli.run_folders import open_run
    from pellucid.errors import CheckpointError
    from pellucid.training import predict as outputs_of
    from pellucid.training.files import write_atomically

    screen = Screen(json=json)
    loaded = open_run(run)
    if loaded.preparation is None:
        raise CheckpointError(f"'{run}' holds no preparation, so files cannot be prepared")
    samples = read_samples(loaded.preparation, file, unknown)
    columns = _columns(loaded, outputs_of(loaded.net, samples), proba)
    if json:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        screen.result({"run": run, "predictions": rows})
    if output is None:
        if not json:
            sys.stdout.write(_csv(columns))
        return
    write_atomically(output, _csv(columns).encode())
    if not json:
        screen.say(f"{plural(len(samples), 'prediction')} in {output}")


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
