"""The whole state of an adversarial training as arrays and plain values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.dtypes import Array
from pellucid.errors import CheckpointError
from pellucid.random import get_state, set_state
from pellucid.training.checkpoint import check_arrays, load_checkpoint, save_checkpoint
from pellucid.training.history import History
from pellucid.training.randomness import generator_states, restore_generators

if TYPE_CHECKING:
    from pellucid.training.adversarial import AdversarialTrainer

__all__ = ["restore", "save"]

_KIND = "adversarial training"


def save(trainer: AdversarialTrainer, path: Path) -> None:
    """Write the state into one file, whole or not at all."""
    save_checkpoint(path, *_pack(trainer))


def restore(trainer: AdversarialTrainer, path: Path) -> None:
    """Take over a saved state; if it does not fit in any point, change nothing."""
    arrays, values = load_checkpoint(path)
    source = f"the checkpoint '{path}'"
    if values.get("kind") != _KIND:
        raise CheckpointError(f"'{path}' holds no state of an adversarial training")
    check_arrays(_part(arrays, "model."), trainer.gan.state_dict(), source)
    if values.get("critic_steps") != trainer.critic_steps:
        raise CheckpointError(
            f"{source} is of a training with critic_steps={values.get('critic_steps')}, this one "
            f"has {trainer.critic_steps}"
        )
    before = _pack(trainer)
    try:
        _unpack(trainer, arrays, values)
    except BaseException as error:
        _unpack(trainer, *before)
        if isinstance(error, (KeyError, TypeError, AttributeError)):
            raise CheckpointError(f"{source} is incomplete: {error!r}") from error
        raise


def _pack(trainer: AdversarialTrainer) -> tuple[dict[str, Array], dict[str, Any]]:
    arrays = {f"model.{name}": array for name, array in trainer.gan.state_dict().items()}
    arrays["noise"] = trainer.noise
    settings = {}
    for who, optimizer in trainer.optimizers.items():
        state = optimizer.state_dict()
        arrays |= {f"{who}.{name}": array for name, array in state["arrays"].items()}
        settings[who] = state["values"]
    values = {
        "kind": _KIND,
        "critic_steps": trainer.critic_steps,
        "epoch": trainer.epoch,
        "step": trainer.step,
        "totals": dict(trainer.totals),
        "optimizers": settings,
        "loader": trainer.loader.state_dict(),
        "rng": get_state(trainer.rng),
        "generators": generator_states(trainer.gan),  # type: ignore[arg-type]  # a Module too
        "history": trainer.history.to_dict(),
    }
    return arrays, values


def _unpack(
    trainer: AdversarialTrainer, arrays: Mapping[str, Array], values: Mapping[str, Any]
) -> None:
    for who, optimizer in trainer.optimizers.items():
        optimizer.load_state_dict(
            {"arrays": _part(arrays, f"{who}."), "values": values["optimizers"][who]}
        )
    trainer.loader.load_state_dict(values["loader"])
    restore_generators(trainer.gan, values["generators"])  # type: ignore[arg-type]
    set_state(values["rng"], trainer.rng)
    trainer.history = History.from_dict(values["history"])
    trainer.epoch, trainer.step = int(values["epoch"]), int(values["step"])
    trainer.totals = {name: float(value) for name, value in values["totals"].items()}
    trainer.noise = arrays["noise"]
    trainer.gan.load_state_dict(_part(arrays, "model."))


def _part(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    size = len(prefix)
    return {name[size:]: array for name, array in arrays.items() if name.startswith(prefix)}
