"""What ``pellucid train`` does: start a training, or go on with one, and conclude it."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import pellucid
from pellucid.cli import run_folders
from pellucid.cli.building import architecture, build_network, build_trainer
from pellucid.cli.failures import Interrupted
from pellucid.cli.report import conclusion, header
from pellucid.cli.settings import Settings
from pellucid.cli.sources import fingerprint, kind_of, load_source
from pellucid.cli.tasks import Task, Trained, choose_task
from pellucid.cli.tasks.reconstruction import Anomaly
from pellucid.errors import DataError, MissingExtraError, NonFiniteError

if TYPE_CHECKING:
    from pellucid.cli.fixing import Attempt
    from pellucid.cli.measuring import Measures
    from pellucid.cli.screen import Screen
    from pellucid.data import Dataset
    from pellucid.inspect import DoctorCallback
    from pellucid.nn import Module
    from pellucid.training import History, Run, Trainer
    from pellucid.training.callbacks import ProgressStyle

__all__ = [
    "How",
    "Prepared",
    "attempt",
    "config_of",
    "prepare",
    "resume",
    "save_history",
    "start",
    "versions",
]


@dataclass(frozen=True)
class How:
    """What is said of a training without being part of it.

    Parameters
    ----------
    out : str or None
        The run folder.
    overwrite : bool
        Whether to replace the training that is there.
    checkpoint_every : float
        Least seconds between checkpoints.
    stop_after : int or None
        Stop when so many epochs are done.
    progress : str
        How to show the epochs.
    doctor : bool
        Whether the doctor looks on.
    fix : bool
        Whether to train once more with what the doctor suggests.
    """

    out: str | None = None
    overwrite: bool = False
    checkpoint_every: float = 2.0
    stop_after: int | None = None
    progress: ProgressStyle = "auto"
    doctor: bool = True
    fix: bool = False


@dataclass(frozen=True)
class Prepared:
    """Everything that a training is made of."""

    task: Task
    settings: Settings
    data: Dataset
    model: dict[str, Any]
    trainer: Trainer
    doctor: DoctorCallback

    @property
    def config(self) -> dict[str, Any]:
        """What ``config.json`` says."""
        made = config_of(self.settings, self.data, self.model, self.trainer.net)
        return {**made, "kind": self.task.name}


def start(screen: Screen, settings: Settings, how: How) -> None:
    """Train from the beginning.

    Raises
    ------
    PellucidError
        If the input is wrong, before the run folder is made.
    Interrupted
        If Ctrl-C ended it, after everything was saved.
    """
    run_folders.check_out(how.out, overwrite=how.overwrite)
    if how.fix and (settings.model == "perceptron" or _adversarial(settings)):
        raise DataError(f"the doctor does not look at a {settings.model}; leave --fix out")
    if settings.model == "perceptron":
        from pellucid.cli.perceptron import train_perceptron

        train_perceptron(screen, settings, how)
        return
    if _adversarial(settings):
        from pellucid.cli.adversarial import train_adversarial

        train_adversarial(screen, settings, how)
        return
    first = attempt(screen, settings, how, forgiving=how.fix)
    if how.fix:
        from pellucid.cli.fixing import fix

        fix(screen, settings, how, first)


def attempt(screen: Screen, settings: Settings, how: How, *, forgiving: bool) -> Attempt:
    """Train once from the beginning; with `forgiving`, a NaN is told and is no error."""
    from pellucid.cli.fixing import Attempt

    prepared = prepare(settings, how)
    run = run_folders.make_run(how.out, settings.source, prepared.config, overwrite=how.overwrite)
    header(screen, prepared.data, prepared.settings, prepared.trainer, run.path)
    prepared.trainer.callbacks += run.callbacks(how.checkpoint_every)
    prepared.doctor.path = run.path / "doctor.json"
    measured: Measures | None = None
    try:
        measured = _train(screen, run, prepared, how)
    except NonFiniteError as error:
        if not forgiving:
            raise
        screen.say(f"The training broke off. {error}", "yellow")
    return Attempt(run.path, prepared.trainer.history, prepared.doctor.diagnosis, measured)


def resume(screen: Screen, source: str | None, explicit: dict[str, Any], how: How) -> None:
    """Go on with a training from its last checkpoint, bit for bit.

    Parameters
    ----------
    screen : Screen
        Where to report.
    source : str or None
        The run folder, or the data of it.
    explicit : dict
        The settings that were given; only the number of epochs may differ from the run's.
    how : How
        The rest.

    Raises
    ------
    DataError
        If there is no such training, or a setting differs.
    CheckpointError
        If the checkpoint is damaged.
    """
    from pellucid.training import Run
    from pellucid.training.files import write_json

    run = Run.open(run_folders.find_run(source, how.out))
    before = run_folders.settings_of(run)
    settings = _continued(before, source, explicit, run.path)
    if settings.model == "perceptron":
        raise DataError("a perceptron learns in moments; train it anew instead of with --resume")
    if _adversarial(settings):
        from pellucid.cli.adversarial import resume_adversarial

        if settings != before:
            write_json(run.config_path, {**run.config, "settings": settings.to_json()})
        resume_adversarial(screen, run, settings, how)
        return
    prepared = prepare(settings, how)
    prepared.doctor.path = run.path / "doctor.json"
    trained_on = run.config.get("data", {}).get("fingerprint")
    if trained_on != fingerprint(prepared.data):
        raise DataError(
            f"the data '{settings.source}' are not those that '{run.path}' was trained on: they "
            "have changed since; train anew"
        )
    trainer = prepared.trainer
    trainer.callbacks += run.callbacks(how.checkpoint_every)
    if run.checkpoint_path.exists():
        trainer.restore(run.checkpoint_path)
    if trainer.epoch > trainer.epochs:
        option = f"--steps {settings.steps}" if settings.steps else f"--epochs {trainer.epochs}"
        raise DataError(
            f"{option}: the training in '{run.path}' has done {trainer.epoch} "
            "already; give as many or more"
        )
    if settings != before:
        write_json(run.config_path, prepared.config)
    header(screen, prepared.data, prepared.settings, trainer, run.path)
    if trainer.stop_reason is not None:
        screen.say(f"It was stopped after epoch {trainer.epoch}: {trainer.stop_reason}.")
    elif trainer.epoch == trainer.epochs:
        more = (
            f"--steps {2 * settings.steps}" if settings.steps else f"--epochs {2 * trainer.epochs}"
        )
        screen.say(f"All {trainer.epochs} epochs are done; {more} would go on with it.")
    elif settings.steps != before.steps and trainer.schedule is not None:
        screen.say(
            f"Note: the {settings.schedule} schedule is laid out anew over {settings.steps:,} "
            f"updates; the {trainer.step:,} that are done followed it over {before.steps:,}.",
            "yellow",
        )
    elif settings.epochs != before.epochs and trainer.schedule is not None:
        screen.say(
            f"Note: the {settings.schedule} schedule is laid out anew over {settings.epochs} "
            f"epochs; the {trainer.epoch} that are done followed it over {before.epochs}.",
            "yellow",
        )
    _train(screen, run, prepared, how)


def _adversarial(settings: Settings) -> bool:
    from pellucid.models import MODELS

    model = MODELS.get(settings.model or "")
    return model is not None and model.makes == "samples" and model.name != "vae"


def _continued(
    before: Settings, source: str | None, explicit: dict[str, Any], path: Path
) -> Settings:
    """Return the run's settings with what may be changed."""
    from pellucid.cli.training_options import TRAINING_OPTIONS

    given = dict(explicit)
    if source is not None and not run_folders.is_run(source) and source != before.source:
        raise DataError(f"'{path}' was trained on '{before.source}', not on '{source}'")
    length = "steps" if before.steps is not None else "epochs"
    more = given.pop(length, getattr(before, length))
    for option in TRAINING_OPTIONS:
        name = option.name or ""
        if name not in given or given[name] == getattr(before, name):
            continue
        was = getattr(before, name)
        said = f"with {' '.join(option.words(was))}" if was not in (None, ()) else "without it"
        raise DataError(
            f"{' '.join(option.words(given[name]))}: '{path}' was trained {said}; only "
            f"--{length} may change when a training goes on"
        )
    return replace(before, **{length: more})


