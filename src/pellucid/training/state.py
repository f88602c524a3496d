"""The whole state of a training as arrays and plain values, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import CheckpointError, NonFiniteError
from pellucid.training.checkpoint import check_arrays, load_checkpoint, save_checkpoint
from pellucid.training.files import Pathlike
from pellucid.training.history import History
from pellucid.training.randomness import generator_states, restore_generators
from pellucid.training.tally import Tally

if TYPE_CHECKING:
    from pellucid.training.callbacks.callback import Callback
    from pellucid.training.trainer import Trainer

__all__ = ["CHECKPOINT_NAME", "restore", "save"]

CHECKPOINT_NAME = "checkpoint.safetensors"
_KIND = "training"


def save(trainer: Trainer, path: Pathlike) -> None:
    """Write the state of a training into one file, whole or not at all."""
    arrays, values = _pack(trainer)
    for name, array in arrays.items():
        if name.startswith("model.") and array.dtype.kind == "f" and not np.isfinite(array).all():
            raise NonFiniteError(
                f"'{name.removeprefix('model.')}' has NaN or infinite values after update "
                f"{trainer.step}, so '{path}' was not written: an older checkpoint there is still "
                "good. Lower the learning rate, or clip the gradients with grad_clip=1.0"
            )
    save_checkpoint(path, arrays, values)


def restore(trainer: Trainer, path: Pathlike) -> None:
    """Take over a saved state; if it does not fit in any point, change nothing."""
    file = Path(path)
    if file.is_dir():
        file = file / CHECKPOINT_NAME
    arrays, values = load_checkpoint(file)
    if values.get("kind") != _KIND:
        raise CheckpointError(
            f"'{file}' holds no training state (it may be a saved model); "
            "a training is saved by Trainer.save or the Checkpoint callback"
        )
    source = f"the checkpoint '{file}'"
    check_arrays(_part(arrays, "model."), trainer.net.state_dict(), source)
    _check_settings(trainer, values, source)
    before = _pack(trainer)
    try:
        _unpack(trainer, arrays, values)
    except BaseException as error:
        _unpack(trainer, *before)
        if isinstance(error, (KeyError, TypeError, AttributeError)):
            raise CheckpointError(f"{source} is incomplete: {error!r}") from error
        raise


def _pack(trainer: Trainer) -> tuple[dict[str, Array], dict[str, Any]]:
    net = trainer.net.state_dict()
    weights = net if trainer.training_weights is None else trainer.training_weights
    optimizer = trainer.optimizer.state_dict()
    arrays = {
        **_named("model.", weights),
        **_named("optimizer.", optimizer["arrays"]),
        **_named("tally.", trainer.tally.arrays()),
    }
    if trainer.training_weights is not None:
        arrays |= _named("presented.", net)
    callbacks = {}
    for name, callback in _callbacks(trainer).items():
        state = callback.state_dict()
        arrays |= _named(f"callback.{name}.", state["arrays"])
        if state["arrays"] or state["values"]:
            callbacks[name] = state["values"]
    values = {
        "kind": _KIND,
        "settings": _settings(trainer),
        "epoch": trainer.epoch,
        "step": trainer.step,
        "in_epoch": trainer.in_epoch,
        "batches_done": trainer.batches_done,
        "epoch_steps": trainer.epoch_steps,
        "last_loss": trainer.last_loss,
        "seconds": trainer.seconds,
        "grad_norm_sum": trainer.grad_norm_sum,
        "stop_reason": trainer.stop_reason,
        "optimizer": optimizer["values"],
        "schedule": None if trainer.schedule is None else trainer.schedule.state_dict(),
        "loader": trainer.loader.state_dict(),
        "tally": trainer.tally.values(),
        "generators": generator_states(trainer.net),
        "callbacks": callbacks,
        "history": trainer.history.to_dict(),
        "precision": None if trainer.mixed is None else trainer.mixed.state_dict(),
    }
    return arrays, values


def _unpack(trainer: Trainer, arrays: Mapping[str, Array], values: Mapping[str, Any]) -> None:
    trainer.optimizer.load_state_dict(
        {"arrays": _part(arrays, "optimizer."), "values": values["optimizer"]}
    )
    if trainer.schedule is not None:
        trainer.schedule.load_state_dict(values["schedule"])
    trainer.loader.load_state_dict(values["loader"])
    for name, callback in _callbacks(trainer).items():
        saved = {
            "arrays": _part(arrays, f"callback.{name}."),
            "values": values["callbacks"].get(name, {}),
        }
        if saved["arrays"] or saved["values"]:
            callback.load_state_dict(saved)
    restore_generators(trainer.net, values["generators"])
    trainer.tally = Tally(trainer.objective, trainer.metrics)
    trainer.tally.restore(_part(arrays, "tally."), values["tally"])
    trainer.history = History.from_dict(values["history"])
    trainer.epoch, trainer.step = int(values["epoch"]), int(values["step"])
    trainer.in_epoch = bool(values["in_epoch"])
    trainer.batches_done = int(values["batches_done"])
    trainer.epoch_steps = int(values["epoch_steps"])
    if trainer.mixed is not None:
        trainer.mixed.load_state_dict(values["precision"])
    trainer.last_loss = float(values["last_loss"])
    trainer.seconds = float(values["seconds"])
    trainer.grad_norm_sum = float(values["grad_norm_sum"])
    trainer.stop_reason = values["stop_reason"]
    weights = _part(arrays, "model.")
    presented = _part(arrays, "presented.")
    trainer.training_weights = weights if presented else None
    trainer.net.load_state_dict(presented or weights)


def _settings(trainer: Trainer) -> dict[str, Any]:
    """Return what must be the same for the same numbers to come out."""
    return {
        "loss": trainer.objective.name,
        "optimizer": type(trainer.optimizer).__name__,
        "schedule": None if trainer.schedule is None else type(trainer.schedule).__name__,
        "accumulate": trainer.accumulate,
        "validate_every": trainer.length.validate_every,
        "precision": "float32" if trainer.mixed is None else "mixed",
        "grad_clip": trainer.grad_clip,
        "grad_clip_value": trainer.grad_clip_value,
        "metrics": [metric.name for metric in trainer.metrics],
        "weighted": trainer.loader.part.sample_weight is not None,
    }


def _check_settings(trainer: Trainer, values: Mapping[str, Any], source: str) -> None:
    saved, here = values.get("settings"), _settings(trainer)
    if not isinstance(saved, Mapping):
        raise CheckpointError(f"{source} is incomplete: it lacks its settings")
    different = [
        f"{name} was {saved.get(name)!r} and is now {value!r}"
        for name, value in here.items()
        if saved.get(name) != value
    ]
    if different:
        raise CheckpointError(
            f"{source} is of a training with other settings: {'; '.join(different)}. "
            "Make the Trainer as it was made then"
        )
    known = _callbacks(trainer)
    if missing := [name for name in values.get("callbacks", {}) if name not in known]:
        raise CheckpointError(
            f"{source} has the state of the callback {missing[0]}, which this training lacks; "
            "make the Trainer with the same callbacks"
        )


def _callbacks(trainer: Trainer) -> dict[str, Callback]:
    """Return the callbacks by a name that is the same in another process."""
    count: Counter[str] = Counter()
    named = {}
    for callback in trainer.callbacks:
        kind = type(callback).__name__
        count[kind] += 1
        named[f"{kind}-{count[kind]}"] = callback
    return named


def _named(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {prefix + name: array for name, array in arrays.items()}


def _part(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    size = len(prefix)
    return {name[size:]: array for name, array in arrays.items() if name.startswith(prefix)}
