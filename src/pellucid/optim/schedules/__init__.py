"""Schedules: the learning rate as a function of how long training has gone on."""

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
from pellucid.optim.schedules.registry import SCHEDULES, make_schedule

__all__ = [
    "SCHEDULES",
    "Chained",
    "Constant",
    "Cosine",
    "CosineRestarts",
    "Cyclic",
    "Exponential",
    "Function",
    "InverseSqrt",
    "Linear",
    "MultiStep",
    "Noam",
    "OneCycle",
    "Per",
    "Plateau",
    "Polynomial",
    "Schedule",
    "Sequential",
    "StepDecay",
    "WarmUp",
    "make_schedule",
]
