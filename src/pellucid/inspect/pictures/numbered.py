"""A dense network drawn with its numbers: on the lines, in the circles, and below them."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import UnknownNameError
from pellucid.inspect.explaining.numbers import written
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import LETTER, literal, shortened
from pellucid.inspect.pictures.placing import Box, Line, place_on_lines, text_size
from pellucid.inspect.pictures.sheet import ROW, Sheet, sheet_on, wanted_size
from pellucid.inspect.pictures.step_numbers import ColumnNumbers
from pellucid.inspect.pictures.style import SIGNED, new_axes, no_ticks, sign_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["NUMBERS", "draw_numbered", "wanted_numbers"]

NUMBERS = ("weights", "activations", "biases")
"""What numbers there are to write; on the way back, the gradients by them."""

_SIZES = (8.5, 7.5, 6.75, 6.0)  # of letters, in points
_MOST_LABELS = 36  # numbers on the lines from one column to the next
_FEWER_LABELS = 24  # if there are more lines than that: the largest
_SMALL = 7.0  # points of the letters of what is said at the edges


def wanted_numbers(numbers: bool | str | Collection[str]) -> tuple[str, ...]:
    """Return which numbers are asked for.

    Raises
    ------
    UnknownNameError
        If there are no numbers of that name.
    """
    if isinstance(numbers, bool):
        return NUMBERS if numbers else ()
    names = (numbers,) if isinstance(numbers, str) else tuple(numbers)
    for name in names:
        if name not in NUMBERS:
            raise UnknownNameError("numbers of a diagram", str(name), NUMBERS)
    return names


def draw_numbered(
    columns: Sequence[ColumnNumbers],
    *,
    numbers: tuple[str, ...],
    backward: bool,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    most: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw columns of units with their numbers, as many as there is room for.

    Parameters
    ----------
    columns : sequence of ColumnNumbers
    numbers : tuple of str
        Which are written.
    backward : bool
        Whether they are gradients.
    input_names, output_names : sequence of str
    most : int
        Units of a column at most.
    ax : Axes, optional
    """
    for column in columns:
        for name, values in (("units", column.units), ("weights", column.weights)):
            if values is not None:
                kind = "gradients" if backward else "numbers"
                check_finite(values, f"the {kind} ({name}) of '{column.path or 'input'}'")
    counts = _counts(columns)
    axes = new_axes(ax, *wanted_size(counts, most, input_names, output_names))
    no_ticks(axes)
    figure = axes.get_figure(root=True)
    assert figure is not None  # axes that are drawn on have one
    figure.draw_without_rendering()  # so that the layout is done, and points are points
    sheet = sheet_on(axes, counts, most, "biases" in numbers, input_names, output_names)
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, sheet.height)
    words = _draw_units(axes, columns, counts, sheet, numbers, backward)
    taken = _draw_below(axes, columns, counts, sheet, numbers, backward)
    if "biases" in numbers and not taken and any(c.biases is not None for c in columns):
        words.append("what is below the units")
    words += _draw_lines(axes, columns, counts, sheet, numbers, taken)
    _write_names(axes, sheet, counts, input_names, output_names)
    _write_foot(axes, columns, sheet, counts, numbers, backward, words)
    return axes


def _counts(columns: Sequence[ColumnNumbers]) -> list[int]:
    """Return how many units each column has."""
    first = columns[1].weights
    units = columns[0].units
    start = units.size if units is not None else 0 if first is None else len(first)
    counts = [start]
    for column in columns[1:]:
        known = column.units if column.units is not None else column.biases
        if known is not None:
            counts.append(known.size)
        else:
            counts.append(0 if column.weights is None else column.weights.shape[1])
    return counts


# --- units ----------------------------------------------------------------------------------------


def _draw_units(
    axes: Axes,
    columns: Sequence[ColumnNumbers],
    counts: list[int],
    sheet: Sheet,
    numbers: tuple[str, ...],
    backward: bool,
) -> list[str]:
    """Draw the circles, tinted by sign and size, with their numbers; return what was left out."""
    from matplotlib import colormaps

    known = [
        column.units[units]
        for column, units in zip(columns, sheet.shown, strict=True)
        if column.units is not None
    ]
    limit = max((float(np.abs(values).max()) for values in known if values.size), default=0.0)
    room = sheet.unit - 3.0
    size, digits = _fitting(known, room)
    left_out = 0
    for k, (column, units) in enumerate(zip(columns, sheet.shown, strict=True)):
        places = sheet.heights(k, counts[k])
        for unit, y in zip(units, places, strict=True):
            value = None if column.units is None else float(column.units[unit])
            share = 0.0 if value is None or not limit else value / limit
            axes.scatter(
                [sheet.across[k]],
                [y],
                s=sheet.unit**2,
                color=[colormaps[SIGNED](0.5 + 0.2 * share)],
                edgecolors="black" if value is not None else "0.6",
                linewidths=0.9,
                zorder=3,
            )
            if "activations" not in numbers or value is None:
                continue
            if text_size(written(value, digits), size)[0] > room:
                left_out += 1
            else:
                text = axes.text(
                    sheet.across[k], y, written(value, digits), ha="center", va="center",
                    fontsize=size, zorder=4,
                )  # fmt: skip
                kind = "gradient of activation" if backward else "activation"
                text.set_gid(f"{kind} {k} {unit}")
        if len(units) < counts[k]:
            axes.text(
                sheet.across[k], sheet.middle, "⋮", ha="center", va="center", fontsize=11, zorder=4
            )
    return [f"the numbers of {left_out} units"] if left_out else []


