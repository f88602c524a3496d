"""The verdict on a program: the checker's, on the step that was found in it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.errors import DataError
from pellucid.inspect.checking.checking import check_gradients
from pellucid.inspect.checking.conventions import without_convention
from pellucid.inspect.checking.report import Cause, GradientReport
from pellucid.inspect.checking.script.analysis import Analysis, Parameter
from pellucid.inspect.checking.script.bench import Bench
from pellucid.inspect.checking.script.decay import decay_of, has_penalty, without
from pellucid.inspect.checking.script.expressions import factors, text_of
from pellucid.inspect.checking.script.later_updates import report_on_later_updates
from pellucid.inspect.checking.script.losses import Candidate, LossFinder, compared
from pellucid.inspect.checking.script.report import Remark, TrainedParameter

__all__ = ["Verdict"]


class Verdict:
    """Compares the step of a program with the gradient of its loss.

    Parameters
    ----------
    analysis : Analysis
    tolerance, causes, seed
        As :func:`~pellucid.check_gradients` takes them.

    Attributes
    ----------
    report : GradientReport
    loss : Candidate
    remarks : list of Remark

    Raises
    ------
    DataError
        If no loss can be found.
    """

    def __init__(
        self, analysis: Analysis, *, tolerance: float | None, causes: bool, seed: int
    ) -> None:
        self.analysis = analysis
        self.options: dict[str, Any] = {"tolerance": tolerance, "seed": seed}
        self.causes = causes
        self.remarks: list[Remark] = []
        self.bench = Bench(analysis)
        self.finder = LossFinder(analysis, self.bench)
        self._leave_out_decay()
        self.loss, report = self._choose()
        self._without_decay()
        self._find_wrong_step()
        if self._take_for_rate() or report is None:
            report = self._check(self.loss, self.causes)
        report, convention = without_convention(report)
        if convention:
            self.remarks.append(Remark(convention))
        if report.right:
            later = report_on_later_updates(self.bench, self.loss.loss, self.options)
            report = report if later is None else later
        elif not self._goes_uphill():
            self._order_of_updates()
            self._common_factor()
        else:
            report = replace(report, explanations=((self._uphill(),),), stopped=False)
        self.report = report
        if self.bench.step.before:
            self.remarks.append(
                Remark(
                    f"the gradients of update {self.bench.step.before + 1} are compared, with the "
                    "weights as they are at the start"
                )
            )

    def _leave_out_decay(self) -> None:
        """Take the updates less weight decay, where that alone keeps them from a loss' gradient."""
        if has_penalty(self.analysis):
            return
        finder = self.finder
        if any(c.comparison and c.comparison.exact for c in (*finder.computed, *finder.usual)):
            return
        for one in (*(c for c in finder.computed if c.score), *finder.usual[:6]):
            shares = decay_of(self.bench, one.loss)
            if shares is None:
                continue
            self.bench = without(self.bench, shares)
            self.finder = LossFinder(self.analysis, self.bench)
            for number in sorted(set(shares.values())):
                names = [n for n, share in shares.items() if share == number]
                lines = sorted({self.analysis.parameters[n].updated for n in names})
                what = "the printed loss" if not one.listed else "the loss"
                self.remarks.append(
                    Remark(
                        f"The update in {_lines(lines)} adds "
                        f"{', '.join(f'{number:g}·{n}' for n in names)} to the gradient: weight "
                        f"decay, which {what} does not have. Checked without it."
                    )
                )
            return

    def _goes_uphill(self) -> bool:
        """Tell whether every update adds what is exactly the gradient."""
        place = self.bench.moved()
        found = compared(
            self.bench.gradients(place), self.bench.true_gradients(self.loss.loss, place)
        )
        return (
            found is not None and found.factor is not None and abs(found.factor + 1) < 1e-6
            and all(
                sign * factors(term)[0] == 1
                for p in self.analysis.parameters.values()
                for sign, term in p.update.terms
            )
        )  # fmt: skip

    def _uphill(self) -> Cause:
        parameters = self.analysis.parameters.values()
        lines = sorted({p.updated for p in parameters})
        adds = "add" if len(lines) > 1 else "adds"
        write = []
        for one in parameters:
            terms = " - ".join(text_of(term) for _, term in one.update.terms)
            new = one.update.text
            plain = isinstance(one.update.node, ast.AugAssign)
            write.append(f"{new} -= {terms}" if plain else f"{new} = {new} - {terms}")
        return Cause(
            "uphill", "The update goes uphill",
            ", ".join(self.analysis.parameters),
            f"{_lines(lines)} {adds} the gradient, which is right: the loss grows",
            tuple(dict.fromkeys(write)),
        )  # fmt: skip

    @property
    def parameters(self) -> tuple[TrainedParameter, ...]:
        """What is trained, for the report."""
        return tuple(
            TrainedParameter(
                p.name, p.made, p.updated, text_of(self.bench.readings[name].gradient), p.event.rate
            )
            for name, p in self.analysis.parameters.items()
        )

    def _check(self, loss: Candidate, causes: bool) -> GradientReport:
        return check_gradients(
            self.bench.loss(loss.loss), self.bench.start, self.bench.gradients,
            causes=causes, **self.options,
        )  # fmt: skip

    # --- which loss -------------------------------------------------------------------------------

    def _choose(self) -> tuple[Candidate, GradientReport | None]:
        computed, usual = self.finder.computed, self.finder.usual
        for one in computed:
            if one.comparison is not None and one.comparison.exact:
                return one, None
        exact = next((c for c in usual if c.comparison and c.comparison.exact), None)
        meant = [c for c in computed if c.score == 2]
        decisive = [c for c in meant if not c.monitor and not self.finder.uses_other_data(c)]
        if exact is not None and all(self._is_share(c) for c in decisive):
            return exact, None
        if decisive:
            if exact is not None:
                self.remarks.append(
                    Remark(f"The updates are exactly the gradient of {exact.text}.")
                )
            return _nearest(decisive), None
        if exact is not None:
            self._say_what_is_shown(computed)
            return exact, None
        decisive = [c for c in meant if not self.finder.uses_other_data(c)] or [
            c for c in computed
            if c.score and not c.monitor and not self.finder.uses_other_data(c) and _is_near(c)
        ]  # fmt: skip
        if decisive:
            return _nearest(decisive), None
        if usual:
            return self._nearest_usual(usual)
        raise DataError(self._no_loss(meant))

    def _is_share(self, candidate: Candidate) -> bool:
        """Tell whether a loss is only what is added to one, of one sample or one moment."""
        return all(self.analysis.values[n].kind == "added" for n in candidate.members)

    def _say_what_is_shown(self, computed: list[Candidate]) -> None:
        """Say that another quantity than the one that is descended is shown."""
        for one in computed:
            if one.score and (one.monitor or self.finder.uses_other_data(one)):
                why = (
                    "is not of the samples of one update"
                    if self.finder.uses_other_data(one)
                    else "is a measure, not what the updates descend"
                )
                self.remarks.append(Remark(f"{one.text} {why}.", one.line))
                return

    def _nearest_usual(self, usual: list[Candidate]) -> tuple[Candidate, GradientReport]:
        """Return the usual loss whose gradient the updates miss by a known mistake."""
        best: tuple[tuple[int, int], Candidate, GradientReport] | None = None
        # As it stands first, then with a factor that makes some of the gradients right
        for one in sorted(usual[:6], key=lambda c: c.text[:1] in "12"):
            report = self._check(one, True)
            known = len(report.causes) or 9
            rank = (known, -(len(report.parameters) - len(report.wrong)))
            if best is None or rank < best[0]:
                best = rank, one, report
            if known == 1:
                break
        assert best is not None
        _, loss, report = best
        if not report.causes and len(report.wrong) == len(report.parameters) and not report.right:
            raise DataError(self._no_loss([]))
        self.loss = loss
        self.remarks.append(Remark(self._no_usual_loss()))
        return loss, report

    def _no_usual_loss(self) -> str:
        return (
            "The script computes no loss of these samples. The updates are the gradient of none of "
            f"the usual ones; the verdict holds them against {self.loss.text}."
        )

    def _no_loss(self, meant: list[Candidate]) -> str:
        found = ", ".join(f"{p.name} (line {p.updated})" for p in self.analysis.parameters.values())
        why = (
            f"`{meant[0].text.strip('`')}` in line {meant[0].line} is not the loss of the samples "
            "of one update"
            if meant
            else "no loss was found that these updates descend"
        )
        return (
            f"updates of {found} were found, but {why}. Compute the loss in the training loop, "
            "before the update and on the same samples, under a name such as `loss`"
        )

    # --- what is said besides ---------------------------------------------------------------------

    def _without_decay(self) -> None:
        """Leave out a weight decay that is no part of the loss."""
        readings = {
            name: self.analysis.without_decay(p) or self.bench.readings[name]
            for name, p in self.analysis.parameters.items()
        }
        if readings == self.bench.readings:
            return
        place = self.bench.moved()
        true = self.bench.true_gradients(self.loss.loss, place)
        other = Bench(self.analysis, readings)
        other.step.before = self.bench.step.before
        with_it = compared(self.bench.gradients(place), true)
        without = compared(other.gradients(place), true)
        if without is not None and without.exact and not (with_it and with_it.exact):
            self.bench = other
            self.remarks.append(
                Remark(
                    "The updates shrink the weights as well (weight decay), and the loss has no "
                    "such term; checked without it."
                )
            )

    def _take_for_rate(self) -> bool:
        """Take a factor that all gradients have for the learning rate, where none was found."""
        if any(one.rate is not None or one.state for one in self.bench.readings.values()):
            return False
        place = self.bench.moved()
        found = compared(
            self.bench.gradients(place), self.bench.true_gradients(self.loss.loss, place)
        )
        if found is None or found.exact or found.factor is None or found.factor <= 0:
            return False
        rate = float(f"{found.factor:.12g}")
        readings = {
            name: replace(
                one,
                gradient=ast.BinOp(one.gradient, ast.Div(), ast.Constant(rate)),
                rate=ast.Constant(rate),
            )
            for name, one in self.bench.readings.items()
        }
        before = self.bench.step.before
        self.bench = Bench(self.analysis, readings)
        self.bench.step.before = before
        self.remarks = [r for r in self.remarks if r.text != self._no_usual_loss()]
        self.remarks.append(
            Remark(
                f"No learning rate was found in the updates. They are {rate:g} times the gradient "
                f"of {self.loss.text}: this factor is taken for the rate."
            )
        )
        return True

    def _find_wrong_step(self) -> None:
        """Take a step whose gradients are wrong, if those of the first one happen to be right."""
        chosen, most = self.bench.step.before, 0
        place = self.bench.moved()
        for before in range(8):
            claimed = self.bench.of_step(before)
            if claimed is None:
                break
            self.bench.step.before = before
            found = compared(claimed, self.bench.true_gradients(self.loss.loss, place))
            if before and found is not None and found.factor is not None:
                continue  # a rate that changes from round to round
            if found is not None and len(claimed) - len(found.matched) > most:
                chosen, most = before, len(claimed) - len(found.matched)
        self.bench.step.before = chosen

    def _order_of_updates(self) -> None:
        """Say which parameter was updated before the gradient of another was computed."""
        place = self.bench.moved()
        names = list(self.analysis.parameters)
        claimed = self.bench.gradients(place)
        frozen = self.bench.gradients(place, frozenset(names))
        late = [n for n in names if not _close(claimed[n], frozen[n])]
        if not late:
            return
        for name in names:
            alone = self.bench.gradients(place, frozenset((name,)))
            changed = [n for n in late if not _close(alone[n], claimed[n])]
            if changed:
                first = self.analysis.parameters[name]
                line = self._line_of_use(first, [self.analysis.parameters[n] for n in changed])
                self.remarks.append(
                    Remark(
                        f"{name} is updated in line {first.updated} before line {line} uses it for "
                        f"the gradient of {', '.join(changed)}. Compute all gradients first, and "
                        "update after.",
                    )
                )

    def _line_of_use(self, first: Parameter, later: Iterable[Parameter]) -> int:
        last = max(p.updated for p in later)
        texts = {first.update.text, first.name}
        lines = sorted(
            node.lineno
            for node in ast.walk(self.analysis.tree)
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))
            and isinstance(node.ctx, ast.Load)
            and text_of(node) in texts
            and first.updated < node.lineno <= last
        )
        return lines[0] if lines else last

    def _common_factor(self) -> None:
        """Say so where all gradients are the same multiple of the true ones."""
        place = self.bench.moved()
        found = compared(
            self.bench.gradients(place), self.bench.true_gradients(self.loss.loss, place)
        )
        if found is not None and found.factor is not None and found.factor > 0:
            self.remarks.append(
                Remark(
                    f"All gradients are {found.factor:.6g} times those of {self.loss.text}: the "
                    "direction is right, and the factor acts like another learning rate."
                )
            )


def _lines(numbers: list[int]) -> str:
    """Name lines: "line 3", "lines 3 and 5"."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _nearest(candidates: list[Candidate]) -> Candidate:
    """Return the loss that agrees best with the updates; of equals, the first."""
    return max(
        candidates,
        key=lambda c: (
            bool(c.comparison and c.comparison.factor),
            len(c.comparison.matched) if c.comparison else -1,
            round(c.comparison.closeness, 3) if c.comparison else -2.0,
            -c.seen.order,
        ),
    )


def _is_near(candidate: Candidate) -> bool:
    found = candidate.comparison
    return found is not None and (bool(found.matched) or found.factor is not None)


def _close(one: Any, other: Any) -> bool:
    return bool(
        np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-9, atol=1e-300)
    )
