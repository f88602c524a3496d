"""``pellucid source``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.parameter_file import is_parameter_file, opened
from pellucid.cli.screen import Screen
from pellucid.cli.types import InputShape, Whole
from pellucid.errors import UnsupportedError

if TYPE_CHECKING:
    from pellucid.program import Program
    from pellucid.training import LoadedRun

__all__ = ["source"]

_EXAMPLES = """
pellucid source runs/digits
pellucid source runs/digits -o step.py
pellucid source runs/digits --forward-only -o predictor.py
pellucid source mlp --inputs 2 --outputs 2 --hidden 3
pellucid source digits --graph step.svg
pellucid source my_network.py
"""


@command_of(
    click.Argument(["what"]),
    Option(
        ["-o", "--output"],
        type=click.Path(dir_okay=False),
        metavar="FILE.py",
        help="Write it to a file; many numbers go into an .npz file beside it.",
    ),
    Option(
        ["--forward-only"],
        is_flag=True,
        help="Only the network: a function predict(x), in evaluation mode.",
    ),
    Option(["--batch-size"], type=Whole(), default=4, help="How many samples the step has (4)."),
    Option(
        ["--graph"],
        type=click.Path(dir_okay=False),
        metavar="FILE.svg",
        help="Draw the computation as well.",
    ),
    Option(
        ["--cost"],
        is_flag=True,
        help="Show operations and bytes of each instruction instead of the source.",
    ),
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
        ["--hidden"],
        metavar="SIZES",
        section="Network",
        help="Sizes of the hidden layers, such as 64,32, where WHAT is no run.",
    ),
    Option(
        ["--optimizer"],
        section="Network",
        help="The optimizer, where WHAT is no run (adam).",
    ),
    examples=_EXAMPLES,
)
def source(
    what: str,
    output: str | None,
    forward_only: bool,
    batch_size: int,
    graph: str | None,
    cost: bool,
    inputs: tuple[int, ...] | None,
    outputs: int | None,
    hidden: str | None,
    optimizer: str | None,
    json: bool,
) -> None:
    """Print a training step as a plain NumPy program, which runs without Pellucid.

    WHAT is a run folder, the name of a model (with --inputs and --outputs), or any SOURCE that
    `pellucid train` takes. The program computes the same numbers, to the last bit: forward, loss,
    backward and update on the first training samples.

    WHAT may also be a Python file that defines `parameters`, a dict of arrays, and
    `loss(parameters)` in NumPy: then it is the backward pass of that function, with its own names.
    """
    screen = Screen(json=json)
    given = {
        name: value
        for name, value in {"hidden": _sizes(hidden), "optimizer": optimizer}.items()
        if value is not None
    }
    program = _program(what, inputs, outputs, batch_size, forward_only, given)
    if graph is not None:
        program.graph(graph)
    if cost:
        if json:
            screen.result(program.cost().to_dict())
        else:
            click.echo(str(program.cost()))
        return
    if json:
        screen.result(
            {
                "title": program.title,
                "instructions": len(program),
                "source": program.source(forward_only=forward_only),
            }
        )
        return
    if output is None:
        click.echo(program.source(forward_only=forward_only), nl=False)
        return
    files = program.save(output, forward_only=forward_only)
    written = " and ".join(str(file) for file in files)
    screen.say(f"{written}: {program.title}, {len(program)} instructions")
    screen.say(f"Run it where NumPy is: python {Path(output).name}")


def _sizes(text: str | None) -> tuple[int, ...] | None:
    from pellucid.cli.config_file import converted

    return None if text is None else converted("hidden", text)


def _program(
    what: str,
    inputs: tuple[int, ...] | None,
    outputs: int | None,
    batch_size: int,
    forward_only: bool,
    given: dict[str, Any],
) -> Program:
    from pellucid.cli.run_folders import is_run, open_run
    from pellucid.models import MODELS

    if is_parameter_file(what):
        return _of_parameter_file(what, forward_only, given)
    if what in MODELS and not is_run(what):
        return _of_model(what, inputs, outputs, batch_size, given)
    if inputs is not None or outputs is not None:
        raise click.UsageError("--inputs and --outputs are for a model; the data say theirs.")
    from pellucid.cli.subjects import subject_of
    from pellucid.inspect import trace

    if is_run(what) and (loaded := open_run(what)).model.extra.get("kind") == "adversarial":
        return _of_pair(loaded, batch_size, forward_only=forward_only)
    subject = subject_of(what, **given)
    part = subject.trainer.loader.part
    some = part[:batch_size]
    subject.net.train(not forward_only)
    return trace(
        subject.net,
        some.x if forward_only else some,
        loss=None if forward_only else subject.loss,
        optimizer=None if forward_only else subject.trainer.optimizer,
    )


def _of_parameter_file(what: str, forward_only: bool, given: dict[str, Any]) -> Program:
    """Trace a learner's own function."""
    from pellucid.inspect import trace

    if forward_only or "hidden" in given:
        option = "--forward-only" if forward_only else "--hidden"
        raise click.UsageError(f"{option} is for a network; '{what}' is a function of parameters.")
    with opened(what, shown=False) as (parameters, loss):
        return trace(loss, parameters, optimizer=given.get("optimizer"))


