"""What ``pellucid train`` does: start a training, or go on with one, and conclude it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.cli import run_folders
from pellucid.cli.attempt import attempt, train_to_the_end
from pellucid.cli.fixing import fix
from pellucid.cli.how import How
from pellucid.cli.preparing import prepare
from pellucid.cli.report import header
from pellucid.cli.settings import Settings
from pellucid.cli.sources import fingerprint
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.cli.screen import Screen

__all__ = ["resume", "start"]


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
        fix(screen, settings, how, first)


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
    train_to_the_end(screen, run, prepared, how)


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
