"""``pellucid check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pellucid.cli.failures import Failure
from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen, number

if TYPE_CHECKING:
    from pellucid.inspect.checking import GradientReport

__all__ = ["check"]

_EXAMPLES = """
pellucid check my_backprop.py
pellucid check my_backprop.py --tolerance 1e-4
pellucid check my_backprop.py --loss mean_loss --gradients backward
pellucid check my_backprop.py --json > verdict.json
"""

_WRONG = 1


@command_of(
    click.Argument(["file"], type=click.Path(path_type=Path)),
    Option(
        ["--tolerance"],
        type=click.FloatRange(min=0, min_open=True),
        section="Check",
        help="Largest relative error that counts as right.  [default: 1e-6; 1e-3 for float32]",
    ),
    Option(
        ["--seed"],
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        section="Check",
        help="Chooses entries of large parameters and the second place.",
    ),
    Option(
        ["--causes/--no-causes"],
        default=True,
        section="Check",
        help="Look for the mistake, or only say right or wrong.  [default: --causes]",
    ),
    *(
        Option(
            [f"--{name}"],
            metavar="NAME",
            default=name,
            show_default=True,
            section="File",
            help=f"What {what} is called in FILE.",
        )
        for name, what in (
            ("parameters", "the dict of arrays"),
            ("loss", "the loss function"),
            ("gradients", "the function with the backward pass"),
        )
    ),
    examples=_EXAMPLES,
)
def check(
    file: Path,
    tolerance: float | None,
    seed: int,
    causes: bool,
    parameters: str,
    loss: str,
    gradients: str,
    json: bool,
) -> None:
    """Check a hand-written backward pass; say which term is wrong, and what to write instead.

    FILE is a Python program that defines `parameters`, a dict of arrays; `loss(parameters)`, which
    returns a number; and `gradients(parameters)`, which returns a dict of arrays with the same
    names. Plain NumPy: nothing of Pellucid is needed in it. What stands under
    `if __name__ == "__main__":` is not run.

    The exit status is 0 if all gradients are right, 1 if one is wrong, 2 if FILE cannot be used.
    """
    from pellucid.errors import PellucidError
    from pellucid.inspect.checking import check_gradients
    from pellucid.inspect.checking.program_file import ProgramError, load_program, place_of_error

    screen = Screen(json=json)
    try:
        program = load_program(file, (parameters, loss, gradients), shown=not json)
        with program.running():
            report = check_gradients(
                program[loss], program[parameters], program[gradients],
                tolerance=tolerance, causes=causes, seed=seed,
            )  # fmt: skip
    except ProgramError as error:
        raise Failure(str(error)) from error
    except PellucidError as error:
        raise Failure(f"{file}: {error}") from error
    except Exception as error:
        place = place_of_error(error, file)
        if place is None:
            raise
        raise Failure(place) from error
    _show(screen, file, report)
    if not report.right:
        sys.exit(_WRONG)


def _show(screen: Screen, file: Path, report: GradientReport) -> None:
    if screen.json:
        screen.result({"file": str(file)} | report.to_dict())
        return
    screen.say(f"{file}: {report.headline()}", "green" if report.right else "yellow")
    screen.say(f"loss {number(report.loss)}", "dim")
    screen.say()
    screen.table(("parameter", "shape", "verdict", "error", ""), report.rows(), right=(3,))
    entries: list[Any] = report.entry_rows()
    if entries:
        screen.say()
        screen.table(("worst entries", "yours", "differences", "tape"), entries, right=(1, 2, 3))
    for line in report.told(min(screen.width, 100)):
        named = line and not line.startswith((" ", "Note:", "No ", "The same"))
        screen.say(line, "bold" if named and not report.right else "")
