"""From settings to a network and its trainer."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from pellucid.cli.augmentation import transform_of
from pellucid.cli.settings import Settings
from pellucid.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from pellucid.cli.tasks import Task
    from pellucid.data import Dataset
    from pellucid.nn import Module
    from pellucid.training import Callback, Trainer

__all__ = ["architecture", "build_network", "build_trainer", "model_options"]

_ROWS = 20  # of progress, where the length is a number of updates


def architecture(task: Task, settings: Settings, data: Dataset) -> dict[str, Any]:
    """Return how the network is made, as plain values: a name of `MODELS` and its options.

    Raises
    ------
    UnknownNameError
        If the model has no such option.
    DataError
        If the loss does not go with the data.
    """
    from pellucid.losses import get_loss

    loss = get_loss(settings.loss or "")
    ours = "multiclass" if data.task == "language" else data.task
    if (loss.task == "regression") != (ours == "regression") or (
        data.task == "language" and loss.name != "token_cross_entropy"
    ):
        fitting = "numbers" if loss.task == "regression" else "classes"
        raise DataError(
            f"the loss {loss.name} is for {fitting}, but '{data.name}' is a task of "
            f"{data.task}; leave --loss out, or see the names in pellucid train --help"
        )
    outputs = task.outputs(data)
    if loss.task == "binary":
        if outputs != 2:
            raise DataError(
                f"the loss {loss.name} tells two classes apart, but there are {outputs}; "
                "use cross_entropy"
            )
        outputs = 1
    return {
        "name": task.registered(settings.model or ""),
        "input_shape": list(task.input_shape(data)),
        "outputs": outputs,
        "options": {
            **task.architecture_options(settings, data),
            **model_options(settings, task.registered(settings.model or "")),
        },
    }


_WRITTEN: dict[str, tuple[str, ...]] = {
    "layers": ("layers", "blocks"),
    "width": ("width", "hidden", "channels"),
}
"""What models call these options, the first that a model has."""


def model_options(settings: Settings, registered: str) -> dict[str, Any]:
    """Return the options of the model, as plain values.

    Raises
    ------
    DataError
        If the model lacks one that was given.
    """
    from pellucid.models import MODELS

    model = MODELS[registered]
    known = model.options
    options: dict[str, Any] = {}
    for name in ("hidden", "activation", "dropout", "dtype", "layers", "width", "heads"):
        value = getattr(settings, name)
        if value is None:
            continue
        found = next((word for word in _WRITTEN.get(name, (name,)) if word in known), None)
        single = found is not None and isinstance(known[found], int)
        if name == "width" and found == "hidden" and not single:
            found = None  # layers of different sizes: --hidden
        if found is None:
            if name != "dtype":
                raise DataError(f"the model '{settings.model}' has no --{name}")
            continue
        if isinstance(value, tuple) and single:
            if len(value) != 1:
                raise DataError(
                    f"the layers of the model '{settings.model}' are all of one size: --width "
                    f"{value[0] if value else 64} --layers {max(len(value), 1)}"
                )
            value = value[0]
        options[found] = list(value) if isinstance(value, tuple) else value
    return options | settings.options("model")


def build_network(made: dict[str, Any], seed: int) -> Module:
    """Make a network; the same seed gives the same weights."""
    import pellucid
    from pellucid.models import MODELS

    pellucid.seed(seed)
    return MODELS[made["name"]].build(made["input_shape"], made["outputs"], made["options"])


def build_trainer(
    task: Task, net: Module, data: Dataset, settings: Settings, callbacks: list[Callback]
) -> Trainer:
    """Make the trainer of a network, as the settings say, all of which are filled in."""
    from pellucid.optim import make_optimizer, make_schedule
    from pellucid.training import EarlyStopping, Trainer
    from pellucid.training.metrics import resolve_metrics

    penalties = {"weight_decay": settings.weight_decay, "l1": settings.l1}
    parameters: Any = net.parameters()
    if settings.weight_decay and hasattr(net, "parameter_groups"):
        parameters = net.parameter_groups(settings.weight_decay)  # none on vectors
        del penalties["weight_decay"]
    optimizer = make_optimizer(
        settings.optimizer or "adam",
        parameters,
        settings.lr,
        **{name: value for name, value in penalties.items() if value is not None},
        **settings.options("optimizer"),
    )
    assert settings.batch_size is not None  # filled in, as the epochs or steps are
    per_epoch = -(-len(data.train) // settings.batch_size)
    updates = settings.steps or (settings.epochs or 1) * per_epoch
    every = min(per_epoch, max(updates // _ROWS, 1)) if settings.steps else None
    schedule = None
    if settings.schedule not in (None, "constant"):
        options = settings.options("schedule")
        by_epoch = settings.schedule == "plateau" or options.get("per") == "epoch"
        schedule = make_schedule(
            settings.schedule or "",
            optimizer,
            total_steps=(-(-updates // every) if every else settings.epochs)
            if by_epoch
            else updates,
            **options,
        )
    if settings.patience is not None:
        callbacks = [EarlyStopping(settings.patience), *callbacks]
    return Trainer(
        net,
        data.train,
        validation=task.judged(data),
        loss=_loss(settings, net, task.loss_options(data)),
        optimizer=optimizer,
        epochs=None if settings.steps else settings.epochs,
        max_steps=settings.steps,
        validate_every=every,
        batch_size=settings.batch_size,
        metrics=resolve_metrics(task.metrics(settings)),
        augment=transform_of(settings.augment, data.num_classes),
        callbacks=callbacks,
        schedule=schedule,
        class_weight=settings.class_weight,
        grad_clip=settings.grad_clip,
        rng=settings.seed,
    )


def _loss(settings: Settings, net: Any, of_task: dict[str, Any]) -> Any:
    """Return the loss as a function, with its options; a network may bring one of its own."""
    from pellucid.losses import get_loss

    if callable(getattr(net, "loss", None)):
        return net.loss
    loss = get_loss(settings.loss or "")
    options = {**of_task, **settings.options("loss")}
    if settings.label_smoothing:
        options["label_smoothing"] = settings.label_smoothing
    known = [
        name
        for name, parameter in inspect.signature(loss.function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in ("sample_weight", "reduction")
    ]
    for name in options:
        if name not in known:
            raise UnknownNameError(f"option of the loss {loss.name}:", name, known)
    return functools.partial(loss.function, **options) if options else loss.function
