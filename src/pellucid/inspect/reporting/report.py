"""One page about a run, as a teacher would hand it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import CheckpointError, PellucidError
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
from pellucid.inspect.reporting.wrong import plain_number, told_mistakes
from pellucid.inspect.summarizing import summary
from pellucid.inspect.summarizing.writing import bytes_text
from pellucid.inspect.tracing import trace
from pellucid.optim import OPTIMIZERS
from pellucid.training.curves import panels
from pellucid.training.files import describe_os_error
from pellucid.training.metrics import better_is

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
    "mase": "mean absolute scaled error",
    "roc_auc": "area under the ROC curve",
    "f1": "F1",
    "perplexity": "perplexity",
}
_PICTURES = {
    "forecast.png": ("The forecast", "What came, and what the network said before."),
    "reconstructions.png": (
        "Given again",
        "Samples, and what the network makes of them from the few numbers that it keeps.",
    ),
    "scores.png": (
        "Normal and anomalous",
        "How badly samples are given again; what is above the threshold is called anomalous.",
    ),
    "roc.png": ("Detections and false alarms", "At every threshold (ROC curve)."),
}
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
                [
                    *_drawn(pictures_of_results(material), skipped),
                    *_kept(material),
                    *told_mistakes(material),
                ],
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


def _kept(material: Material) -> Iterable[str]:
    """Yield the pictures that the training left in the run folder."""
    for name, (title, caption) in _PICTURES.items():
        path = material.folder / name
        if path.is_file():
            yield html.picture(path.read_bytes(), title, caption)


def _model_name(material: Material) -> str:
    made = material.run.model.architecture or {}
    return str(made.get("name", type(material.net).__name__))


# --- sections -------------------------------------------------------------------------------------


def _result(material: Material) -> list[str]:
    metrics = material.metrics
    if not metrics:
        return [
            html.notice(
                f"It was interrupted after {len(material.history):,} epochs and has not been "
                "measured; the pictures show the weights it has. To go on: "
                f"pellucid train --resume {material.folder}",
                "warning",
                "This training has not come to its end",
            )
        ]
    name, part = material.judged
    shown = {key: value for key, value in metrics.items() if _is_result(key, value)}
    parts = [html.cards([(_called(k), _number(_metric(k), v)) for k, v in shown.items()])]
    compared = [
        (_called(key), _number(metric, value), _number(metric, metrics[f"baseline_{metric}"]))
        for key, value in shown.items()
        if f"baseline_{(metric := _metric(key))}" in metrics
    ]
    if compared:
        parts.append(html.table(compared, ("", "this network", _baseline(material))))
    parts += _warned(material, shown)
    if metrics.get("stopped_by"):
        parts.append(html.notice(str(metrics["stopped_by"]), "note", "Stopped early"))
    parts.append(html.paragraph(f"Measured on the {len(part):,} samples of the {name} part."))
    return parts


def _is_result(key: str, value: Any) -> bool:
    told_elsewhere = key in _TECHNICAL or key.startswith(("baseline_", "naive_", "seasonal naive_"))
    return isinstance(value, float) and not told_elsewhere


def _metric(key: str) -> str:
    """Return the name of a metric without the part that it was measured on."""
    which, _, metric = key.partition("_")
    return metric if which in ("test", "train", "validation") else key


def _called(key: str) -> str:
    metric = _metric(key)
    which = key.removesuffix(metric).replace("_", " ")
    return which + _CALLED.get(metric, metric.replace("_", " "))


def _baseline(material: Material) -> str:
    """Return what the network is compared with."""
    if material.kind == "reconstruction":
        return f"{material.run.model.extra.get('code', 'as many')} principal components"
    if material.kind == "series":
        seasonal = any(key.startswith("seasonal") for key in material.metrics)
        return "the same season again" if seasonal else "the last value again"
    return "the simplest prediction"


def _warned(material: Material, shown: dict[str, Any]) -> list[str]:
    """Say so if the network is no better than what needs no learning."""
    for key, value in shown.items():
        baseline = material.metrics.get(f"baseline_{_metric(key)}")
        if baseline is None:
            continue
        more = value - baseline if better_is(_metric(key)) == "max" else baseline - value
        if not more > 0:
            text = f"In {_called(key)} it is no better than this: {_baseline(material)}."
            return [html.notice(text, "warning", "Not better than without a network")]
        return []
    return []


def _number(metric: str, value: float) -> str:
    if metric in ("accuracy", "balanced_accuracy"):
        return f"{value:.2%}"
    return plain_number(value)


def _data(material: Material) -> list[str]:
    data = material.data
    rows: list[tuple[str, Any]] = [
        ("task", data.task),
        *((f"{name} samples", len(part)) for name, part in data.parts().items()),
        ("one sample", " × ".join(map(str, data.input_shape)) or "1"),
    ]
    if data.class_names and data.task == "classification":
        names = ", ".join(data.class_names[:20]) + (" …" if len(data.class_names) > 20 else "")
        rows.append(("classes", f"{len(data.class_names)}: {names}"))
    if material.kind == "anomaly" and data.class_names:
        normal = data.class_names[int(material.run.model.extra["normal"])]
        rows.append(("learnt from", f"'{normal}' only; the other classes are to stand out"))
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
            styled(lambda: panels(history, new_figure(5, 3), columns=2)),
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
                str(entry[key])
                for key in ("severity", "code", "layer")
                if entry.get(key) not in (None, "")
            ),
        )
        for entry in findings
    ]


def _told(finding: dict[str, Any]) -> str:
    """Return what was seen, the likely cause, and the change, each in a line."""
    parts = [("Seen", "message"), ("Likely", "cause"), ("Change", "suggestion")]
    told = [f"{called}: {finding[key]}" for called, key in parts if finding.get(key)]
    return "\n".join(part.rstrip(".") + "." for part in told)


def _cost(material: Material) -> list[str]:
    metrics = material.metrics
    rows: list[tuple[str, Any]] = [("parameters", material.net.num_parameters())]
    if isinstance(metrics.get("seconds"), (int, float)):
        rows.append(("training time", f"{metrics['seconds']:,.1f} s"))
    if isinstance(metrics.get("peak_memory"), int):
        rows.append(("largest memory of the process", bytes_text(metrics["peak_memory"])))
    parts = [html.table(rows)]
    settings = material.run.config.get("settings", {})
    some = material.batch(int(settings.get("batch_size") or 1))
    chosen = settings.get("optimizer")
    optimizer = chosen if chosen in OPTIMIZERS and chosen != "lbfgs" else "adam"
    was_training = material.net.training
    material.net.train()
    try:
        program = trace(material.net, some, loss=material.loss, optimizer=optimizer)
    finally:
        material.net.train(was_training)
    phases = [
        (phase, flops, bytes_text(moved))
        for phase, (flops, moved) in program.cost().by_phase().items()
    ]
    parts.append(
        html.paragraph(
            f"One training step of {len(some[0])} samples with {optimizer}, counted from its "
            "instructions "
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
