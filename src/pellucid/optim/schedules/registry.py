"""Schedules by name, for the command line and for ``fit(schedule="cosine")``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pellucid.errors import DataError, UnknownNameError
from pellucid.optim.schedules.base import Per, Schedule
from pellucid.optim.schedules.compose import Chained, Sequential, WarmUp
from pellucid.optim.schedules.cosine import Cosine, CosineRestarts
from pellucid.optim.schedules.cycles import Cyclic, OneCycle
from pellucid.optim.schedules.decay import (
    Constant,
    Exponential,
    Function,
    InverseSqrt,
    Linear,
    MultiStep,
    Noam,
    Polynomial,
    StepDecay,
)
from pellucid.optim.schedules.plateau import Plateau

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = ["SCHEDULES", "make_schedule"]

SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "step": StepDecay,
    "multi-step": MultiStep,
    "exponential": Exponential,
    "polynomial": Polynomial,
    "linear": Linear,
    "cosine": Cosine,
    "cosine-restarts": CosineRestarts,
    "one-cycle": OneCycle,
    "cyclic": Cyclic,
    "inverse-sqrt": InverseSqrt,
    "noam": Noam,
    "plateau": Plateau,
    "function": Function,
    "warm-up": WarmUp,
    "sequential": Sequential,
    "chained": Chained,
}
"""Every schedule, by the name that the command line knows it by."""

_MADE_OF_SCHEDULES = ("warm-up", "sequential", "chained")


def make_schedule(
    name: str,
    optimizer: Optimizer,
    *,
    total_steps: int | None = None,
    per: Per | None = None,
    warm_up: int = 0,
    **options: Any,
) -> Schedule:
    """Make a schedule by name.

    Parameters
    ----------
    name : str
        A key of :data:`SCHEDULES`.
    optimizer : Optimizer
        The optimizer to steer.
    total_steps : int, optional
        How many counts the training will have, warm-up included. A length that is not among the
        options is chosen to fit it.
    per : "step" or "epoch", optional
        The unit of a count; "epoch" for the plateau and "step" for others unless given.
    warm_up : int
        Counts of a straight rise put before the schedule.
    **options
        The schedule's own options.

    Raises
    ------
    UnknownNameError
        If the name or an option is unknown; the nearest one is suggested.
    DataError
        If the schedule needs `total_steps` or an option that is not given.
    """
    plain = name.lower().replace("_", "-")
    if plain not in SCHEDULES:
        raise UnknownNameError("schedule", name, SCHEDULES)
    if plain in _MADE_OF_SCHEDULES:
        raise DataError(
            f"the schedule '{plain}' is made of other schedules: build it in Python, or put a "
            "warm-up before any schedule with warm_up=COUNTS"
        )
    made = SCHEDULES[plain]
    parameters = inspect.signature(made).parameters
    known = [option for option in parameters if option not in ("optimizer", "per")]
    for option in options:
        if option not in known:
            raise UnknownNameError(f"option of the schedule '{plain}'", option, known)
    if per is None:
        per = "epoch" if made.needs_metric else "step"
    needed = [
        option
        for option in known
        if parameters[option].default is inspect.Parameter.empty and option not in options
    ]
    if needed and (total_steps is None or needed == ["function"]):
        raise DataError(f"the schedule '{plain}' needs {' and '.join(needed)}")
    if total_steps is None:
        schedule = made(optimizer, per=per, **options)
    elif total_steps > warm_up:
        length = options.pop("total_steps", total_steps - warm_up)
        schedule = made.for_total(optimizer, length, per=per, **options)
    else:
        raise DataError(f"a warm-up of {warm_up} leaves nothing of a training of {total_steps}")
    return WarmUp(schedule, warm_up) if warm_up else schedule
