"""One page about a run, as a teacher would hand it out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import CheckpointError, PellucidError
from pellucid.inspect.pictures import find_mistakes
from pellucid.inspect.pictures.style import new_figure, styled
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting.gallery import (
    Picture,
    pictures_of_data,
    pictures_of_network,
    pictures_of_results,
)
from pellucid.inspect.reporting.material import Material
from pellucid.inspect.reporting.page import Page, Section
from pellucid.inspect.summarizing import summary
from pellucid.inspect.summarizing.writing import bytes_text
from pellucid.inspect.tracing import trace
from pellucid.training.curves import panels
from pellucid.training.files import describe_os_error

if TYPE_CHECKING:
    from pellucid.data import Dataset
    from pellucid.training import LoadedRun

__all__ = ["Report", "report"]

_CALLED = {
    "accuracy": "accuracy",
    "loss": "loss",
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "mse": "mean squared error",
    "f1": "F1",
    "perplexity": "perplexity",
}
_ROWS, _WORDS, _NUMBERS = 10, 120, 6  # of the table of mistakes
_TECHNICAL = ("epochs", "seconds", "peak_memory", "seed", "parameters", "stopped_by", "versions")


@dataclass(frozen=True)
class Report:
    """The page of a run.

    Attributes
    ----------
    page : Page
        What stands on it.
    skipped : tuple of (str, str)
        Pictures that could not be drawn, and why.
    """

    page: Page
    skipped: tuple[tuple[str, str], ...] = ()

    def html(self) -> str:
        """Return the page; it needs no other file and no network."""
        return self.page.html()

    _repr_html_ = html

    def save(self, path: str | Path) -> Path:
        """Write the page.

        Raises
        ------
        CheckpointError
            If it cannot be written.
        """
        target = Path(path)
        try:
            target.write_text(self.html(), "utf-8")
        except OSError as error:
            raise CheckpointError(
                f"cannot write the report '{target}': {describe_os_error(error)}"
            ) from error
        return target


def report(run: LoadedRun, data: Dataset, *, loss: Any = "auto") -> Report:
    """Make one page about a run: data, model, curves, findings, pictures, mistakes, cost.

    Parameters
    ----------
    run : LoadedRun
        As :func:`pellucid.training.load_run` returns it.
    data : Dataset
        What it was trained on.
    loss : callable or str
        What it was trained with.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    material = Material(run, data, loss)
    skipped: list[tuple[str, str]] = []
    made = Page(
        f"{_model_name(material)} on {data.name}",
        data.description,
        [
            Section("Result", _result(material)),
            Section("Data", [*_data(material), *_drawn(pictures_of_data(material), skipped)]),
            Section("Model", _model(material)),
            Section("Training", _training(material, skipped)),
            Section("The doctor's findings", _findings(material)),
            Section(
                "Right and wrong",
                [*_drawn(pictures_of_results(material), skipped), *_worst(material)],
            ),
            Section("Inside", list(_drawn(pictures_of_network(material), skipped))),
            Section("Cost", _cost(material)),
            Section("Reproduce it", _reproduce(material)),
        ],
        f"Made by Pellucid from the run '{material.folder}'.",
    )
    if skipped:
        made.sections[-1].parts.append(
            html.table(skipped, ("a picture that was left out", "because"))
        )
    return Report(made, tuple(skipped))


def _drawn(found: Iterable[Picture], skipped: list[tuple[str, str]]) -> Iterable[str]:
    """Draw pictures; one that a network is not made for is left out, with its reason."""
    for picture in found:
        try:
            yield html.figure(picture.draw(), picture.title, picture.caption)
        except PellucidError as error:
            skipped.append((picture.title, str(error)))


def _model_name(material: Material) -> str:
    made = material.run.model.architecture or {}
    return str(made.get("name", type(material.net).__name__))


# --- sections -------------------------------------------------------------------------------------


def _result(material: Material) -> list[str]:
    metrics = material.metrics
    name, part = material.judged
    pairs = []
    for key, value in metrics.items():
        if not isinstance(value, float) or key in _TECHNICAL or key.startswith("baseline_"):
            continue
        which, _, metric = key.partition("_")
        which, metric = (which, metric) if which in ("test", "train", "validation") else ("", key)
        called = _CALLED.get(metric, metric.replace("_", " "))
        pairs.append((f"{which} {called}".strip(), _number(metric, value)))
    parts = [html.cards(pairs)] if pairs else []
    for key, value in metrics.items():
        metric = key.removeprefix("baseline_")
        if key.startswith("baseline_") and isinstance(value, float):
            called = _CALLED.get(metric, metric.replace("_", " "))
            parts.append(
                html.paragraph(
                    f"For comparison: the simplest prediction has {called} "
                    f"{_number(metric, value)} on the {name} part."
                )
            )
    if metrics.get("stopped_by"):
        parts.append(html.notice(str(metrics["stopped_by"]), "note", "Stopped early"))
    parts.append(html.paragraph(f"Measured on the {len(part):,} samples of the {name} part."))
    return parts


def _number(metric: str, value: float) -> str:
    if metric in ("accuracy", "balanced_accuracy"):
        return f"{value:.2%}"
    return f"{value:.4g}" if math.isfinite(value) else str(value)


