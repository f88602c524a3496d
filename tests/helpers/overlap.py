"""Finds texts of a figure that lie over each other, or that the edge of the picture cuts."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOUCH = 0.6  # pixels by which boxes may meet: they are a little larger than the letters


def drawn_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return every text that is drawn, with its place in pixels."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # the layout is all that counts
    renderer = canvas.get_renderer()
    found = []
    hidden = _outside_ticks(figure)
    for text in figure.findobj(Text):
        if id(text) in hidden or not text.get_text().strip() or not _visible(text):
            continue
        found.append((text.get_text(), text.get_window_extent(renderer)))
    return found


def _visible(artist: Any) -> bool:
    axes = getattr(artist, "axes", None)
    return artist.get_visible() and (axes is None or axes.get_visible())


def _outside_ticks(figure: Figure) -> set[int]:
    """Return the labels of ticks outside of the range of their axis, which are not drawn."""
    outside = set()
    for axis in figure.findobj(Axis):
        scale = axis.get_transform().transform  # a small part of a logarithmic axis is no sum
        low, high = sorted(scale(np.asarray(axis.get_view_interval(), float)))
        slack = 1e-6 * (high - low)
        for ticks in (axis.get_major_ticks(), axis.get_minor_ticks()):
            for tick in ticks:
                place = scale(np.array([tick.get_loc()], float))[0]
                if not low - slack <= place <= high + slack or not tick.get_visible():
                    outside |= {id(tick.label1), id(tick.label2)}
        if not axis.get_visible() or not axis.axes.get_visible():
            outside |= {id(text) for text in axis.findobj(Text)}
    return outside


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts that lie over each other."""
    return _overlapping(drawn_texts(figure))


def _overlapping(texts: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    pairs = []
    for k, (first, box) in enumerate(texts):
        for second, other in texts[k + 1 :]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            tall = min(box.y1, other.y1) - max(box.y0, other.y0)
            if wide > TOUCH and tall > TOUCH:
                pairs.append((first, second))
    return pairs


def cut(figure: Figure) -> list[str]:
    """Return the texts that the edge of the picture cuts."""
    return _cut(figure, drawn_texts(figure))


def _cut(figure: Figure, texts: list[tuple[str, Bbox]]) -> list[str]:
    width, height = figure.canvas.get_width_height()
    return [
        text
        for text, box in texts
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]


def assert_readable(picture: Any) -> None:
    """Check a picture, given as its figure or one of its axes: texts apart, whole, large enough."""
    figure = picture if isinstance(picture, Figure) else picture.get_figure()
    texts = drawn_texts(figure)
    assert _overlapping(texts) == []
    assert _cut(figure, texts) == []
    small = [t.get_text() for t in figure.findobj(Text) if t.get_text() and t.get_fontsize() < 6]
    assert not small, f"too small to read: {small}"
