"""Options in sections, and the command that shows them so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from pellucid.cli.types import Name

__all__ = ["Command", "Option", "command_of", "output_options"]

F = TypeVar("F", bound=Callable[..., Any])


class Option(click.Option):
    """An option that belongs to a section of the help.

    Parameters
    ----------
    section : str
        The heading it stands under.
    setting : bool
        Whether it can be given in a configuration file, and is part of what describes a training.
    """

    def __init__(
        self, *arguments: Any, section: str = "", setting: bool = False, **options: Any
    ) -> None:
        self.section = section
        self.setting = setting
        super().__init__(*arguments, **options)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the line of the help; where a name is wanted, with all that are known."""
        record = super().get_help_record(ctx)
        if record is None or not isinstance(self.type, Name):
            return record
        return record[0], f"{record[1]}  [{', '.join(self.type.choices())}]".strip()


class Command(click.Command):
    """A command whose help shows its options in sections."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; errors will speak of this command's options."""
        ctx.meta["pellucid.command"] = self
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section in the order of their first option."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Argument):
                continue  # the text above explains them; newer versions of click list them too
            record = parameter.get_help_record(ctx)
            if record is not None:
                section = getattr(parameter, "section", "") or "Options"
                sections.setdefault(section, []).append(record)
        sections["Options"] = sections.pop("Options", [])  # the general ones come last
        for name, records in sections.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


def command_of(
    *parameters: click.Parameter, examples: str, json: bool = True
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command with these parameters, examples, and the options all have.

    Parameters
    ----------
    *parameters : click.Parameter
        Arguments and options in their order.
    examples : str
        Command lines, one a line, for the end of the help.
    json : bool
        Whether there is a ``--json``.
    """

    def decorate(function: Callable[..., Any]) -> Command:
        lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
        return Command(
            name=function.__name__,
            callback=function,
            params=[*parameters, *output_options(json)],
            help=function.__doc__,
            epilog=f"\b\nExamples:\n{lines}",
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    return decorate


def output_options(json: bool) -> Iterable[click.Parameter]:
    """Return the options that every command has."""
    if json:
        yield Option(["--json"], is_flag=True, help="Print the result as JSON, and only that.")
    yield Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=_debug,
        is_eager=True,
        help="Show the Python traceback of an error.",
    )


def _debug(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        context.meta["pellucid.debug"] = True
    return value
