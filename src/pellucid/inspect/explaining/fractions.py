"""Numbers that a layer or a loss computed from its settings, as the fraction that they are."""

from __future__ import annotations

import math
from typing import Any

from pellucid.inspect.explaining.expressions import (
    Constant,
    Expression,
    Negative,
    Quantity,
    Quotient,
    Sum,
)
from pellucid.program import Instruction, Variable
from pellucid.program.named_number import NamedNumber

__all__ = ["fraction_of"]

_ONE = Quantity(value=1.0)
_FEWEST = 3  # 0.5 says as much as 1/2


def fraction_of(made: Instruction | None, argument: Any) -> Expression | None:
    """Return ``1/n`` for the factor of a mean, ``1/(1 − p)`` for that of dropout; else None.

    Parameters
    ----------
    made : Instruction or None
        What the number is an argument of.
    argument : number
    """
    if made is None or isinstance(argument, (bool, Variable, NamedNumber)):
        return None
    value = float(argument)
    if not 0 < abs(value) < math.inf:
        return None
    below = _count(made, value) or _kept(made, value)
    return None if below is None else Constant(Quotient(_ONE, below), value)


def _count(made: Instruction, value: float) -> Expression | None:
    """Return over how many entries a loss takes the mean."""
    source = made.origin or made
    if source.operation.name != "weighted_sum" or source.phase != "loss":
        return None
    weight = source.arguments[1]
    if isinstance(weight, Variable) or float(weight) != value:
        return None
    count = round(1 / value)
    return Quantity(value=float(count)) if count >= _FEWEST and _same(count * value, 1) else None


def _kept(made: Instruction, value: float) -> Expression | None:
    """Return the share that dropout keeps."""
    share = getattr(made.module, "p", None)
    if not isinstance(share, float) or not _same(value * (1 - share), 1):
        return None
    return Sum((_ONE, Negative(Quantity(value=share))))


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6)
