"""The options of ``pellucid train``: each is also a key of a configuration file."""

from __future__ import annotations

import json
from typing import Any

import click

from pellucid.cli import names
from pellucid.cli.augmentation import AUGMENTATIONS, Augmentations
from pellucid.cli.options import Option
from pellucid.cli.settings import NOT_SET, SECTIONS
from pellucid.cli.types import Assignment, ColumnType, ImageSize, Name, Number, Sizes, Whole

__all__ = ["TRAINING_OPTIONS", "TrainingOption"]


class TrainingOption(Option):
    """An option that is one of the `Settings`.

    Parameters
    ----------
    name : str
        The setting's name.
    help : str
        What it is; in brackets what is taken where nothing is said.
    type : click.ParamType, optional
        What its values look like; text if left out.
    flags : str, optional
        How the option is written, where that is not the name with hyphens.
    """

    def __init__(
        self, name: str, help: str, type: Any = None, *, flags: str = "", **options: Any
    ) -> None:
        words = [flags or f"--{name.replace('_', '-')}", name]
        super().__init__(words, type=type, help=help, **options)

    def words(self, value: Any) -> list[str]:
        """Return the words of a command line that give this value."""
        if self.is_flag:
            return [self.opts[0] if value else self.secondary_opts[0]]
        if self.multiple:
            return [word for part in value for word in (self.opts[0], _text(part))]
        if isinstance(self.type, Augmentations):
            return [self.opts[0], ",".join(value)]
        return [self.opts[0], _text(value)]


def _text(value: Any) -> str:
    if not isinstance(value, tuple):
        return str(value)
    if len(value) == 3 and value[0] in SECTIONS:
        section, name, given = value
        return f"{section}.{name}={given if _survives(given) else json.dumps(given)}"
    if len(value) == 2 and isinstance(value[0], str):
        return f"{value[0]}={value[1]}"
    return ",".join(map(str, value)) or "none"


def _survives(value: Any) -> bool:
    """Tell whether text is read back as that text, and not as JSON."""
    if not isinstance(value, str) or value in ("True", "False", "None"):
        return False
    try:
        json.loads(value)
    except ValueError:
        return True
    return False


def _section(title: str, *options: TrainingOption) -> tuple[TrainingOption, ...]:
    for option in options:
        option.section = title
    return options


def _one_of(kind: str, *choices: str) -> Name:
    return Name(kind, lambda: choices)


_SHARE = Number(0, 1, below_high=True)
_ABOVE_ZERO = Number(above_low=True)

