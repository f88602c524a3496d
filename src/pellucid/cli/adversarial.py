"""Training of adversarial pairs: samples of each epoch, and nothing to be measured against."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.cli import run_folders
from pellucid.cli.building import build_network, model_options
from pellucid.cli.failures import Interrupted
from pellucid.cli.report import describe_data
from pellucid.cli.run_record import config_of, versions
from pellucid.cli.screen import Screen, duration, plural
from pellucid.cli.settings import Settings
from pellucid.cli.sources import content_of, fingerprint, load_source
from pellucid.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from pellucid.cli.how import How
    from pellucid.data import Dataset
    from pellucid.dtypes import Array
    from pellucid.training import AdversarialTrainer, LoadedRun, Run

__all__ = ["resume_adversarial", "train_adversarial", "trainer_of"]

_SHOWN = 64
_TAKES = (
    "model",
    "epochs",
    "batch_size",
    "lr",
    "seed",
    "set",
    "dropout",
    "hidden",
    "dtype",
    "size",
)


def train_adversarial(screen: Screen, settings: Settings, how: How) -> None:
    """Train a pair from the beginning.

    Raises
    ------
    DataError
        If the data are no images, or an option does not go with such a training.
    """
    settings, data, made, net = _prepared(settings)
    config = {**config_of(settings, data, made, net), "kind": "adversarial"}
    run = run_folders.make_run(how.out, settings.source, config, overwrite=how.overwrite)
    _train(screen, run, settings, data, made, net, how)


def resume_adversarial(screen: Screen, run: Run, settings: Settings, how: How) -> None:
    """Go on with a pair from its checkpoint, bit for bit."""
    settings, data, made, net = _prepared(settings)
    _check_data(run, settings, data)
    _train(screen, run, settings, data, made, net, how)


def trainer_of(loaded: LoadedRun) -> tuple[AdversarialTrainer, Dataset]:
    """Return what trained a pair, with the networks as the run has them, and its data.

    Raises
    ------
    DataError
        If the data have changed since.
    """
    from pellucid.training import AdversarialTrainer

    settings, data, _, net = _prepared(run_folders.settings_of(loaded.run))
    _check_data(loaded.run, settings, data)
    net.load_state_dict(loaded.net.state_dict())
    return AdversarialTrainer(
        net,
        data.train,
        batch_size=settings.batch_size or 64,
        lr=settings.lr or 2e-4,
        rng=settings.seed,
    ), data


def _check_data(run: Run, settings: Settings, data: Dataset) -> None:
    if run.config.get("data", {}).get("fingerprint") != fingerprint(data):
        raise DataError(
            f"the data '{settings.source}' are not those that '{run.path}' was trained on: they "
            "have changed since; train anew"
        )


def _prepared(settings: Settings) -> tuple[Settings, Dataset, dict[str, Any], Any]:
    from pellucid.cli.training_options import TRAINING_OPTIONS
    from pellucid.models import MODELS

    name = settings.model or ""
    for option in TRAINING_OPTIONS:
        if option.name in settings.given() and option.name not in _TAKES:
            raise DataError(f"{option.opts[0]} does not go with the model '{name}'")
    if content_of(settings) != "images":
        raise DataError(
            f"the model '{name}' makes images, but '{settings.source}' holds none; "
            "try mnist, cifar10-subset or a folder of images"
        )
    # The generator ends in tanh, so the pixels go from −1 to 1.
    more: dict[str, Any] = {"flat": False, "scale": "unit"}
    data = load_source(settings, more)
    data = _between(data)
    rows = len(data.train)
    settings = settings.filled(
        epochs=10 if rows > 10_000 else 50, batch_size=min(64, rows), lr=2e-4
    )
    made = {
        "name": name,
        "input_shape": list(data.input_shape),
        "outputs": data.num_outputs,
        "options": model_options(settings, MODELS[name].name),
    }
    return settings, data, made, build_network(made, settings.seed)


def _between(data: Dataset) -> Dataset:
    """Return the images with pixels from −1 to 1 instead of 0 to 1."""
    from pellucid.data import Part

    return replace(data, train=Part(2 * data.train.x - 1, data.train.y))


def _train(
    screen: Screen,
    run: Run,
    settings: Settings,
    data: Dataset,
    made: dict[str, Any],
    net: Any,
    how: How,
) -> None:
    from pellucid.training.adversarial import AdversarialTrainer

    assert settings.epochs and settings.batch_size and settings.lr  # filled in
    trainer = AdversarialTrainer(
        net,
        data.train,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        lr=settings.lr,
        samples=_SHOWN,
        callbacks=_Samples(screen, run, how.progress != "none"),
        progress="none",
        rng=settings.seed,
    )
    if run.checkpoint_path.exists():
        trainer.restore(run.checkpoint_path)
    if not screen.quiet:
        screen.say(data.name, "bold")
        screen.pairs(
            [
                ("data", describe_data(data)),
                ("network", f"{settings.model}, {plural(net.num_parameters(), 'parameter')}"),
                (
                    "training",
                    f"adam, learning rate {settings.lr:g}, {plural(settings.epochs, 'epoch')} of "
                    f"{plural(len(trainer.loader), 'batch', 'batches')} of "
                    f"{plural(trainer.loader.batch_size, 'sample')}, seed {settings.seed}",
                ),
                ("run", str(run.path)),
            ]
        )
        screen.say()
    last = settings.epochs if how.stop_after is None else min(how.stop_after, settings.epochs)
    history = trainer.run(last)
    trainer.save(run.checkpoint_path)
    _save(run, settings, data, made, net)
    run.save_history(history)
    go_on = f"pellucid train --resume {run.path}"
    if history.interrupted:
        raise Interrupted(
            f"Interrupted in epoch {trainer.epoch + 1} of {settings.epochs}. Everything is saved "
            f"in {run.path}\nGo on with:  {go_on}"
        )
    if trainer.epoch < settings.epochs:
        screen.say(
            f"Stopped after {trainer.epoch} of {settings.epochs} epochs. Go on with:  {go_on}"
        )
        screen.result({"run": str(run.path), "epochs": trainer.epoch, "of": settings.epochs})
        return
    _conclude(screen, run, settings, net, history)


def _save(run: Run, settings: Settings, data: Dataset, made: dict[str, Any], net: Any) -> None:
    run.save_model(
        net,
        architecture=made,
        preparation=data.preparation,
        class_names=data.class_names,
        extra={"kind": "adversarial", "task": "samples", "image_shape": list(data.input_shape)},
    )


def _conclude(screen: Screen, run: Run, settings: Settings, net: Any, history: Any) -> None:
    from pellucid.training.memory import peak_memory
    from pellucid.training.pictures import save_lines

    seconds = math.fsum(value or 0.0 for value in history.columns.get("seconds", []))
    peak = peak_memory()
    values: dict[str, Any] = {
        **{name: values[-1] for name, values in history.columns.items() if name != "seconds"},
        "epochs": len(history),
        "seconds": round(seconds, 3),
        "peak_memory": peak,
        "seed": settings.seed,
        "parameters": net.num_parameters(),
        "versions": versions(),
    }
    run.save_metrics(values)
    pictures = f"{run.path}/samples"
    try:
        names = ("generator_loss", "discriminator_loss")
        lines = {name.replace("_", " "): history.columns[name] for name in names}
        save_lines(run.curves_path, lines)
    except MissingExtraError:
        pictures = "none: they need matplotlib (pip install 'pellucid[plot]')"
    memory = "" if peak is None else f", {peak / 1e6:,.0f} MB of memory at most"
    screen.pairs(
        [
            ("samples", pictures),
            ("time", f"{duration(seconds)} for {plural(len(history), 'epoch')}{memory}"),
            ("saved in", str(run.path)),
        ]
    )
    screen.aside("")
    screen.aside("Next:")
    screen.aside(f"  pellucid sample {run.path} --count 64 --out grid.png")
    screen.result({"run": str(run.path), **values})


class _Samples:
    """Keeps a checkpoint and a picture of samples of each epoch, and shows how it goes."""

    def __init__(self, screen: Screen, run: Run, shown: bool) -> None:
        self.screen, self.run, self.shown = screen, run, shown

    def __call__(self, trainer: Any, samples: Array) -> None:
        """Do so at the end of an epoch."""
        from pellucid.training.pictures import save_grid

        folder = Path(self.run.path) / "samples"
        try:
            folder.mkdir(exist_ok=True)
            save_grid(folder / f"epoch-{trainer.epoch:02}.png", np.asarray(samples))
        except MissingExtraError:
            folder.rmdir()
        trainer.save(self.run.checkpoint_path)
        self.run.save_history(trainer.history)
        if self.shown:
            row = trainer.history.last
            told = "  ".join(
                f"{name.replace('_', ' ')} {value:.4f}"
                for name, value in row.items()
                if value is not None and name != "seconds"
            )
            spent = duration(row["seconds"] or 0.0)
            print(f"epoch {trainer.epoch}/{trainer.epochs}  {told}  {spent}", file=sys.stderr)
