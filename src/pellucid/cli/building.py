"""From settings to a network and its trainer."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from pellucid.cli.settings import Settings
from pellucid.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from pellucid.data import Dataset
    from pellucid.nn import Module
    from pellucid.training import Callback, Trainer

__all__ = ["architecture", "build_network", "build_trainer", "model_options"]


def architecture(settings: Settings, data: Dataset) -> dict[str, Any]:
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
    if (loss.task == "regression") != (data.task == "regression"):
        fitting = "numbers" if loss.task == "regression" else "classes"
        raise DataError(
            f"the loss {loss.name} is for {fitting}, but '{data.name}' is a task of "
            f"{data.task}; leave --loss out, or see the names in pellucid train --help"
        )
    outputs = data.num_outputs
    if loss.task == "binary":
        if outputs != 2:
            raise DataError(
                f"the loss {loss.name} tells two classes apart, but there are {outputs}; "
                "use cross_entropy"
            )
        outputs = 1
    return {
        "name": settings.model,
        "input_shape": list(data.input_shape),
        "outputs": outputs,
        "options": model_options(settings),
    }


def model_options(settings: Settings) -> dict[str, Any]:
    """Return the options of the model, as plain values.

    Raises
    ------
    DataError
        If the model lacks one that was given.
    """
    from pellucid.models import MODELS

    model = MODELS[settings.model]
    named = {
        "hidden": settings.hidden,
        "activation": settings.activation,
        "dropout": settings.dropout,
        "dtype": settings.dtype,
    }
    options: dict[str, Any] = {}
    for name, value in named.items():
        if name in model.options:
            if value is not None:
                options[name] = list(value) if isinstance(value, tuple) else value
        elif value is not None and name != "dtype":
            raise DataError(f"the model '{model.name}' has no --{name}")
    options |= settings.options("model")
    return options


def build_network(made: dict[str, Any], seed: int) -> Module:
    """Make a network; the same seed gives the same weights."""
    import pellucid
    from pellucid.models import MODELS

    pellucid.seed(seed)
    return MODELS[made["name"]].build(made["input_shape"], made["outputs"], made["options"])


def build_trainer(
    net: Module, data: Dataset, settings: Settings, callbacks: list[Callback]
) -> Trainer:
    """Make the trainer of a network, as the settings say, all of which are filled in."""
    from pellucid.optim import make_optimizer, make_schedule
    from pellucid.training import EarlyStopping, Trainer
    from pellucid.training.metrics import resolve_metrics

    penalties = {"weight_decay": settings.weight_decay, "l1": settings.l1}
    optimizer = make_optimizer(
        settings.optimizer,
        net.parameters(),
        settings.lr,
        **{name: value for name, value in penalties.items() if value is not None},
        **settings.options("optimizer"),
    )
    assert settings.epochs is not None and settings.batch_size is not None  # filled in
    updates = settings.epochs * -(-len(data.train) // settings.batch_size)
    schedule = None
    if settings.schedule not in (None, "constant"):
        options = settings.options("schedule")
        per_epoch = settings.schedule == "plateau" or options.get("per") == "epoch"
        schedule = make_schedule(
            settings.schedule or "",
            optimizer,
            total_steps=settings.epochs if per_epoch else updates,
            **options,
        )
    if settings.patience is not None:
        callbacks = [EarlyStopping(settings.patience), *callbacks]
    return Trainer(
        net,
        data.train,
        validation=data.validation,
        loss=_loss(settings),
        optimizer=optimizer,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        metrics=resolve_metrics(settings.metric),
        callbacks=callbacks,
        schedule=schedule,
        class_weight=settings.class_weight,
        grad_clip=settings.grad_clip,
        rng=settings.seed,
    )


def _loss(settings: Settings) -> Any:
    """Return the loss as a function, with its options."""
    from pellucid.losses import get_loss

    loss = get_loss(settings.loss or "")
    options = settings.options("loss")
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
