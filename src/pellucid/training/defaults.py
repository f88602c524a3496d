"""What a training takes where nothing is said, and checks of what is said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import DataError
from pellucid.optim import LBFGS, Optimizer, make_optimizer
from pellucid.optim import default_lr as lr_of_optimizer
from pellucid.optim.schedules import Schedule, make_schedule

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = [
    "batch_size",
    "check_search",
    "count",
    "default_lr",
    "epochs",
    "limit",
    "resolve_optimizer",
    "resolve_schedule",
]

_BATCH_SIZE = 32
_EPOCHS = 10
_UPDATES = 1000
_SMALL = 1000
_PER_UPDATE = ("adam", "adamw", "amsgrad", "adamax", "nadam", "radam")


def default_lr(name: str, parameters: int) -> float:
    """Return the learning rate for an optimizer by name.

    It is the optimizer's own default, with two exceptions. For SGD it is 0.01, because with its own
    0.001 hardly anything happens in the usual number of epochs. For Adam and its relatives it is
    ten times as much if the network has fewer than 1,000 parameters: these advance each weight by
    about the learning rate per update, whatever the gradient is, and the weights of a network with
    few inputs per unit have far to go.

    Parameters
    ----------
    name : str
        The optimizer.
    parameters : int
        How many numbers the network learns.
    """
    if name.lower() == "sgd":
        return 0.01
    factor = 10.0 if name.lower() in _PER_UPDATE and parameters < _SMALL else 1.0
    return factor * lr_of_optimizer(name)


def resolve_optimizer(net: Module, optimizer: object, lr: float | None) -> Optimizer:
    """Return the optimizer for a name, or the one given.

    Raises
    ------
    DataError
        If it steers another network, there is nothing to train, or `lr` is given for an optimizer
        that has one already.
    UnknownNameError
        If there is none of that name.
    """
    parameters = net.parameters()
    if not any(parameter.requires_grad for parameter in parameters):
        reason = "all its parameters are frozen" if parameters else "it has no parameters"
        raise DataError(f"there is nothing to train in this network: {reason}")
    if isinstance(optimizer, str):
        if lr is None:
            lr = default_lr(optimizer, sum(parameter.data.size for parameter in parameters))
        return make_optimizer(optimizer, parameters, lr)
    if not isinstance(optimizer, Optimizer):
        hint = "; pass its name, or an instance" if isinstance(optimizer, type) else ""
        raise DataError(f"optimizer is a name or an Optimizer, got {optimizer!r}{hint}")
    if lr is not None:
        raise DataError(
            "the optimizer has a learning rate of its own; give lr to it, or its name here"
        )
    mine = {id(parameter) for parameter in parameters}
    if not any(id(p) in mine for group in optimizer.groups for p in group["params"]):
        raise DataError(
            "the optimizer was made with the parameters of another network; "
            "make it with net.parameters() of this one"
        )
    return optimizer


def resolve_schedule(
    schedule: Schedule | str | None, optimizer: Optimizer, epochs: int, updates: int
) -> Schedule | None:
    """Return the schedule for a name, laid out over the training, or the one given."""
    if isinstance(schedule, str):
        return make_schedule(schedule, optimizer, total_steps=max(1, epochs * updates))
    if schedule is None:
        return None
    if not isinstance(schedule, Schedule):
        raise DataError(f"schedule is a name or a Schedule, got {schedule!r}")
    if schedule.optimizer is not optimizer:
        raise DataError("the schedule steers another optimizer than the one of this training")
    return schedule


def batch_size(size: int | None, optimizer: Optimizer, samples: int) -> int:
    """Return the batch size: 32, or all samples for a method that needs the whole loss."""
    if size is not None:
        return size
    return samples if isinstance(optimizer, LBFGS) else _BATCH_SIZE


def epochs(given: int | None, updates_per_epoch: int) -> int:
    """Return the number of epochs: 10, or as many as make 1,000 updates."""
    if given is None:
        return max(_EPOCHS, -(-_UPDATES // updates_per_epoch))
    return count("epochs", given, least=0)


def count(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number ≥ `least`.

    Raises
    ------
    DataError
        If it is not one.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least:
        raise DataError(f"{name} is a whole number ≥ {least}, got {value!r}")
    return int(value)


def limit(name: str, value: Any) -> float | None:
    """Return a number > 0, or None.

    Raises
    ------
    DataError
        If it is neither.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise DataError(f"{name} is a number > 0 or None, got {value!r}")
    if math.isinf(value):
        raise DataError(f"{name} is finite; None means no limit")
    return float(value)


def check_search(accumulate: int, *clips: float | None) -> None:
    """Refuse what does not go with a line search.

    Raises
    ------
    DataError
        If gradients are to be clipped or accumulated.
    """
    if accumulate > 1 or any(clip is not None for clip in clips):
        raise DataError(
            "L-BFGS searches along the true gradient of one batch: it goes neither with "
            "accumulate nor with clipping"
        )
