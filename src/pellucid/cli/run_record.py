"""What a run folder tells of its training, beside the weights."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import pellucid
from pellucid.cli.sources import fingerprint, kind_of
from pellucid.errors import MissingExtraError

if TYPE_CHECKING:
    from pellucid.cli.settings import Settings
    from pellucid.data import Dataset
    from pellucid.nn import Module
    from pellucid.training import History, Run

__all__ = ["config_of", "save_history", "versions"]


def config_of(
    settings: Settings, data: Dataset, model: dict[str, Any], net: Module
) -> dict[str, Any]:
    """Return what ``config.json`` says of a training, with the command that repeats it."""
    described = {
        "name": data.name,
        "task": data.task,
        "rows": {name: len(part) for name, part in data.parts().items()},
        "input_shape": list(data.input_shape),
        "class_names": list(data.class_names),
        "notes": list(data.notes),
        "fingerprint": fingerprint(data),
    }
    if kind_of(settings.source) != "named":
        described["path"] = str(Path(settings.source).expanduser().resolve())
    return {
        "command": settings.command(),
        "settings": settings.to_json(),
        "data": described,
        "model": model,
        "parameters": net.num_parameters(),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions that the numbers may depend on."""
    return {
        "pellucid": pellucid.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def save_history(run: Run, history: History) -> bool:
    """Write the curves as a table and a picture; return whether they could be drawn."""
    run.save_history(history)
    if not len(history):
        return False
    try:
        run.save_curves(history)
    except MissingExtraError:
        return False
    return True
