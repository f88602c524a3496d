"""What is said before and after a training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.cli.failures import in_options
from pellucid.cli.finding_words import finding_in_options
from pellucid.cli.measuring import Measures
from pellucid.cli.run_record import versions
from pellucid.cli.screen import Screen, duration, number, plural, quantity
from pellucid.cli.settings import Settings

if TYPE_CHECKING:
    from pellucid.data import Dataset
    from pellucid.inspect import Finding
    from pellucid.nn import Module
    from pellucid.training import History, Run, Trainer

__all__ = ["NAMES", "conclusion", "describe_data", "describe_findings", "header", "metric_lines"]

NAMES = {
    "accuracy": "accuracy",
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "mse": "mean squared error",
    "mase": "MASE (1: the naive forecast in training)",
    "f1": "F1",
    "roc_auc": "area under ROC curve",
    "log_loss": "log loss",
}
"""What metrics are called for people."""


def header(
    screen: Screen, data: Dataset, settings: Settings, trainer: Trainer, folder: Path
) -> None:
    """Say what will be trained on what, and how."""
    if screen.quiet:
        return
    updates = trainer.updates_per_epoch
    schedule = "" if settings.schedule == "constant" else f" ({settings.schedule})"
    screen.say(f"{data.name}: {data.description}" if data.description else data.name, "bold")
    screen.pairs(
        [
            ("data", describe_data(data)),
            ("network", describe_network(settings, data, trainer.net)),
            (
                "training",
                f"{settings.optimizer}, learning rate {settings.lr:g}{schedule}, "
                f"{plural(trainer.epochs, 'epoch')} of {plural(updates, 'update')} of "
                f"{plural(trainer.loader.batch_size, 'sample')}, seed {settings.seed}",
            ),
            ("loss", settings.loss or ""),
            ("run", str(folder)),
            *(("note", in_options(note)) for note in data.notes),
        ]
    )
    screen.say()


def describe_data(data: Dataset) -> str:
    """Return the sizes of a data set in a line."""
    kinds = {"train": "training", "validation": "validation", "test": "test"}
    rows = [f"{len(part):,} {kinds[name]}" for name, part in data.parts().items()]
    if data.task == "language":
        return (
            f"{' and '.join(rows)} windows of {plural(data.input_shape[0], 'token')}, "
            f"a vocabulary of {data.vocabulary:,}"
        )
    listed = f"{', '.join(rows[:-1])} and {rows[-1]}" if len(rows) > 1 else rows[0]
    target = (
        plural(data.num_classes, "class", "classes")
        if data.task == "classification"
        else "a number to predict"
        if data.num_outputs == 1
        else f"{data.num_outputs} numbers to predict"
    )
    shape = " × ".join(map(str, data.input_shape)) + " numbers"
    if len(data.input_shape) == 1:
        shape = plural(data.num_features, "feature" if data.tokenizer is None else "token")
    return f"{listed} rows, {shape}, {target}"


def describe_network(settings: Settings, data: Dataset, net: Module) -> str:
    """Return a network in a line: its sizes and the number of its parameters."""
    sizes = [data.num_features, *(settings.hidden or ()), data.num_outputs]
    shape = f" {' → '.join(map(str, sizes))}" if settings.model in ("mlp", "linear") else ""
    bend = f", {settings.activation}" if settings.hidden and settings.activation else ""
    dropout = f", dropout {settings.dropout:g}" if settings.dropout else ""
    return f"{settings.model}{shape}{bend}{dropout}, {plural(net.num_parameters(), 'parameter')}"


def conclusion(
    screen: Screen,
    run: Run,
    settings: Settings,
    data: Dataset,
    net: Module,
    history: History,
    measured: Measures,
    *,
    drawn: bool,
    part: str = "test",
    pictures: Sequence[str] = (),
    next_steps: Sequence[str] = (),
    findings: Sequence[Finding] | None = None,
) -> None:
    """Write ``metrics.json``, and say how it went and what can be done next."""
    from pellucid.training.memory import peak_memory

    seconds = math.fsum(value or 0.0 for value in history.columns.get("seconds", []))
    values: dict[str, Any] = {
        **{f"{part}_{name}": value for name, value in measured.values.items()},
        **{f"baseline_{name}": value for name, value in measured.baseline.items()},
        "epochs": len(history),
        **{
            f"{method.replace(' ', '_')}_{name}": value
            for method, found in measured.others.items()
            for name, value in found.items()
        },
        "seconds": round(seconds, 3),
        "peak_memory": peak_memory(),
        "seed": settings.seed,
        "parameters": net.num_parameters(),
        "stopped_by": history.stopped_by,
        "versions": versions(),
    }
    run.save_metrics({name: _json_number(value) for name, value in values.items()})
    if screen.terminal:  # there the epochs were shown in between
        screen.aside("")
    rows = metric_lines(measured, "training" if part == "train" else part)
    if history.stopped_by:
        rows.append(("stopped", f"after {plural(len(history), 'epoch')}: {history.stopped_by}"))
    peak = values["peak_memory"]
    memory = "" if peak is None else f", {peak / 1e6:,.0f} MB of memory at most"
    rows.append(("time", f"{duration(seconds)} for {plural(len(history), 'epoch')}{memory}"))
    if pictures:
        rows.append(("pictures", ", ".join(pictures)))
    rows.append(("saved in", str(run.path)))
    alarmed = any(found.is_alarm for found in findings or ())
    if alarmed or (findings is not None and not screen.quiet):
        rows.append(("doctor", describe_findings(findings or ())))
    screen.pairs(rows)
    compare(screen, measured)
    for found in findings or ():
        if found.is_alarm:
            screen.aside(f"doctor: {found.message}", "yellow")
            advice = finding_in_options(found, str(run.path)).suggestion
            screen.aside(f"        {advice}")
    if part == "train":
        screen.aside(
            "There are no test rows, so this was measured on what the network has learnt from."
        )
    if not drawn:
        screen.aside("No curves.png: that needs matplotlib (pip install 'pellucid[plot]').")
    screen.aside("")
    screen.aside("Next:")
    for line in next_steps:
        screen.aside(f"  {line}")
    told: dict[str, Any] = {}
    if findings is not None:
        told["findings"] = [found.to_dict() for found in findings]
    screen.result({"run": str(run.path), **values, **told})


def describe_findings(findings: Sequence[Finding]) -> str:
    """Return what the doctor found in a line."""
    alarms = [found for found in findings if found.is_alarm]
    notes = len(findings) - len(alarms)
    remark = f" ({plural(notes, 'note')}: pellucid doctor shows them)" if notes else ""
    if not alarms:
        return f"nothing wrong was found{remark}"
    codes = ", ".join(dict.fromkeys(found.code for found in alarms))
    return f"{plural(len(alarms), 'finding')}: {codes}{remark}"


def compare(screen: Screen, measured: Measures) -> None:
    """Show the numbers of other methods below those of the network."""
    if not measured.others:
        return
    names = list(measured.values)
    screen.say()
    screen.table(
        ("", *(NAMES.get(name, name) for name in names)),
        [
            (method, *(number(found[name]) for name in names))
            for method, found in (("network", measured.values), *measured.others.items())
        ],
        right=range(1, len(names) + 1),
    )


def metric_lines(measured: Measures, part: str) -> list[tuple[str, str]]:
    """Return what was measured, the number that counts most first, beside the baseline."""
    chief = measured.chief
    lines = []
    for name in (chief, *(name for name in measured.values if name != chief)):
        text = number(measured.values[name])
        remark = []
        if name == "accuracy" and measured.task != "language":
            right = round(measured.values[name] * measured.samples)
            remark.append(f"{quantity(right)} of {quantity(measured.samples)}")
        if name in measured.baseline:
            remark.append(f"{measured.always}: {number(measured.baseline[name])}")
        if remark:
            text += f"   ({'; '.join(remark)})"
        called = NAMES.get(name, name.replace("_", " "))
        lines.append((f"{part} {called}".strip() if name in (chief, "loss") else called, text))
    if measured.remark:
        lines.append(("", measured.remark))
    return lines


def _json_number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