TRAINING_OPTIONS: tuple[TrainingOption, ...] = (
    *_section(
        "Data",
        TrainingOption(
            "target",
            "Column to predict: its name, or its position (-1 is the last).",
            metavar="COLUMN",
        ),
        TrainingOption(
            "task",
            "What to predict; otherwise told from the target.",
            _one_of("task", "classification", "regression"),
        ),
        TrainingOption(
            "test", "File with the test rows, instead of a share of SOURCE.", click.Path()
        ),
        TrainingOption("test_fraction", "Share of the rows kept for testing (0.2).", _SHARE),
        TrainingOption(
            "validation",
            "Share of the training rows to judge each epoch by (0; with --patience 0.1).",
            _SHARE,
        ),
        TrainingOption(
            "categorical",
            "How categories become numbers (onehot).",
            _one_of("encoding of categories", "onehot", "ordinal"),
        ),
        TrainingOption(
            "column_types",
            "What a column holds: numeric, categorical, or drop to leave it out. Repeatable.",
            ColumnType(),
            flags="--column",
            multiple=True,
        ),
        TrainingOption(
            "missing",
            "Text that stands for a missing value, besides the usual ones. Repeatable.",
            metavar="TEXT",
            multiple=True,
        ),
        TrainingOption(
            "missing_target",
            "What to do with rows that lack the target (error).",
            _one_of("treatment of a missing target", "error", "drop"),
        ),
        TrainingOption(
            "delimiter",
            "What separates values: a character, tab or whitespace; otherwise found out.",
            metavar="CHARACTER",
        ),
        TrainingOption(
            "header",
            "Whether the first line names the columns; otherwise found out.",
            flags="--header/--no-header",
            is_flag=True,
            default=None,
        ),
        TrainingOption("text_encoding", "Text encoding of the file (utf-8).", metavar="NAME"),
        TrainingOption("decimal", "Decimal separator (.).", metavar="CHARACTER"),
        TrainingOption(
            "size", "Resize images to this height and width.", ImageSize(), flags="--image-size"
        ),
        TrainingOption(
            "augment",
            "Change training images at random, such as shift,flip; a number says how much: "
            "shift=2,rotate=10.  [" + ", ".join(AUGMENTATIONS) + "]",
            Augmentations(),
        ),
        TrainingOption(
            "normal_label",
            "The class that is normal: an autoencoder learns its rows only, and finds the others "
            "by their reconstruction error.",
            metavar="CLASS",
        ),
    ),
    *_section(
        "Text and series",
        TrainingOption(
            "tokenizer",
            "What one token of a text is (char for running text, word for classes of texts).",
            _one_of("tokenizer", "char", "word", "bpe"),
        ),
        TrainingOption("context", "Tokens of a text that are seen at once (64).", Whole()),
        TrainingOption("window", "Steps of a series that are seen (24).", Whole()),
        TrainingOption("horizon", "Steps of a series that are forecast (1).", Whole()),
    ),
    *_section(
        "Network",
        TrainingOption(
            "model",
            "The kind of network (mlp; gpt for running text, gru for classes of texts, lstm for "
            "series); rnn, lstm, gru and transformer are the variant that suits the data. "
            "`pellucid models` explains them.",
            names.MODEL,
        ),
        TrainingOption(
            "hidden",
            "Units of each hidden layer, such as 128,64; none for no hidden layer; "
            "otherwise by the size of the data.",
            Sizes(),
        ),
        TrainingOption("layers", "Layers of a recurrent network or transformer.", Whole()),
        TrainingOption("width", "Units of each such layer.", Whole()),
        TrainingOption("heads", "Heads of attention in each layer of a transformer.", Whole()),
        TrainingOption("activation", "What follows each hidden layer (relu).", names.ACTIVATION),
        TrainingOption("dropout", "Share of the hidden units left out at each update (0).", _SHARE),
        TrainingOption(
            "dtype",
            "Type of the numbers (float32).",
            _one_of("type of numbers", "float32", "float64"),
        ),
    ),
    *_section(
        "Training",
        TrainingOption(
            "optimizer", "How the weights are changed (adam; adamw for gpt).", names.OPTIMIZER
        ),
        TrainingOption("lr", "Learning rate; otherwise one that suits the optimizer.", _ABOVE_ZERO),
        TrainingOption("epochs", "Times to go through the data; otherwise by their size.", Whole()),
        TrainingOption(
            "steps", "Updates in all, instead of epochs; usual for texts (2000).", Whole()
        ),
        TrainingOption(
            "batch_size", "Samples per update; otherwise by the size of the data.", Whole()
        ),
        TrainingOption("loss", "What is made small; otherwise by the task.", names.LOSS),
        TrainingOption("schedule", "How the learning rate changes (cosine).", names.SCHEDULE),
        TrainingOption("weight_decay", "Penalty on squared weights.", Number()),
        TrainingOption("l1", "Penalty on absolute weights.", Number()),
        TrainingOption("grad_clip", "Largest norm of the gradients.", _ABOVE_ZERO),
        TrainingOption("label_smoothing", "Share of certainty taken from the labels.", _SHARE),
        TrainingOption(
            "class_weight", "Make all classes count the same.", _one_of("class weight", "balanced")
        ),
        TrainingOption(
            "patience",
            "Stop when validation has not improved for more than so many epochs, and keep the "
            "best weights.",
            Whole(0),
        ),
        TrainingOption("metric", "What else to measure. Repeatable.", names.METRIC, multiple=True),
        TrainingOption("seed", "Start of all random numbers (0).", Whole(0)),
        TrainingOption(
            "set",
            "Any other option of the data, model, optimizer, schedule or loss, such as "
            "optimizer.momentum=0.9. Repeatable.",
            Assignment(SECTIONS, NOT_SET),
            multiple=True,
        ),
    ),
)
"""Every option that describes a training, in the order of the help."""
