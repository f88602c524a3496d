"""One update of the weights, in the three ways there are: plain, accumulated, and by a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import GradientError, ShapeError
from pellucid.optim import clip_grad_norm, clip_grad_value
from pellucid.tensor import Tensor

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = [
    "Batch",
    "clip",
    "forward",
    "grouped",
    "number",
    "plain",
    "update",
    "update_accumulated",
    "update_by_search",
]

Batch = tuple[Array, ...]
"""Samples, targets, and perhaps sample weights."""


def update(trainer: Trainer, batch: Batch) -> None:
    """Go forward, backward, and one step down: what a loop written by hand does."""
    trainer.batch = batch
    outputs, loss, weight = forward(trainer, batch)
    value = number(trainer, loss)
    for hook in trainer.hooks["on_loss"]:
        hook(trainer, value)
    loss.backward()
    for hook in trainer.hooks["on_gradients"]:
        hook(trainer)
    clip(trainer)
    optimizer = trainer.optimizer
    optimizer.step()
    optimizer.zero_grad()
    trainer.tally.add(value, weight, plain(outputs), batch[1])
    trainer.last_loss = value
    trainer.batches_done += 1


def update_accumulated(trainer: Trainer, batches: Sequence[Batch]) -> None:
    """Take one step down the mean gradient of several batches.

    Each batch counts by its samples (or the sum of their weights): Σ nᵢ·gᵢ / Σ nᵢ, which is the
    gradient of all of them as one batch.
    """
    done = []
    for batch in batches:
        trainer.batch = batch
        outputs, loss, weight = forward(trainer, batch)
        value = number(trainer, loss)
        for hook in trainer.hooks["on_loss"]:
            hook(trainer, value)
        loss.backward(np.full(loss.data.shape, weight))
        done.append((value, weight, plain(outputs), batch[1]))
    total = sum(weight for _, weight, _, _ in done)
    if total:
        for parameter in trainer.parameters:
            if parameter.grad is not None:
                parameter.grad = parameter.grad * (1.0 / total)
    for hook in trainer.hooks["on_gradients"]:
        hook(trainer)
    clip(trainer)
    trainer.optimizer.step()
    trainer.optimizer.zero_grad()
    for entry in done:
        trainer.tally.add(*entry)
    trainer.last_loss = sum(v * w for v, w, _, _ in done) / total if total else 0.0
    trainer.batches_done += len(done)


def update_by_search(trainer: Trainer, batch: Batch) -> None:
    """Let the optimizer evaluate the batch as often as its line search wants."""
    trainer.batch = batch
    first: list[tuple[float, float, Array]] = []

    def closure() -> Tensor:
        trainer.optimizer.zero_grad()
        outputs, loss, weight = forward(trainer, batch)
        value = number(trainer, loss)
        if not first:  # in the midst of a search even an infinite loss is an answer
            for hook in trainer.hooks["on_loss"]:
                hook(trainer, value)
        loss.backward()
        if not first:
            for hook in trainer.hooks["on_gradients"]:
                hook(trainer)
            first.append((value, weight, plain(outputs)))
        return loss

    trainer.optimizer.step(closure)
    trainer.optimizer.zero_grad()
    value, weight, outputs = first[0]
    trainer.tally.add(value, weight, outputs, batch[1])
    trainer.last_loss = value
    trainer.batches_done += 1


def grouped(batches: Iterable[Batch], size: int, left: int) -> Iterator[list[Batch]]:
    """Yield lists of `size` batches; the last one may be shorter.

    It never asks for more than the `left` batches that there are, so that while the last list is
    used, the loader still stands in the epoch and can be saved there.
    """
    group: list[Batch] = []
    for batch in batches:
        group.append(batch)
        left -= 1
        if len(group) == size or not left:
            yield group
            group = []


def forward(
    trainer: Trainer, batch: Batch, convert: Callable[[Any], Any] | None = None
) -> tuple[Any, Tensor, float]:
    """Return outputs, converted if they are to be, loss, and how much the batch counts."""
    outputs = trainer.net(batch[0])
    if convert is not None:
        outputs = convert(outputs)
    function = trainer.objective.function
    if len(batch) == 2:
        return outputs, function(outputs, batch[1]), float(len(batch[1]))
    weights = batch[2]
    loss = function(outputs, batch[1], sample_weight=weights)
    return outputs, loss, float(weights.sum())


def plain(outputs: Any) -> Any:
    """Return the numbers of what a network made: of a Tensor, or of each in a tuple."""
    if isinstance(outputs, (tuple, list)):
        return tuple(map(plain, outputs))
    return outputs.data if isinstance(outputs, Tensor) else outputs


def number(trainer: Trainer, loss: object) -> float:
    """Return the loss as a Python number.

    Raises
    ------
    GradientError, ShapeError
        If the loss function returned something that cannot be gone back from.
    """
    if not isinstance(loss, Tensor):
        raise GradientError(
            f"the loss function '{trainer.objective.name}' returned a {type(loss).__name__}, which "
            "has no gradient; compute the loss from the outputs themselves, not from outputs.data"
        )
    if loss.data.size != 1:
        raise ShapeError(
            f"the loss function '{trainer.objective.name}' returned shape {loss.data.shape}, but a "
            "loss is one number; take the mean over the batch"
        )
    return float(loss.data.item())


def clip(trainer: Trainer) -> None:
    """Clip the gradients as the training asks for."""
    if trainer.grad_clip is not None:
        trainer.grad_norm_sum += clip_grad_norm(trainer.parameters, trainer.grad_clip)
    if trainer.grad_clip_value is not None:
        clip_grad_value(trainer.parameters, trainer.grad_clip_value)