def _data(material: Material) -> list[str]:
    data = material.data
    rows: list[tuple[str, Any]] = [
        ("task", data.task),
        *((f"{name} samples", len(part)) for name, part in data.parts().items()),
        ("one sample", " × ".join(map(str, data.input_shape)) or "1"),
    ]
    if data.class_names and material.classifies:
        names = ", ".join(data.class_names[:20]) + (" …" if len(data.class_names) > 20 else "")
        rows.append(("classes", f"{len(data.class_names)}: {names}"))
    if data.feature_names:
        names = ", ".join(data.feature_names[:30])
        rows.append(("features", names + (" …" if len(data.feature_names) > 30 else "")))
    rows += [("note", note) for note in data.notes]
    return [html.table(rows)]


def _model(material: Material) -> list[str]:
    made = summary(material.net, material.data.input_shape)
    return [f'<div class="wide summary">{made._repr_html_()}</div>']


def _training(material: Material, skipped: list[tuple[str, str]]) -> list[str]:
    settings = material.run.config.get("settings", {})
    names = {
        "optimizer": "optimizer",
        "lr": "learning rate",
        "schedule": "schedule",
        "epochs": "epochs",
        "steps": "updates",
        "batch_size": "batch size",
        "loss": "loss",
        "weight_decay": "weight decay",
        "dropout": "dropout",
        "augment": "augmentation",
        "grad_clip": "gradient clipping",
        "seed": "seed",
    }
    rows = [
        (called, ", ".join(value) if isinstance(value, list) else value)
        for key, called in names.items()
        if (value := settings.get(key)) not in (None, [], "")
    ]
    parts = [html.table(rows)] if rows else []
    history = material.history
    if len(history):
        curves = Picture(
            "Learning curves", "The star marks the best epoch of the curve that matters.",
            styled(lambda: panels(history, new_figure(5, 3))),
        )  # fmt: skip
        parts += _drawn([curves], skipped)
    return parts


def _findings(material: Material) -> list[str]:
    findings = material.findings
    if findings is None:
        return [html.paragraph("The doctor did not look on while this network was trained.")]
    if not findings:
        return [html.paragraph("Nothing was found.")]
    return [
        html.notice(
            _told(entry),
            str(entry.get("severity", "note")),
            " · ".join(
                str(entry[key]) for key in ("code", "layer") if entry.get(key) not in (None, "")
            ),
        )
        for entry in findings
    ]


def _told(finding: dict[str, Any]) -> str:
    """Return what was seen, the likely cause, and the change, as sentences."""
    parts = [("Seen", "message"), ("Likely", "cause"), ("Change", "suggestion")]
    told = [f"{called}: {finding[key]}" for called, key in parts if finding.get(key)]
    return ". ".join(part.rstrip(".") for part in told) + "."


def _worst(material: Material) -> list[str]:
    """Return a table of the worst mistakes, where samples are no images."""
    name, part = material.judged
    if not material.classifies or material.is_image or part.y is None:
        return []
    found = find_mistakes(material.net, part.x, part.y, _ROWS, material.loss)
    if not found.total:
        return [html.paragraph(f"No sample of the {name} part is taken for another class.")]
    names = material.class_names
    rows = [
        (int(i), _sample(material, part.x[i]), names[t], names[p], f"{c:.1%}")
        for i, t, p, c in zip(
            found.indices, found.true, found.predicted, found.confidence, strict=True
        )
    ]
    return [
        f"<h3>The worst of {found.total:,} mistakes</h3>",
        html.table(rows, (f"{name} sample", "what it is", "true", "taken for", "how sure")),
    ]


def _sample(material: Material, sample: Any) -> str:
    """Return a sample in words: its text, or its first numbers, prepared as they are."""
    words = material.written(sample[:_WORDS])
    if words:
        return "".join(words)
    names = material.data.feature_names or [f"x{k}" for k in range(sample.size)]
    flat = np.ravel(sample)[:_NUMBERS]
    shown = ", ".join(f"{name} {value:.3g}" for name, value in zip(names, flat, strict=False))
    return shown + (" …" if sample.size > _NUMBERS else "")


def _cost(material: Material) -> list[str]:
    metrics = material.metrics
    rows: list[tuple[str, Any]] = [("parameters", material.net.num_parameters())]
    if isinstance(metrics.get("seconds"), (int, float)):
        rows.append(("training time", f"{metrics['seconds']:,.1f} s"))
    if isinstance(metrics.get("peak_memory"), int):
        rows.append(("largest memory of the process", bytes_text(metrics["peak_memory"])))
    parts = [html.table(rows)]
    batch = material.run.config.get("settings", {}).get("batch_size") or 1
    some = material.data.train[np.arange(min(int(batch), len(material.data.train)))]
    was_training = material.net.training
    material.net.train()
    try:
        program = trace(material.net, some, loss=material.loss, optimizer="adam")
    finally:
        material.net.train(was_training)
    phases = [
        (phase, flops, bytes_text(moved))
        for phase, (flops, moved) in program.cost().by_phase().items()
    ]
    parts.append(
        html.paragraph(
            f"One training step of {len(some)} samples with Adam, counted from its instructions "
            "(a multiply-add is two floating-point operations):"
        )
    )
    parts.append(html.table(phases, ("phase", "floating-point operations", "bytes moved")))
    return parts


def _reproduce(material: Material) -> list[str]:
    config = material.run.config
    parts = []
    if "command" in config:
        parts.append(html.code(str(config["command"])))
    versions = config.get("versions", {})
    rows = list(versions.items()) if isinstance(versions, dict) else []
    fingerprint = config.get("data", {}).get("fingerprint")
    if fingerprint:
        rows.append(("fingerprint of the data", fingerprint))
    parts.append(html.table(rows))
    return parts
