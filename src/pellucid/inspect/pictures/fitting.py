"""Text that fits: names as long as there is room for, legends that stay within their axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "LETTER",
    "in_columns",
    "legend_above",
    "letters_across",
    "literal",
    "points_of",
    "shortened",
]

LETTER = 0.58
"""Width of a letter, on average, as a share of the size of the font."""

_HANDLE = 5  # letters that the sign before a legend's name takes, with the space behind it


def literal(text: str) -> str:
    """Return a text that matplotlib writes as it is: no formula, no line break, no hidden name."""
    plain = " ".join(text.split()).replace("$", r"\$")
    return f" {plain}" if plain.startswith("_") else plain  # "_name" is left out of legends


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many letters: names that are alike often differ at their ends.

    >>> shortened("encoder.layers.0.attention.weight", 17)
    'encoder.…n.weight'
    """
    if len(text) <= most:
        return text
    if most < 3:
        return text[:most]
    behind = most // 2
    return f"{text[: most - 1 - behind]}…{text[len(text) - behind :]}"


def points_of(axes: Axes) -> tuple[float, float]:
    """Return width and height of axes in points, before the layout has made room for texts."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # axes that are drawn on have one
    box = axes.get_window_extent()
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def letters_across(axes: Axes, size: float = 8.0) -> int:
    """Return how many letters of that size stand side by side in the width of axes."""
    return max(int(points_of(axes)[0] / (LETTER * size)), 1)


def legend_above(axes: Axes, rows: int = 3, size: float = 8.0) -> None:
    """Draw a legend above the axes, so that it lies on nothing, and no wider than they are.

    Parameters
    ----------
    axes : Axes
        Their artists have labels.
    rows : int
        In more rows, names are shortened instead.
    size : float
        Of the letters.
    """
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    names, columns = in_columns(labels, letters_across(axes, size), rows)
    axes.legend(
        handles,
        names,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        fontsize=size,
        frameon=False,
        handlelength=1.6,
        handletextpad=0.4,
        columnspacing=0.9,
        borderaxespad=0.2,
    )


def in_columns(
    labels: Sequence[str], room: int, rows: int = 3, most: int = 5
) -> tuple[list[str], int]:
    """Return the names of a legend and its columns: as many as fit, or as many as rows ask for.

    Parameters
    ----------
    labels : sequence of str
        At least one.
    room : int
        Letters that stand side by side.
    rows : int
        In more rows, names are shortened instead.
    most : int
        Columns, if there are no more labels than would fill the rows with them.
    """
    lengths = [len(label) + _HANDLE for label in labels]
    count = len(labels)
    for columns in range(min(most, count), -(-count // rows) - 1, -1):
        tall = -(-count // columns)
        if sum(max(lengths[k : k + tall]) for k in range(0, count, tall)) <= room:
            return [literal(label) for label in labels], columns
    columns = min(-(-count // rows), count)
    longest = max(room // columns - _HANDLE, 4)
    return [literal(shortened(label, longest)) for label in labels], columns
