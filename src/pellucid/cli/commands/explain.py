"""``pellucid explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.parameter_file import is_parameter_file, opened
from pellucid.cli.screen import Screen
from pellucid.cli.types import Name, Whole
from pellucid.errors import DataError

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
    from pellucid.cli.subjects import Subject
    from pellucid.data import Dataset, Part
    from pellucid.inspect import Explanation
    from pellucid.training import AdversarialTrainer
else:
    _ParamType = click.ParamType

__all__ = ["explain"]

_PARTS = ("test", "validation", "train")

_EXAMPLES = """
pellucid explain runs/digits --sample 3
pellucid explain runs/digits --sample 3 --html digit.html
pellucid explain runs/mnist --sample 7 --layer 0 --unit 4,10,12
pellucid explain my_network.py
pellucid explain runs/shakespeare --layer encoder.layers.0.attention --markdown attention.md
"""


class _Unit(_ParamType):
    """The number of a unit, or several separated by commas: an entry of an image or sequence."""

    name = "unit"

    def get_metavar(self, *arguments: Any, **options: Any) -> str:
        """Return how it is written in the help."""
        return "I[,J…]"

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        """Return a number or a tuple of them."""
        if not isinstance(value, str):
            return value
        try:
            numbers = tuple(int(part) for part in value.split(","))
        except ValueError:
            self.fail(f"'{value}' is no whole number, nor several separated by commas")
        return numbers[0] if len(numbers) == 1 else numbers


@command_of(
    click.Argument(["run"]),
    Option(["--sample"], type=int, default=0, help="Which sample, counted from 0 (0)."),
    Option(
        ["--part"],
        type=Name("part", lambda: _PARTS),
        help="The part of the run's data that it is in (test).",
    ),
    Option(["--layer"], metavar="PATH", help="Explain only this layer, such as encoder.layers.0."),
    Option(
        ["--unit"],
        type=_Unit(),
        help="The entry of that layer's result to work out: a unit, a channel, a query.",
    ),
    Option(
        ["--training"],
        is_flag=True,
        help="In training mode: with dropout. Without it, the network is as it predicts.",
    ),
    Option(["--digits"], type=Whole(), default=4, help="Significant digits of a number (4)."),
    Option(["--full"], is_flag=True, help="Write out the layers of a deep network too."),
    Option(
        ["--html"],
        type=click.Path(dir_okay=False),
        metavar="FILE.html",
        help="Write one page with typeset formulas.",
    ),
    Option(
        ["--markdown"],
        type=click.Path(dir_okay=False),
        metavar="FILE.md",
        help="Write Markdown with formulas in LaTeX.",
    ),
    examples=_EXAMPLES,
    json=False,
)
def explain(
    run: str,
    sample: int,
    part: str | None,
    layer: str | None,
    unit: Any,
    training: bool,
    digits: int,
    full: bool,
    html: str | None,
    markdown: str | None,
) -> None:
    """Explain one training step of a network on one sample: every number, with its formula.

    RUN is a run folder, or anything that `pellucid train` takes: then it is the network that a
    training would begin with. Loss and optimizer are those of the run; the optimizer starts anew.
    Of two networks trained against each other, both halves of their step are explained.

    RUN may also be a Python file that defines `parameters`, a dict of arrays, and
    `loss(parameters)` in NumPy: it is explained line by line, forward and backward.
    """
    from pellucid.cli.subjects import subject_of
    from pellucid.inspect import explain as explanation_of
    from pellucid.inspect.explaining.nodes import Paragraph
    from pellucid.models import MODELS

    if unit is not None and layer is None:
        raise DataError("--unit is of one layer: name it with --layer")
    if run in MODELS and not Path(run).exists():
        raise DataError(
            f"'{run}' is a kind of network; explain takes a run, or data that one would be trained "
            "on, such as digits"
        )
    screen = Screen()
    if is_parameter_file(run):
        if layer is not None or part is not None or sample:
            raise DataError(f"--layer, --part and --sample are for networks, not for '{run}'")
        with opened(run, shown=False) as (parameters, loss):
            explanation = explanation_of(loss, parameters, digits=digits)
        _write(screen, explanation, run, html, markdown, full=full)
        return
    asked: dict[str, Any] = {"layer": layer, "unit": unit, "digits": digits}
    pair = _pair(run)
    if pair is not None:
        trainer, data = pair
        name, chosen = _part(run, data, part)
        _check_sample(sample, name, run, chosen)
        trainer.gan.train()  # a step of the game is one of training
        names = data.class_names if trainer.gan.classes else None
        explanation = explanation_of(
            trainer, chosen[sample : sample + 1], class_names=names or None, **asked
        )
        _write(
            screen,
            explanation,
            f"Sample {sample} of the {name} part of {run}",
            html,
            markdown,
            full=full,
        )
        return
    subject = subject_of(run)
    name, chosen = _samples(subject, part)
    _check_sample(sample, name, subject.title, chosen)
    subject.net.train(training)
    explanation = explanation_of(
        subject.net,
        chosen[sample : sample + 1],
        loss=subject.loss,
        optimizer=subject.trainer.optimizer,
        class_names=_class_names(subject),
        **asked,
    )
    if layer is None and subject.data.preparation is not None and chosen.x.dtype.kind == "f":
        note = "x and y are as the network takes them, after its data have been prepared."
        explanation.root.blocks.insert(1, Paragraph(note))
    what = f"Sample {sample} of the {name} part of {subject.title}"
    _write(screen, explanation, what, html, markdown, full=full)


def _write(
    screen: Screen,
    explanation: Explanation,
    what: str,
    html: str | None,
    markdown: str | None,
    *,
    full: bool,
) -> None:
    """Write an explanation to the files that are asked for, or to the screen."""
    for path, write in ((html, explanation.html), (markdown, explanation.markdown)):
        if path is not None:
            write(path)
            screen.say(f"{path}: {what[:1].lower() + what[1:]}")
    if html is None and markdown is None:
        screen.say(what, "bold")
        click.echo(explanation.text(width=_width(screen), full=full), nl=False)


def _check_sample(sample: int, name: str, title: str, chosen: Part) -> None:
    if not 0 <= sample < len(chosen):
        raise DataError(
            f"--sample {sample} is out of range: the {name} part of '{title}' has "
            f"{len(chosen):,} samples, numbered 0 to {len(chosen) - 1:,}"
        )


def _pair(run: str) -> tuple[AdversarialTrainer, Dataset] | None:
    """Return what trained two networks against each other, and its data; None of another run."""
    from pellucid.cli.run_folders import is_run, open_run

    if not is_run(run) or (loaded := open_run(run)).model.extra.get("kind") != "adversarial":
        return None
    from pellucid.cli.adversarial import trainer_of

    return trainer_of(loaded)


def _part(run: str, data: Dataset, part: str | None) -> tuple[str, Part]:
    """Return a part of the data of a pair, by default the training part, which is scaled."""
    if part not in (None, "train"):
        raise DataError(
            f"'{run}' has no {part} part, only train: a pair is trained on samples alone"
        )
    return "train", data.train


def _width(screen: Screen) -> int:
    """Return how wide the text is set: as the terminal, within reason."""
    return max(60, min(screen.width, 100)) if screen.terminal else 80


def _samples(subject: Subject, part: str | None) -> tuple[str, Part]:
    """Return a part as the network learns from it: an autoencoder's samples are its targets."""
    from pellucid.cli.tasks.reconstruction import Anomaly
    from pellucid.data import Part

    name, samples = subject.part(part)
    if isinstance(subject.task, Anomaly):
        samples = Part(samples.x, samples.x)
    return name, samples


def _class_names(subject: Subject) -> Any:
    names = subject.data.class_names
    if names:
        return names
    tokenizer = getattr(subject.data.preparation, "tokenizer", None)
    vocabulary = getattr(subject.data, "vocabulary", 0)
    if tokenizer is None or not vocabulary:
        return None
    texts = [tokenizer.decode([k]) for k in range(int(vocabulary))]
    return [repr(text) if text else str(k) for k, text in enumerate(texts)]
