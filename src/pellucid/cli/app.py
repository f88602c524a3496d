"""The command ``pellucid``: finds its sub-commands when they are asked for."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import click

import pellucid as library
from pellucid.cli.failures import clean_errors

__all__ = ["COMMANDS", "cli"]

COMMANDS: dict[str, str] = {
    "train": "Train a network on a data set, a table, a text, a series or images.",
    "evaluate": "Measure a trained network on test data.",
    "predict": "Predict the rows of a file with a trained network.",
    "sample": "Draw text or images from a network that makes them.",
    "explain": "Explain one training step: every number, with its formula.",
    "doctor": "Say what is wrong with a training, and what to change.",
    "summary": "Show the layers and parameters of a network.",
    "report": "Write one page about a run.",
    "compare": "Put runs side by side.",
    "source": "Print a training step as a plain NumPy program.",
    "check": "Check a hand-written backward pass, and name the mistake.",
    "datasets": "List the data sets that have a name.",
    "models": "List the models that have a name.",
}
"""Each command, and its line in the help; a module of the same name holds it.

The lines are here so that ``pellucid --help`` need not import the commands.
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"pellucid.cli.commands.{name}")
        command: click.Command = getattr(module, name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; name the nearest one if there is none."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{name}'.{hint} Commands: {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what the user did wrong is told in one line."""
        with clean_errors(ctx):
            return super().invoke(ctx)


def _debug(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        context.meta["pellucid.debug"] = True
    return value


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  pellucid train digits
  pellucid train passengers.csv --target survived --hidden 64,32
  pellucid evaluate runs/digits
  pellucid predict runs/passengers new.csv -o predicted.csv
  pellucid train story.txt --model gpt
  pellucid sample runs/story --prompt "Once"

`pellucid COMMAND --help` explains a command, with examples.

\b
Completion of words in bash (zsh and fish alike):
  eval "$(_PELLUCID_COMPLETE=bash_source pellucid)"
""",
)
@click.version_option(library.__version__, "-V", "--version", prog_name="pellucid")
@click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    callback=_debug,
    help="Show the Python traceback of an error.",
)
def cli() -> None:
    """Train, examine and use neural networks in which every number can be seen."""
