"""One page about a run, as a teacher would hand it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import CheckpointError
from pellucid.inspect.pictures.style import new_figure, styled
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting import sections
from pellucid.inspect.reporting.gallery import (
    Picture,
    pictures_of_data,
    pictures_of_network,
    pictures_of_results,
)
from pellucid.inspect.reporting.material import Material
from pellucid.inspect.reporting.page import Page, Section
from pellucid.inspect.reporting.pairs import sections_of_pair
from pellucid.inspect.reporting.wrong import plain_number, told_mistakes
from pellucid.inspect.summarizing import summary
from pellucid.inspect.tracing import trace
from pellucid.optim import OPTIMIZERS
from pellucid.training.curves import panels
from pellucid.training.files import describe_os_error
from pellucid.training.metrics import better_is

if TYPE_CHECKING:
    from pellucid.data import Dataset
    from pellucid.program import Program
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
    of_pair = material.kind == "adversarial"
    made = Page(
        f"{sections.model_name(material)} on {data.name}",
        data.description,
        (sections_of_pair if of_pair else _sections)(material, skipped),
        f"Made by Pellucid from the run '{material.folder}'.",
    )
    if skipped:
        made.sections[-1].parts.append(
            html.table(skipped, ("a picture that was left out", "because"))
        )
    return Report(made, tuple(skipped))


def _sections(material: Material, skipped: list[tuple[str, str]]) -> list[Section]:
    return [
        Section("Result", _result(material)),
        Section(
            "Data",
            [
                *sections.data_table(material),
                *sections.drawn(pictures_of_data(material), skipped),
            ],
        ),
        Section("Model", _model(material)),
        Section(
            "Training", [*sections.settings(material), *sections.drawn(_curves(material), skipped)]
        ),
        Section("The doctor's findings", sections.findings(material)),
        Section(
            "Right and wrong",
            [
                *sections.drawn(pictures_of_results(material), skipped),
                *_kept(material),
                *told_mistakes(material),
            ],
        ),
        Section("Inside", list(sections.drawn(pictures_of_network(material), skipped))),
        Section("Cost", sections.cost(material, *_one_step(material))),
        Section("Reproduce it", sections.reproduce(material)),
    ]


def _curves(material: Material) -> Iterator[Picture]:
    history = material.history
    if len(history):
        yield Picture(
            "Learning curves",
            "The star marks the best epoch of the curve that matters.",
            styled(lambda: panels(history, new_figure(5, 3), columns=2)),
        )


def _kept(material: Material) -> Iterable[str]:
    """Yield the pictures that the training left in the run folder."""
    for name, (title, caption) in _PICTURES.items():
        path = material.folder / name
        if path.is_file():
            yield html.picture(path.read_bytes(), title, caption)


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


def _model(material: Material) -> list[str]:
    made = summary(material.net, material.data.input_shape)
    return [f'<div class="wide summary">{made._repr_html_()}</div>']


def _one_step(material: Material) -> tuple[Program, str]:
    """Return one training step of the run's network, and what it is."""
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
    return program, f"One training step of {len(some[0])} samples with {optimizer}"
