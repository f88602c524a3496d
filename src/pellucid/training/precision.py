"""Mixed precision: values stored in float16, computed and updated in float32.

The scheme is that of Micikevicius et al. (2018). Master weights stay float32. For each update the
network gets float16 copies of them, everything that the tape keeps for the way back is float16,
while each function computes in float32 and rounds its result. The loss is taken in float32, and
multiplied by a scale on the way back, because gradients below 6·10⁻⁸ would vanish in float16.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, NonFiniteError, UnknownNameError, UnsupportedError
from pellucid.optim import LBFGS, Optimizer
from pellucid.tensor import Tensor
from pellucid.training.half_storage import FULL, HALF, half_storage
from pellucid.training.updates import clip, forward, number, plain

if TYPE_CHECKING:
    from pellucid.tensor import Parameter
    from pellucid.training.trainer import Trainer
    from pellucid.training.updates import Batch

__all__ = ["LossScaler", "MixedPrecision", "PrecisionLike", "PrecisionName", "resolve_precision"]

PrecisionName = Literal["float32", "mixed"]


class LossScaler:
    """The number that the loss is multiplied with, so that small gradients survive float16.

    After a gradient overflowed, scale ← scale · backoff, and the update is left out; after
    `growth_interval` updates without, scale ← scale · growth. Micikevicius et al. (2018).

    Parameters
    ----------
    initial : float
        The first scale.
    growth, backoff : float
        What it is multiplied with; growth is above 1, backoff between 0 and 1.
    growth_interval : int
        How many updates without overflow let it grow.

    Attributes
    ----------
    scale : float
        The scale now.
    streak : int
        Updates since it last changed.
    skipped : int
        Updates left out so far.

    Examples
    --------
    >>> scaler = LossScaler(initial=8.0, growth_interval=2)
    >>> for overflowed in (True, False, False):
    ...     scaler.update(overflowed)
    >>> scaler.scale, scaler.skipped
    (8.0, 1)
    """

    smallest = 2.0**-14

    def __init__(
        self,
        initial: float = 2.0**16,
        growth: float = 2.0,
        backoff: float = 0.5,
        growth_interval: int = 2000,
    ) -> None:
        if not (0 < initial < math.inf and growth > 1 and 0 < backoff < 1 and growth_interval >= 1):
            raise DataError(
                "a LossScaler needs initial > 0, growth > 1, 0 < backoff < 1 and "
                f"growth_interval ≥ 1, got {initial}, {growth}, {backoff}, {growth_interval}"
            )
        self.scale = float(initial)
        self.growth = growth
        self.backoff = backoff
        self.growth_interval = growth_interval
        self.streak = 0
        self.skipped = 0

    def update(self, overflowed: bool) -> None:
        """Take note of one update.

        Raises
        ------
        NonFiniteError
            If gradients overflow although they are scaled down by 2¹⁴.
        """
        if overflowed:
            self.skipped += 1
            self.streak = 0
            self.scale *= self.backoff
            if self.scale < self.smallest:
                raise NonFiniteError(
                    f"gradients overflow float16 (beyond 65,504) even with the loss scaled by "
                    f"{self.scale:.3g}, after {self.skipped} updates were left out; lower the "
                    'learning rate, or train with precision="float32"'
                )
            return
        self.streak += 1
        if self.streak == self.growth_interval:
            self.streak = 0
            if math.isfinite(float(np.float32(self.scale * self.growth))):
                self.scale *= self.growth

    def state_dict(self) -> dict[str, float]:
        """Return what it remembers, as plain JSON."""
        return {"scale": self.scale, "streak": self.streak, "skipped": self.skipped}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        self.scale = float(state["scale"])
        self.streak = int(state["streak"])
        self.skipped = int(state["skipped"])


PrecisionLike: TypeAlias = PrecisionName | LossScaler
"""How to compute; a scaler stands for mixed precision with it."""


class MixedPrecision:
    """Updates with float16 storage, float32 computation, and master weights in float32.

    Parameters
    ----------
    parameters : list of Parameter
        The float32 master weights.
    scaler : LossScaler, optional

    Raises
    ------
    DataError
        If a parameter is not float32.
    """

    def __init__(self, parameters: list[Parameter], scaler: LossScaler | None = None) -> None:
        for parameter in parameters:
            if parameter.dtype != FULL:
                raise DataError(
                    "mixed precision keeps master weights in float32, but a parameter is "
                    f'{parameter.dtype}; convert the network first: net.astype("float32")'
                )
        self.parameters = parameters
        self.scaler = LossScaler() if scaler is None else scaler
        self._skipped_before = 0

    def update(self, trainer: Trainer, batches: Sequence[Batch]) -> None:
        """Take one step down the mean gradient of several batches, or leave it out on overflow."""
        total: list[Array | None] = [None] * len(self.parameters)
        done = []
        with self._half_weights(), half_storage():
            for batch in batches:
                trainer.batch = batch
                value, weight, outputs = self._backward(trainer, batch)
                done.append((value, weight, outputs, batch[1]))
                if not self._collect(total, weight / self.scaler.scale):
                    overflowed = True
                    break
            else:
                overflowed = False
        self._step(trainer, total, sum(weight for _, weight, _, _ in done), overflowed)
        self.scaler.update(overflowed)
        for entry in done:
            trainer.tally.add(*entry)
        count = sum(weight for _, weight, _, _ in done)
        trainer.last_loss = sum(v * w for v, w, _, _ in done) / count if count else 0.0
        trainer.batches_done += len(batches)

    @contextmanager
    def _half_weights(self) -> Iterator[None]:
        """Give the network float16 copies of its weights, and the float32 ones back after."""
        masters = [parameter.data for parameter in self.parameters]
        try:
            with np.errstate(over="ignore"):
                for parameter in self.parameters:
                    parameter.data = parameter.data.astype(HALF)
            yield
        finally:
            for parameter, master in zip(self.parameters, masters, strict=True):
                parameter.data = master

    def _backward(self, trainer: Trainer, batch: Batch) -> tuple[float, float, Any]:
        """Go forward and backward through one batch; return loss, weight and outputs."""
        x = batch[0].astype(HALF) if batch[0].dtype.kind == "f" else batch[0]
        outputs, loss, weight = forward(trainer, (x, *batch[1:]), _full)
        value = number(trainer, loss)
        try:
            for hook in trainer.hooks["on_loss"]:
                hook(trainer, value)
        except NonFiniteError as error:
            error.message += (
                ' In mixed precision values beyond 65,504 are infinite: precision="float32" has '
                "room for them."
            )
            raise
        loss.backward(np.full(loss.data.shape, self.scaler.scale, loss.data.dtype))
        return value, weight, plain(outputs)

    def _collect(self, total: list[Array | None], factor: float) -> bool:
        """Add the gradients, unscaled in float32, to the total; return whether all are finite."""
        finite = True
        for i, parameter in enumerate(self.parameters):
            gradient, parameter.grad = parameter.grad, None
            if gradient is None:
                continue
            finite = finite and bool(np.isfinite(gradient).all())
            wide = np.multiply(gradient, np.float32(factor), dtype=FULL)
            before = total[i]
            total[i] = wide if before is None else before + wide
        return finite

    def _step(
        self, trainer: Trainer, total: list[Array | None], weight: float, overflowed: bool
    ) -> None:
        """Update the master weights, unless a gradient overflowed."""
        if overflowed:
            return
        for parameter, gradient in zip(self.parameters, total, strict=True):
            if gradient is not None and weight:
                gradient *= np.float32(1.0 / weight)
            parameter.grad = gradient
        for hook in trainer.hooks["on_gradients"]:
            hook(trainer)
        clip(trainer)
        trainer.optimizer.step()
        trainer.optimizer.zero_grad()

    def row(self) -> dict[str, float | None]:
        """Return what an epoch's row of the history tells of the scaling."""
        skipped = self.scaler.skipped - self._skipped_before
        self._skipped_before = self.scaler.skipped
        return {"loss_scale": self.scaler.scale, "skipped_steps": float(skipped)}

    def state_dict(self) -> dict[str, float]:
        """Return what it remembers, as plain JSON."""
        return {**self.scaler.state_dict(), "skipped_before": self._skipped_before}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        self.scaler.load_state_dict(state)
        self._skipped_before = int(state["skipped_before"])