def _of_pair(loaded: LoadedRun, batch_size: int, *, forward_only: bool) -> Program:
    """Trace one step of both networks, or the generator on noise."""
    from pellucid.cli.adversarial import trainer_of
    from pellucid.inspect import trace

    trainer, _ = trainer_of(loaded)
    pair, some = trainer.gan, trainer.loader.part[:batch_size]
    pair.train(not forward_only)
    if not forward_only:
        return trace(trainer, (some.x, some.y) if pair.classes else some.x)
    if pair.classes:
        raise UnsupportedError(
            "the generator of a conditional pair takes noise and a class; leave --forward-only out"
        )
    return trace(pair.generator, pair.noise(batch_size, 0), loss=None)


def _of_model(
    name: str,
    inputs: tuple[int, ...] | None,
    outputs: int | None,
    batch_size: int,
    given: dict[str, Any],
) -> Program:
    """Trace a new network of a model on random samples."""
    import numpy as np

    from pellucid.inspect import trace
    from pellucid.models import MODELS
    from pellucid.training import AdversarialTrainer

    model = MODELS[name]
    if inputs is None or (outputs is None and model.makes in ("outputs", "tokens")):
        raise click.UsageError(
            f"'{name}' is a model: say --inputs and --outputs, for example --inputs 784 "
            "--outputs 10."
        )
    options: dict[str, Any] = {"rng": 0}
    if "hidden" in given:
        options["hidden"] = list(given["hidden"])
    if model.takes == "tokens":
        options["vocabulary"] = outputs
    net = model.build(inputs, outputs or int(np.prod(inputs)), options)
    rng = np.random.default_rng(0)
    shape = (batch_size, *inputs)
    x = rng.standard_normal(shape).astype(np.float32)
    if model.makes == "samples" and name != "vae":
        y = rng.integers(0, max(outputs or 1, 1), batch_size)
        trainer = AdversarialTrainer(cast("Any", net), (x, y), batch_size=batch_size, rng=0)
        net.train()
        return trace(trainer, (x, y))
    net.train()
    optimizer = given.get("optimizer", "adam")
    if model.takes == "tokens":
        tokens = rng.integers(0, outputs or 1, shape)
        wanted = shape if model.makes == "tokens" else batch_size
        return trace(net, (tokens, rng.integers(0, outputs or 1, wanted)), optimizer=optimizer)
    if model.makes == "reconstruction" or name == "vae":
        loss = getattr(net, "loss", "mean_squared_error")
        return trace(net, (x, x), loss=loss, optimizer=optimizer)
    if outputs == 1:
        return trace(net, (x, rng.standard_normal((batch_size, 1))), optimizer=optimizer)
    return trace(net, (x, rng.integers(0, outputs or 1, batch_size)), optimizer=optimizer)
