"""Training the perceptron of 1958, which has a learning rule instead of a gradient."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pellucid.cli.building import build_network, model_options
from pellucid.cli.failures import in_options
from pellucid.cli.measuring import baseline_of, measure
from pellucid.cli.settings import Settings
from pellucid.cli.sources import load_source
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.cli.how import How
    from pellucid.cli.screen import Screen

__all__ = ["train_perceptron"]

_EPOCHS = 100
_TAKES = ("source", "model", "dtype", "lr", "epochs", "metric", "seed", "set")


def train_perceptron(screen: Screen, settings: Settings, how: How) -> None:
    """Let a perceptron learn from its mistakes, and keep it in a run folder.

    Raises
    ------
    DataError
        If there are not two classes, or an option is for training by gradients.
    """
    from pellucid.cli import run_folders
    from pellucid.cli.report import conclusion, describe_data
    from pellucid.cli.run_record import config_of, save_history
    from pellucid.models import Perceptron
    from pellucid.training import History

    _check(settings)
    data = load_source(settings)
    if data.task != "classification" or data.num_classes != 2:
        raise DataError(
            f"a perceptron tells two classes apart; '{data.name}' has "
            f"{data.num_classes or 'none'}. Use --model linear or mlp"
        )
    settings = settings.filled(epochs=_EPOCHS, lr=1.0)
    model = {
        "name": settings.model,
        "input_shape": list(data.input_shape),
        "outputs": 1,
        "options": model_options(settings, "perceptron"),
    }
    net = build_network(model, settings.seed)
    assert isinstance(net, Perceptron) and settings.epochs and settings.lr
    run = run_folders.make_run(
        how.out, settings.source, config_of(settings, data, model, net), overwrite=how.overwrite
    )
    if not screen.quiet:
        screen.say(f"{data.name}: {data.description}", "bold")
        screen.pairs(
            [
                ("data", describe_data(data)),
                ("network", f"perceptron, {net.num_parameters()} parameters"),
                ("training", f"the rule of 1958, {settings.epochs} epochs at most"),
                ("run", str(run.path)),
                *(("note", in_options(note)) for note in data.notes),
            ]
        )
    began = time.perf_counter()
    learnt = net.fit(data.train.x, data.train.y, settings.epochs, settings.lr)
    seconds = time.perf_counter() - began
    history = History()
    for mistakes in learnt.mistakes:
        row: dict[str, Any] = {"mistakes": float(mistakes), "seconds": seconds / learnt.epochs}
        history.add(row)
    history.stopped_by = str(learnt)
    run.save_model(
        net,
        architecture=model,
        preparation=data.preparation,
        class_names=data.class_names,
        extra={"task": data.task, "baseline": baseline_of(data)},
    )
    drawn = save_history(run, history)
    measured = measure(
        net,
        data.test if data.test is not None else data.train,
        class_names=data.class_names,
        loss=None,
        preparation=data.preparation,
        baseline=baseline_of(data),
        metrics=settings.metric,
    )
    conclusion(
        screen,
        run,
        settings,
        data,
        net,
        history,
        measured,
        drawn=drawn,
        part="test" if data.test is not None else "train",
        next_steps=(f"pellucid evaluate {run.path}", f"pellucid predict {run.path} FILE"),
    )


def _check(settings: Settings) -> None:
    from pellucid.cli.training_options import TRAINING_OPTIONS

    data = [option.name for option in TRAINING_OPTIONS if option.section == "Data"]
    given = settings.given()
    for option in TRAINING_OPTIONS:
        if option.name in given and option.name not in (*_TAKES, *data):
            raise DataError(
                f"the perceptron learns by a rule of its own, without {option.opts[0]}; "
                "use --model linear for one layer trained by gradients"
            )