def _fitting(known: list[Array], room: float) -> tuple[float, int]:
    """Return the size of letters and the digits with which all numbers fit, or most do."""
    for digits in (3, 2):
        texts = [written(float(v), digits) for values in known for v in values]
        for size in (9.0, *_SIZES):
            if max((text_size(text, size)[0] for text in texts), default=0.0) <= room:
                return size, digits
    return _SIZES[-1], 2


def _draw_below(
    axes: Axes,
    columns: Sequence[ColumnNumbers],
    counts: list[int],
    sheet: Sheet,
    numbers: tuple[str, ...],
    backward: bool,
) -> list[Box]:
    """Write biases below the units, where there is room; return where they stand."""
    taken: list[Box] = []
    texts = [written(float(b), 3) for c in columns if c.biases is not None for b in c.biases]
    widest = max((text_size(f"b = {text}", _SMALL)[0] for text in texts), default=0.0)
    if "biases" not in numbers or not sheet.below or widest + 4 > sheet.across[1] - sheet.across[0]:
        return taken
    for k, (column, units) in enumerate(zip(columns, sheet.shown, strict=True)):
        if column.biases is None:
            continue
        for unit, y in zip(units, sheet.heights(k, counts[k]), strict=True):
            value = float(column.biases[unit])
            said = f"b = {written(value, 3)}" if not backward else written(value, 3)
            width, height = text_size(said, _SMALL)
            place = y - sheet.unit / 2 - 2 - height / 2
            x = min(max(sheet.across[k], width / 2 + 1), sheet.width - width / 2 - 1)
            text = axes.text(
                x, place, said, ha="center", va="center", fontsize=_SMALL,
                color=sign_colour(value), zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.85},
            )  # fmt: skip
            text.set_gid(f"{'gradient of ' if backward else ''}bias {k} {unit}")
            taken.append(Box(x, place, width, height))
    return taken


# --- lines ----------------------------------------------------------------------------------------


