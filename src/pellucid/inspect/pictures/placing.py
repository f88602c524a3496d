"""Where numbers stand in a drawing: beside each other, on their lines, on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.dtypes import Array

__all__ = ["Box", "Line", "place_on_lines", "text_size"]

_DIGIT = 0.64  # width of a digit as a share of the size of the font
_MINUS = 0.84
_POINT = 0.33
_HEIGHT = 1.16
_APART = 1.5  # points that are left between texts
_STEPS = 41  # places that are tried along a line
_WANTED = 0.35  # of the way along a line


def text_size(text: str, size: float) -> tuple[float, float]:
    """Return width and height of a number, in points, for letters of a size in points."""
    wide = sum(_MINUS if c in "−+=" else _POINT if c in ". " else _DIGIT for c in text)
    return wide * size, _HEIGHT * size


@dataclass(frozen=True)
class Box:
    """A rectangle in points: its middle, its width and its height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line from (x0, y0) to (x1, y1) in points, x0 < x1, with the number that belongs to it."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str

    @property
    def slope(self) -> float:
        """How much it rises for each point to the right."""
        return (self.y1 - self.y0) / (self.x1 - self.x0)


def place_on_lines(
    lines: Sequence[Line], taken: Iterable[Box], size: float, order: Sequence[int]
) -> dict[int, Box]:
    """Return places for the numbers of lines, in which they meet nothing.

    Each is put where the fewest other lines go through it and other numbers are far, rather near
    the beginning of its line than in the middle, where lines cross.

    Parameters
    ----------
    lines : sequence of Line
    taken : iterable of Box
        Where something else stands.
    size : float
        Of the letters, in points.
    order : sequence of int
        Which line is served first.

    Returns
    -------
    dict
        By the number of the line; lines for which there is no room are left out.
    """
    fixed = list(taken)
    ways = np.array([(line.x0, line.y0, line.slope) for line in lines])
    found: dict[int, Box] = {}
    for k in (*order, *order):  # once more, when the others have found their places
        others = [*fixed, *(box for n, box in found.items() if n != k)]
        best = _best_place(lines[k], np.delete(ways, k, axis=0), others, size)
        if best is not None:
            found[k] = best
    return found


def _best_place(line: Line, ways: Array, others: list[Box], size: float) -> Box | None:
    """Return the best place for the number of one line, None if there is none."""
    width, height = text_size(line.text, size)
    free = line.x1 - line.x0 - width
    if free <= 0:
        return None
    share = np.linspace(0.0, 1.0, _STEPS)
    x = (line.x0 + width / 2 + share * free)[:, None]  # (places, 1)
    y = line.y0 + line.slope * (x - line.x0)
    cost = np.abs(share - _WANTED)
    if len(ways):
        start, rise, slope = ways.T  # (lines,)
        ends = [rise + slope * (x + side * width / 2 - start) for side in (-1, 1)]
        below = np.minimum(*ends) < y + height / 2 + _APART
        above = np.maximum(*ends) > y - height / 2 - _APART
        cost = cost + np.count_nonzero(below & above, axis=1)
    if others:
        standing = np.array([(box.x, box.y, box.width, box.height) for box in others])
        across, up = np.abs(x - standing[:, 0]), np.abs(y - standing[:, 1])
        meets = (across < (width + standing[:, 2]) / 2 + _APART) & (
            up < (height + standing[:, 3]) / 2 + _APART
        )
        near = np.maximum(0.0, 1 - np.hypot(across, up) / (4 * size)).sum(axis=1)
        cost = np.where(meets.any(axis=1), np.inf, cost + 0.5 * near)
    best = int(np.argmin(cost))
    if not np.isfinite(cost[best]):
        return None
    return Box(float(x[best, 0]), float(y[best, 0]), width, height)
