"""Training in one call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pellucid.data.loader import Transform
from pellucid.optim import Optimizer
from pellucid.optim.schedules import Schedule
from pellucid.random import Seed
from pellucid.training.callbacks import Callback, ProgressStyle
from pellucid.training.files import Pathlike, write_json
from pellucid.training.history import History
from pellucid.training.metrics import MetricLike
from pellucid.training.objective import LossLike
from pellucid.training.precision import PrecisionLike
from pellucid.training.run import Run
from pellucid.training.samples import ClassWeight, Samples
from pellucid.training.trainer import Trainer

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["fit"]


def fit(
    net: Module,
    train: Samples,
    *,
    validation: Samples | None = None,
    loss: LossLike = "auto",
    optimizer: Optimizer | str = "adam",
    lr: float | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    validate_every: int | None = None,
    batch_size: int | None = None,
    metrics: MetricLike | Iterable[MetricLike] = (),
    callbacks: Callback | Iterable[Callback] = (),
    schedule: Schedule | str | None = None,
    class_weight: ClassWeight = None,
    sample_weight: Any = None,
    grad_clip: float | None = None,
    grad_clip_value: float | None = None,
    accumulate: int = 1,
    augment: Transform | None = None,
    precision: PrecisionLike = "float32",
    progress: ProgressStyle = "auto",
    rng: Seed = None,
    run_dir: Pathlike | None = None,
    record_steps: bool = False,
) -> History:
    """Train a network.

    It is a :class:`Trainer` made and run, and does what a loop written by hand does:
    ``loss.backward(); optimizer.step(); optimizer.zero_grad()`` for each batch of each epoch. With
    the same batches it gives the same bits.

    Parameters
    ----------
    net, train, validation, loss, optimizer, lr, epochs, batch_size, metrics, callbacks, schedule
        What to train, on what, and how: see :class:`Trainer`.
    steps : int, optional
        How many updates to make in all, instead of `epochs`.
    validate_every : int, optional
        Updates from one row of the history, with validation, to the next.
    augment : callable, optional
        Changes each training batch, ``augment(x, y, rng) -> (x, y)``: see
        `pellucid.data.transforms`.
    precision : "float32", "mixed" or LossScaler
        "mixed" stores values in float16 and computes in float32.
    class_weight, sample_weight, grad_clip, grad_clip_value, accumulate, progress, rng
        The rest of it: see :class:`Trainer`.
    run_dir : path, optional
        A folder to keep the run in: ``config.json``, ``checkpoint.safetensors`` and
        ``history.csv`` while it trains, and ``model.safetensors`` at its end.
    record_steps : bool
        Whether the history keeps the loss of every update.

    Returns
    -------
    History
        Every curve. Ctrl-C ends the training after the batch in hand and sets ``interrupted``.

    Raises
    ------
    DataError, ShapeError, DTypeError, UnknownNameError
        If the arguments do not fit together; before any training.
    NonFiniteError
        If a NaN or an infinity appears, naming the layer.

    Examples
    --------
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> net = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 2, rng=1))
    >>> history = fit(net, (x, [0, 1, 1, 0]), progress="none", rng=0)
    >>> history.last["accuracy"]
    1.0
    """
    trainer = Trainer(
        net,
        train,
        validation=validation,
        loss=loss,
        optimizer=optimizer,
        lr=lr,
        epochs=epochs,
        max_steps=steps,
        validate_every=validate_every,
        batch_size=batch_size,
        metrics=metrics,
        callbacks=callbacks,
        schedule=schedule,
        class_weight=class_weight,
        sample_weight=sample_weight,
        grad_clip=grad_clip,
        grad_clip_value=grad_clip_value,
        accumulate=accumulate,
        augment=augment,
        precision=precision,
        progress=progress,
        rng=rng,
        run_dir=run_dir,
        record_steps=record_steps,
    )
    if run_dir is None:
        return trainer.run()
    run = Run(run_dir, _config(trainer))
    write_json(run.config_path, run.config)
    history = trainer.run()
    known = trainer.objective.loss
    run.save_model(net, loss=None if known is None else known.name)
    return history


def _config(trainer: Trainer) -> dict[str, Any]:
    """Return what the training is, in words and plain values."""
    return {
        "network": repr(trainer.net).splitlines(),
        "loss": trainer.objective.name,
        "optimizer": repr(trainer.optimizer),
        "schedule": None if trainer.schedule is None else type(trainer.schedule).__name__,
        "epochs": trainer.epochs,
        "batch_size": trainer.loader.batch_size,
        "samples": len(trainer.loader.part),
        "metrics": [metric.name for metric in trainer.metrics],
    }
