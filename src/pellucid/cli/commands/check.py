"""``pellucid check``."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from pellucid.cli.failures import Failure
from pellucid.cli.options import Option, command_of
from pellucid.cli.parameter_file import opened
from pellucid.cli.screen import Screen, number

if TYPE_CHECKING:
    from pellucid.inspect.checking import GradientReport, ScriptReport

__all__ = ["check"]

_EXAMPLES = """
pellucid check my_backprop.py
pellucid check my_backprop.py --tolerance 1e-4
pellucid check my_backprop.py --loss mean_loss --gradients backward
pellucid check my_backprop.py --json > verdict.json
pellucid check my_training.py
pellucid check my_training.py --adapt my_backprop.py
"""

_NAMES = ("parameters", "loss", "gradients")
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
    Option(
        ["--timeout"],
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        section="Training script",
        help="End the script and the check after this time.",
    ),
    Option(
        ["--memory"],
        type=click.FloatRange(min=0, min_open=True),
        default=4.0,
        show_default=True,
        metavar="GB",
        section="Training script",
        help="How much memory the script may use, where the system can limit that.",
    ),
    Option(
        ["--adapt"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="OUT.py",
        section="Training script",
        help="Write the script's parameters, loss and gradients as functions to a file.",
    ),
    Option(
        ["--force"],
        is_flag=True,
        section="Training script",
        help="Let --adapt write over a file that exists.",
    ),
    Option(
        ["--show-output"],
        is_flag=True,
        section="Training script",
        help="Show what the script prints.",
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
    timeout: float,
    memory: float,
    adapt: Path | None,
    force: bool,
    show_output: bool,
    json: bool,
) -> None:
    """Check a hand-written backward pass; say which term is wrong, and what to write instead.

    FILE is a training script as it stands, in plain NumPy. It is run, in a process of its own,
    until every parameter was updated once: what it updates are the parameters, what it updates them
    by is the gradient, and the loss is the one that it computes or, if it computes none, the usual
    one that fits. A script that lost its layout in copying is restored as far as possible.

    Or FILE defines `parameters`, a dict of arrays; `loss(parameters)`, which returns a number; and
    `gradients(parameters)`, which returns a dict of arrays with the same names. Then these are
    called, and what stands under `if __name__ == "__main__":` is not run.

    The exit status is 0 if all gradients are right, 1 if one is wrong, 2 if FILE cannot be used.
    """
    names = (parameters, loss, gradients)
    if names == _NAMES and not _defines(file, names):
        if adapt is not None and adapt.exists() and not force:
            raise Failure(f"'{adapt}' exists already; --force writes over it")
        _check_script(
            Screen(json=json), file, adapt, show_output,
            {"tolerance": tolerance, "seed": seed, "causes": causes, "timeout": timeout,
             "memory": memory},
        )  # fmt: skip
        return
    if adapt is not None:
        raise Failure(f"{file} defines parameters, loss and gradients: there is nothing to --adapt")
    from pellucid.inspect.checking import check_gradients

    with opened(file, names, shown=not json) as (start, function, backward):
        report = check_gradients(
            function, start, backward, tolerance=tolerance, causes=causes, seed=seed
        )
    _show(Screen(json=json), file, report)
    if not report.right:
        sys.exit(_WRONG)


def _defines(file: Path, names: tuple[str, str, str]) -> bool:
    """Tell whether a file defines these names, or cannot be asked without running it."""
    try:
        tree = ast.parse(file.read_bytes())
    except OSError:
        return True  # the error is told where the file is read
    except (SyntaxError, ValueError):
        return False
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    found |= {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    if set(names) <= found:
        gradients = functions.get(names[2])
        return gradients is None or len(gradients.args.args) - len(gradients.args.defaults) <= 1
    return "*" in found and set(names[1:]) <= found


def _check_script(
    screen: Screen, file: Path, adapt: Path | None, show_output: bool, options: dict[str, Any]
) -> None:
    """Check a training script as it stands."""
    from pellucid.errors import PellucidError
    from pellucid.inspect.checking import check_script
    from pellucid.training.files import write_atomically

    try:
        report = check_script(file, **options)
    except PellucidError as error:
        raise Failure(str(error)) from error
    if adapt is not None:
        write_atomically(adapt, report.explicit.encode())
    _show_script(screen, file, report, show_output)
    if adapt is not None:
        screen.say()
        screen.say(f"written: {adapt}  (pellucid check {adapt})", "dim")
    if not report.right:
        sys.exit(_WRONG)


def _show_script(screen: Screen, file: Path, report: ScriptReport, show_output: bool) -> None:
    if show_output and report.output:
        screen.say(report.output.rstrip("\n"), "dim")
        screen.say()
    if screen.json:
        screen.result({"file": str(file)} | report.to_dict())
        return
    screen.say(f"{file}: {report.headline()}", _colour(report.gradients))
    for line in report.told(min(screen.width, 100)):
        screen.say(line)
    screen.say()
    _show_verdict(screen, report.gradients)


def _show(screen: Screen, file: Path, report: GradientReport) -> None:
    if screen.json:
        screen.result({"file": str(file)} | report.to_dict())
        return
    screen.say(f"{file}: {report.headline()}", _colour(report))
    _show_verdict(screen, report)


def _colour(report: GradientReport) -> Literal["green", "yellow"]:
    """Return green only for a verdict that nothing is to be said against."""
    return "green" if report.right and not report.warnings and not report.untested else "yellow"


def _show_verdict(screen: Screen, report: GradientReport) -> None:
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
