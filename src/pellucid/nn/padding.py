"""Borders around signals, images and volumes: constant, mirrored, repeated, or wrapped around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Mode",
    "Pad",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
    "pad",
]

Mode: TypeAlias = Literal["zeros", "constant", "reflect", "replicate", "circular"]
Widths: TypeAlias = "int | Sequence[int | tuple[int, int]]"

MODES = ("zeros", "constant", "reflect", "replicate", "circular")


def check_mode(mode: Any) -> None:
    """Say which modes there are, if `mode` is not one of them."""
    if mode not in MODES:
        raise DataError(f"mode is one of {', '.join(map(repr, MODES))}; got {mode!r}")


def _is_width(n: Any) -> bool:
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool) and bool(n >= 0)


def pairs_of(widths: Any, rank: int | None) -> tuple[tuple[int, int], ...]:
    """Return (before, after) per axis, from one number, one per axis, or one pair per axis."""
    given = widths
    if _is_width(widths) and rank is not None:
        widths = (widths,) * rank
    pairs = []
    for entry in widths if isinstance(widths, Sequence) else (widths,):
        pair = tuple(entry) if isinstance(entry, Sequence) else (entry, entry)
        if len(pair) != 2 or not all(map(_is_width, pair)):
            raise DataError(
                "a padding is a whole number ≥ 0, or one per axis, or a pair (before, after) per "
                f"axis, the first axis first; got {given!r}"
            )
        pairs.append((int(pair[0]), int(pair[1])))
    if rank is not None and len(pairs) != rank:
        raise DataError(f"a padding of {rank} axes has {rank} entries, got {given!r}")
    return tuple(pairs)


def _part(x: Value, axis: int, start: int, stop: int) -> Value:
    return p.getitem(x, index=(*(slice(None),) * axis, slice(start, stop)))


def _border(x: Value, axis: int, before: int, after: int, mode: str) -> Value:
    """Pad one axis."""
    length = x.shape[axis]
    most = {"reflect": length - 1, "circular": length}.get(mode)
    if most is not None and max(before, after) > most:
        rule = "less than" if mode == "reflect" else "at most"
        raise ShapeError(
            f"{mode} padding ({before}, {after}) of an axis of length {length} must be {rule} "
            f"{length}; use at most {max(most, 0)}, or mode 'replicate'"
        )
    if not length:
        raise ShapeError(f"{mode} padding needs entries to copy, got shape {tuple(x.shape)}")
    if mode == "reflect":
        left = p.flip(_part(x, axis, 1, before + 1), axis=axis)
        right = p.flip(_part(x, axis, length - 1 - after, length - 1), axis=axis)
    elif mode == "circular":
        left, right = _part(x, axis, length - before, length), _part(x, axis, 0, after)
    else:
        left = p.concatenate(*[_part(x, axis, 0, 1)] * max(before, 1), axis=axis)
        right = p.concatenate(*[_part(x, axis, length - 1, length)] * max(after, 1), axis=axis)
    parts = [*([left] if before else []), x, *([right] if after else [])]
    return p.concatenate(*parts, axis=axis)


def pad(x: Value, widths: Widths, mode: Mode = "constant", value: float = 0.0) -> Value:
    """Put a border around the last axes of x.

    Parameters
    ----------
    x : array or Tensor
        Of any number of axes.
    widths : int or sequence
        A number for the last axis on both sides; or per axis a number, or a pair (before, after),
        the first of the axes first, as in `numpy.pad` (PyTorch starts with the last).
    mode : {"constant", "zeros", "reflect", "replicate", "circular"}
        A number; the entries mirrored without the outermost; the outermost repeated; or the entries
        of the other side.
    value : float
        The number of "constant".

    Raises
    ------
    ShapeError
        If there are fewer axes than widths, or too few entries to mirror or to wrap around.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.nn import padding
    >>> padding.pad(np.array([1.0, 2.0, 3.0]), 2, "reflect")
    array([3., 2., 1., 2., 3., 2., 1.])
    """
    check_mode(mode)
    x = floats(x)
    pairs = pairs_of(widths, None)
    lead = len(x.shape) - len(pairs)
    if lead < 0:
        raise ShapeError(f"cannot pad {len(pairs)} axes of an input of shape {tuple(x.shape)}")
    if mode in ("zeros", "constant"):
        if not any(map(any, pairs)):
            return x
        number = value if mode == "constant" else 0.0
        return p.pad(x, widths=(*((0, 0),) * lead, *pairs), value=number)
    for i, (before, after) in enumerate(pairs):
        if before or after:
            x = _border(x, lead + i, before, after, mode)
    return x


class Pad(Module):
    """A border around the last axes, the same for every sample and channel.

    Parameters
    ----------
    padding : int or sequence
        Per axis a number, or a pair (before, after), the first axis first. The classes named after
        a number of axes take one number for all of them.
    mode : {"constant", "zeros", "reflect", "replicate", "circular"}
        What the border is made of.
    value : float
        The number of "constant".

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.ZeroPad2d(1)(np.ones((1, 3, 4, 4))).shape
    (1, 3, 6, 6)
    """

    rank: ClassVar[int | None] = None
    mode: Mode = "constant"

    def __init__(self, padding: Widths, mode: Mode = "constant", value: float = 0.0) -> None:
        super().__init__()
        check_mode(mode)
        self.padding, self.mode = pairs_of(padding, self.rank), mode
        self.value = float(value)

    def forward(self, x: Value) -> Value:
        """Return x with its border.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, C, *lengths).
        """
        x = floats(x)
        if self.rank is not None and len(x.shape) != self.rank + 2:
            raise ShapeError(
                f"{type(self).__name__} expects inputs with {self.rank + 2} axes "
                f"(samples, channels, …), got shape {tuple(x.shape)}"
            )
        return pad(x, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """Return widths and mode."""
        number = f", {self.value:g}" if self.mode == "constant" else ""
        return f"{self.padding}, {self.mode}{number}"


class _Fixed(Pad):
    """A padding of one mode."""

    kind: ClassVar[Mode]

    def __init__(self, padding: Widths) -> None:
        super().__init__(padding, self.kind)


class ZeroPad1d(_Fixed):
    """Zeros around signals (N, C, L)."""

    rank = 1
    kind = "zeros"


class ZeroPad2d(_Fixed):
    """Zeros around images (N, C, H, W)."""

    rank = 2
    kind = "zeros"


class ZeroPad3d(_Fixed):
    """Zeros around volumes (N, C, D, H, W)."""

    rank = 3
    kind = "zeros"


class ReflectionPad1d(_Fixed):
    """The entries mirrored around signals (N, C, L)."""

    rank = 1
    kind = "reflect"


class ReflectionPad2d(_Fixed):
    """The entries mirrored around images (N, C, H, W)."""

    rank = 2
    kind = "reflect"


class ReflectionPad3d(_Fixed):
    """The entries mirrored around volumes (N, C, D, H, W)."""

    rank = 3
    kind = "reflect"


class ReplicationPad1d(_Fixed):
    """The outermost entries repeated around signals (N, C, L)."""

    rank = 1
    kind = "replicate"


class ReplicationPad2d(_Fixed):
    """The outermost entries repeated around images (N, C, H, W)."""

    rank = 2
    kind = "replicate"


class ReplicationPad3d(_Fixed):
    """The outermost entries repeated around volumes (N, C, D, H, W)."""

    rank = 3
    kind = "replicate"


class CircularPad1d(_Fixed):
    """The entries of the other side around signals (N, C, L)."""

    rank = 1
    kind = "circular"


class CircularPad2d(_Fixed):
    """The entries of the other side around images (N, C, H, W)."""

    rank = 2
    kind = "circular"


class CircularPad3d(_Fixed):
    """The entries of the other side around volumes (N, C, D, H, W)."""

    rank = 3
    kind = "circular"


class ConstantPad1d(Pad):
    """A number around signals (N, C, L)."""

    rank = 1

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding, "constant", value)


class ConstantPad2d(Pad):
    """A number around images (N, C, H, W)."""

    rank = 2

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding, "constant", value)


class ConstantPad3d(Pad):
    """A number around volumes (N, C, D, H, W)."""

    rank = 3

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding, "constant", value)
