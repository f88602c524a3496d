"""The training loop."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.data import Loader, Part
from pellucid.data.loader import Transform
from pellucid.dtypes import Array
from pellucid.optim import LBFGS, Optimizer
from pellucid.optim.schedules import Schedule
from pellucid.random import Seed
from pellucid.training import defaults, state
from pellucid.training.augmentation import augmented
from pellucid.training.callbacks.callback import HOOKS, Callback
from pellucid.training.callbacks.non_finite import NonFiniteStop
from pellucid.training.callbacks.progress import ProgressStyle
from pellucid.training.callbacks.standard import with_defaults
from pellucid.training.evaluation import evaluate_prepared, parameter_dtype, predict
from pellucid.training.files import Pathlike
from pellucid.training.history import History
from pellucid.training.interrupt import Interrupt
from pellucid.training.length import Length
from pellucid.training.metrics import MetricLike, resolve_metrics
from pellucid.training.objective import LossLike, resolve_objective
from pellucid.training.precision import PrecisionLike, resolve_precision
from pellucid.training.samples import (
    ClassWeight,
    Samples,
    as_part,
    check_classes,
    check_takes_weights,
    class_weighted,
    loader_like,
)
from pellucid.training.tally import Tally
from pellucid.training.updates import grouped, update, update_accumulated, update_by_search

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.training.updates import Batch

__all__ = ["Trainer"]


class Trainer:
    """A training: network, data, loss, optimizer, and how far it has come.

    It can be stopped and continued, saved and restored; all numbers come out the same, bit for
    bit, as without the pause. :func:`fit` makes one and runs it.

    Parameters
    ----------
    net : Module
        The network to train, in place.
    train : Part, (x, y) or Loader
        What to learn from. Of a Loader the batch size, order and position are taken over; the
        loader itself is not moved.
    validation : Part, (x, y) or Loader, optional
        What to judge each epoch by.
    loss : callable or str
        A function of outputs and targets, a name of :data:`pellucid.losses.LOSSES`, or "auto":
        cross-entropy for labels (whole numbers), the binary one if the network has a single
        output, mean squared error for other targets. It is a mean over the batch.
    optimizer : Optimizer or str
        One made with this network's parameters, or a name of :data:`pellucid.optim.OPTIMIZERS`.
    lr : float, optional
        Learning rate for an optimizer by name; see :func:`~pellucid.training.defaults.default_lr`.
    epochs : int, optional
        How many epochs the training has in all. Left out: 10, or as many as make 1,000 updates.
    max_steps : int, optional
        How many updates the training has in all, instead of epochs; the last epoch may be short.
    validate_every : int, optional
        Updates that count as an epoch, with validation at its end; else a pass through the data.
    batch_size : int, optional
        Samples per update: 32 (all of them for L-BFGS) if left out.
    metrics : str or iterable of str or Metric
        What to measure besides the loss, on training data as they pass by and on validation data.
        The accuracy of a classifier is always measured.
    callbacks : Callback or iterable of Callback
        What to tell of each moment. A :class:`NonFiniteStop` is there unless one is among them.
    schedule : Schedule or str, optional
        One of the optimizer, or a name of `pellucid.optim.schedules.SCHEDULES`, over all updates.
    class_weight : "balanced", dict or array_like, optional
        How much each class counts; "balanced" makes all classes count the same.
    sample_weight : array_like, shape (N,), optional
        How much each training sample counts.
    grad_clip, grad_clip_value : float, optional
        Scale the gradients down to this norm, of all together; clip each entry to this size.
    accumulate : int
        Batches per update: their gradients are averaged, as if they were one batch.
    augment : callable, optional
        Changes each batch, ``augment(x, y, rng) -> (x, y)``: see `pellucid.data.transforms`.
    precision : "float32", "mixed" or LossScaler
        "mixed" stores values in float16 and computes in float32: see :mod:`.precision`.
    progress : "auto", "bar", "lines" or "none"
        What to show: see :class:`ProgressDisplay`.
    rng : int, numpy.random.Generator or None
        Where the order of the samples comes from; None is the default generator.
    run_dir : path, optional
        A folder to keep ``checkpoint.safetensors`` and ``history.csv`` in.
    record_steps : bool
        Whether the history keeps the loss of every update.

    Attributes
    ----------
    history : History
        Every curve.
    epoch, step : int
        How many epochs and updates are done.
    in_epoch : bool
        Whether an epoch was begun and not ended.
    batches_done, epoch_steps : int
        How many batches of this pass through the data, and updates of this epoch, are done.
    batch, last_loss
        The batch in hand, and the loss of the last update.
    tally : Tally
        The loss and metrics of the present epoch so far.

    Raises
    ------
    DataError, ShapeError, DTypeError
        If data, targets, network and loss do not fit together; one sample is sent through the
        network to see.
    UnknownNameError
        If a name is unknown; the nearest one is suggested.
    """

    def __init__(
        self,
        net: Module,
        train: Samples,
        *,
        validation: Samples | None = None,
        loss: LossLike = "auto",
        optimizer: Optimizer | str = "adam",
        lr: float | None = None,
        epochs: int | None = None,
        max_steps: int | None = None,
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
    ) -> None:
        self.net = net
        part = as_part(train, "train", sample_weight)
        targets: Array = part.y  # type: ignore[assignment]  # as_part has seen to it
        # One sample through the network: tells the shape of its outputs, gives layers that were
        # made without an input size their weights, and refuses a wrong width at once.
        with np.errstate(all="ignore"):  # a NaN is for NonFiniteStop to find, and to explain
            output_shape = predict(net, part.x[:1]).shape[1:]
        dtype = parameter_dtype(net)
        self.objective = resolve_objective(loss, targets, output_shape)
        part = self.objective.prepare(part, output_shape, dtype)
        check_classes(part, self.objective)
        part = class_weighted(part, self.objective, class_weight, output_shape)
        check_takes_weights(part, self.objective)
        self.validation: Part | None = None
        if validation is not None:
            judged = as_part(validation, "validation")
            self.validation = self.objective.prepare(judged, output_shape, dtype)
        self.metrics = resolve_metrics(metrics)

        self.parameters = net.parameters()
        self.optimizer = defaults.resolve_optimizer(net, optimizer, lr)
        self.accumulate = defaults.count("accumulate", accumulate)
        self.grad_clip = defaults.limit("grad_clip", grad_clip)
        self.grad_clip_value = defaults.limit("grad_clip_value", grad_clip_value)
        if isinstance(self.optimizer, LBFGS):
            defaults.check_search(self.accumulate, self.grad_clip, self.grad_clip_value)
        if isinstance(train, Loader):
            self.loader = loader_like(train, part, batch_size)
        else:
            size = defaults.batch_size(batch_size, self.optimizer, len(part))
            self.loader = Loader(part, size, rng=rng)
        if augment is not None:
            self.loader = augmented(self.loader, augment)
        self.length = Length(epochs, max_steps, validate_every, self._updates_per_pass)
        self.schedule = defaults.resolve_schedule(schedule, self.optimizer, 1, self.length.steps)
        self.mixed = resolve_precision(precision, self.parameters, self.optimizer)
        self.record_steps = record_steps
        self.callbacks = with_defaults(_listed(callbacks), progress, run_dir)
        self.hooks = {name: self._hooked(name) for name in HOOKS}

        self.history = History()
        self.epoch = 0
        self.step = 0
        self.in_epoch = False
        self.batches_done = 0
        self.epoch_steps = 0
        self.batch: Batch = ()
        self.last_loss = math.nan
        self.tally = Tally(self.objective, self.metrics)
        self.seconds = 0.0
        self.grad_norm_sum = 0.0
        self.stop_reason: str | None = None
        self.training_weights: dict[str, Array] | None = None

    @property
    def _updates_per_pass(self) -> int:
        return -(-len(self.loader) // self.accumulate)

    @property
    def updates_per_epoch(self) -> int:
        """How many updates an epoch has."""
        return self.length.validate_every or self._updates_per_pass

    @property
    def epochs(self) -> int:
        """How many epochs the training has in all; with `max_steps` the last may be short."""
        return self.length.epochs

    def batches_of_epoch(self) -> tuple[int, int]:
        """Return how many batches of the present epoch are done, and how many it has."""
        if self.length.validate_every is None:
            return self.batches_done, len(self.loader)
        return self.epoch_steps * self.accumulate, self.updates_per_epoch * self.accumulate

    def _hooked(self, name: str) -> list[Callable[..., Any]]:
        """Return the bound hooks of those callbacks that override this one."""
        default = getattr(Callback, name)
        return [
            getattr(callback, name)
            for callback in self.callbacks
            if name in vars(callback) or getattr(type(callback), name) is not default
        ]

    # --- the loop ---------------------------------------------------------------------------------

    def run(self, epochs: int | None = None, steps: int | None = None) -> History:
        """Train until so many epochs or updates are done in all, counting those of earlier runs.

        Parameters
        ----------
        epochs, steps : int, optional
            The total; that of the constructor if left out.

        Returns
        -------
        History
            With ``interrupted`` set if Ctrl-C ended it, and ``stopped_by`` if a callback did.

        Raises
        ------
        NonFiniteError
            If a NaN or an infinity appears: see :class:`NonFiniteStop`.
        """
        if epochs is not None or steps is not None:
            self.length = self.length.instead(epochs, steps)
        self.withdraw()
        self.hooks = {name: self._hooked(name) for name in HOOKS}
        self.history.interrupted = False
        self.net.train()
        self.optimizer.zero_grad()
        watched = any(isinstance(callback, NonFiniteStop) for callback in self.callbacks)
        # NumPy's overflow warnings would come before the error that names the layer
        quiet = np.errstate(all="ignore") if watched else contextlib.nullcontext()
        with Interrupt() as interrupt, quiet:
            try:
                self._run(interrupt)
            except BaseException:
                self._tell("on_train_error")
                raise
        return self.history

    def _run(self, interrupt: Interrupt) -> None:
        self._tell("on_train_begin")
        while not self._is_over() and self.stop_reason is None:
            if not self.in_epoch:
                self._begin_epoch()
            if self._batches(interrupt):
                self._end_epoch()
            if interrupt.requested and not self._is_over():
                self.history.interrupted = True
                break
        self._tell("on_train_end")

    def _is_over(self) -> bool:
        ends_here = self.in_epoch and self.step == self.length.steps
        return self.length.reached(self.epoch, self.step) and not ends_here

    def stop(self, reason: str) -> None:
        """End the training after the present epoch, for good; called by callbacks.

        Parameters
        ----------
        reason : str
            Why, in words; the history keeps it.
        """
        self.stop_reason = self.history.stopped_by = reason

    def _tell(self, hook: str, *arguments: Any) -> None:
        for function in self.hooks[hook]:
            function(self, *arguments)

    def _begin_epoch(self) -> None:
        self.tally = Tally(self.objective, self.metrics)
        self.seconds = self.grad_norm_sum = 0.0
        self.epoch_steps = 0
        self.in_epoch = True
        self._tell("on_epoch_begin")

    def _batches(self, interrupt: Interrupt) -> bool:
        """Go through the batches that are left of the epoch; return whether it is complete."""
        advance = self._way_to_advance()
        per_step = self.schedule if self.schedule and self.schedule.per == "step" else None
        losses = self.history.step_losses if self.record_steps else None
        on_batch_end = self.hooks["on_batch_end"]
        last = self.length.end_of_epoch(self.step - self.epoch_steps)
        began = time.perf_counter() - self.seconds
        whole = False  # whether the loader came to the end of its pass by itself
        try:
            while not whole and self.step != last:
                for group in self._groups():
                    advance(self, group)
                    self.step += 1
                    self.epoch_steps += 1
                    if per_step is not None:
                        per_step.step(self.last_loss)
                    if losses is not None:
                        losses.append(self.last_loss)
                    self.seconds = time.perf_counter() - began
                    for hook in on_batch_end:
                        hook(self)
                    if self.step == last:
                        return True
                    if interrupt.requested:
                        return False
                self.batches_done = 0
                whole = self.length.validate_every is None
        finally:
            if not whole:  # the next loop goes on after the last batch that was used
                self._keep_place(self.step == last)
        return True

    def _keep_place(self, ended: bool) -> None:
        """Let the loader go on after the last batch that was used, in a new pass if need be."""
        position = self.loader.state_dict() | {"batch": self.batches_done}
        if ended and self.batches_done == len(self.loader):
            position |= {"epoch": position["epoch"] + 1, "batch": 0}
            self.batches_done = 0
        self.loader.load_state_dict(position)

    def _way_to_advance(self) -> Callable[[Trainer, Any], None]:
        """Return what makes one update of a batch, or of a group of them."""
        if self.mixed is not None:
            return self.mixed.update
        if self.accumulate > 1:
            return update_accumulated
        return update_by_search if isinstance(self.optimizer, LBFGS) else update

    def _groups(self) -> Iterable[Any]:
        """Return what is left of the pass through the data: batches, or groups of them."""
        if self.accumulate == 1 and self.mixed is None:
            return self.loader
        return grouped(self.loader, self.accumulate, len(self.loader) - self.batches_done)

    def _end_epoch(self) -> None:
        began = time.perf_counter()
        row: dict[str, float | None] = dict(self.tally.results())
        with contextlib.ExitStack() as stack:
            for weights in self.hooks["evaluation_weights"]:
                stack.enter_context(weights(self))
            if self.validation is not None:
                found = evaluate_prepared(self.net, self.validation, self.objective, self.metrics)
                row |= {f"val_{name}": value for name, value in found.items()}
            if self.grad_clip is not None:
                row["grad_norm"] = self.grad_norm_sum / self.epoch_steps
            if self.mixed is not None:
                row |= self.mixed.row()
            row["lr"] = float(self.optimizer.groups[0]["lr"])
            row["seconds"] = self.seconds + time.perf_counter() - began
            self._tell("on_epoch_evaluated", row)
        if self.schedule is not None and self.schedule.per == "epoch":
            self.schedule.step(row.get("val_loss", row["loss"]))
        self.epoch += 1
        self.in_epoch = False
        self.history.add(row)
        self._tell("on_epoch_end")

    # --- weights to show, weights to go on with ---------------------------------------------------

    def present(self, weights: Mapping[str, Array]) -> None:
        """Give the network weights to end with, such as the best ones, instead of the last.

        Those in training are kept, and :meth:`run` goes on from them.
        """
        if self.training_weights is None:
            self.training_weights = self.net.state_dict()
        self.net.load_state_dict(dict(weights))

    def withdraw(self) -> None:
        """Give the network the weights in training back."""
        if self.training_weights is not None:
            self.net.load_state_dict(self.training_weights)
            self.training_weights = None

    # --- state ------------------------------------------------------------------------------------

    def save(self, path: Pathlike) -> None:
        """Write everything needed to go on, bit for bit, into one file, whole or not at all.

        Raises
        ------
        CheckpointError
            If the file cannot be written; an old one is unchanged then.
        NonFiniteError
            If a weight is NaN or infinite: a good checkpoint is not replaced by a useless one.
        """
        state.save(self, path)

    def restore(self, path: Pathlike) -> None:
        """Go to where :meth:`save` was called, in this or another process.

        Network, data, loss, optimizer, schedule and callbacks must be made in the same way.

        Parameters
        ----------
        path : path
            The file, or the run folder that holds it.

        Raises
        ------
        CheckpointError
            If the file is damaged or belongs to a training of another kind. Nothing has changed
            then.
        """
        state.restore(self, path)


def _listed(callbacks: Callback | Iterable[Callback]) -> list[Callback]:
    return [callbacks] if isinstance(callbacks, Callback) else list(callbacks)
