"""What the commands that look into a network work on: a trained run, or what would be trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.cli import run_folders
from pellucid.cli.settings import Settings
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.cli.tasks import Task
    from pellucid.data import Dataset, Part
    from pellucid.nn import Module
    from pellucid.training import LoadedRun, Trainer

__all__ = ["Subject", "subject_of"]


@dataclass(frozen=True)
class Subject:
    """A network with its data, loss and optimizer.

    Attributes
    ----------
    title : str
        The run folder, or the data.
    task : Task
    data : Dataset
    settings : Settings
        All of them, filled in.
    trainer : Trainer
        What trains the network: it holds network, loss and optimizer.
    loaded : LoadedRun or None
        The run, if it is one: the network has its weights then. Otherwise it has those that a
        training would begin with.
    """

    title: str
    task: Task
    data: Dataset
    settings: Settings
    trainer: Trainer
    loaded: LoadedRun | None = None

    @property
    def net(self) -> Module:
        """The network."""
        return self.trainer.net

    @property
    def loss(self) -> Any:
        """The loss, as a function of outputs and targets."""
        return self.trainer.objective.function

    def part(self, name: str | None = None) -> tuple[str, Part]:
        """Return a part of the data by its name, by default the test part.

        Raises
        ------
        DataError
            If there is none of that name.
        """
        parts = self.data.parts()
        if name is None:
            name = next(n for n in (self.task.part, "test", "validation", "train") if n in parts)
        if name not in parts:
            raise DataError(f"'{self.title}' has no {name} part, only {', '.join(parts)}")
        return name, parts[name]


def subject_of(what: str, **given: Any) -> Subject:
    """Return what WHAT of a command line stands for.

    Parameters
    ----------
    what : str
        A run folder, or anything that `pellucid train` takes as its source.
    **given
        Settings of a training, for a source.

    Raises
    ------
    DataError
        If it is a run of two networks against each other, its data have changed since, or it is
        no source.
    """
    from pellucid.cli.how import How
    from pellucid.cli.preparing import prepare

    how = How(progress="none")
    if not run_folders.is_run(what):
        prepared = prepare(Settings(source=what, **given), how)
        return Subject(
            prepared.data.name, prepared.task, prepared.data, prepared.settings, prepared.trainer
        )
    loaded = run_folders.open_run(what)
    kind = loaded.model.extra.get("kind", "rows")
    if kind == "adversarial":
        raise DataError(
            f"'{what}' trained two networks against each other; this command is for runs of one"
        )
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise DataError(f"{names}: '{what}' is a run, and its settings are known")
    settings = run_folders.settings_of(loaded.run)
    if settings.model == "perceptron":
        raise DataError(
            f"'{what}' is a perceptron, which learns by a rule of its own, without a loss and its "
            "gradient; this command is for networks that go down a gradient"
        )
    described = loaded.config.get("data", {})
    place = described.get("path")
    if place is not None and not Path(settings.source).exists() and Path(place).exists():
        settings = replace(settings, source=place)  # called from another folder
    from pellucid.cli.sources import fingerprint

    prepared = prepare(settings, how)
    if fingerprint(prepared.data) != described.get("fingerprint"):
        raise DataError(
            f"the data '{settings.source}' have changed since '{loaded.run.path}' was trained, so "
            "its samples are not known any more"
        )
    prepared.trainer.net.load_state_dict(loaded.net.state_dict())
    prepared.trainer.net.eval()
    return Subject(
        str(loaded.run.path),
        prepared.task,
        prepared.data,
        prepared.settings,
        prepared.trainer,
        loaded,
    )