def _draw_lines(
    axes: Axes,
    columns: Sequence[ColumnNumbers],
    counts: list[int],
    sheet: Sheet,
    numbers: tuple[str, ...],
    taken: list[Box],
) -> list[str]:
    """Draw the weights as lines with their numbers; return a word on those that are left out."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    left_out = total = 0
    for k, column in enumerate(columns[1:], 1):
        ends = [sheet.heights(k - 1, counts[k - 1]), sheet.heights(k, counts[k])]
        weights = column.weights
        pairs = [(i, j) for i in range(len(ends[0])) for j in range(len(ends[1]))]
        values = np.zeros(len(pairs))
        if weights is not None:
            values = np.array(
                [float(weights[sheet.shown[k - 1][i], sheet.shown[k][j]]) for i, j in pairs]
            )
        share = np.abs(values) / max(float(np.abs(values).max(initial=0.0)), 1e-300)
        order = np.argsort(share, kind="stable")
        axes.add_collection(
            LineCollection(
                [
                    (
                        (sheet.across[k - 1], ends[0][pairs[n][0]]),
                        (sheet.across[k], ends[1][pairs[n][1]]),
                    )
                    for n in order
                ],
                colors=[to_rgba(sign_colour(values[n]), 0.3 + 0.7 * share[n]) for n in order],
                linewidths=0.5 + 2.0 * share[order],
                zorder=1,
            ),
            autolim=False,
        )
        if "weights" not in numbers or weights is None:
            continue
        standing, size, texts = _placed(sheet, k, ends, pairs, values, taken)
        total += len(pairs)
        left_out += len(pairs) - len(standing)
        for n, box in standing.items():
            text = axes.text(
                box.x, box.y, texts[n], ha="center", va="center", fontsize=size,
                color=sign_colour(values[n]), zorder=2,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )  # fmt: skip
            i, j = pairs[n]
            text.set_gid(f"weight {k} {sheet.shown[k - 1][i]} {sheet.shown[k][j]}")
    if not left_out:
        return []
    return [f"the smallest of the lines' numbers, {left_out:,} of {total:,}"]


def _placed(
    sheet: Sheet,
    k: int,
    ends: list[list[float]],
    pairs: list[tuple[int, int]],
    values: Array,
    taken: list[Box],
) -> tuple[dict[int, Box], float, list[str]]:
    """Return places for the numbers of lines, the size of the letters, and the numbers."""
    x0, x1 = sheet.across[k - 1], sheet.across[k]
    gap = (x1 - x0 - sheet.unit) if x1 > x0 else 0.0
    best: tuple[dict[int, Box], float, list[str]] = {}, _SIZES[-1], []
    important = [int(n) for n in np.argsort(-np.abs(values), kind="stable")]
    for digits in (3, 2):
        texts = [written(float(v), digits) for v in values]
        lines = []
        for (i, j), text in zip(pairs, texts, strict=True):
            a, b = ends[0][i], ends[1][j]
            inset = sheet.unit / 2 + 3
            slope = (b - a) / max(x1 - x0, 1e-9)
            lines.append(Line(x0 + inset, a + slope * inset, x1 - inset, b - slope * inset, text))
        if gap <= 12:
            return {}, _SIZES[-1], texts
        orders = [important[:_FEWER_LABELS]]
        if len(pairs) <= _MOST_LABELS:
            orders = [list(range(len(pairs))), important]
        for size, order in itertools.product(_SIZES, orders):
            found = place_on_lines(lines, taken, size, order)
            if len(found) == len(order):
                return found, size, texts
            if order is orders[-1] and len(found) > len(best[0]):
                best = found, size, texts
    return best


# --- what is said at the edges --------------------------------------------------------------------


def _write_names(
    axes: Axes, sheet: Sheet, counts: list[int], inputs: Sequence[str], outputs: Sequence[str]
) -> None:
    """Write names to the left of the first column and to the right of the last."""
    last = len(counts) - 1
    sides = ((0, inputs, "right", -1), (last, outputs, "left", 1))
    for column, names, aligned, sign in sides:
        x = sheet.across[column] + sign * (sheet.unit / 2 + 4)
        room = x if sign < 0 else sheet.width - x
        letters = int(room / (LETTER * 8.0))
        if letters < 2:
            continue
        places = sheet.heights(column, counts[column])
        for unit, y in zip(sheet.shown[column], places, strict=True):
            if unit < len(names):
                name = literal(shortened(str(names[unit]), letters))
                axes.text(x, y, name, ha=aligned, va="center", fontsize=8)


def _write_foot(
    axes: Axes,
    columns: Sequence[ColumnNumbers],
    sheet: Sheet,
    counts: list[int],
    numbers: tuple[str, ...],
    backward: bool,
    words: list[str],
) -> None:
    """Write below the columns what they are, and under all what the numbers are."""
    titles = ["input", *(f"layer {column.path}" for column in columns[1:])]
    step = sheet.across[1] - sheet.across[0] if len(counts) > 1 else sheet.width
    letters = int(step / (LETTER * _SMALL)) - 1
    row = (4 * ROW + 4 if sheet.height > 130 else ROW + 2) - ROW
    if letters >= 5:
        for title, x in zip(titles, sheet.across, strict=True):
            aligned, at = "center", x
            wide = LETTER * _SMALL * min(len(title), letters)
            if x - wide / 2 < 0:
                aligned, at = "left", 0.0
            elif x + wide / 2 > sheet.width:
                aligned, at = "right", sheet.width
            axes.text(
                at, row + ROW / 2, literal(shortened(title, letters)), ha=aligned, va="center",
                fontsize=_SMALL, color="0.35",
            )  # fmt: skip
    if sheet.height <= 130:
        return
    of = "∂L/∂" if backward else ""
    parts = {
        "activations": f"in the circles: {of}a (an input has none)"
        if backward
        else "in the circles: activations a",
        "weights": f"on the lines: {of}W" if backward else "on the lines: weights W",
        "biases": f"below: {of}b" if backward else "below: biases b",
    }
    told = "; ".join(text for name, text in parts.items() if name in numbers)
    letters = max(int(sheet.width / (0.52 * _SMALL)), 12)
    missing = textwrap.wrap(f"no room for {', '.join(words)}", letters) if words else []
    lines = [*textwrap.wrap(told, letters)[: max(3 - len(missing), 0)], *missing]
    y = row - ROW / 2
    for line in lines[:3]:
        axes.text(sheet.width / 2, y, line, ha="center", va="center", fontsize=_SMALL, color="0.35")
        y -= ROW
