"""Training a copy of a network for a while: what the experiments have in common."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.optim import LBFGS, Adam, Optimizer

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["Trial", "batches"]

_RANDOM = ("Dropout", "Noise", "DropPath")


class Trial:
    """A copy of a network with an optimizer of its own.

    Parameters
    ----------
    subject : Subject
        Whose network is copied; its optimizer says which kind to take and with what learning rate.
    regularised : bool
        Whether dropout, noise and weight decay stay on.
    lr : float, optional
        Another learning rate.
    """

    def __init__(
        self, subject: Subject, *, regularised: bool = False, lr: float | None = None
    ) -> None:
        self.net: Module = copy.deepcopy(subject.net).train()
        self._objective = subject.objective
        if not regularised:
            self.still(self.net)
        self.optimizer = _optimizer(subject.optimizer, self.net, regularised, lr)

    @staticmethod
    def still(net: Module) -> None:
        """Switch off whatever draws random numbers in training mode."""
        for module in net.modules():
            if any(word in type(module).__name__ for word in _RANDOM):
                module.training = False

    def step(self, x: Array, y: Array) -> float:
        """Make one update; return the loss before it."""
        self.optimizer.zero_grad()
        with np.errstate(all="ignore"):
            loss: Any = self._objective.function(self.net(x), y)
            loss.backward()
            self.optimizer.step()
        return float(loss.data)


def _optimizer(
    given: Optimizer | None, net: nn.Module, regularised: bool, lr: float | None
) -> Optimizer:
    parameters = net.parameters()
    if given is None or isinstance(given, LBFGS):  # whose steps need a line search
        return Adam(parameters, lr=1e-3 if lr is None else lr)
    options = {name: value for name, value in given.groups[0].items() if name in given.option_names}
    if not regularised:
        options |= {"weight_decay": 0.0, "l1": 0.0}
    if lr is not None:
        options["lr"] = lr
    kind: Any = type(given)
    return kind(parameters, **options)


def batches(x: Array, y: Array, size: int, steps: int) -> Iterator[tuple[Array, Array]]:
    """Yield so many batches, shuffled with a seed of their own."""
    rng = np.random.default_rng(0)
    order = np.zeros(0, np.int64)
    for _ in range(steps):
        if len(order) < size:
            order = np.concatenate([order, rng.permutation(len(x))])
        rows, order = order[:size], order[size:]
        yield x[rows], y[rows]
