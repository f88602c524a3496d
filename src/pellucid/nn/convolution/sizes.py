"""Reading the sizes of convolutions, and saying why they do not fit an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from pellucid.errors import DataError, ShapeError
from pellucid.nn.padding import pairs_of

__all__ = [
    "Padding",
    "Pairs",
    "Size",
    "Sizes",
    "check_fit",
    "check_groups",
    "check_input",
    "count",
    "padding_of",
    "per_axis",
    "show",
]

Size: TypeAlias = int | Sequence[int]
Sizes: TypeAlias = tuple[int, ...]
Pairs: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = "str | int | Sequence[int | tuple[int, int]]"

_LAYOUTS = {
    1: "(samples, channels, length)",
    2: "(samples, channels, height, width)",
    3: "(samples, channels, depth, height, width)",
}
_NOUNS = {1: "signal", 2: "image", 3: "volume"}


def count(value: Any, name: str) -> int:
    """Return a whole number ≥ 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise DataError(f"{name} is a whole number ≥ 1, got {value!r}")
    return int(value)


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
    return "×".join(map(str, sizes))


def padding_of(padding: Padding, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Pairs:
    """Return (before, after) per axis.

    "same" keeps the lengths; for an even kernel the side after gets one more, as in PyTorch.
    """
    if not isinstance(padding, str):
        return pairs_of(padding, len(kernel))
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding != "same":
        raise DataError(f"padding is 'same', 'valid' or whole numbers, got {padding!r}")
    if any(s != 1 for s in stride):
        raise DataError(
            f"padding 'same' keeps the lengths, which stride {show(stride)} does not; give the "
            f"padding as numbers, such as {show(tuple(k // 2 for k in kernel))}"
        )
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((n // 2, n - n // 2) for n in totals)


def check_groups(groups: int, **channels: int | None) -> None:
    """Raise DataError unless `groups` divides the numbers of channels."""
    for name, n in channels.items():
        if n is not None and n % groups:
            raise DataError(f"{name} (={n}) must be divisible by groups (={groups})")


def check_input(shape: Sizes, rank: int, channels: int | None) -> None:
    """Raise ShapeError unless `shape` is (N, channels, *lengths)."""
    if len(shape) != rank + 2:
        hint = ""
        if len(shape) == rank + 1:
            hint = (
                "; a single sample needs a batch axis in front, x[None]"
                if channels in (None, shape[0]) and channels != 1
                else f"; samples of one channel need an axis for it, x[:, None]; a single "
                f"{_NOUNS[rank]} a batch axis in front, x[None]"
            )
        raise ShapeError(f"expected inputs of shape {_LAYOUTS[rank]}, got {shape}{hint}")
    if channels is None or shape[1] == channels:
        return
    fix = f"make this layer one for {shape[1]} channels, or the layer before it {channels} wide"
    if shape[-1] == channels:
        order = (0, rank + 1, *range(1, rank + 1))
        fix = f"the channels seem to be last: use x.transpose{order}"
    raise ShapeError(f"expected inputs with {channels} channels (axis 1), got shape {shape}; {fix}")


def check_fit(lengths: Sizes, kernel: Sizes, padding: Pairs, dilation: Sizes) -> None:
    """Raise ShapeError if the kernel reaches over the padded input."""
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    lacks = [r - n - a - b for r, n, (a, b) in zip(reach, lengths, padding, strict=True)]
    if max(lacks) <= 0:
        return
    needed = max(
        (r - n + 1) // 2 for r, n, lack in zip(reach, lengths, lacks, strict=True) if lack > 0
    )
    dilated = f" (reaching over {show(reach)})" if reach != kernel else ""
    border = "" if not any(map(any, padding)) else f" padded by {padding}"
    raise ShapeError(
        f"a {show(kernel)} kernel{dilated} does not fit a {show(lengths)} "
        f"{_NOUNS[len(kernel)]}{border}; pad at least {needed}"
    )
