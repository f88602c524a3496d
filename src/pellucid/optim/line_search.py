"""A line search for a step that satisfies the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Trial", "cubic_minimum", "strong_wolfe"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A point on the line: how far it is, the loss there, its gradient, and its slope."""

    distance: float
    loss: float
    gradient: Array
    slope: float


def cubic_minimum(a: Trial, b: Trial, bounds: tuple[float, float] | None = None) -> float:
    """Return where the cubic through two points and their slopes is least, within bounds.

    Where the cubic has no minimum, or rounding hides it, the middle of the bounds
    (Nocedal & Wright, 2006, equation 3.59).
    """
    low, high = bounds or (min(a.distance, b.distance), max(a.distance, b.distance))
    if a.distance == b.distance:
        return (low + high) / 2
    if a.distance > b.distance:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.distance - b.distance)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    divisor = b.slope - a.slope + 2 * d2
    if divisor == 0:
        return (low + high) / 2
    place = b.distance - (b.distance - a.distance) * ((b.slope + d2 - d1) / divisor)
    return min(max(place, low), high)


def strong_wolfe(
    evaluate: Callable[[float], tuple[float, Array]],
    start: Trial,
    direction: Array,
    distance: float,
    *,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance: float = 1e-9,
    max_trials: int = 25,
) -> tuple[Trial, int]:
    r"""Find a distance t along a direction d with enough decrease and a flat enough slope.

    .. math::

        f(θ + t d) &≤ f(θ) + c_1 t \, g^T d \\
        |g(θ + t d)^T d| &≤ c_2 |g^T d|

    First the step grows until it brackets such a point, then the bracket is narrowed, both by
    cubic interpolation (Nocedal & Wright, 2006, algorithms 3.5 and 3.6, in the form of Schmidt's
    minFunc, 2005, as in PyTorch).

    Parameters
    ----------
    evaluate : callable
        Returns loss and gradient at a distance.
    start : Trial
        The point at distance 0.
    direction : array of shape (n,)
        The line's direction d, downhill.
    distance : float
        The first distance to try.
    c1, c2 : float
        The constants of the two conditions.
    tolerance : float
        A bracket shorter than this is not narrowed.
    max_trials : int
        Most evaluations, after the first.

    Returns
    -------
    best : Trial
        The best point found.
    evaluations : int
        How many points were evaluated.
    """

    def trial(distance: float) -> Trial:
        loss, gradient = evaluate(distance)
        return Trial(distance, loss, gradient, float(np.dot(gradient, direction)))

    def decreases(point: Trial) -> bool:
        return point.loss <= start.loss + c1 * point.distance * start.slope

    def is_flat(point: Trial) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    previous, current = start, trial(distance)
    trials = 0
    while True:
        if trials == max_trials:
            bracket = [start, current]
            break
        if not decreases(current) or (trials > 1 and current.loss >= previous.loss):
            bracket = [previous, current]
            break
        if is_flat(current):
            return current, trials + 1
        if current.slope >= 0:
            bracket = [previous, current]
            break
        bounds = (
            current.distance + 0.01 * (current.distance - previous.distance),
            current.distance * 10,
        )
        previous, current = current, trial(cubic_minimum(previous, current, bounds))
        trials += 1

    # The bracket is kept in two places; `low` says which one holds the smaller loss.
    low = 1 if bracket[1].loss < bracket[0].loss else 0  # a NaN is never the smaller
    longest = float(np.max(np.abs(direction)))
    stalled = False
    while trials < max_trials:
        left = min(point.distance for point in bracket)
        right = max(point.distance for point in bracket)
        if (right - left) * longest < tolerance:
            break
        distance = cubic_minimum(bracket[0], bracket[1])
        margin = 0.1 * (right - left)
        if min(right - distance, distance - left) < margin:
            # Twice in a row too near an end of the bracket: step a tenth inside instead.
            if stalled or distance >= right or distance <= left:
                nearer_right = abs(distance - right) < abs(distance - left)
                distance = right - margin if nearer_right else left + margin
                stalled = False
            else:
                stalled = True
        else:
            stalled = False
        current = trial(distance)
        trials += 1
        if not decreases(current) or current.loss >= bracket[low].loss:
            bracket[1 - low] = current
            low = 1 if bracket[1].loss < bracket[0].loss else 0  # a NaN is never the smaller
            continue
        done = is_flat(current)
        if not done and current.slope * (bracket[1 - low].distance - bracket[low].distance) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = current
        if done:
            break
    return bracket[low], trials + 1
