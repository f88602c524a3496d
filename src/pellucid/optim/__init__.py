"""Optimizers, learning-rate schedules, gradient clipping and weight averaging.

Examples
--------
A loop written by hand:

>>> import numpy as np
>>> from pellucid import Parameter
>>> from pellucid.optim import Adam, clip_grad_norm, schedules
>>> weight = Parameter(np.array([3.0, -2.0]))
>>> optimizer = Adam([weight], lr=0.2)
>>> schedule = schedules.Cosine(optimizer, total_steps=100)
>>> for _ in range(100):
...     optimizer.zero_grad()
...     loss = (weight * weight).sum()
...     loss.backward()
...     norm = clip_grad_norm([weight], 1.0)
...     optimizer.step()
...     schedule.step()
>>> float(loss) < 1e-3
True
"""

from pellucid.optim import schedules
from pellucid.optim.adadelta import Adadelta
from pellucid.optim.adafactor import Adafactor
from pellucid.optim.adagrad import Adagrad
from pellucid.optim.adam import Adam, AdamW, AMSGrad
from pellucid.optim.adamax import Adamax
from pellucid.optim.averaging import EMA, SWA, Average
from pellucid.optim.clipping import (
    clip_each_grad_norm,
    clip_grad_norm,
    clip_grad_value,
    grad_norm,
)
from pellucid.optim.lamb import LAMB
from pellucid.optim.lbfgs import LBFGS
from pellucid.optim.lion import Lion
from pellucid.optim.nadam import NAdam
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.radam import RAdam
from pellucid.optim.registry import OPTIMIZERS, default_lr, make_optimizer, optimizer_class
from pellucid.optim.rmsprop import RMSProp
from pellucid.optim.schedules import SCHEDULES, Schedule, make_schedule
from pellucid.optim.sgd import SGD

__all__ = [
    "EMA",
    "LAMB",
    "LBFGS",
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "SWA",
    "AMSGrad",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Average",
    "Lion",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSProp",
    "Schedule",
    "clip_each_grad_norm",
    "clip_grad_norm",
    "clip_grad_value",
    "default_lr",
    "grad_norm",
    "make_optimizer",
    "make_schedule",
    "optimizer_class",
    "schedules",
]
