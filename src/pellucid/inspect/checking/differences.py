"""Finite differences in float64, with an estimate of their own error, and kinks noticed.

Central differences at steps h and h/2, extrapolated (Ridders 1982, one step):

    D(h) = (f(x + h) − f(x − h)) / 2h,    D = (4 D(h/2) − D(h)) / 3

The difference of D(h/2) and D is an estimate of the error, to which rounding adds about r / h. How
far rounding moves the loss, r, is measured: a loss that subtracts 1e6 from 1e6 has more of it than
its size tells. Between the slopes on the two sides lies

    b(h) = (f(x + h) − 2 f(x) + f(x − h)) / h  =  J + h f″ + O(h³)

so 2 b(h/2) − b(h) is the jump J of the slope whatever the curvature, at a minimum as elsewhere. One
that stays as h shrinks is a kink (a ReLU at 0, a tie of a maximum): any number between the slopes
on its two sides is a right answer.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pellucid.dtypes import Array

__all__ = ["EPS", "Differences", "Estimate", "difference", "difference_entry", "rounding_of"]

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Differences:
    """Finite differences of one parameter.

    Attributes
    ----------
    indices : ndarray of int
        The flat positions of the entries that were looked at.
    values, errors : ndarray
        The derivatives and the estimates of their errors.
    low, high : ndarray
        The slopes between which a right answer lies; equal to `values` where there is no kink.
    """

    indices: Array
    values: Array
    errors: Array
    low: Array
    high: Array

    @property
    def kinks(self) -> Array:
        """Which of the entries lie at a kink."""
        return self.low < self.high

    def without_kinks(self) -> Differences:
        """Return the same for a loss that is known to have no kinks."""
        return replace(self, low=self.values, high=self.values)


class Estimate(NamedTuple):
    """The derivative by one entry.

    Attributes
    ----------
    value, error : float
        The derivative, and the estimate of its error.
    low, high : float
        The slopes between which a right answer lies.
    """

    value: float
    error: float
    low: float
    high: float


Loss = Callable[[Mapping[str, Array]], float]


def rounding_of(loss: Loss, parameters: dict[str, Array], precision: float = EPS) -> float:
    """Return by how much rounding moves the loss: measured, and at least what its size tells.

    Parameters
    ----------
    loss : callable
    parameters : dict
    precision : float
        The relative rounding error of the loss.
    """
    rng = np.random.default_rng(0)
    base = loss(parameters)
    measured = 0.0
    for size in (1e-9, 1e-7):
        way = {
            name: size * rng.standard_normal(value.shape) * np.maximum(np.abs(value), 1)
            for name, value in parameters.items()
        }

        def bend(part: float, way: dict[str, Array] = way) -> float:
            up, down = (
                loss({name: value + sign * part * way[name] for name, value in parameters.items()})
                for sign in (1, -1)
            )
            return up - 2 * base + down

        # Nothing is left in this of a bend that grows as the step or as its square.
        rest = abs(bend(1) - 6 * bend(0.5) + 8 * bend(0.25)) / 6
        measured = max(measured, rest) if np.isfinite(rest) else measured
    return max(8 * precision * abs(base), 2 * measured, 1e-300)


def difference(
    loss: Loss,
    parameters: dict[str, Array],
    *,
    rng: np.random.Generator,
    entries: int = 64,
    seconds: float = 4.0,
    precision: float = EPS,
    rounding: float | None = None,
) -> dict[str, Differences]:
    """Differentiate ``loss`` by some entries of every parameter.

    Parameters
    ----------
    loss : callable
        Gives a float for a dict of arrays.
    parameters : dict
        Arrays of float64; put back as they were.
    rng : Generator
        Chooses the entries of large parameters.
    entries : int
        How many entries of each parameter to look at, at most.
    seconds : float
        Time after which fewer entries are looked at: but at least 4 of every parameter.
    precision : float
        The relative rounding error of the loss.
    rounding : float, optional
        By how much rounding moves the loss; measured if it is not given.
    """
    base = loss(parameters)
    rounding = rounding_of(loss, parameters, precision) if rounding is None else rounding
    deadline = time.monotonic() + seconds
    share = seconds / len(parameters)
    found: dict[str, tuple[Array, list[Estimate]]] = {}
    for number, (name, value) in enumerate(parameters.items(), start=1):
        order = (
            np.arange(value.size)
            if value.size <= entries
            else rng.choice(value.size, size=entries, replace=False)
        )
        rows: list[Estimate] = []
        until = deadline - share * (len(parameters) - number)
        for flat in order:
            if len(rows) >= 4 and time.monotonic() > until:
                break
            rows.append(
                difference_entry(loss, parameters, name, int(flat), base, rounding, precision)
            )
        found[name] = np.asarray(order[: len(rows)]), rows
    largest = max(abs(one.value) for _, rows in found.values() for one in rows)
    for name, (order, rows) in found.items():
        for i, one in enumerate(rows):
            if (
                one.low == one.high
                and one.error > _COARSE * largest
                and time.monotonic() < deadline
            ):
                rows[i] = _with_larger_steps(loss, parameters, name, int(order[i]), one, rounding)
    return {
        name: Differences(order, *np.array(rows, dtype=np.float64).T)
        for name, (order, rows) in found.items()
    }


_COARSE = 1e-6  # of the largest derivative: an error above it is worth larger steps


def difference_entry(
    loss: Loss,
    parameters: dict[str, Array],
    name: str,
    flat: int,
    base: float,
    rounding: float,
    precision: float = EPS,
) -> Estimate:
    """Return the derivative by one entry, its error, and the slopes on both sides."""
    line = _Line(loss, parameters, name, flat)
    first = line.size * (2e-4 if precision == EPS else 2e-2)
    smooth, best = _smooth(line, first, base, rounding)
    if smooth and best.value == 0 and line.at(first) == base:
        return best._replace(error=max(best.error, _hidden_slope(line, first, base)))
    if smooth:
        return best
    return _near_a_kink(line, best, base, rounding, precision)


class _Line:
    """The loss along one entry of a parameter, seen from where it is."""

    def __init__(self, loss: Loss, parameters: dict[str, Array], name: str, flat: int) -> None:
        self._loss, self._parameters = loss, parameters
        self._value = parameters[name]
        self._index = np.unravel_index(flat, self._value.shape)
        self._x = float(self._value[self._index])
        self.size = max(abs(self._x), 1.0)

    def at(self, shift: float) -> float:
        self._value[self._index] = self._x + shift
        try:
            return self._loss(self._parameters)
        finally:
            self._value[self._index] = self._x

    def slopes(self, h: float, base: float) -> tuple[float, float]:
        """Return the slopes to the left and to the right."""
        return (base - self.at(-h)) / h, (self.at(h) - base) / h


def _smooth(line: _Line, h: float, base: float, rounding: float) -> tuple[bool, Estimate]:
    """Return the extrapolated derivative, and whether the loss is smooth within the step."""
    outer_left, outer_right = line.slopes(h, base)
    inner_left, inner_right = line.slopes(h / 2, base)
    coarse, fine = (outer_left + outer_right) / 2, (inner_left + inner_right) / 2
    best = (4 * fine - coarse) / 3
    noise, rest = rounding / h, abs(best - fine) / 4
    bend = outer_right - outer_left
    jump = 2 * (inner_right - inner_left) - bend
    straight = abs(jump) <= 1e-3 * abs(bend) + 50 * noise
    smooth = straight and rest <= 1e-4 * (abs(best) + abs(bend) + noise)
    return smooth, Estimate(best, rest + noise if straight else np.inf, best, best)


def _hidden_slope(line: _Line, h: float, base: float) -> float:
    """Return the slope that a loss may have which does not move at all within a step.

    What is left of two large numbers moves in steps of their rounding, larger than its own.
    """
    for step in (10 * h, 100 * h, 1000 * h):
        moved = max(abs(line.at(step) - base), abs(line.at(-step) - base))
        if moved > 0:
            return moved / step if np.isfinite(moved) else 0.0
    return 0.0


def _near_a_kink(
    line: _Line, best: Estimate, base: float, rounding: float, precision: float
) -> Estimate:
    """Shrink the step until the kink is left outside; if it stays, return the slopes beside it."""
    steps = [
        line.size * h for h in ((1e-4, 1e-5, 1e-6, 1e-7) if precision == EPS else (1e-2, 1e-3))
    ]
    sides = [line.slopes(h, base) for h in steps]
    middles = [(left + right) / 2 for left, right in sides]
    bends = [right - left for left, right in sides]
    # b(h) = J + h f'': the jump follows from two steps, each a tenth of the one before.
    jumps = [(10 * b - a) / 9 for a, b in itertools.pairwise(bends)]
    noises = [4 * rounding / h for h in steps]
    for k in range(len(steps) - 1, 0, -1):
        (left, right), bend, jump, noise = sides[k], bends[k], jumps[k - 1], noises[k]
        if noise > 0.1 * max(abs(bend), abs(bends[k - 1])):
            continue  # only rounding to be seen at this step
        if abs(jump) < 0.5 * abs(bend) or abs(jump) < 1e-7 * (abs(left) + abs(right)):
            break  # it shrinks with the step: a curvature
        if abs(bend) < 0.3 * abs(bends[k - 1]):
            break  # it was left outside
        if k > 1 and abs(jump - jumps[0]) > 0.5 * abs(jump) + 10 * noise:
            break  # it was not there at a larger step, so it is no kink but rounding
        low, high = min(left, right) - noise, max(left, right) + noise
        return Estimate((left + right) / 2, abs(right - left) + noise, low, high)
    for (a, b), bend, h in zip(itertools.pairwise(middles), bends[1:], steps[1:], strict=True):
        # Two kinks within the steps may cancel in a and b, but not in the bend as well.
        value, error = (100 * b - a) / 99, max(abs(b - a), abs(bend)) / 10 + rounding / h
        if error < best.error:
            best = Estimate(value, error, value, value)
    return best


def _with_larger_steps(
    loss: Loss, parameters: dict[str, Array], name: str, flat: int, best: Estimate, rounding: float
) -> Estimate:
    """Return a better estimate where rounding hides the derivative: of a flat or a large loss."""
    line = _Line(loss, parameters, name, flat)
    base = loss(parameters)
    for h in (2e-3, 2e-2, 2e-1):
        smooth, other = _smooth(line, h * line.size, base, rounding)
        if smooth and other.error < best.error:
            best = other
    return best
