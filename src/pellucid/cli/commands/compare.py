"""``pellucid compare``."""

from __future__ import annotations

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen

__all__ = ["compare"]

_EXAMPLES = """
pellucid compare runs/digits runs/digits-2
pellucid compare runs/* --html runs.html
pellucid compare runs/digits runs/digits-2 --picture curves.png
"""


@command_of(
    click.Argument(["runs"], nargs=-1, required=True),
    Option(
        ["--html"],
        type=click.Path(dir_okay=False),
        metavar="FILE.html",
        help="Write a page with the table and the curves.",
    ),
    Option(
        ["--picture"],
        type=click.Path(dir_okay=False),
        metavar="FILE.png",
        help="Draw the curves side by side.",
    ),
    examples=_EXAMPLES,
)
def compare(runs: tuple[str, ...], html: str | None, picture: str | None, json: bool) -> None:
    """Put runs side by side: the settings in which they differ, what came out, and their curves."""
    from pellucid.cli.run_folders import is_run, open_run
    from pellucid.inspect.reporting import compare as side_by_side
    from pellucid.training import Run

    screen = Screen(json=json)
    for run in runs:
        if not is_run(run):
            open_run(run)  # says what is wrong
    made = side_by_side([Run.open(run) for run in runs])
    if html is not None:
        made.report().save(html)
    if picture is not None:
        made.figure().savefig(picture, dpi=120)
    if json:
        screen.result(made.to_dict())
        return
    screen.table(("", *made.names), made.rows(), range(1, len(made.names) + 1))
    if made.remark:
        screen.say(made.remark, "yellow")
    for path in (html, picture):
        if path is not None:
            screen.say(f"written: {path}")
