"""Finding the loss whose gradient the updates are meant to be.

What the program computes comes first. Where it computes none, the usual losses are tried on its
output and target, which are the two sides of a difference such as ``y - output``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.inspect.checking.script.analysis import Analysis
from pellucid.inspect.checking.script.bench import Bench, ListedLoss, Loss, Parameters
from pellucid.inspect.checking.script.explorer import Seen
from pellucid.inspect.checking.script.expressions import is_reference, text_of
from pellucid.inspect.checking.script.hooks import one_hot_key

__all__ = ["Candidate", "Comparison", "LossFinder"]

_TRIED = 16
_STRONG = re.compile(
    r"loss|cost|mse|cross.?entropy|nll|bce|sse|objective|criterion|likelihood|^[JLEC]$",
    re.IGNORECASE,
)
_WEAK = re.compile(r"err|total|penal", re.IGNORECASE)


@dataclass
class Comparison:
    """The claimed gradients beside those of a loss.

    Attributes
    ----------
    matched : tuple of str
        Names of the parameters whose gradients are equal.
    exact : bool
        Whether all are.
    factor : float or None
        The claimed gradients are this many times those of the loss, all of them.
    closeness : float
        The smallest cosine between the two, of the parameters.
    ratios : tuple of float
        What single ones are times those of the loss.
    """

    matched: tuple[str, ...]
    exact: bool
    factor: float | None
    closeness: float
    ratios: tuple[float, ...] = ()


def compared(claimed: Parameters, true: Parameters | None) -> Comparison | None:
    """Compare gradients; None where there is nothing to compare with."""
    if true is None or not all(np.all(np.isfinite(x)) for x in true.values()):
        return None
    largest = max((float(np.max(np.abs(x))) for x in true.values()), default=0.0)
    if largest == 0:
        return None
    matched = []
    ratios: list[float] = []
    closeness = 1.0
    for name, true_one in true.items():
        given = np.asarray(claimed[name])
        if given.shape != true_one.shape and given.size == true_one.size:
            given = given.reshape(true_one.shape)
        if given.shape != true_one.shape:
            closeness, ratios = 0.0, [*ratios, np.nan]
            continue
        slack = 1e-7 * float(np.max(np.abs(true_one))) + 1e-11 * largest
        if np.allclose(given, true_one, rtol=1e-7, atol=slack):
            matched.append(name)
        product = float(np.vdot(true_one, true_one))
        ratio = float(np.vdot(given, true_one)) / product if product else np.nan
        fits = np.allclose(given, ratio * true_one, rtol=1e-6, atol=slack * max(1.0, abs(ratio)))
        ratios.append(ratio if fits else np.nan)
        sizes = float(np.linalg.norm(given) * np.linalg.norm(true_one))
        closeness = min(closeness, float(np.vdot(given, true_one)) / sizes if sizes else 0.0)
    common = float(np.median(ratios))
    one = bool(np.all(np.isfinite(ratios))) and np.allclose(ratios, common, rtol=1e-6)
    return Comparison(
        tuple(matched), len(matched) == len(true), common if one and common else None, closeness,
        tuple(r for r in ratios if np.isfinite(r)),
    )  # fmt: skip


@dataclass
class Candidate:
    """A loss that may be the one.

    Attributes
    ----------
    loss : int or ListedLoss
    text : str
        What it is called.
    line : int
    score : int
        How clearly the program says that it is its loss.
    monitor : bool
        Whether it looks like a measure that is only shown: a mean absolute error.
    seen : Seen
    comparison : Comparison or None
    """

    loss: Loss
    text: str
    line: int
    score: int
    monitor: bool
    seen: Seen
    comparison: Comparison | None = None
    members: list[int] = field(default_factory=list)

    @property
    def listed(self) -> bool:
        """Whether it is one of the usual losses, which the program does not compute."""
        return isinstance(self.loss, ListedLoss)


class LossFinder:
    """Looks for the loss.

    Parameters
    ----------
    analysis : Analysis
    bench : Bench

    Attributes
    ----------
    computed : list of Candidate
        What the program computes, the likeliest first.
    usual : list of Candidate
        The usual losses of its output and target, the nearest first.
    """

    def __init__(self, analysis: Analysis, bench: Bench) -> None:
        self.analysis = analysis
        self.bench = bench
        self.place = bench.moved()
        self.claimed = bench.gradients(self.place)
        self._measure()
        self.computed = self._computed()
        self.usual = self._usual()

    def _measure(self) -> None:
        """Run the step at two places; what changes depends on the parameters."""
        explorer = self.analysis.explorer
        explorer.places = self.analysis.places
        explorer.updates = self.bench.step.updates
        rounds = []
        with np.errstate(all="ignore"):
            for parameters in (self.bench.start, self.place, self.bench.moved(2)):
                try:
                    explorer.measure(self.analysis.program, parameters)
                except (Exception, SystemExit):
                    if explorer.count < explorer.updates:
                        raise
                rounds.append((dict(explorer.scalars), dict(explorer.differences)))
        (self._one, first), (self._other, second), (self._third, _) = rounds
        self._differences = {
            number: (first[number], second[number]) for number in first if number in second
        }

    # --- what the program computes ----------------------------------------------------------------

    def _computed(self) -> list[Candidate]:
        groups: dict[tuple[float, ...], Candidate] = {}
        for number, seen in sorted(self._one.items(), key=lambda item: item[1].order):
            other, third = self._other.get(number), self._third.get(number)
            if other is None or third is None or not np.isfinite(other.value):
                continue
            if seen.value == other.value == third.value or number in self._parameter_places():
                continue
            place = self.analysis.values[number]
            score = 2 if _STRONG.search(place.label) else 1 if _WEAK.search(place.label) else 0
            key = tuple(float(f"{x:.10g}") for x in (seen.value, other.value, third.value))
            one = groups.get(key)
            monitor = _is_absolute(place.node)
            if one is None:
                groups[key] = Candidate(
                    number, _told(place.label, place.node), place.node.lineno, score, monitor, seen,
                    members=[number],
                )  # fmt: skip
                continue
            one.members.append(number)
            one.monitor |= monitor
            if score > one.score:
                one.score, one.text, one.line = (
                    score,
                    _told(place.label, place.node),
                    place.node.lineno,
                )
        found = sorted(groups.values(), key=lambda c: (-c.score, c.seen.order))[:_TRIED]
        for one in found:
            assert isinstance(one.loss, int)
            self.analysis.lines_of[one.loss] = one.seen.lines
            one.comparison = compared(self.claimed, self.bench.true_gradients(one.loss, self.place))
        return found

    def _parameter_places(self) -> set[int]:
        return {place for place, _ in self.analysis.places}

    def uses_other_data(self, candidate: Candidate) -> bool:
        """Tell whether a loss is computed outside of the loop over samples that the step is in."""
        if candidate.comparison is not None and (
            candidate.comparison.matched or candidate.comparison.factor
        ):
            return False
        step = self._loops_of_step()
        loops = set(candidate.seen.loops)
        return len(step) >= 2 and len(loops & set(step)) < len(step)

    def _loops_of_step(self) -> tuple[int, ...]:
        """Return the loops around the backward pass."""
        inside = [
            one.loops for one, other in self._differences.values() if _sides(one, other) is not None
        ]
        if inside:
            return max(inside, key=len)
        events = [p.event for p in self.analysis.parameters.values()]
        shortest = min((e.loops for e in events), key=len)
        shared = len({e.number for e in events}) < len(events)
        return shortest[:-1] if shared and len(shortest) > 1 else shortest

    # --- the usual losses -------------------------------------------------------------------------

    def _usual(self) -> list[Candidate]:
        found: list[Candidate] = []
        seen_sides: list[Any] = []
        for number, (first, second) in sorted(
            self._differences.items(), key=lambda item: item[1][0].order
        ):
            sides = _sides(first, second)
            if sides is None:
                continue
            output = second.value[0 if sides else 1]
            if any(np.array_equal(output, known) for known in seen_sides):
                continue
            seen_sides.append(output)
            node = self.analysis.nodes[number]
            line: int = getattr(node, "lineno", 0)
            found += [
                Candidate(loss, loss.text, line, 0, False, first)
                for loss in _listed(number, node, sides, second)
            ]
            if len(seen_sides) == 3:
                break
        for one in found:
            one.comparison = compared(self.claimed, self.bench.true_gradients(one.loss, self.place))
        known = [c for c in found if c.comparison is not None]
        for one in list(known):
            scaled = self._with_factor(one)
            if scaled is not one:
                known.append(scaled)
        return sorted(
            known,
            key=lambda c: (
                not (c.comparison and c.comparison.exact),
                -len(c.comparison.matched) if c.comparison else 0,
                c.comparison is None or c.comparison.factor is None,
                not c.text.startswith("½") and not (c.comparison and c.comparison.matched),
                -round(c.comparison.closeness, 6) if c.comparison else 0,
            ),
        )

    def _with_factor(self, candidate: Candidate) -> Candidate:
        """Return a usual loss with the factor that makes it exact, if that is a usual one."""
        found = candidate.comparison
        loss = candidate.loss
        if found is None or found.exact or not isinstance(loss, ListedLoss):
            return candidate
        value = self._differences[loss.number][1].value[0]
        self.bench.loss(loss)(self.place)
        samples = self.bench.step.parts
        shape = (*np.shape(value), samples, samples * int(np.size(value)))
        best = candidate
        for ratio in dict.fromkeys(round(r, 9) for r in found.ratios if r > 0):
            for formula, text in _scaled(loss, shape, ratio):
                scaled = ListedLoss(
                    loss.number, loss.output_first, formula, text, loss.one_hot
                )  # fmt: skip
                comparison = compared(self.claimed, self.bench.true_gradients(scaled, self.place))
                before = best.comparison
                if comparison is not None and before is not None and (
                    len(comparison.matched) > len(before.matched)
                ):  # fmt: skip
                    best = Candidate(
                        scaled, text, candidate.line, 0, False, candidate.seen, comparison
                    )
        return best


# --- formulas -------------------------------------------------------------------------------------


def _sides(first: Seen, second: Seen) -> bool | None:
    """Tell whether the output is left in a difference, or right; None if neither side is."""
    changed = []
    for position in (0, 1):
        one, other = first.value[position], second.value[position]
        try:
            a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
        except (TypeError, ValueError):
            return None
        changed.append(a.shape != b.shape or not np.array_equal(a, b))
    if changed[0] == changed[1]:
        return None
    left, right = (np.asarray(x, dtype=float) for x in second.value)
    if left.shape != right.shape and np.size(left) != np.size(right):
        return None
    return changed[0]


def _listed(number: int, node: ast.AST, output_first: bool, seen: Seen) -> list[ListedLoss]:
    """Return the usual losses of a difference."""
    one_hot = one_hot_key(node) is not None
    if one_hot:
        assert isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript)
        p, y = text_of(node.target.value), text_of(node.target)
        formula = "-np.sum(target * np.log(output))"
        return [ListedLoss(number, True, formula, f"−Σ ln {y}", one_hot=True)]
    assert isinstance(node, ast.BinOp)
    left, right = _short(node.left, "left side"), _short(node.right, "right side")
    p, y = (left, right) if output_first else (right, left)
    output, target = (
        np.asarray(seen.value[i], dtype=float) for i in ((0, 1) if output_first else (1, 0))
    )
    found = [
        ListedLoss(
            number, output_first, "0.5 * np.sum((output - target) ** 2)", f"½ Σ ({p} − {y})²"
        )
    ]
    if np.all((output > 0) & (output < 1)) and np.all((target >= 0) & (target <= 1)):
        formula = "-np.sum(target * np.log(output) + (1 - target) * np.log(1 - output))"
        text = f"−Σ [{y} ln {p} + (1 − {y}) ln(1 − {p})]"
        found.append(ListedLoss(number, output_first, formula, text))
        if output.ndim and max(output.shape) > 1:
            formula = "-np.sum(target * np.log(output))"
            found.append(ListedLoss(number, output_first, formula, f"−Σ {y} ln {p}"))
    return found


def _scaled(loss: ListedLoss, shape: tuple[int, ...], factor: float) -> list[tuple[str, str]]:
    """Return the loss times a factor, if it is one of those that people use."""
    squared = loss.text.startswith("½")
    sizes = {"": 1, **{str(n): n for n in (*shape, int(np.prod(shape[:-2]))) if n}}
    result = []
    for times in (1, 2):
        for name, n in sizes.items():
            if not np.isclose(factor, times / n, rtol=1e-6):
                continue
            scale = "" if times == 1 else "2 * "
            formula = f"{scale}{loss.formula}" if n == 1 else f"{scale}{loss.formula} / {name}"
            body = loss.text.removeprefix("½ ")
            if squared:
                half = "½ " if times == 1 else ""
                text = f"{half}{body}" if n == 1 else f"1/{name} · {half}{body}"
            else:
                text = body if n == 1 else f"1/{name} · ({body})"
                text = text if times == 1 else f"2 {text}"
            result.append((formula, text))
    return result


def _short(node: ast.AST, other: str) -> str:
    text = text_of(node)
    return text if len(text) <= 30 and (is_reference(node) or len(text) <= 12) else other


def _told(label: str, node: ast.AST) -> str:
    words = label.strip().strip(":=").strip()
    return f"`{words}`" if re.fullmatch(r"[\w.\[\]'\"]+", words) else f"`{text_of(node)}`"


def _is_absolute(node: ast.AST) -> bool:
    return any(
        (isinstance(n, ast.Attribute) and n.attr in ("abs", "absolute"))
        or (isinstance(n, ast.Name) and n.id == "abs")
        for n in ast.walk(node)
    )
