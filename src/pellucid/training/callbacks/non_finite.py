"""Stopping at the first NaN or infinity, and saying where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pellucid.errors import NonFiniteError
from pellucid.training.callbacks.callback import Callback
from pellucid.training.diagnosis import (
    Finding,
    describe,
    find_non_finite,
    spoiled_gradient,
    spoiled_weight,
)
from pellucid.training.randomness import generator_states, restore_generators

if TYPE_CHECKING:
    from pellucid.tensor import Parameter
    from pellucid.training.trainer import Trainer

__all__ = ["NonFiniteStop"]

_SMALL = 4096
_LOOK_AT_ALL = 10

_PHASES = {
    "data": "in the data",
    "update": "in an earlier update of the weights",
    "forward": "in the forward pass",
    "loss": "in the loss",
    "backward": "in the backward pass",
}


class NonFiniteStop(Callback):
    """Stop at the first NaN or infinity in a loss, a gradient or a weight, and name the layer.

    The batch is gone through once more with every layer watched. The update that would have spoilt
    the weights does not happen, so what was learnt so far is still in the network; and weights that
    are not finite never replace a good checkpoint. Every training has one; pass one yourself to
    change its options.

    Parameters
    ----------
    gradients : bool
        Whether to look at the gradients too, and not only at the loss: at the small ones, such as
        those of biases, in every update, and at all in every tenth. What spoils the gradient of a
        weight matrix nearly always spoils that of its bias, which is read in a microsecond; what
        else there is, the next loss finds, one update late.

    Raises
    ------
    NonFiniteError
        From within :meth:`Trainer.run`.
    """

    def __init__(self, *, gradients: bool = True) -> None:
        self.gradients = gradients
        self._small: list[Parameter] = []

    def on_train_begin(self, trainer: Trainer) -> None:
        """Note which gradients are small."""
        self._small = [p for p in trainer.parameters if p.data.size <= _SMALL]

    def on_loss(self, trainer: Trainer, value: float) -> None:
        """Stop if the loss is not finite."""
        if not math.isfinite(value):
            self._stop(trainer, f"the loss is {value}")

    def on_gradients(self, trainer: Trainer) -> None:
        """Stop if a gradient is not finite."""
        if not self.gradients:
            return
        everything = trainer.step % _LOOK_AT_ALL == 0
        parameters = trainer.parameters if everything else self._small
        gradient = spoiled_gradient(parameters)
        if gradient is not None:
            self._stop(trainer, f"a gradient has {describe(gradient)}")

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Stop if the last update of the epoch spoilt the weights, before they are saved."""
        spoiled = spoiled_weight(trainer.net)
        if spoiled is not None:
            path, weight = spoiled
            layer, _, name = path.rpartition(".")
            finding = Finding("update", layer, f"its {name} has {describe(weight)}")
            raise NonFiniteError(_message(trainer, "a weight is not finite", finding))

    def _stop(self, trainer: Trainer, what: str) -> None:
        weights = trainer.net.state_dict()
        generators = generator_states(trainer.net)
        try:
            finding = find_non_finite(trainer.net, trainer.objective, trainer.batch)
        finally:  # looking must not change what is looked at
            trainer.net.load_state_dict(weights)
            restore_generators(trainer.net, generators)
            trainer.optimizer.zero_grad()
        raise NonFiniteError(_message(trainer, what, finding))


def _message(trainer: Trainer, what: str, finding: Finding | None) -> str:
    where = f"epoch {trainer.epoch + 1}, update {trainer.step + 1}: {what}"
    if finding is None:
        found = "It did not appear again when the batch was repeated, so it depends on dropout"
    else:
        layer = f" in layer '{finding.layer}'" if finding.layer else ""
        found = f"It appeared first {_PHASES[finding.phase]}{layer}: {finding.detail}"
    rate = float(trainer.optimizer.groups[0]["lr"])
    if finding is not None and finding.phase == "data":
        advice = "Repair or drop these samples."
    else:
        clip = "" if trainer.grad_clip is not None else ", or clip the gradients with grad_clip=1.0"
        advice = f"Try a smaller learning rate than {rate:.5g}{clip}."
    return f"{where}. {found}. {advice}"
