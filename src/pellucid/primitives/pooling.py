"""Windows over the last axes: extracted, summed, their maxima; each with its adjoint.

They know no padding: whoever wants some pads first, so that the windows lie inside the array.
"""

from __future__ import annotations

from typing import Any

from pellucid.kernels import reference
from pellucid.primitives.declaration import MaskPrimitive, UnaryPrimitive, Value

__all__ = [
    "add_windows",
    "extract_windows",
    "max_taps",
    "max_windows",
    "pick_taps",
    "place_taps",
    "spread_windows",
    "sum_windows",
]

_WINDOWS = "kernel={kernel}, stride={stride}, dilation={dilation}"

extract_windows: UnaryPrimitive = UnaryPrimitive(
    "extract_windows",
    "all windows of x side by side",
    reference.extract_windows,
    source=f"extract_windows({{0}}, {_WINDOWS})",
    vjps=[lambda g, y, x, **window: add_windows(g, **window, shape=x.shape)],
    about="Of (..., *lengths) comes (..., *kernel, *counts); im2col, up to the order of axes.",
)
add_windows: UnaryPrimitive = UnaryPrimitive(
    "add_windows",
    "zeros with windows added in",
    reference.add_windows,
    source=f"add_windows({{0}}, {_WINDOWS}, shape={{shape}})",
    vjps=[lambda g, y, x, *, shape, **window: extract_windows(g, **window)],
    about="Entries that belong to several windows add up; col2im.",
)
sum_windows: UnaryPrimitive = UnaryPrimitive(
    "sum_windows",
    "sum of each window of x",
    reference.sum_windows,
    source=f"sum_windows({{0}}, {_WINDOWS})",
    vjps=[lambda g, y, x, **window: spread_windows(g, **window, shape=x.shape)],
)
spread_windows: UnaryPrimitive = UnaryPrimitive(
    "spread_windows",
    "x added to every entry of its window",
    reference.spread_windows,
    source=f"spread_windows({{0}}, {_WINDOWS}, shape={{shape}})",
    vjps=[lambda g, y, x, *, shape, **window: sum_windows(g, **window)],
)


def _max_windows_vjp(g: Value, y: Value, x: Value, **window: Any) -> Value:
    return place_taps(g, taps=max_taps(x, **window), **window, shape=x.shape)


max_windows: UnaryPrimitive = UnaryPrimitive(
    "max_windows",
    "maximum of each window of x",
    reference.max_windows,
    source=f"max_windows({{0}}, {_WINDOWS})",
    vjps=[_max_windows_vjp],
    about="The whole gradient goes to the first of equal maxima, in row-major order, as in "
    "PyTorch; `max` shares it among them.",
)
max_taps: MaskPrimitive = MaskPrimitive(
    "max_taps",
    "which tap of each window holds its maximum",
    reference.max_taps,
    source=f"max_taps({{0}}, {_WINDOWS})",
)
place_taps: UnaryPrimitive = UnaryPrimitive(
    "place_taps",
    "zeros with x added at one tap of each window",
    reference.place_taps,
    source=f"place_taps({{0}}, taps={{taps}}, {_WINDOWS}, shape={{shape}})",
    vjps=[lambda g, y, x, *, shape, **window: pick_taps(g, **window)],
)
pick_taps: UnaryPrimitive = UnaryPrimitive(
    "pick_taps",
    "the entry of x under one tap of each window",
    reference.pick_taps,
    source=f"pick_taps({{0}}, taps={{taps}}, {_WINDOWS})",
    vjps=[lambda g, y, x, **window: place_taps(g, **window, shape=x.shape)],
)
