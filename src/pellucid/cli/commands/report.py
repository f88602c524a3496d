"""``pellucid report``."""

from __future__ import annotations

from pathlib import Path

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen

__all__ = ["report"]

_EXAMPLES = """
pellucid report runs/digits
pellucid report runs/digits -o digits.html
"""


@command_of(
    click.Argument(["run"]),
    Option(
        ["-o", "--output"],
        type=click.Path(dir_okay=False),
        metavar="FILE.html",
        help="Where to write it (report.html in the run folder).",
    ),
    examples=_EXAMPLES,
)
def report(run: str, output: str | None, json: bool) -> None:
    """Write one page about a run: data, model, curves, findings, pictures, mistakes, cost.

    The page needs no other file and no network.
    """
    from pellucid.cli.run_folders import open_run
    from pellucid.inspect.reporting import report as make_report

    screen = Screen(json=json)
    loaded = open_run(run)
    if loaded.model.extra.get("kind") == "adversarial":
        from pellucid.cli.adversarial import trainer_of

        made = make_report(loaded, trainer_of(loaded)[1])
    else:
        from pellucid.cli.subjects import subject_of

        subject = subject_of(run)
        made = make_report(loaded, subject.data, loss=subject.loss)
    path = made.save(output or Path(loaded.run.path) / "report.html")
    if json:
        screen.result({"report": str(path), "left_out": dict(made.skipped)})
        return
    screen.say(f"{path}: {path.stat().st_size / 1e6:.1f} MB, opens in any browser")
    for title, reason in made.skipped:
        screen.say(f"left out: {title}: {reason}", "yellow")
