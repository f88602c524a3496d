"""``pellucid models``."""

from __future__ import annotations

from pellucid.cli.options import command_of
from pellucid.cli.screen import Screen

__all__ = ["models"]

_WITH_OPTIONS = ("hidden", "activation", "dropout", "dtype", "layers", "width", "heads")
_NOT_SAID = ("rng", "vocabulary", "target_vocabulary", "context", "padding")  # the data say them
_GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Rows of numbers (images and windows of a series too)", (("rows", "outputs"),)),
    ("Images", (("images", "outputs"),)),
    ("Series in time: train FILE.csv --window 24", (("series", "outputs"),)),
    ("Texts with classes: train FILE.tsv", (("tokens", "outputs"),)),
    ("Running text: train FILE.txt, then sample RUN", (("tokens", "tokens"),)),
    (
        "Autoencoders, which give their input again",
        (("rows", "reconstruction"), ("images", "reconstruction")),
    ),
    ("New images: train mnist, then sample RUN", (("rows", "samples"), ("images", "samples"))),
)
_EXAMPLES = """
pellucid models
pellucid train digits --model linear
pellucid train mnist --model cnn
pellucid train story.txt --model gpt
"""


@command_of(examples=_EXAMPLES)
def models(json: bool) -> None:
    """List the models that have a name, by what they take, with their options."""
    from pellucid.models import MODELS

    screen = Screen(json=json)
    if json:
        screen.result(
            [
                {
                    "name": model.name,
                    "description": model.description,
                    "paper": model.paper,
                    "smaller": model.smaller,
                    "takes": model.takes,
                    "makes": model.makes,
                    "options": model.options,
                }
                for model in MODELS.values()
            ]
        )
        return
    width = max(map(len, MODELS))
    for title, kinds in _GROUPS:
        found = [model for model in MODELS.values() if (model.takes, model.makes) in kinds]
        if not found:
            continue
        screen.say(title, "bold")
        for model in found:
            rows = [
                (model.name.ljust(width), f"{model.description} {model.paper}"),
                ("", f"options: {_options(model.options)}"),
            ]
            if model.smaller:
                rows.insert(1, ("", f"here: {model.smaller}"))
            screen.pairs(rows)
        screen.say()
    screen.say("rnn, lstm, gru and transformer are the variant that suits the data: for a series")
    screen.say(
        "--model lstm is lstm-forecaster, for texts with classes lstm-classifier. seq2seq and"
    )
    screen.say("transformer from one sequence to another are for Python.")
    screen.say()
    screen.say("  pellucid train digits --model mlp --hidden 128,64")
    screen.say("  pellucid summary mlp --inputs 784 --outputs 10 --hidden 256,128")


def _options(options: dict[str, object]) -> str:
    """Return how the options are written on a command line."""
    return ", ".join(
        f"--{name}" if name in _WITH_OPTIONS else f"--set model.{name}"
        for name in options
        if name not in _NOT_SAID
    )
