"""``pellucid doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from pellucid.cli.finding_words import diagnosis_in_options
from pellucid.cli.options import Option, command_of
from pellucid.cli.parameter_file import is_parameter_file, opened
from pellucid.cli.screen import Screen, number
from pellucid.cli.settings import Settings
from pellucid.cli.training_options import TRAINING_OPTIONS
from pellucid.cli.types import Name
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.inspect import Diagnosis

__all__ = ["doctor"]

_EXAMPLES = """
pellucid doctor runs/digits
pellucid doctor digits --experiment overfit-batch
pellucid doctor passengers.csv --target survived --experiment all
pellucid doctor digits --optimizer sgd --experiment lr-range
pellucid doctor my_network.py --lr 0.5
"""


def _experiments() -> tuple[str, ...]:
    from pellucid.inspect.diagnosing.experiments import EXPERIMENTS

    return (*EXPERIMENTS, "all")


@command_of(
    click.Argument(["what"]),
    Option(
        ["--experiment", "experiments"],
        type=Name("experiment", _experiments),
        multiple=True,
        metavar="NAME",
        help="What to try out on the network at its start; repeatable.",
    ),
    *TRAINING_OPTIONS,
    examples=_EXAMPLES,
)
@click.pass_context
def doctor(
    context: click.Context,
    /,
    what: str,
    experiments: tuple[str, ...],
    json: bool,
    **values: Any,
) -> None:
    """Say what is wrong with a training, how it is known, and what to change.

    WHAT is a run folder: then these are the findings of the training. Or it is any SOURCE that
    `pellucid train` takes, with its options: then network, data and loss are looked at without a
    training. Experiments train a copy of the network at its start for a short while.

    WHAT may also be a Python file that defines `parameters`, a dict of arrays, and
    `loss(parameters)` in NumPy. With --lr or --optimizer, a copy is trained for 200 updates.
    """
    from pellucid.cli.run_folders import is_run

    screen = Screen(json=json)
    if is_run(what):
        given = [
            name
            for name in values
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        ]
        if given:
            raise click.UsageError(
                f"--{given[0].replace('_', '-')} is for a SOURCE; a run says itself how it was made"
            )
        diagnosis = _of_run(what, experiments)
    elif is_parameter_file(what):
        given = [
            name
            for name in values
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
            and name not in ("optimizer", "lr")
        ]
        if given or experiments:
            option = given[0].replace("_", "-") if given else "experiment"
            raise click.UsageError(f"--{option} is for a network; '{what}' is a function.")
        diagnosis = _of_function(what, values["optimizer"], values["lr"])
    else:
        settings = Settings(source=what, **{n: v for n, v in values.items() if v is not None})
        diagnosis = _of_settings(settings, experiments)
    screen.result(diagnosis.to_dict())
    if json:
        return
    for line in diagnosis_in_options(diagnosis, what).text().splitlines():
        screen.say(line)
    curve = diagnosis.results.get("lr-range")
    if curve is not None:
        screen.say()
        rows = list(zip(curve["lr"], curve["loss"], strict=True))[::10]
        screen.table(
            ("learning rate", "loss"),
            [(f"{rate:.2g}", number(loss)) for rate, loss in rows],
            right=(0, 1),
        )


def _of_run(folder: str, experiments: tuple[str, ...]) -> Diagnosis:
    from pellucid.cli.run_folders import settings_of
    from pellucid.inspect import Diagnosis
    from pellucid.training import Run
    from pellucid.training.files import read_json

    run = Run.open(folder)
    if run.config.get("kind") == "adversarial":
        raise DataError(
            f"'{folder}' trained two networks against each other; the doctor looks at one network "
            "and its loss"
        )
    kept = run.path / "doctor.json"
    if not kept.is_file():
        return _of_settings(settings_of(run), experiments)
    found = Diagnosis.from_dict(read_json(kept))
    if not experiments:
        return found
    tried = _of_settings(settings_of(run), experiments)
    codes = {finding.code for finding in found.findings}
    more = [finding for finding in tried.findings if finding.code not in codes]
    return Diagnosis(
        [*found.findings, *found.suppressed, *more], tried.results, cleared=found.cleared
    )


def _of_function(what: str, optimizer: str | None, lr: float | None) -> Diagnosis:
    from pellucid.inspect import doctor

    with opened(what, shown=False) as (parameters, loss):
        return doctor(loss, parameters, optimizer=optimizer, lr=lr)


def _of_settings(settings: Settings, experiments: tuple[str, ...]) -> Diagnosis:
    from pellucid.cli.how import How
    from pellucid.cli.preparing import prepare
    from pellucid.inspect import Diagnosis
    from pellucid.inspect.diagnosing.examining import examine
    from pellucid.inspect.diagnosing.experiments import perform
    from pellucid.inspect.diagnosing.subject import Subject

    prepared = prepare(settings, How(progress="none"))
    subject = Subject.of_trainer(prepared.trainer, tuple(prepared.data.class_names))
    findings, results = perform(subject, experiments)
    return Diagnosis([*examine(subject), *findings], results)
