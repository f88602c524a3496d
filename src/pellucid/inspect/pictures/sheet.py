"""How a drawing with numbers is laid out: where columns and units stand, and how much fits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.pictures.fitting import LETTER, points_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ROW", "Sheet", "sheet_on", "wanted_size"]

ROW = 9.5
"""Points of a row of small letters."""

_LARGEST_UNIT, _SMALLEST_UNIT = 36.0, 9.0  # points across a circle
_LEAST_PITCH = 17.0  # points from a unit to the next, or some are left out


@dataclass(frozen=True)
class Sheet:
    """How a drawing is laid out, in points from its lower left corner.

    Attributes
    ----------
    width, height : float
    across : list of float
        Where the columns stand.
    unit : float
        The diameter of a circle.
    pitch : float
        From a unit to the next one below.
    foot : float
        The height of the texts at the bottom.
    shown : list of ndarray
        Which units are drawn, by column.
    below : float
        Room below a circle for a bias; 0 if there is none.
    """

    width: float
    height: float
    across: list[float]
    unit: float
    pitch: float
    foot: float
    shown: list[Array]
    below: float

    @property
    def middle(self) -> float:
        """Where the middle of each column stands."""
        return self.foot + (self.height - self.foot) / 2

    def heights(self, column: int, count: int) -> list[float]:
        """Return where the units of a column stand, from the top down."""
        units = self.shown[column]
        places = (len(units) - 1) / 2 - np.arange(len(units), dtype=float)
        if len(units) < count:  # a gap for the dots
            half = len(units) // 2
            places = np.where(np.arange(len(units)) < half, places + 0.5, places - 0.5)
        return [self.middle + self.pitch * float(place) for place in places]


def wanted_size(
    counts: list[int], most: int, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[float, float]:
    """Return width and height of a figure of its own, in inches, in which most numbers fit."""
    drawn = [min(count, most) for count in counts]
    edges = max(a * b for a, b in itertools.pairwise(drawn))
    step = 125.0 + min(1.6 * edges, 110.0)
    names = sum(LETTER * 8.0 * min(max(map(len, n), default=0), 18) for n in (inputs, outputs))
    width = step * (len(counts) - 1) + 2 * _LARGEST_UNIT + names
    height = max(drawn) * (64.0 if max(drawn) < 5 else 52.0) + 60.0
    return width / 72 + 0.08, height / 72 + 0.08


def sheet_on(
    axes: Axes,
    counts: list[int],
    most: int,
    biases: bool,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Sheet:
    """Return the layout on some axes: as large as they are, with as many units as fit.

    Parameters
    ----------
    axes : Axes
    counts : list of int
        Units of each column.
    most : int
        Units of a column at most.
    biases : bool
        Whether something is to stand below the units.
    inputs, outputs : sequence of str
        Names beside the outer columns.
    """
    width, height = points_of(axes)
    foot = 4 * ROW + 4 if height > 130 else ROW + 2
    room = height - foot
    most = max(2, min(most, int(room / _LEAST_PITCH)))
    shown = [_chosen(count, most) for count in counts]
    tallest = max(
        len(units) + (1 if len(units) < count else 0)
        for units, count in zip(shown, counts, strict=True)
    )
    pitch = min(room / tallest, 90.0)
    below = ROW if biases and pitch >= 30 else 0.0
    pitch = min((room - below) / tallest, 90.0)
    foot += below  # what stands below the last unit
    columns = len(counts)
    unit = max(min(_LARGEST_UNIT, pitch - below - 4, 0.34 * width / columns), _SMALLEST_UNIT)
    beside = []
    for names in (inputs, outputs):
        wide = LETTER * 8.0 * min(max(map(len, names), default=0), 18)
        beside.append(wide + 6 if names and wide < 0.2 * width else 0.0)
    left, right = (unit / 2 + 4 + one for one in beside)
    step = (width - left - right) / max(columns - 1, 1)
    across = [left + k * step for k in range(columns)]
    return Sheet(width, height, across, unit, pitch, foot, shown, below)


def _chosen(count: int, most: int) -> Array:
    """Return which units are drawn: all, or the first and the last."""
    if count <= most:
        return np.arange(count)
    half = max((most - 1) // 2, 1)
    return np.r_[:half, count - half : count]
