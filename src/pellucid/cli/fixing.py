"""``pellucid train --fix``: train again with what the doctor suggests, until something helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pellucid.cli.attempt import Attempt, attempt
from pellucid.cli.fix_picture import draw_fix
from pellucid.cli.fix_scores import Score, improves, scored
from pellucid.cli.screen import Screen, number
from pellucid.cli.settings import Settings
from pellucid.errors import DataError, MissingExtraError
from pellucid.inspect.diagnosing.rules import RULES

if TYPE_CHECKING:
    from pellucid.cli.how import How
    from pellucid.inspect import Finding

__all__ = ["fix"]

_MOST_ATTEMPTS = 4


@dataclass(frozen=True)
class _Change:
    """A change to try, why, and what it leads away from."""

    values: dict[str, Any]
    why: str
    base: _Tried

    @property
    def settings(self) -> Settings:
        return replace(self.base.settings, **self.values)

    @property
    def kind(self) -> tuple[Any, ...]:
        """What is changed, and for numbers in which direction: what has failed once fails again."""
        return tuple((name, self._direction(name, value)) for name, value in self.values.items())

    def _direction(self, name: str, value: Any) -> Any:
        before = getattr(self.base.settings, name)
        if isinstance(value, (int, float)) and isinstance(before, (int, float)):
            return "up" if value > before else "down"
        return value


@dataclass(frozen=True)
class _Tried:
    """A training that was made: with what, and what came of it."""

    words: str
    settings: Settings
    attempt: Attempt
    score: Score
    change: _Change | None = None

    @property
    def helped(self) -> bool:
        """Whether it is better than what it changed, and better than a guess."""
        if self.change is None:
            return False
        return improves(self.score, self.change.base.score) and self.score.beats_guess is not False

    @property
    def is_enough(self) -> bool:
        """Whether it has helped, and neither what it was to change nor worse is found any more."""
        if not self.helped or self.change is None:
            return False
        left = [f for f in self.attempt.diagnosis.alarms if _applies(f, self.settings)]
        # What can be said of the data before, and of other samples after, is no reason to go on
        return not any(
            f.code == self.change.why or RULES[f.code].stage not in ("data", "loss") for f in left
        )


def fix(screen: Screen, settings: Settings, how: How, first: Attempt) -> None:
    """Train again from the same seed with one change after the other, until one helps.

    A change has helped if the network is better than it was, and better than a guess; if the
    finding is still there, the way goes on from there. What has not helped is not tried a second
    time in the same direction: after the learning rate was lowered in vain, the range test says
    what to take. At most four changes are tried; the best training stays.

    Parameters
    ----------
    screen : Screen
        Where to report.
    settings, how
        Those of the first training.
    first : Attempt
        The first training.
    """
    balanced = any(f.code == "class-imbalance" for f in first.diagnosis.findings)
    tried = [_Tried("as asked for", settings, first, scored(first, balanced))]
    refused: list[_Change] = []
    while len(tried) <= _MOST_ATTEMPTS and not tried[-1].is_enough:
        change = _next_change(screen, tried, refused, how)
        if change is None:
            break
        words = " ".join(_words(change.values))
        screen.say()
        screen.say(f"--fix: {change.why}; once more with {words}, from the same seed", "bold")
        try:
            again = attempt(
                screen, change.settings, replace(how, out=_out(how, tried)), forgiving=True
            )
        except DataError as error:
            screen.say(f"--fix: {words} cannot be used here: {error}", "yellow")
            refused.append(change)
            continue
        score = scored(again, balanced)
        tried.append(_Tried(_all_words(change), change.settings, again, score, change))
    if len(tried) == 1:
        if not refused:
            screen.say("--fix: the doctor has found nothing that a setting would change.")
        return
    _report(screen, tried)


def _out(how: How, tried: list[_Tried]) -> str | None:
    if how.out is None:
        return None
    count = len(tried)
    return f"{how.out.rstrip('/')}-fixed" + (f"-{count}" if count > 1 else "")


# --- what to try next -----------------------------------------------------------------------------


def _next_change(
    screen: Screen, tried: list[_Tried], refused: list[_Change], how: How
) -> _Change | None:
    """Return what is most likely to help and was not tried yet: from the best training so far."""
    base = _best(tried)
    seen = [t.settings for t in tried] + [c.settings for c in refused]
    failed = {t.change.kind for t in tried if t.change is not None and not t.helped} | {
        c.kind for c in refused
    }
    other_ways: list[_Change] = []
    for source in (base, *(t for t in reversed(tried) if t is not base)):
        for found in source.attempt.diagnosis.findings:
            if not _applies(found, base.settings):
                continue
            assert found.change is not None  # it applies
            change = _Change(found.change, found.code, base)
            if change.settings in seen or change in other_ways:
                continue
            if change.kind in failed:
                other_ways.append(change)
            else:
                return change
    if base.score.beats_guess is not False and not any("lr" in c.values for c in other_ways):
        return None
    return _by_range_test(screen, base, seen, how)


def _best(tried: list[_Tried]) -> _Tried:
    best = tried[0]
    for other in tried[1:]:
        if not improves(best.score, other.score):  # of two equal ones the later
            best = other
    return best


def _by_range_test(screen: Screen, base: _Tried, seen: list[Settings], how: How) -> _Change | None:
    """Return the learning rate that the range test suggests, if it was not tried yet."""
    from pellucid.cli.preparing import prepare
    from pellucid.inspect.diagnosing.experiments import perform
    from pellucid.inspect.diagnosing.subject import Subject

    prepared = prepare(base.settings, replace(how, progress="none"))
    _, results = perform(Subject.of_trainer(prepared.trainer), ["lr-range"])
    suggested = results["lr-range"]["suggestion"]
    if suggested is None:
        screen.say("--fix: in the range test the loss did not fall at any learning rate.", "yellow")
        return None
    change = _Change({"lr": suggested}, "range test", base)
    return None if change.settings in seen else change


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


def _all_words(change: _Change) -> str:
    """Return all that differs from what was asked for, the latest change last."""
    values: dict[str, Any] = {}
    at: _Change | None = change
    while at is not None:
        values = {**at.values, **values}
        at = at.base.change
    return " ".join(_words(values))


# --- what came of it ------------------------------------------------------------------------------


def _report(screen: Screen, tried: list[_Tried]) -> None:
    first, best = tried[0], _best(tried)
    name = best.score.called
    screen.say()
    screen.table(
        ("training", "because of", f"{name}, before → after", "beats a guess", "folder"),
        [_row(one) for one in tried],
    )
    screen.say(_verdict(tried))
    if best is not tried[-1]:
        screen.say(f"The best training is the one in {best.attempt.folder}.")
    shown = best if best is not first else tried[-1]
    path = shown.attempt.folder / "fix.png"
    try:
        draw_fix(path, shown.words, first.attempt.history, shown.attempt.history)
    except MissingExtraError:
        screen.aside("No fix.png: that needs matplotlib (pip install 'pellucid[plot]').")
        return
    both = "Both curves are" if first.attempt.history.columns.get("loss") else "Its curve is"
    screen.aside(f"{both} drawn in {path}")


def _row(one: _Tried) -> tuple[str, ...]:
    after = _shown(one.score)
    beats = {True: "yes", False: "no", None: "–"}[one.score.beats_guess]
    if one.change is None:
        return (one.words, "", after, beats, str(one.attempt.folder))
    moved = f"{_shown(one.change.base.score)} → {after}"
    return (one.words, one.change.why, moved, beats, str(one.attempt.folder))


def _shown(score: Score) -> str:
    return "broke off" if score.value is None else number(score.value)


def _verdict(tried: list[_Tried]) -> str:
    """Say what helped: by what is measured on rows that were not learnt from, beside a guess."""
    first, best = tried[0], _best(tried)
    name, guess = best.score.called, best.score
    beside = "" if guess.guess is None else f" ({guess.always}: {number(guess.guess)})"
    if best.helped and best.score.value is not None:
        if first.score.value is None:
            ends = f"the training comes to its end, with {name} {_shown(best.score)}"
            return f"{best.words} helped: {ends}{beside}."
        return f"{best.words} helped: {name} {_shown(first.score)} → {_shown(best.score)}{beside}."
    count = "The change" if len(tried) == 2 else f"None of the {len(tried) - 1} changes"
    if best.score.beats_guess is False:
        verb = "has not helped" if len(tried) == 2 else "has helped"
        return (
            f"{count} {verb}: the best {name} is {_shown(best.score)}, no better than a guess"
            f"{beside}."
        )
    verb = "has made nothing better" if len(tried) == 2 else "has made anything better"
    return f"{count} {verb}: {name} {_shown(first.score)} as asked for{beside}."
