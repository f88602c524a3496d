"""One training with what comes after it: saved, measured and reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.cli import run_folders
from pellucid.cli.failures import Interrupted
from pellucid.cli.preparing import Prepared, prepare
from pellucid.cli.report import conclusion, header
from pellucid.cli.run_record import save_history
from pellucid.cli.tasks import Trained
from pellucid.cli.tasks.reconstruction import Anomaly
from pellucid.errors import NonFiniteError

if TYPE_CHECKING:
    from pellucid.cli.how import How
    from pellucid.cli.measuring import Measures
    from pellucid.cli.screen import Screen
    from pellucid.cli.settings import Settings
    from pellucid.inspect import Diagnosis
    from pellucid.training import History, Run, Trainer

__all__ = ["Attempt", "attempt", "train_to_the_end"]


@dataclass(frozen=True)
class Attempt:
    """A training that is over.

    Parameters
    ----------
    folder : Path
        Its run folder.
    history : History
        Its curves.
    diagnosis : Diagnosis
        What the doctor found.
    measured : Measures or None
        How good the network is; None if the training broke off.
    """

    folder: Path
    history: History
    diagnosis: Diagnosis
    measured: Measures | None


def attempt(screen: Screen, settings: Settings, how: How, *, forgiving: bool) -> Attempt:
    """Train once from the beginning; with `forgiving`, a NaN is told and is no error."""
    prepared = prepare(settings, how)
    run = run_folders.make_run(how.out, settings.source, prepared.config, overwrite=how.overwrite)
    header(screen, prepared.data, prepared.settings, prepared.trainer, run.path)
    prepared.trainer.callbacks += run.callbacks(how.checkpoint_every)
    prepared.doctor.path = run.path / "doctor.json"
    measured: Measures | None = None
    try:
        measured = train_to_the_end(screen, run, prepared, how)
    except NonFiniteError as error:
        if not forgiving:
            raise
        screen.say(f"The training broke off. {error}", "yellow")
    return Attempt(run.path, prepared.trainer.history, prepared.doctor.diagnosis, measured)


def train_to_the_end(screen: Screen, run: Run, prepared: Prepared, how: How) -> Measures | None:
    """Train, save and report; return what was measured, None if it is not done yet."""
    trainer, task = prepared.trainer, prepared.task
    total = trainer.epochs
    with _saved_at_least(run):
        history = _run(trainer, how.stop_after)
    trained = _save_model(run, prepared)
    drawn = save_history(run, history)
    go_on = f"pellucid train --resume {run.path}"
    if history.interrupted:
        raise Interrupted(
            f"Interrupted in epoch {trainer.epoch + 1} of {total}, after {trainer.step:,} "
            f"updates. Everything is saved in {run.path}\nGo on with:  {go_on}"
        )
    if trainer.epoch < total and trainer.stop_reason is None:
        screen.say(f"Stopped after {trainer.epoch} of {total} epochs. Go on with:  {go_on}")
        screen.result({"run": str(run.path), "epochs": trainer.epoch, "of": total})
        return None
    data, settings = prepared.data, prepared.settings
    parts = data.parts()
    part = next(name for name in (task.part, "test", "train") if name in parts)
    measured = task.measure(
        trained, parts[part], metrics=settings.metric, data=data, part_name=part
    )
    pictures: list[str] = []
    if drawn:
        pictures = task.pictures(run.path, trained, data)
    if not screen.json:
        for line in task.afterwards(trainer.net, data):
            screen.aside(line)
    conclusion(
        screen,
        run,
        settings,
        data,
        trainer.net,
        history,
        measured,
        drawn=drawn,
        part=part,
        pictures=pictures,
        next_steps=task.next_steps(run.path),
        findings=prepared.doctor.diagnosis.findings if how.doctor else None,
    )
    return measured


def _run(trainer: Trainer, stop_after: int | None) -> History:
    """Train to the end, or until so many epochs are done."""
    if stop_after is None or stop_after >= trainer.epochs:
        return trainer.run()
    if trainer.length.validate_every is not None:
        return trainer.run(steps=stop_after * trainer.length.validate_every)
    return trainer.run(stop_after)


@contextmanager
def _saved_at_least(run: Run) -> Iterator[None]:
    """Say where the last checkpoint is when a second Ctrl-C, or an error, ends the training."""
    try:
        yield
    except KeyboardInterrupt as error:
        kept = (
            f"The last checkpoint is in {run.path}\nGo on with:  pellucid train --resume {run.path}"
            if run.checkpoint_path.exists()
            else "Nothing was saved yet."
        )
        raise Interrupted(f"Interrupted at once. {kept}") from error


def _save_model(run: Run, prepared: Prepared) -> Trained:
    """Write the model, and return it with what its task keeps."""
    data, task, net = prepared.data, prepared.task, prepared.trainer.net
    if isinstance(task, Anomaly):
        extra = task.extra_of(net, data, prepared.settings)
    else:
        extra = task.extra(net, data)
    run.save_model(
        net,
        architecture=prepared.model,
        preparation=data.preparation,
        class_names=data.class_names,
        loss=prepared.settings.loss,
        extra={"task": data.task, "kind": task.name, **extra},
    )
    return Trained(net, data.class_names, prepared.settings.loss, data.preparation, extra)
