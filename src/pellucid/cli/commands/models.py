"""``pellucid models``."""

from __future__ import annotations

from pellucid.cli.options import command_of
from pellucid.cli.screen import Screen

__all__ = ["models"]

_WIDTH = 10
_WITH_OPTIONS = ("hidden", "activation", "dropout", "dtype")


@command_of(
    examples="pellucid models\npellucid train digits --model linear\n"
    "pellucid train xor --hidden 8 --activation tanh"
)
def models(json: bool) -> None:
    """List the models that have a name, and their options."""
    from pellucid.models import MODELS

    screen = Screen(json=json)
    if json:
        screen.result(
            [
                {
                    "name": model.name,
                    "description": model.description,
                    "paper": model.paper,
                    "options": model.options,
                }
                for model in MODELS.values()
            ]
        )
        return
    for model in MODELS.values():
        screen.pairs(
            [
                (model.name.ljust(_WIDTH), f"{model.description} {model.paper}"),
                ("", f"options: {_options(model.options)}"),
            ]
        )
    screen.say()
    screen.say("  pellucid train digits --model mlp --hidden 128,64")
    screen.say("  pellucid summary mlp --inputs 784 --outputs 10 --hidden 256,128")


def _options(options: dict[str, object]) -> str:
    """Return how the options are written on a command line."""
    return ", ".join(
        f"--{name}" if name in _WITH_OPTIONS else f"--set model.{name}"
        for name in options
        if name != "rng"
    )
