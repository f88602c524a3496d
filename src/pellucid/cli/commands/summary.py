"""``pellucid summary``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen
from pellucid.cli.settings import Settings
from pellucid.cli.training_options import TRAINING_OPTIONS
from pellucid.cli.types import InputShape, Whole

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["summary"]

_EXAMPLES = """
pellucid summary runs/digits
pellucid summary mnist --hidden 256,128 --batch-size 64
pellucid summary resnet18 --inputs 3x224x224 --outputs 1000 --depth 1
pellucid summary mlp --inputs 784 --outputs 10 --hidden 256,128 --activation gelu
pellucid summary passengers.csv --target survived
"""


@command_of(
    click.Argument(["what"]),
    Option(
        ["--inputs"],
        type=InputShape(),
        section="Network",
        help="Shape of one sample, such as 784 or 1x28x28, where WHAT is a model.",
    ),
    Option(
        ["--outputs"],
        type=Whole(),
        section="Network",
        help="Number of classes, or of values to predict, where WHAT is a model.",
    ),
    Option(
        ["--depth"],
        type=Whole(),
        section="Output",
        help="How deep to go into layers inside of layers.  [default: all the way]",
    ),
    Option(
        ["--batch-size"],
        type=Whole(),
        default=1,
        show_default=True,
        section="Output",
        help="How many samples at a time the memory is meant for.",
    ),
    *(
        option
        for option in TRAINING_OPTIONS
        if option.section in ("Network", "Data") or option.name in ("loss", "set")
    ),
    examples=_EXAMPLES,
)
def summary(
    what: str,
    inputs: tuple[int, ...] | None,
    outputs: int | None,
    depth: int | None,
    batch_size: int,
    json: bool,
    **values: Any,
) -> None:
    """Show the layers of a network, and what it costs: parameters, arithmetic and memory.

    WHAT is a run folder, the name of a model (with --inputs and --outputs), or any SOURCE that
    `pellucid train` takes: then it is the network that would be trained on it.
    """
    from pellucid.models import MODELS

    screen = Screen(json=json)
    given = {name: value for name, value in values.items() if value is not None}
    if what in MODELS:
        title, net, shape = _of_model(what, inputs, outputs, given)
    elif inputs is not None or outputs is not None:
        raise click.UsageError("--inputs and --outputs are for a model; the data say theirs.")
    else:
        title, net, shape = _of_run_or_data(what, given)
    from pellucid.inspect.summarizing import summary as describe

    described = describe(net, shape, batch_size=batch_size)
    if json:
        screen.result({"what": title} | described.to_dict())
        return
    screen.say(title, "bold")
    for line in described.text(depth, width=screen.width if screen.terminal else None).splitlines():
        screen.say(line)


def _of_model(
    name: str, inputs: tuple[int, ...] | None, outputs: int | None, given: dict[str, Any]
) -> tuple[str, Module, tuple[int, ...]]:
    from pellucid.cli.building import model_options
    from pellucid.models import MODELS

    if inputs is None or outputs is None:
        raise click.UsageError(
            f"'{name}' is a model: say --inputs and --outputs, for example --inputs 784 "
            "--outputs 10."
        )
    settings = replace(Settings(source="", **given), model=name)
    net = MODELS[name].build(inputs, outputs, model_options(settings, name))
    return f"{name} for {_shape(inputs)} inputs and {outputs} outputs", net, inputs


def _of_run_or_data(what: str, given: dict[str, Any]) -> tuple[str, Module, tuple[int, ...]]:
    from pellucid.cli.building import architecture, build_network
    from pellucid.cli.run_folders import is_run, open_run
    from pellucid.cli.sources import load_source
    from pellucid.cli.tasks import choose_task

    if is_run(what):
        loaded = open_run(what)
        made = loaded.model.architecture or {}
        latent = getattr(loaded.net, "latent", None)
        if latent is not None and loaded.model.extra.get("kind") == "adversarial":
            net: Any = loaded.net  # the generator is what remains of a pair; it takes noise
            width = int(latent) + int(getattr(net, "classes", 0))
            return f"{loaded.run.path}, the generator", net.generator, (width,)
        return str(loaded.run.path), loaded.net, tuple(made["input_shape"])
    settings = Settings(source=what, **given)
    task = choose_task(settings)
    settings = task.before_loading(settings)
    data = task.adapt(settings, load_source(settings, task.loading(settings)))
    made = architecture(task, task.fill(settings, data), data)
    return f"{made['name']} for {data.name}", build_network(made, settings.seed), data.input_shape


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"
