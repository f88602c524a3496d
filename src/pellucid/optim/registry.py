"""Optimizers by name, for the command line and for ``fit(optimizer="adam")``."""

from __future__ import annotations

import inspect
from typing import Any

from pellucid.errors import UnknownNameError
from pellucid.optim.adadelta import Adadelta
from pellucid.optim.adafactor import Adafactor
from pellucid.optim.adagrad import Adagrad
from pellucid.optim.adam import Adam, AdamW, AMSGrad
from pellucid.optim.adamax import Adamax
from pellucid.optim.lamb import LAMB
from pellucid.optim.lbfgs import LBFGS
from pellucid.optim.lion import Lion
from pellucid.optim.nadam import NAdam
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.parameters import Params
from pellucid.optim.radam import RAdam
from pellucid.optim.rmsprop import RMSProp
from pellucid.optim.sgd import SGD

__all__ = ["OPTIMIZERS", "default_lr", "make_optimizer", "optimizer_class"]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
    "amsgrad": AMSGrad,
    "adamax": Adamax,
    "nadam": NAdam,
    "radam": RAdam,
    "lion": Lion,
    "adafactor": Adafactor,
    "lamb": LAMB,
    "lbfgs": LBFGS,
}
"""Every optimizer, by the name that the command line knows it by."""


def optimizer_class(name: str) -> type[Optimizer]:
    """Return the optimizer called `name`; case, hyphens and underscores do not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is suggested.
    """
    plain = name.lower().replace("-", "").replace("_", "")
    if plain not in OPTIMIZERS:
        raise UnknownNameError("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[plain]


def default_lr(name: str) -> float:
    """Return the learning rate that an optimizer takes where none is given.

    >>> default_lr("adam")
    0.001
    """
    return float(inspect.signature(optimizer_class(name)).parameters["lr"].default)


def make_optimizer(name: str, params: Params, lr: float | None = None, **options: Any) -> Optimizer:
    """Make an optimizer by name.

    Parameters
    ----------
    name : str
        A key of :data:`OPTIMIZERS`.
    params : iterable of Parameter, or of dict
        What to learn.
    lr : float, optional
        Learning rate; the optimizer's own default where left out.
    **options
        The optimizer's other options.

    Raises
    ------
    UnknownNameError
        If the name or an option is unknown; the nearest one is suggested.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import Parameter
    >>> make_optimizer("sgd", [Parameter(np.zeros(3))], momentum=0.9).groups[0]["momentum"]
    0.9
    """
    made = optimizer_class(name)
    chosen = options if lr is None else {"lr": lr, **options}
    return made(params, **chosen)
