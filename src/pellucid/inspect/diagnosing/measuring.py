"""Taking one look: norms of gradients and updates as the training itself makes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array

if TYPE_CHECKING:
    from pellucid.training import Trainer

__all__ = ["HalfLook", "matrices"]


def matrices(trainer: Trainer) -> list[tuple[str, Any]]:
    """Return matrices and kernels with their paths, but no embeddings.

    Few rows of an embedding get a gradient from one batch, which says nothing of vanishing.
    """
    embedded = {
        id(module.weight) for module in trainer.net.modules() if isinstance(module, nn.Embedding)
    }
    return [
        (path, parameter)
        for path, parameter in trainer.net.named_parameters()
        if parameter.data.ndim >= 2 and id(parameter) not in embedded
    ]


class HalfLook:
    """What is known of an update before it happens: gradients, and copies of the weights.

    Parameters
    ----------
    trainer : Trainer
        With complete gradients.
    weights : list of (str, Parameter)
        As from :func:`matrices`.
    """

    def __init__(self, trainer: Trainer, weights: list[tuple[str, Any]]) -> None:
        self._named = [(path, p) for path, p in trainer.net.named_parameters() if p.requires_grad]
        squares = {id(p): _square(p.grad) for _, p in self._named if p.grad is not None}
        self.gradient_norm = math.sqrt(math.fsum(squares.values()))
        self.first_over_last = _first_over_last(weights, squares)
        self._gradient_norms = {key: math.sqrt(value) for key, value in squares.items()}
        self._before = [(path, p, p.data.copy()) for path, p in self._named]
        self._matrices = {id(p) for _, p in weights}
        given = {id(p) for group in trainer.optimizer.groups for p in group["params"]}
        # A step may be too small for the precision of the weight: that is no missing connection
        self._pushed = {key for key, norm in self._gradient_norms.items() if norm and key in given}

    def updates(self) -> tuple[dict[str, float], tuple[str, ...]]:
        """Return ‖ΔW‖ / ‖W‖ of the matrices, and the parameters that have not moved at all."""
        ratios: dict[str, float] = {}
        unmoved = []
        for path, parameter, before in self._before:
            change = parameter.data - before
            moved = math.sqrt(_square(change))
            if not moved and id(parameter) not in self._pushed:
                unmoved.append(path)
            if id(parameter) in self._matrices:
                size = math.sqrt(_square(before))
                ratios[path] = moved / size if size else 0.0
        return ratios, tuple(unmoved)

    def clipped(self, trainer: Trainer) -> float:
        """Return the part of the gradient's norm that its clipping leaves; 1 if all of it."""
        limit = trainer.grad_clip
        if limit is None or self.gradient_norm <= limit:
            return 1.0
        return float(limit) / self.gradient_norm

    def penalty(self, trainer: Trainer) -> tuple[float, float, float]:
        """Return the penalty's gradient over that of the data, the weight decay, and L1's factor.

        A decoupled decay is no gradient; there the part that it has in the update is compared
        with the rest of the update.
        """
        pull = push = 0.0
        decay = lasso = 0.0
        old = {id(p): before for _, p, before in self._before}
        for group in trainer.optimizer.groups:
            factor, sparse = float(group.get("weight_decay", 0)), float(group.get("l1", 0))
            decay, lasso = max(decay, factor), max(lasso, sparse)
            if not factor and not sparse:
                continue
            apart = group.get("decoupled_weight_decay") or trainer.optimizer.decays_itself
            for parameter in group["params"]:
                before = old.get(id(parameter))
                if before is None or id(parameter) not in self._matrices:
                    continue
                if apart:
                    shrunk = float(group["lr"]) * factor * before
                    pull += _square(shrunk)
                    push += _square(parameter.data - before + shrunk)
                else:
                    pull += factor**2 * _square(before) + sparse**2 * before.size
                    push += self._gradient_norms.get(id(parameter), 0.0) ** 2
        if not pull:
            return 0.0, decay, lasso
        return math.sqrt(pull / push) if push else 1e9, decay, lasso


def _first_over_last(weights: list[tuple[str, Any]], squares: dict[int, float]) -> float | None:
    """Return the ratio of RMS gradients; None for fewer than three layers in a row."""
    found = [math.sqrt(squares[id(p)] / p.data.size) for _, p in weights if id(p) in squares]
    if len(found) < 3 or not found[-1]:
        return None
    return found[0] / found[-1]


def _square(values: Array) -> float:
    flat = values.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.dot(flat, flat))
