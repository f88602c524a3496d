"""What all windows share: reading their sizes, counting them, and saying why none fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from pellucid.errors import DataError, ShapeError
from pellucid.primitives.declaration import Value

__all__ = ["Size", "Sizes", "check_spatial", "per_axis", "reach", "show", "window_widths"]

Size: TypeAlias = int | Sequence[int]
"""One number for all axes, or one for each."""

Sizes: TypeAlias = tuple[int, ...]

_LAYOUTS = {1: "(samples, channels, length)", 2: "(samples, channels, height, width)"}
_NOUNS = {1: "signal", 2: "image"}


def per_axis(value: Size, rank: int, name: str, least: int = 1) -> Sizes:
    """Return one whole number per axis, each at least `least`."""
    numbers = tuple(value) if isinstance(value, Sequence) else (value,) * rank
    fits = len(numbers) == rank and all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= least for n in numbers
    )
    if not fits:
        tail = "" if rank == 1 else f", or {rank} of them, one per axis"
        raise DataError(f"{name} is a whole number ≥ {least}{tail}, got {value!r}")
    return tuple(int(n) for n in numbers)


def show(sizes: Sizes) -> str:
    """Sizes as people write them: 3×3."""
    return "×".join(str(n) for n in sizes)


def check_spatial(x: Value, rank: int, layer: str) -> Sizes:
    """Return the lengths that windows slide over.

    Raises
    ------
    ShapeError
        If the input has not two axes more than that.
    """
    if len(x.shape) != rank + 2:
        hint = "; a single sample needs a batch axis in front, x[None]"
        raise ShapeError(
            f"{layer} expects inputs of shape {_LAYOUTS[rank]}, got {tuple(x.shape)}"
            f"{hint if len(x.shape) == rank + 1 else ''}"
        )
    return tuple(x.shape[2:])


def reach(kernel: Sizes, dilation: Sizes) -> Sizes:
    """How many entries a window reaches over: dilation · (kernel − 1) + 1."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def window_widths(
    lengths: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool = False,
) -> tuple[tuple[int, int], ...]:
    """Return the border (before, after) of each axis that the windows need.

    With ``ceil_mode`` a last window may reach over the end, as long as it starts inside the input
    or the padding before it; the border after is then longer.

    Raises
    ------
    ShapeError
        If no window fits; the message computes how much padding is missing.
    """
    spans = reach(kernel, dilation)
    if any(n + 2 * p < span for n, p, span in zip(lengths, padding, spans, strict=True)):
        short = max(span - n - 2 * p for n, p, span in zip(lengths, padding, spans, strict=True))
        padded = tuple(n + 2 * p for n, p in zip(lengths, padding, strict=True))
        window = f"a {show(kernel)} window"
        if spans != kernel:
            window += f" with dilation {show(dilation)}, which reaches over {show(spans)},"
        noun = f"{show(lengths)} {_NOUNS.get(len(kernel), 'input')}"
        if any(padding):
            noun += f" padded to {show(padded)}"
        raise ShapeError(
            f"{window} does not fit a {noun}; use a smaller window or pad at least "
            f"{-(-short // 2)} more on each side"
        )
    widths = []
    for n, span, s, p in zip(lengths, spans, stride, padding, strict=True):
        after = p
        rest = (n + 2 * p - span) % s
        if ceil_mode and rest:
            start = n + 2 * p - span - rest + s  # of the window that reaches over the end
            if start < n + p:
                after += s - rest
        widths.append((p, after))
    return tuple(widths)
