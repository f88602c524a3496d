"""How numbers are written: to significant digits, and under each other at the point."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["aligned", "sparkline", "subscript", "superscript", "written"]

_SUPERSCRIPTS = str.maketrans("0123456789-−+()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺⁽⁾")
_SUBSCRIPTS = str.maketrans("0123456789-−+()tinorsh", "₀₁₂₃₄₅₆₇₈₉₋₋₊₍₎ₜᵢₙₒᵣₛₕ")
_BARS = "▁▂▃▄▅▆▇█"


def written(value: float, digits: int) -> str:
    """Return a number to `digits` significant digits, with a true minus sign.

    Whole numbers up to a million are written as such; very small and large ones with a power of
    ten, ``1.5e−07``.

    Examples
    --------
    >>> written(-0.123456, 4), written(2.0, 4), written(1.5e-7, 4)
    ('−0.1235', '2', '1.5e−07')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 1e6:
        text = str(int(value))
    elif 1e-4 <= abs(value) < 1e6:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{places}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{mantissa}e{exponent}"
    return text.replace("-", "−")


def aligned(texts: Sequence[str], space: str = " ", point: str = " ") -> list[str]:
    """Pad numbers so that their points stand under each other.

    Parameters
    ----------
    texts : sequence of str
        As :func:`written` gives them.
    space, point : str
        What is as wide as a digit and as a point.
    """
    parts = [text.partition(".") for text in texts]
    before = max((len(whole) for whole, _, _ in parts), default=0)
    after = max((len(rest) for _, _, rest in parts), default=0)
    padded = []
    for whole, dot, rest in parts:
        tail = rest + space * (after - len(rest))
        if after:
            tail = (dot or point) + tail
        padded.append(space * (before - len(whole)) + whole + tail)
    return padded


def sparkline(counts: Sequence[int]) -> str:
    """Return a histogram as a line of bars."""
    most = max(counts, default=0)
    if not most:
        return ""
    return "".join(
        " " if not count else _BARS[min(7, math.ceil(8 * count / most) - 1)] for count in counts
    )


def superscript(text: str) -> str:
    """Return digits as small raised ones."""
    return text.translate(_SUPERSCRIPTS)


def subscript(text: str) -> str:
    """Return digits as small lowered ones; words after an underscore."""
    if not text:
        return ""
    if len(text) > 3 or not all(ord(c) in _SUBSCRIPTS for c in text):
        return f"_{text}"
    return text.translate(_SUBSCRIPTS)
