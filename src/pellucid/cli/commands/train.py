"""``pellucid train``."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from pellucid.cli.config_file import read_config
from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen
from pellucid.cli.settings import Settings
from pellucid.cli.training_options import TRAINING_OPTIONS
from pellucid.cli.types import Name, Number, Whole

__all__ = ["train"]

_FOLDER = "Run folder"
_PROGRESS = ("auto", "bar", "lines", "none")

_EXAMPLES = """
pellucid train digits
pellucid train mnist --hidden 256,128 --epochs 10
pellucid train passengers.csv --target survived --validation 0.1 --patience 10
pellucid train houses.csv --target price --optimizer sgd --lr 0.01 --set optimizer.momentum=0.9
pellucid train photos/ --image-size 32x32 --out runs/photos
pellucid train mnist --model dcgan
pellucid train story.txt --model gpt --layers 4 --heads 4 --width 128 --context 64 --steps 2000
pellucid train messages.tsv --model gru
pellucid train passengers-by-month.csv --window 24 --horizon 12 --model lstm
pellucid train ecg.csv.gz --model autoencoder --normal-label 1
pellucid train --config experiment.toml --seed 7
pellucid train --resume runs/digits
"""


@command_of(
    click.Argument(["source"], required=False),
    *TRAINING_OPTIONS,
    Option(
        ["--out"],
        type=click.Path(),
        metavar="FOLDER",
        section=_FOLDER,
        help="Where the training is kept (runs/NAME, with a number if that is taken).",
    ),
    Option(
        ["--overwrite"],
        is_flag=True,
        section=_FOLDER,
        help="Replace the training that is in the folder.",
    ),
    Option(
        ["--resume"],
        is_flag=True,
        section=_FOLDER,
        help="Go on with a training that was interrupted: SOURCE is its folder, or the data of "
        "the newest one. More --epochs may be given.",
    ),
    Option(
        ["--stop-after"],
        type=Whole(),
        metavar="EPOCHS",
        section=_FOLDER,
        help="Stop when so many epochs are done, to go on later with --resume.",
    ),
    Option(
        ["--checkpoint-every"],
        type=Number(),
        metavar="SECONDS",
        default=2.0,
        section=_FOLDER,
        help="Least time between checkpoints (2); there is one at the end in any case.",
    ),
    Option(
        ["--config"],
        type=click.Path(),
        metavar="FILE.toml",
        help="Read options from a file; those on the command line come first.",
    ),
    Option(
        ["--progress"],
        type=Name("kind of progress", lambda: _PROGRESS),
        default="auto",
        help="How to show the epochs.",
    ),
    Option(
        ["--doctor/--no-doctor"],
        default=True,
        help="Look on for what goes wrong (on), and keep it in the run folder's doctor.json.",
    ),
    Option(
        ["--fix"],
        is_flag=True,
        help="If something is found that a setting can change, train again with it, from the same "
        "seed, and with the next one, until the network is better than it was and than a guess.",
    ),
    Option(["--quiet", "-q"], is_flag=True, help="Show only the result."),
    examples=_EXAMPLES,
)
@click.pass_context
def train(context: click.Context, /, **values: Any) -> None:
    """Train a network on SOURCE, and keep everything about it in a run folder.

    SOURCE is the name of a data set (see `pellucid datasets`), a file (.csv, .tsv, .txt, .npz,
    .npy, texts and tables also gzipped), or a folder of images with one sub-folder for each class.
    A .txt file is running text, whose next character is learnt; a table with a column of dates and
    one of numbers is a series in time; one with a column of texts and one of classes is for
    telling texts apart. What is not said is chosen by the size of the data, and written to the run
    folder's config.json.
    """
    from pellucid.cli import training
    from pellucid.cli.how import How

    given = {name: values.pop(name) for name in [o.name or "" for o in TRAINING_OPTIONS]}
    explicit = {
        name: value
        for name, value in given.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if values["config"] is not None:
        explicit = _merged(read_config(values["config"]), explicit)
    source = values["source"] or explicit.pop("source", None)
    explicit.pop("source", None)
    screen = Screen(json=values["json"], quiet=values["quiet"])
    how = How(
        out=values["out"],
        overwrite=values["overwrite"],
        checkpoint_every=values["checkpoint_every"],
        stop_after=values["stop_after"],
        progress="none" if values["quiet"] else values["progress"],
        doctor=values["doctor"],
        fix=values["fix"],
    )
    if how.fix and (values["resume"] or values["json"] or not how.doctor or how.stop_after):
        other = next(n for n in ("resume", "json", "stop_after") if values[n]) if how.doctor else ""
        flag = f"--{other.replace('_', '-')}" if other else "--no-doctor"
        raise click.UsageError(f"--fix does not go with {flag}.")
    if values["resume"]:
        if values["overwrite"]:
            raise click.UsageError("--resume goes on with a training, --overwrite replaces it.")
        training.resume(screen, source, explicit, how)
        return
    if source is None:
        raise click.UsageError(
            "Missing SOURCE: the name of a data set, a file, or a folder of images. "
            "Try: pellucid train digits"
        )
    training.start(screen, Settings(source=source, **explicit), how)


def _merged(config: dict[str, Any], explicit: dict[str, Any]) -> dict[str, Any]:
    """Put the command line over the file; ``--set`` and ``--column`` name by name."""
    merged = {**config, **explicit}
    for name in ("set", "column_types"):
        if name in config and name in explicit:
            by_name = {entry[:-1]: entry for entry in (*config[name], *explicit[name])}
            merged[name] = tuple(by_name.values())
    return merged
