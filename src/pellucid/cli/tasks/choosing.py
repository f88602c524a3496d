"""Which kind of task a source and a model make."""

from __future__ import annotations

from pellucid.cli.settings import Settings
from pellucid.cli.sources import content_of
from pellucid.cli.tasks.base import Task
from pellucid.cli.tasks.images import Images
from pellucid.cli.tasks.language import Language
from pellucid.cli.tasks.reconstruction import Anomaly, Reconstruction
from pellucid.cli.tasks.series import Series
from pellucid.cli.tasks.texts import Texts

__all__ = ["TASKS", "choose_task"]

TASKS: dict[str, Task] = {
    task.name: task
    for task in (Task(), Images(), Language(), Texts(), Series(), Reconstruction(), Anomaly())
}
"""Every kind of task, by the name that run folders keep."""


def choose_task(settings: Settings) -> Task:
    """Return the kind of task, from what the source holds and what the model takes.

    Raises
    ------
    DataError
        If the source cannot be read.
    """
    from pellucid.models import MODELS

    if settings.normal_label is not None:
        return TASKS["anomaly"]
    content = content_of(settings)
    model = MODELS.get(settings.model or "")
    if model is not None and (model.makes == "reconstruction" or model.name == "vae"):
        return TASKS["reconstruction"] if content in ("rows", "images") else TASKS[content]
    if content != "images":
        return TASKS[content]
    return TASKS["rows" if model is None or model.takes == "rows" else "images"]
