"""What is examined: a network, its data and its loss, in the form that training uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.training.evaluation import parameter_dtype, predict
from pellucid.training.objective import LossLike, Objective, resolve_objective
from pellucid.training.samples import Samples, as_part

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.optim import Optimizer
    from pellucid.training import Trainer

__all__ = ["Subject", "probe_rows"]

_MOST_NUMBERS = 2**15
"""How many numbers a probe of inputs has at most, so that a look at it stays cheap."""


@dataclass(frozen=True)
class Subject:
    """A network with its data and its loss.

    Parameters
    ----------
    net : Module
        The network.
    objective : Objective
        The loss.
    x, y : Array
        The training samples and targets, as the loss takes them.
    output_shape : tuple of int
        The shape of one output.
    weighted : bool
        Whether samples or classes are weighted.
    validation : pair of Array or None
        Samples and targets to judge by.
    optimizer : Optimizer or None
        What makes the updates.
    class_names : tuple of str
        The names of the classes, if they are known.
    """

    net: Module
    objective: Objective
    x: Array
    y: Array
    output_shape: tuple[int, ...]
    weighted: bool = False
    validation: tuple[Array, Array] | None = None
    optimizer: Optimizer | None = None
    class_names: tuple[str, ...] = ()

    @classmethod
    def of_trainer(cls, trainer: Trainer, class_names: tuple[str, ...] = ()) -> Subject:
        """Return that of a training."""
        part = trainer.loader.part
        assert part.y is not None  # the Trainer has seen to it
        with np.errstate(all="ignore"):
            shape = predict(trainer.net, part.x[:1]).shape[1:]
        judged = trainer.validation
        return cls(
            trainer.net,
            trainer.objective,
            part.x,
            part.y,
            shape,
            part.sample_weight is not None,
            None if judged is None or judged.y is None else (judged.x, judged.y),
            trainer.optimizer,
            class_names,
        )

    @classmethod
    def of_samples(
        cls,
        net: Module,
        train: Samples,
        validation: Samples | None,
        loss: LossLike,
    ) -> Subject:
        """Return that of samples as ``fit`` takes them.

        Raises
        ------
        DataError, ShapeError, DTypeError, UnknownNameError
            If network, samples and loss do not fit together.
        """
        part = as_part(train, "train")
        with np.errstate(all="ignore"):
            shape = predict(net, part.x[:1]).shape[1:]
        objective = resolve_objective(loss, part.y, shape)  # type: ignore[arg-type]
        dtype = parameter_dtype(net)
        part = objective.prepare(part, shape, dtype)
        judged: tuple[Array, Array] | None = None
        if validation is not None:
            held = objective.prepare(as_part(validation, "validation"), shape, dtype)
            judged = (held.x, held.y)  # type: ignore[assignment]
        return cls(
            net,
            objective,
            part.x,
            part.y,  # type: ignore[arg-type]  # as_part has seen to it
            shape,
            part.sample_weight is not None,
            judged,
        )

    def class_name(self, label: int) -> str:
        """Return how a class is called in a sentence: by its name where that is known."""
        known = 0 <= label < len(self.class_names)
        return f"'{self.class_names[label]}'" if known else f"class {label}"

    def probe(self, rows: int = 256) -> tuple[Array, Array]:
        """Return a small fixed set of samples and targets: always the same ones."""
        picks = probe_rows(self.x, rows)
        return self.x[picks], self.y[picks]

    def loss_of(self, x: Array, y: Array) -> float:
        """Return the loss of the network on samples, in the mode that it is in."""
        from pellucid.tape import no_grad

        with no_grad(), np.errstate(all="ignore"):
            value: Any = self.objective.function(self.net(x), y)
        return float(getattr(value, "data", value))


def probe_rows(x: Array, rows: int) -> Array:
    """Return the rows of a probe: drawn from a generator of their own, with a fixed seed."""
    numbers = int(np.prod(x.shape[1:], dtype=np.int64))
    size = min(len(x), max(16, min(rows, _MOST_NUMBERS // max(numbers, 1))))
    return np.sort(np.random.default_rng(0).choice(len(x), size, replace=False))
