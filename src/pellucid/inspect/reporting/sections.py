"""Sections that every report has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pellucid.errors import PellucidError
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting.gallery import Picture
from pellucid.inspect.reporting.material import Material
from pellucid.inspect.summarizing.writing import bytes_text

if TYPE_CHECKING:
    from pellucid.program import Program

__all__ = ["cost", "data_table", "drawn", "findings", "model_name", "reproduce", "settings"]


def drawn(found: Iterable[Picture], skipped: list[tuple[str, str]]) -> Iterable[str]:
    """Draw pictures; one that a network is not made for is left out, with its reason."""
    for picture in found:
        try:
            yield html.figure(picture.draw(), picture.title, picture.caption)
        except PellucidError as error:
            skipped.append((picture.title, str(error)))


def model_name(material: Material) -> str:
    """Return what the model is called."""
    made = material.run.model.architecture or {}
    return str(made.get("name", type(material.net).__name__))


def data_table(material: Material) -> list[str]:
    """Return what the run was trained on."""
    data = material.data
    rows: list[tuple[str, Any]] = [
        ("task", "making new samples" if material.kind == "adversarial" else data.task),
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


def settings(material: Material) -> list[str]:
    """Return how it was trained."""
    asked = material.run.config.get("settings", {})
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
        if (value := asked.get(key)) not in (None, [], "")
    ]
    return [html.table(rows)] if rows else []


def findings(material: Material) -> list[str]:
    """Return what the doctor found."""
    listed = material.findings
    if listed is None:
        return [html.paragraph("The doctor did not look on while this network was trained.")]
    if not listed:
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
        for entry in listed
    ]


def _told(finding: dict[str, Any]) -> str:
    """Return what was seen, the likely cause, and the change, each in a line."""
    parts = [("Seen", "message"), ("Likely", "cause"), ("Change", "suggestion")]
    told = [f"{called}: {finding[key]}" for called, key in parts if finding.get(key)]
    return "\n".join(part.rstrip(".") + "." for part in told)


def cost(material: Material, program: Program, about: str) -> list[str]:
    """Return what the training took, and what one step costs by its instructions."""
    metrics = material.metrics
    rows: list[tuple[str, Any]] = [("parameters", material.net.num_parameters())]
    if isinstance(metrics.get("seconds"), (int, float)):
        rows.append(("training time", f"{metrics['seconds']:,.1f} s"))
    if isinstance(metrics.get("peak_memory"), int):
        rows.append(("largest memory of the process", bytes_text(metrics["peak_memory"])))
    phases = [
        (phase, flops, bytes_text(moved))
        for phase, (flops, moved) in program.cost().by_phase().items()
    ]
    counted = "counted from its instructions (a multiply-add is two floating-point operations):"
    return [
        html.table(rows),
        html.paragraph(f"{about}, {counted}"),
        html.table(phases, ("phase", "floating-point operations", "bytes moved")),
    ]


def reproduce(material: Material) -> list[str]:
    """Return the command that repeats the run, and the versions that its numbers depend on."""
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
