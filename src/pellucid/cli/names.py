"""The names that options take out of the library's registries.

Each registry is imported when its names are needed, so that ``--help`` of the program stays fast.
"""

from __future__ import annotations

from pellucid.cli.types import Name
from pellucid.errors import UnknownNameError

__all__ = ["ACTIVATION", "LOSS", "METRIC", "MODEL", "OPTIMIZER", "SCHEDULE"]


def _activations() -> list[str]:
    from pellucid.nn import ACTIVATIONS

    return [name for name, known in ACTIVATIONS.items() if known.inputs_per_output == 1]


def _losses() -> list[str]:
    from pellucid.losses import LOSSES

    # Those for one target per sample, from a network that ends with a linear layer
    return [
        loss.name
        for loss in LOSSES.values()
        if loss.task in ("regression", "binary", "multiclass")
        and loss.output in ("real", "logits", "scores")
        and len(loss.inputs) == 2
    ]


def _loss(name: str) -> str:
    from pellucid.losses import get_loss

    found = get_loss(name).name
    if found not in _losses():
        raise UnknownNameError("loss of labels or numbers", name, _losses())
    return found


def _metrics() -> list[str]:
    from pellucid.training import METRICS

    return list(METRICS)


def _models() -> list[str]:
    from pellucid.models import MODELS

    names = [name for name in MODELS if not name.endswith(("-classifier", "-forecaster"))]
    return [*names, *(name for name in MODELS if name not in names)]


def _optimizers() -> list[str]:
    from pellucid.optim import OPTIMIZERS

    return list(OPTIMIZERS)


def _optimizer(name: str) -> str:
    from pellucid.optim import OPTIMIZERS, optimizer_class

    chosen = optimizer_class(name)
    return next(key for key, made in OPTIMIZERS.items() if made is chosen)


def _schedules() -> list[str]:
    from pellucid.optim import SCHEDULES

    in_python_only = ("function", "warm-up", "sequential", "chained")
    return [name for name in SCHEDULES if name not in in_python_only]


ACTIVATION = Name("activation", _activations)
LOSS = Name("loss", _losses, _loss)
METRIC = Name("metric", _metrics)
MODEL = Name("model", _models)
OPTIMIZER = Name("optimizer", _optimizers, _optimizer)
SCHEDULE = Name("schedule", _schedules)
