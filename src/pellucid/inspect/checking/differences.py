"""Finite differences in float64, with an estimate of their own error, and kinks noticed.

Central differences at steps h and h/2, extrapolated (Ridders 1982, one step):

    D(h) = (f(x + h) − f(x − h)) / 2h,    D = (4 D(h/2) − D(h)) / 3

The difference of D(h/2) and D is an estimate of the error, to which rounding adds about
ε |f| / h. Where the slopes on the two sides differ and stay different as h shrinks, there is a kink
(a ReLU at 0, a tie of a maximum), and any number between the two is a right answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array

__all__ = ["EPS", "Differences", "difference", "difference_entry"]

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


def difference(
    loss: Callable[[Mapping[str, Array]], float],
    parameters: dict[str, Array],
    *,
    rng: np.random.Generator,
    entries: int = 64,
    seconds: float = 4.0,
    precision: float = EPS,
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
    """
    base = loss(parameters)
    deadline = time.monotonic() + seconds
    share = seconds / len(parameters)
    result = {}
    for number, (name, value) in enumerate(parameters.items(), start=1):
        order = (
            np.arange(value.size)
            if value.size <= entries
            else rng.choice(value.size, size=entries, replace=False)
        )
        rows: list[tuple[float, float, float, float]] = []
        until = deadline - share * (len(parameters) - number)
        for flat in order:
            if len(rows) >= 4 and time.monotonic() > until:
                break
            rows.append(difference_entry(loss, parameters, name, int(flat), base, precision))
        columns = np.array(rows).T
        result[name] = Differences(np.asarray(order[: len(rows)]), *columns)
    return result


def difference_entry(
    loss: Callable[[Mapping[str, Array]], float],
    parameters: dict[str, Array],
    name: str,
    flat: int,
    base: float,
    precision: float = EPS,
) -> tuple[float, float, float, float]:
    """Return the derivative by one entry, its error, and the slopes on both sides."""
    value = parameters[name]
    index = np.unravel_index(flat, value.shape)
    x = float(value[index])

    def at(shift: float) -> float:
        value[index] = x + shift
        try:
            return loss(parameters)
        finally:
            value[index] = x

    size = max(abs(x), 1.0)
    h = (2e-4 if precision == EPS else 2e-2) * size
    outer_up, outer_down = at(h), at(-h)
    inner_up, inner_down = at(h / 2), at(-h / 2)
    coarse, fine = (outer_up - outer_down) / (2 * h), (inner_up - inner_down) / h
    best = (4 * fine - coarse) / 3
    noise = 8 * precision * max(abs(base), abs(outer_up), abs(outer_down), 1e-300) / h
    error = abs(best - fine) / 4 + noise
    bend_outer = (outer_up - 2 * base + outer_down) / h
    bend_inner = (inner_up - 2 * base + inner_down) / (h / 2)
    # A smooth bend halves with the step; one that does not is a kink nearby or here.
    if abs(bend_inner) < 0.75 * abs(bend_outer) + 50 * noise and error < 1e-4 * (abs(best) + noise):
        return best, error, best, best
    if abs(bend_inner) < 50 * noise and error < 1e-6 * (1 + abs(best)):
        return best, error, best, best
    return _near_a_kink(at, base, size, precision)


def _near_a_kink(
    at: Callable[[float], float], base: float, size: float, precision: float
) -> tuple[float, float, float, float]:
    """Shrink the step until the kink is left outside; if it stays, return the slopes beside it."""
    left = right = 0.0
    for h in (1e-5 * size, 1e-6 * size) if precision == EPS else (1e-2 * size,):
        up, down = at(h), at(-h)
        right, left = (up - base) / h, (base - down) / h
        noise = 8 * precision * max(abs(base), 1e-300) / h
        middle = (up - down) / (2 * h)
        if abs(right - left) <= 1e-4 * max(abs(right), abs(left)) + 4 * noise:
            return middle, noise + abs(right - left), middle, middle
    noise = 8 * precision * max(abs(base), 1e-300) / h
    low, high = min(left, right) - noise, max(left, right) + noise
    return (left + right) / 2, abs(right - left) + noise, low, high
