"""Which entries meet in convolutions, windows and look-ups, forwards and backwards.

Each function returns, for one entry of a result, the entries that it is the sum (or the maximum)
of products of: a list of taps, each a tuple of (variable, index).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.inspect.explaining.expressions import Index
from pellucid.program import Instruction, Variable

__all__ = [
    "Tap",
    "convolution_taps",
    "kernel_taps",
    "placed_taps",
    "row_taps",
    "spread_taps",
    "transposed_taps",
    "window_taps",
]

Tap = tuple[tuple[Variable, Index], ...]


def convolution_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the taps of y[n, o, …] = Σ x[n, c, …]·w[o, c, …] + b[o]; none in the padding."""
    x, w, *bias = made.arguments
    n, o, *place = index
    per_group, offset = w.shape[1], _group(o, w.shape[0], made) * w.shape[1]
    taps: list[Tap] = []
    for c in range(per_group):
        for k in itertools.product(*map(range, w.shape[2:])):
            where = _meets(place, k, made, x.shape[2:])
            if where is not None:
                taps.append(((x, (n, offset + c, *where)), (w, (o, c, *k))))
    return taps + [((b, (o,)),) for b in bias]


def transposed_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the taps of a transposed convolution: Σ g[n, o, …]·w[o, c, …]."""
    g, w = made.arguments
    n, c, *place = index
    group = c // w.shape[1]
    per_group = w.shape[0] // made.keywords.get("groups", 1)
    taps: list[Tap] = []
    for o in range(group * per_group, (group + 1) * per_group):
        for k in itertools.product(*map(range, w.shape[2:])):
            where = _comes_from(place, k, made, g.shape[2:])
            if where is not None:
                taps.append(((g, (n, o, *where)), (w, (o, c % w.shape[1], *k))))
    return taps


def kernel_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the taps of the gradient by a kernel: Σ x[n, c, …]·g[n, o, …]."""
    x, g = made.arguments
    o, c, *k = index
    per_group = made.output.shape[1]
    channel = _group(o, g.shape[1], made) * per_group + c
    taps: list[Tap] = []
    for n in range(x.shape[0]):
        for place in itertools.product(*map(range, g.shape[2:])):
            where = _meets(place, k, made, x.shape[2:])
            if where is not None:
                taps.append(((x, (n, channel, *where)), (g, (n, o, *place))))
    return taps


def window_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the entries of a window."""
    x = made.arguments[0]
    rank = len(made.keywords["kernel"])
    lead, place = index[: len(index) - rank], index[len(index) - rank :]
    taps: list[Tap] = []
    for k in itertools.product(*map(range, made.keywords["kernel"])):
        where = _meets(place, k, made, x.shape[len(x.shape) - rank :])
        if where is not None:
            taps.append(((x, (*lead, *where)),))
    return taps


def spread_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the windows that an entry belongs to."""
    sums = made.arguments[0]
    return [((sums, where),) for where, _ in _windows_of(made, sums, index)]


def placed_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the windows whose maximum an entry is."""
    values, taps = made.arguments[0], made.keywords["taps"]
    chosen = taps.value if isinstance(taps, Variable) else np.asarray(taps)
    return [
        ((values, where),)
        for where, number in _windows_of(made, values, index)
        if int(chosen[where]) == number
    ]


def row_taps(made: Instruction, index: Index) -> list[Tap]:
    """Return the gradients that are added into one row of a table."""
    x, rows = made.arguments[0], made.keywords["rows"]
    numbers = rows.value if isinstance(rows, Variable) else np.asarray(rows)
    places = np.argwhere(numbers == index[0])
    return [((x, (*map(int, place), *index[1:])),) for place in places]


# --- places ---------------------------------------------------------------------------------------


def _group(output: int, outputs: int, made: Instruction) -> int:
    return output // (outputs // made.keywords.get("groups", 1))


def _setting(made: Instruction, name: str, rank: int, default: Any) -> Any:
    return made.keywords.get(name, (default,) * rank)


def _meets(place: Any, k: Any, made: Instruction, lengths: Index) -> Index | None:
    """Return the entry that tap `k` of the window at `place` lies on, None in the padding."""
    rank = len(lengths)
    strides = _setting(made, "stride", rank, 1)
    dilations = _setting(made, "dilation", rank, 1)
    pads = _setting(made, "padding", rank, (0, 0))
    where = []
    for p, t, s, d, (before, _), n in zip(place, k, strides, dilations, pads, lengths, strict=True):
        at = p * s + t * d - before
        if not 0 <= at < n:
            return None
        where.append(at)
    return tuple(where)


def _comes_from(place: Any, k: Any, made: Instruction, counts: Index) -> Index | None:
    """Return the window whose tap `k` lies on `place`, None if there is none."""
    rank = len(counts)
    strides = _setting(made, "stride", rank, 1)
    dilations = _setting(made, "dilation", rank, 1)
    pads = _setting(made, "padding", rank, (0, 0))
    where = []
    for p, t, s, d, (before, _), n in zip(place, k, strides, dilations, pads, counts, strict=True):
        start, left = divmod(p + before - t * d, s)
        if left or not 0 <= start < n:
            return None
        where.append(start)
    return tuple(where)


def _windows_of(made: Instruction, values: Variable, index: Index) -> Iterator[tuple[Index, int]]:
    """Yield the windows that an entry lies in, and the number of the tap that it lies under."""
    kernel = made.keywords["kernel"]
    rank = len(kernel)
    lead, place = index[: len(index) - rank], index[len(index) - rank :]
    counts = values.shape[len(values.shape) - rank :]
    for number, k in enumerate(itertools.product(*map(range, kernel))):
        where = _comes_from(place, k, made, counts)
        if where is not None:
            yield (*lead, *where), number
