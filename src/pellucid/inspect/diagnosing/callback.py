"""The doctor at the bedside: a callback that looks on while a network trains."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pellucid.dtypes import Array
from pellucid.errors import DataError, NonFiniteError
from pellucid.inspect.diagnosing.advice import Advice
from pellucid.inspect.diagnosing.diagnosis import Diagnosis
from pellucid.inspect.diagnosing.epochs import epoch_findings, final_findings, hardly_learnt
from pellucid.inspect.diagnosing.examining import examine
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import record
from pellucid.inspect.diagnosing.guess import judged_prior_loss, prior_loss
from pellucid.inspect.diagnosing.imbalance import imbalance_at_end
from pellucid.inspect.diagnosing.live import live_findings
from pellucid.inspect.diagnosing.looks import Look, Past
from pellucid.inspect.diagnosing.measuring import HalfLook, matrices
from pellucid.inspect.diagnosing.non_finite import non_finite_finding
from pellucid.inspect.diagnosing.outcome import outcome_findings
from pellucid.inspect.diagnosing.output import OutputState, look_at_output
from pellucid.inspect.diagnosing.own_loss import sums_over_batch
from pellucid.inspect.diagnosing.pacing import Pace, clock
from pellucid.inspect.diagnosing.persistence import Persistence
from pellucid.inspect.diagnosing.probes import Units, look_at_units
from pellucid.inspect.diagnosing.rules import RULES, explained, finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.inspect.diagnosing.text import headline
from pellucid.inspect.unchanged import unchanged
from pellucid.training.callbacks import Callback, ProgressDisplay
from pellucid.training.files import Pathlike, write_json

if TYPE_CHECKING:
    from pellucid.training import Trainer

__all__ = ["DoctorCallback"]

_PROBE_ROWS = 128
_RATES = frozenset({"learning-rate-too-high", "learning-rate-too-low"})


class DoctorCallback(Callback):
    """Looks on while a network trains, and says what is wrong, where, and what to change.

    Before the first update it looks at the network, the data and the loss; then, every so many
    updates, at gradients, updates, units and the course of the loss. What a look shows counts after
    three looks in a row, and until nine have not shown it. At the end it measures the network
    beside a guess. The training gets the same bits as without it.

    Given to another training, it begins anew, but remembers what it has advised: what was done and
    has not helped is not advised again.

    Parameters
    ----------
    every : int, optional
        Updates between looks. Left out: as many as keep all looks under 1.5 % of the time that the
        training takes (or 0.06 seconds in all).
    path : path, optional
        A JSON file to keep the findings in, up to date.
    show : bool
        Whether to show new findings above the progress bar.
    active : bool
        Whether to look at all; one that is not active keeps what a checkpoint brings.
    class_names : iterable of str
        The names of the classes, for findings that speak of them.

    Attributes
    ----------
    diagnosis : Diagnosis
        The findings so far.

    Examples
    --------
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> data = pl.data.load("xor")
    >>> net = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Linear(8, 2, rng=1))
    >>> doctor = DoctorCallback()
    >>> history = pl.fit(net, data.train, epochs=2, callbacks=doctor, progress="none", rng=0)
    >>> [found.code for found in doctor.diagnosis.findings]
    ['linear-stack']
    """

    runs_last: ClassVar[bool] = True

    def __init__(
        self,
        every: int | None = None,
        *,
        path: Pathlike | None = None,
        show: bool = True,
        active: bool = True,
        class_names: Iterable[str] = (),
    ) -> None:
        if every is not None and (isinstance(every, bool) or every < 1):
            raise DataError(f"every is a number of updates, 1 or more, got {every!r}")
        self.path = None if path is None else Path(path)
        self.show = show
        self.active = active
        self.pace = Pace(every)
        self.class_names = tuple(class_names)
        self.advice = Advice()
        self._waiting: list[str] = []
        self._half: HalfLook | None = None
        self._weights: list[tuple[str, Any]] = []
        self._probe: Array | None = None
        self._values: Array | None = None
        self._net: Any = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget everything that was seen; what was advised is remembered."""
        self.past = Past()
        self._first: list[Finding] = []
        self._final: list[Finding] = []
        self._by_look = Persistence()
        self._by_epoch = Persistence()
        self._examined = False
        self._told: set[str] = set()
        self._never_moved: set[str] | None = None
        self._losses: list[float] = []
        self._earlier = (0.0, 0.0, 0.0)

    @property
    def diagnosis(self) -> Diagnosis:
        """The findings so far."""
        gone = [*self._by_look.cleared.values(), *self._by_epoch.cleared.values()]
        return Diagnosis(self._all(), cleared=gone)

    def _all(self) -> list[Finding]:
        known = {(found.code, found.layer) for found in self._first}
        looks = self._by_look.active.values()
        looked = [*self._first, *(f for f in looks if (f.code, f.layer) not in known)]
        known |= {(found.code, found.layer) for found in looked}
        later = [*self._by_epoch.active.values(), *self._final]
        return [*looked, *(f for f in later if (f.code, f.layer) not in known)]

    # --- the moments of a training ----------------------------------------------------------------

    def on_train_begin(self, trainer: Trainer) -> None:
        """Look at network, data and loss before the first update."""
        if not self.active:
            self.pace.stop()
            return
        self.pace.begin(trainer.step, trainer.length.steps)
        began = clock()
        self._weights = matrices(trainer)
        subject = Subject.of_trainer(trainer, self.class_names)
        probe, targets = subject.probe(_PROBE_ROWS)
        self._probe = None if trainer.mixed is not None else probe
        self._values = targets if subject.objective.task == "values" else None
        goes_on = self._net is trainer.net and bool(self.past.looks)
        if self._examined and trainer.step == 0:
            self._begin_anew()
        if not self._examined:
            self._examined = True
            self.past = Past(prior_loss(subject), subject.objective.classifies)
            self.past.judged_prior = judged_prior_loss(subject)
            held = subject.validation
            self.past.judged_rows = 0 if held is None else len(held[0])
            if trainer.mixed is None:
                self.past.sums = sums_over_batch(subject)
                self._first = examine(subject, start=trainer.step == 0 and not goes_on)
        self._net = trainer.net
        self._final = []  # it goes on, so that was not the end
        self.past.updates = trainer.length.steps
        self.past.scheduled = trainer.schedule is not None
        self.past.highest_lr = max(self.past.highest_lr, float(trainer.optimizer.groups[0]["lr"]))
        self.pace.spent += clock() - began
        self._tell(trainer)

    def on_gradients(self, trainer: Trainer) -> None:
        """Note gradients and weights, if this is an update to look at."""
        if trainer.step >= self.pace.armed:
            began = clock()
            self._half = HalfLook(trainer, self._weights)
            self.pace.spent += clock() - began

    def on_batch_end(self, trainer: Trainer) -> None:
        """Take the loss in, and look if it is time."""
        if not self.active:
            return
        self._losses.append(trainer.last_loss)
        if self._half is not None:
            began = clock()
            self._look(trainer, self._half)
            self._half = None
            self.pace.looked(trainer.step, clock() - began)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Look at the measures of the epoch."""
        if not self.active:
            return
        row = trainer.history.last
        train, judged = row.get("loss"), row.get("val_loss")
        if train is None or not math.isfinite(train):
            return
        began = clock()
        if self.past.first_loss is None and self._losses:
            self.past.begin(self._losses[0])
        self.past.highest_lr = max(self.past.highest_lr, float(trainer.optimizer.groups[0]["lr"]))
        self.past.epochs.append((train, judged))
        passes = trainer.step / max(trainer.length.updates_per_pass, 1)
        found = epoch_findings(self.past, trainer.step, passes)
        self._by_epoch.update(self.advice.revise(found, self.past))
        self._tell(trainer)
        self.pace.spent += clock() - began

    def on_train_end(self, trainer: Trainer) -> None:
        """Judge a training that was too short for many looks, and keep the findings."""
        if self.active:
            self._final = self._last_judgement(trainer)
            self._final += self._outcome(trainer)
            self._judge_imbalance(trainer)
            self._tell(trainer)
        self._save()

    def on_train_error(self, trainer: Trainer) -> None:
        """Find out where a NaN or an infinity came from, and keep that too."""
        error = sys.exc_info()[1]
        if self.active and isinstance(error, NonFiniteError):
            found = non_finite_finding(trainer)
            self._first += self.advice.revise([found], self.past)
            self.advice.told([found], self.past)
        self._save()

    def _last_judgement(self, trainer: Trainer) -> list[Finding]:
        """Return what only the end shows, of a training that was too short for many looks."""
        looks = len(self.past.looks)
        found: list[Finding] = []
        if looks >= 2 and trainer.epoch >= 1 and self.past.highest_lr > 0:
            known = {(one.code, one.layer) for one in self._all()}
            still = self._still(self.past.last, trainer.step)
            found += [one for one in still if (one.code, one.layer) not in known]
        if hardly_learnt(self.past):
            if not any(f.code in _RATES for f in self._all()):
                self._by_look.settle(looks)
            if not any(
                f.is_alarm and f.code != "flat-loss" and RULES[f.code].stage != "data"
                for f in [*self._all(), *found]
            ):
                found += final_findings(self.past, trainer.step)
        return found

    def _outcome(self, trainer: Trainer) -> list[Finding]:
        """Return what is wrong with the network as it is in the end."""
        if trainer.mixed is not None or trainer.epoch < 1:
            return []
        subject = Subject.of_trainer(trainer, self.class_names)
        with unchanged(trainer.net, training=False):
            return list(outcome_findings(subject, self.past, trainer.step))

    def _judge_imbalance(self, trainer: Trainer) -> None:
        """Make the note on rare classes a warning where one is not learnt, and back again."""
        noted = [i for i, found in enumerate(self._first) if found.code == "class-imbalance"]
        if not noted or trainer.mixed is not None or trainer.epoch < 1:
            return
        with unchanged(trainer.net, training=False):
            subject = Subject.of_trainer(trainer, self.class_names)
            judged = imbalance_at_end(subject, trainer.step)
        if judged is None:
            return
        if judged.is_alarm and not self._first[noted[0]].is_alarm:
            self._told.discard(judged.code)  # as a note it was not shown
        self._first[noted[0]] = judged

    # --- a look -----------------------------------------------------------------------------------

    def _look(self, trainer: Trainer, half: HalfLook) -> None:
        if self.past.first_loss is None:
            self.past.begin(self._losses[0])
        count, total, squares = self._sums()
        self._earlier = (0.0, 0.0, 0.0)
        self._losses.clear()
        mean = total / count
        spread = math.sqrt(max(squares / count - mean * mean, 0.0) / count) if count > 1 else 0.0
        if not math.isfinite(mean):
            return
        ratios, unmoved = half.updates()
        penalty, decay, lasso = half.penalty(trainer)
        units, output = self._units(trainer)
        look = Look(
            trainer.step,
            trainer.epoch,
            mean,
            spread,
            half.gradient_norm,
            half.first_over_last,
            ratios,
            unmoved,
            penalty,
            float(trainer.optimizer.groups[0]["lr"]),
            decay,
            units.dead,
            units.saturated,
            units.varies,
            output.kind,
            output.layer,
            output.stuck,
            half.clipped(trainer),
            lasso,
        )
        self.past.add(look)
        found = [*live_findings(self.past), *self._untrained(trainer, look)]
        self._by_look.update(self.advice.revise(found, self.past))
        self._tell(trainer)

    def _sums(self) -> tuple[float, float, float]:
        """Return number, sum and sum of squares of the losses since the last look."""
        count, total, squares = self._earlier
        losses = self._losses
        return (
            count + len(losses),
            total + math.fsum(losses),
            squares + math.fsum(loss * loss for loss in losses),
        )

    def _units(self, trainer: Trainer) -> tuple[Units, OutputState]:
        if self._probe is None:
            return Units({}, {}), OutputState()
        with unchanged(trainer.net, training=True):
            graph = record(trainer.net, self._probe)
            return look_at_units(graph), look_at_output(graph, self._values)

    def _untrained(self, trainer: Trainer, look: Look) -> Iterable[Finding]:
        """Yield the parameters that no look so far has seen moving, once an epoch is over."""
        still = set(look.unmoved)
        self._never_moved = still if self._never_moved is None else self._never_moved & still
        if trainer.epoch < 1 or look.lr == 0:
            return
        yield from self._still(look, trainer.step)

    def _still(self, look: Look, step: int) -> Iterable[Finding]:
        never = self._never_moved or set()
        for path in (path for path in look.unmoved if path in never):
            layer = path.rpartition(".")[0]
            yield finding(
                "untrained-parameter",
                f"'{path}' has not changed in any look at {step:,} updates",
                f"see that forward() uses '{path}', and that the optimizer was given "
                "net.parameters()",
                layer=layer,
                step=look.step,
                measured=0.0,
            )

    def _tell(self, trainer: Trainer) -> None:
        """Show what is new, once, and keep it in the file."""
        kept, _ = explained(self._all())
        new = [found for found in kept if found.code not in self._told]
        if new:
            self.advice.told(new, self.past)
            self._told.update(found.code for found in new)
            self._waiting += [f"doctor: {headline(found)}" for found in new if found.is_alarm]
            self._save()
        if self._waiting and self.show:
            displays = [c for c in trainer.callbacks if isinstance(c, ProgressDisplay)]
            if sum(display.say(line) for display in displays for line in self._waiting):
                self._waiting = []

    def _save(self) -> None:
        if self.path is not None and self.active:
            write_json(self.path, self.diagnosis.to_dict())

    # --- state ------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return everything that was seen."""
        if self.past.first_loss is None and self._losses:
            self.past.begin(self._losses[0])
        values = {
            "examined": self._examined,
            "first": [found.to_dict() for found in self._first],
            "final": [found.to_dict() for found in self._final],
            "past": self.past.to_dict(),
            "by_look": self._by_look.state(),
            "by_epoch": self._by_epoch.state(),
            "told": sorted(self._told),
            "advice": self.advice.state(),
            "never_moved": None if self._never_moved is None else sorted(self._never_moved),
            "losses": list(self._sums()),
        }
        return {"arrays": {}, "values": values}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        values = state["values"]
        self._examined = bool(values["examined"])
        self._first = [Finding.from_dict(v) for v in values["first"]]
        self._final = [Finding.from_dict(v) for v in values.get("final", [])]
        self.past = Past.from_dict(values["past"])
        self._by_look.restore(values["by_look"])
        self._by_epoch.restore(values["by_epoch"])
        self._told = set(values["told"])
        self.advice.restore(values.get("advice", []))  # none in checkpoints of earlier versions
        moved = values["never_moved"]
        self._never_moved = None if moved is None else set(moved)
        self._losses.clear()
        count, total, squares = values["losses"]
        self._earlier = (count, total, squares)

    def __repr__(self) -> str:
        return f"DoctorCallback({self.diagnosis!r})"
