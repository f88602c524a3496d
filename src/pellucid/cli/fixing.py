"""``pellucid train --fix``: train again with what the doctor suggests, and compare."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.cli.attempt import Attempt, attempt
from pellucid.cli.screen import Screen, number
from pellucid.cli.settings import Settings
from pellucid.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.cli.how import How
    from pellucid.inspect import Finding
    from pellucid.training import History

__all__ = ["fix"]

_LOWER_IS_BETTER = ("loss", "mae", "rmse", "mse", "mase", "log_loss", "perplexity", "bits")


def fix(screen: Screen, settings: Settings, how: How, first: Attempt) -> None:
    """Train again from the same seed with the first change that can be made, and say if it helped.

    Parameters
    ----------
    screen : Screen
        Where to report.
    settings, how
        Those of the first training.
    first : Attempt
        The first training.
    """
    found = next((f for f in first.diagnosis.findings if _applies(f, settings)), None)
    if found is None:
        screen.say("--fix: the doctor has found nothing that a setting would change.")
        return
    assert found.change is not None  # it applies
    changed = replace(settings, **found.change)
    words = " ".join(_words(found.change))
    screen.say()
    screen.say(f"--fix: {found.code}; once more with {words}, from the same seed", "bold")
    out = None if how.out is None else f"{how.out.rstrip('/')}-fixed"
    try:
        second = attempt(screen, changed, replace(how, out=out), forgiving=True)
    except DataError as error:
        screen.say(f"--fix: {words} cannot be used here: {error}", "yellow")
        return
    _compare(screen, words, found, first, second, changed)


def _applies(found: Finding, settings: Settings) -> bool:
    """Tell whether a finding's change is a setting of this command that is not made yet."""
    if not found.change:
        return False
    return all(
        name in Settings.__dataclass_fields__ and getattr(settings, name) != value
        for name, value in found.change.items()
    )


def _words(change: dict[str, Any]) -> list[str]:
    from pellucid.cli.training_options import TRAINING_OPTIONS

    options = {option.name: option for option in TRAINING_OPTIONS}
    return [word for name, value in change.items() for word in options[name].words(value)]


def _compare(
    screen: Screen,
    words: str,
    found: Finding,
    first: Attempt,
    second: Attempt,
    changed: Settings,
) -> None:
    rows = [_row("as asked for", first), _row(words, second)]
    screen.say()
    name = next((a.measured.chief for a in (second, first) if a.measured), "")
    screen.table(
        ("training", "last training loss", name.replace("_", " "), "findings", "folder"),
        rows,
        right=(1, 2),
    )
    screen.say(_verdict(words, found, first, second))
    following = next((f for f in second.diagnosis.findings if _applies(f, changed)), None)
    if following is not None and following.change is not None:
        screen.say(f"Next to try: {' '.join(_words(following.change))} ({following.code}).")
    path = second.folder / "fix.png"
    try:
        _draw(path, words, first.history, second.history)
    except MissingExtraError:
        screen.aside("No fix.png: that needs matplotlib (pip install 'pellucid[plot]').")
        return
    screen.aside(f"Both curves are drawn in {path}")


def _row(name: str, attempt: Attempt) -> tuple[str, ...]:
    losses = attempt.history.columns.get("loss", [])
    measured = attempt.measured
    return (
        name,
        number(losses[-1] if losses else None),
        number(None if measured is None else measured.values[measured.chief]),
        ", ".join(dict.fromkeys(f.code for f in attempt.diagnosis.alarms)) or "none",
        str(attempt.folder),
    )


def _verdict(words: str, found: Finding, first: Attempt, second: Attempt) -> str:
    """Say whether it helped: by what is measured on rows that were not learnt from."""
    gone = found.code not in {f.code for f in second.diagnosis.findings}
    finding = f"'{found.code}' is gone" if gone else f"'{found.code}' is still there"
    if second.measured is None:
        return f"{words} did not help: the training broke off again."
    chief = second.measured.chief
    after = second.measured.values[chief]
    if first.measured is None:
        guess = second.measured.baseline.get(chief)
        if guess is not None and not _better(chief, after, guess):
            return (
                f"With {words} the training comes to its end, but has learnt nothing: {chief} "
                f"{number(after)}, {second.measured.always} {number(guess)}."
            )
        return f"{words} helped: the training comes to its end, with {chief} {number(after)}."
    before = first.measured.values[chief]
    close = abs(after - before) <= 0.005 * max(abs(before), abs(after))
    helped = _better(chief, after, before)
    word = "made no difference" if close else "helped" if helped else "did not help"
    return f"{words} {word}: {chief} {number(before)} → {number(after)}; {finding}."


def _better(metric: str, value: float, other: float) -> bool:
    return value < other if metric in _LOWER_IS_BETTER else value > other


def _draw(path: Path, words: str, first: History, second: History) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing curves") from error
    from pellucid.training.files import write_atomically

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes: Axes = figure.subplots()
    pairs = (("as asked for", first, "#D55E00"), (words, second, "#0072B2"))
    values: list[float] = []
    for name, history, colour in pairs:
        for column, style in (("loss", "-"), ("val_loss", "--")):
            curve = [value for value in history.columns.get(column, []) if value is not None]
            if not curve:
                continue
            values += curve
            axes.plot(
                range(1, len(curve) + 1),
                curve,
                style,
                color=colour,
                marker="o" if len(curve) <= 12 else "",
                markersize=3.5,
                label=name if column == "loss" else f"{name} (validation)",
            )
    if values and min(values) > 0 and max(values) > 30 * min(values):
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.grid(True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if values:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize="small", ncols=2
        )
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=120)
    write_atomically(path, image.getvalue())