def _full(outputs: Any) -> Any:
    """Convert what a network made to float32, for the loss."""
    if isinstance(outputs, (tuple, list)):
        return type(outputs)(map(_full, outputs))
    if isinstance(outputs, Tensor) and outputs.data.dtype == HALF:
        return p.cast(outputs, dtype=FULL)
    return outputs


def resolve_precision(
    precision: str | LossScaler, parameters: list[Parameter], optimizer: Optimizer
) -> MixedPrecision | None:
    """Return how to make updates in mixed precision, or None for the plain way.

    Raises
    ------
    UnsupportedError
        For bfloat16, which NumPy does not have, and for a line search.
    UnknownNameError
        For any other name.
    """
    if precision == "float32":
        return None
    if precision == "bfloat16":
        raise UnsupportedError(
            "NumPy has no bfloat16, so there is no array to store such values in; "
            'precision="mixed" stores float16 and scales the loss against its smaller range'
        )
    if not isinstance(precision, LossScaler) and precision != "mixed":
        raise UnknownNameError("precision", str(precision), get_args(PrecisionName))
    if isinstance(optimizer, LBFGS):
        raise UnsupportedError(
            "L-BFGS compares losses along a line more finely than float16 can tell them apart; "
            'train it with precision="float32"'
        )
    return MixedPrecision(parameters, precision if isinstance(precision, LossScaler) else None)
