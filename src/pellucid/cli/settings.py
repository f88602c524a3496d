"""Everything that describes a training, as plain values."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from pellucid.errors import CheckpointError, UnknownNameError

__all__ = ["NOT_SET", "SECTIONS", "Settings"]

SECTIONS = ("data", "model", "optimizer", "schedule", "loss")
"""What ``--set SECTION.NAME=VALUE`` can reach: the options of the loader, the model, and so on."""

NOT_SET: dict[str, str] = {
    **{
        f"model.{name}": f"--{name}"
        for name in ("hidden", "activation", "dropout", "dtype", "layers", "width", "heads")
    },
    **{f"data.{name}": f"--{name}" for name in ("tokenizer", "context", "window", "horizon")},
    "optimizer.name": "--optimizer",
    "optimizer.lr": "--lr",
    "optimizer.weight_decay": "--weight-decay",
    "optimizer.l1": "--l1",
    "schedule.name": "--schedule",
    "schedule.total_steps": "--epochs",
    "loss.label_smoothing": "--label-smoothing",
}
"""What ``--set`` leaves to an option of its own, so that nothing is said in two places."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What ``pellucid train`` was asked for; None where it is left to Pellucid.

    The names are those of the options, with underscores: ``pellucid train --help`` explains them.
    The same names stand in a configuration file and in ``config.json``.
    """

    source: str
    # data
    target: str | None = None
    task: str | None = None
    test: str | None = None
    test_fraction: float | None = None
    validation: float | None = None
    categorical: str | None = None
    column_types: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    missing_target: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    text_encoding: str | None = None
    decimal: str | None = None
    size: tuple[int, int] | None = None
    tokenizer: str | None = None
    context: int | None = None
    window: int | None = None
    horizon: int | None = None
    normal_label: str | None = None
    augment: tuple[str, ...] = ()
    # network
    model: str | None = None
    layers: int | None = None
    width: int | None = None
    heads: int | None = None
    hidden: tuple[int, ...] | None = None
    activation: str | None = None
    dropout: float | None = None
    dtype: str = "float32"
    # training
    loss: str | None = None
    label_smoothing: float | None = None
    class_weight: str | None = None
    optimizer: str | None = None
    lr: float | None = None
    weight_decay: float | None = None
    l1: float | None = None
    schedule: str | None = None
    grad_clip: float | None = None
    epochs: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    patience: int | None = None
    metric: tuple[str, ...] = ()
    seed: int = 0
    set: tuple[tuple[str, str, Any], ...] = ()

    def options(self, section: str) -> dict[str, Any]:
        """Return what ``--set`` gives to a section."""
        return {name: value for part, name, value in self.set if part == section}

    def filled(self, **values: Any) -> Self:
        """Return the settings with `values` in the places that are None."""
        absent = {name: value for name, value in values.items() if getattr(self, name) is None}
        return replace(self, **absent)

    def with_options(self, section: str, **values: Any) -> Self:
        """Return the settings with options of a section, as ``--set`` gives them, where absent."""
        absent = {n: v for n, v in values.items() if n not in self.options(section)}
        return replace(self, set=(*self.set, *((section, n, v) for n, v in absent.items())))

    def with_metrics(self, *names: str) -> Self:
        """Return the settings with these metrics."""
        return replace(self, metric=names)

    def given(self) -> dict[str, Any]:
        """Return what differs from saying nothing."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }

    def to_json(self) -> dict[str, Any]:
        """Return plain values for ``config.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any], where: str) -> Self:
        """Rebuild settings from :meth:`to_json`.

        Raises
        ------
        CheckpointError
            If the values do not describe a training.
        """
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise CheckpointError(
                    f"{where}: {UnknownNameError('setting', name, known)}; "
                    "perhaps a newer version of Pellucid wrote it"
                )
        if "source" not in values:
            raise CheckpointError(f"{where} does not name the data")
        return cls(**{name: _tuples(value) for name, value in values.items()})

    def command(self) -> str:
        """Return the command line that asks for the same.

        >>> Settings(source="digits", hidden=(128, 64), lr=0.01).command()
        'pellucid train digits --hidden 128,64 --lr 0.01 --seed 0'
        """
        from pellucid.cli.training_options import TRAINING_OPTIONS

        words = ["pellucid", "train", self.source]
        given = {
            "seed": self.seed,
            **self.given(),
        }
        for option in TRAINING_OPTIONS:
            value = given.get(option.name or "")
            if value is not None:
                words += option.words(value)
        return shlex.join(words)


def _tuples(value: Any) -> Any:
    """JSON knows lists only."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