def prepare(settings: Settings, how: How) -> Prepared:
    """Load the data and make everything that a training is made of."""
    from pellucid.inspect import DoctorCallback
    from pellucid.training.defaults import default_lr

    task = choose_task(settings)
    settings = task.before_loading(settings)
    data = task.adapt(settings, load_source(settings, task.loading(settings)))
    learnt = task.learnt(settings, data) if isinstance(task, Anomaly) else data
    settings = task.fill(settings, learnt)
    model = architecture(task, settings, learnt)
    net = build_network(model, settings.seed)
    settings = settings.filled(lr=default_lr(settings.optimizer or "", net.num_parameters()))
    doctor = DoctorCallback(active=how.doctor)
    callbacks = [doctor, task.progress(how.progress, data)]
    trainer = build_trainer(task, net, learnt, settings, callbacks)
    return Prepared(task, settings, data, model, trainer, doctor)


def config_of(
    settings: Settings, data: Dataset, model: dict[str, Any], net: Module
) -> dict[str, Any]:
    """Return what ``config.json`` says of a training, with the command that repeats it."""
    described = {
        "name": data.name,
        "task": data.task,
        "rows": {name: len(part) for name, part in data.parts().items()},
        "input_shape": list(data.input_shape),
        "class_names": list(data.class_names),
        "notes": list(data.notes),
        "fingerprint": fingerprint(data),
    }
    if kind_of(settings.source) != "named":
        described["path"] = str(Path(settings.source).expanduser().resolve())
    return {
        "command": settings.command(),
        "settings": settings.to_json(),
        "data": described,
        "model": model,
        "parameters": net.num_parameters(),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions that the numbers may depend on."""
    return {
        "pellucid": pellucid.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def _train(screen: Screen, run: Run, prepared: Prepared, how: How) -> Measures | None:
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


def save_history(run: Run, history: History) -> bool:
    """Write the curves as a table and a picture; return whether they could be drawn."""
    run.save_history(history)
    if not len(history):
        return False
    try:
        run.save_curves(history)
    except MissingExtraError:
        return False
    return True
