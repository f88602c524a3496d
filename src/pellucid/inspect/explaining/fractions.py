"""Numbers that a layer or a loss computed from its settings, as the fraction that they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pellucid.inspect.explaining.expressions import (
    Constant,
    Expression,
    Negative,
    Product,
    Quantity,
    Quotient,
    Root,
    Sum,
    Symbol,
    quantities_in,
)
from pellucid.program import Instruction, Variable
from pellucid.program.named_number import NamedNumber, Share

if TYPE_CHECKING:
    from pellucid.inspect.explaining.reading import Reading

__all__ = [
    "COUNT",
    "TOTAL_WEIGHT",
    "counts_in",
    "fraction_of",
    "root_scale",
    "share_in",
    "share_of",
    "what_is_counted",
]

_ONE = Quantity(value=1.0)

COUNT = Symbol("n")
"""Over how many a mean is taken."""

TOTAL_WEIGHT = Symbol("Σw")
"""What a weighted mean divides by."""


def fraction_of(made: Instruction | None, argument: Any) -> Expression | None:
    """Return ``1/n`` for the factor of a mean, ``1/(1 − p)`` for that of dropout; else None.

    Parameters
    ----------
    made : Instruction or None
        What the number is an argument of.
    argument : number
    """
    if isinstance(argument, Share):
        return share_of(argument)
    if made is None or isinstance(argument, (bool, Variable, NamedNumber)):
        return None
    value = float(argument)
    if not 0 < abs(value) < math.inf:
        return None
    below = _kept(made, value)
    if below is not None:
        return Constant(Quotient(_ONE, below), value)
    return _of_window(made, value) or _unbiased(made, value)


def share_of(share: Share) -> Expression:
    """Return the factor of a mean: ``1/n``, or ``1/Σw``, times what it was multiplied with."""
    below = Quantity(TOTAL_WEIGHT if share.weighted else COUNT, share.total)
    one = Quotient(_ONE, below)
    size = abs(share.scale)
    whole: Expression = one if size == 1.0 else Product((Quantity(value=size), one))
    return Negative(whole) if share.scale < 0 else whole


def _kept(made: Instruction, value: float) -> Expression | None:
    """Return the share that dropout keeps."""
    share = getattr(made.module, "p", None)
    if not isinstance(share, float) or not math.isclose(value * (1 - share), 1, rel_tol=1e-6):
        return None
    return Sum((_ONE, Negative(Quantity(value=share))))


def _of_window(made: Instruction, value: float) -> Expression | None:
    """Return the 1/k of an average over the k entries of a window."""
    if "Pool" not in type(made.module).__name__:
        return None
    count = round(1 / value)
    if count < 2 or not math.isclose(count * value, 1, rel_tol=1e-6):
        return None
    return Quotient(_ONE, Quantity(value=float(count)))


def _unbiased(made: Instruction, value: float) -> Expression | None:
    """Return the n/(n − 1) that makes the variance of n entries one of all that there could be."""
    if "BatchNorm" not in type(made.module).__name__ or not 1 < value <= 2:
        return None
    count = round(value / (value - 1))
    if not math.isclose(count / (count - 1), value, rel_tol=1e-6):
        return None
    return Quotient(Quantity(value=float(count)), Quantity(value=float(count - 1)))


def root_scale(scale: float) -> Expression:
    """Return the factor of scores of attention as the ``1/√d`` that it usually is."""
    width = round(1 / scale**2) if scale > 0 else 0
    if width < 2 or not math.isclose(scale**2 * width, 1, rel_tol=1e-6):
        return Quantity(value=scale)
    return Quotient(_ONE, Root(Quantity(value=float(width))))


# --- what the n of a mean counts ------------------------------------------------------------------


def counts_in(expression: Expression) -> Iterator[Quantity]:
    """Yield the leaves of a formula that say over how much a mean is taken."""
    yield from (q for q in quantities_in(expression) if q.symbol in (COUNT, TOTAL_WEIGHT))


def share_in(reading: Reading, made: Instruction) -> tuple[Share, tuple[int, ...]] | None:
    """Return the factor of the mean that an instruction takes, and the shape that it is taken of.

    None if it takes none.
    """
    for argument in made.arguments:
        if isinstance(argument, Share):
            return argument, _averaged(made)
    for argument in made.inputs:
        if argument.made_by is not None and reading.is_inlined(argument):
            inside = share_in(reading, argument.made_by)
            if inside is not None:
                return inside[0], _averaged(made)
    return None


def _averaged(made: Instruction) -> tuple[int, ...]:
    """Return the shape of what is summed up before, or while, it is multiplied with the factor."""
    first = next((a for a in made.arguments if isinstance(a, Variable)), None)
    if first is None:
        return ()
    summed = first.made_by
    if not first.shape and summed is not None and summed.inputs:
        return summed.inputs[0].shape  # a sum that was made before
    return first.shape


def what_is_counted(share: Share, shape: tuple[int, ...], batch: int) -> str:
    """Return for example ``"n = 2 samples × 3 outputs = 6 entries"``.

    Parameters
    ----------
    share : Share
    shape : tuple of int
        Of what the mean is taken of.
    batch : int
        How many samples the step ran on.
    """
    total = f"{share.total:.6g}"
    if share.weighted:
        each = math.prod(shape[1:])
        several = f", each for its {_of(each, 'entry', 'entries')}" if each > 1 else ""
        return f"Σw = {total} is the sum of all weights{several}"
    if share.total != math.prod(shape):
        return f"n = {_of(share.total, 'row', 'rows')}"
    if not shape or share.total == 1:
        if len(shape) == 1:
            return "n = 1 sample" if batch == 1 else "n = 1 row"
        return "n = 1: one sample with one output" if batch == 1 else "n = 1 entry"
    inner = [n for n in shape[1:] if n > 1]
    if shape[0] != batch:
        if len(shape) == 1:
            return f"n = {_of(share.total, 'row', 'rows')}"
        sides = " × ".join(map(str, (shape[0], *inner)))
        return f"n = {sides} = {total} entries" if inner else f"n = {total} entries"
    samples = _of(batch, "sample", "samples")
    if not inner:
        return f"n = {samples}"
    outputs = " × ".join(map(str, inner))
    if len(inner) > 1:
        outputs = f"({outputs})"
    return f"n = {samples} × {outputs} outputs = {total} entries"


def _of(count: float, one: str, many: str) -> str:
    return f"{count:,.6g} {one if count == 1 else many}"
