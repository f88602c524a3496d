"""Hyper-parameters: checked once, by name, and turned into plain Python numbers.

A Python float has no width of its own (see :mod:`pellucid.dtypes`), so a hyper-parameter that went
through here never widens a float32 network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypedDict

import numpy as np

from pellucid.errors import DataError, UnknownNameError

__all__ = ["Common", "Hyper", "check_option", "check_options"]

Hyper: TypeAlias = Mapping[str, Any]
"""What one update sees: the options of its parameter group, and ``"step"``, counted from 1."""


class Common(TypedDict, total=False):
    """The options that every optimizer takes.

    Parameters
    ----------
    weight_decay : float
        λ of the penalty ½λ‖θ‖² (L2).
    l1 : float
        Factor of the penalty ‖θ‖₁; its subgradient at 0 is 0.
    decoupled_weight_decay : bool
        Shrink the parameters by ``lr * weight_decay`` instead of adding λθ to the gradient
        (Loshchilov & Hutter, 2019).
    maximize : bool
        Climb instead of descend.
    """

    weight_decay: float
    l1: float
    decoupled_weight_decay: bool
    maximize: bool


def _number(value: Any) -> float:
    """Return a real, finite number as a Python float."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        raise ValueError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _between(low: float, high: float = math.inf, *, below: bool = False) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        number = _number(value)
        if number < low or number > high or (below and number == high):
            raise ValueError
        return number

    return check


def _flag(value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError
    return bool(value)


def _betas(value: Any) -> tuple[float, float]:
    first, second = value
    fraction = _between(0.0, 1.0, below=True)
    return fraction(first), fraction(second)


def _adafactor_eps(value: Any) -> tuple[float | None, float]:
    first, second = value
    floor = _between(0.0)
    return None if first is None else floor(first), floor(second)


def _whole(low: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
            raise ValueError
        return int(value)

    return check


def _optional(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)


def _line_search(value: Any) -> str | None:
    if value not in ("strong_wolfe", None):
        raise ValueError
    return None if value is None else "strong_wolfe"


_at_least_zero = (_between(0.0), "a finite number ≥ 0")
_fraction = (_between(0.0, 1.0), "a number from 0 to 1")
_yes_or_no = (_flag, "True or False")

_CHECKS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "lr": _at_least_zero,
    "initial_lr": _at_least_zero,
    "weight_decay": _at_least_zero,
    "l1": _at_least_zero,
    "eps": _at_least_zero,
    "momentum": _at_least_zero,
    "lr_decay": _at_least_zero,
    "initial_accumulator_value": _at_least_zero,
    "momentum_decay": _at_least_zero,
    "tolerance_grad": _at_least_zero,
    "tolerance_change": _at_least_zero,
    "dampening": (_number, "a finite number"),
    "alpha": _fraction,
    "rho": _fraction,
    "betas": (_betas, "two numbers, each ≥ 0 and < 1, such as (0.9, 0.999)"),
    "factored_eps": (_adafactor_eps, "two numbers ≥ 0, the first may be None"),
    "beta2_decay": (_between(-math.inf, 0.0), "a finite number ≤ 0"),
    "clip_threshold": (_between(1.0), "a finite number ≥ 1"),
    "max_iter": (_whole(1), "a whole number ≥ 1"),
    "max_eval": (_optional(_whole(1)), "a whole number ≥ 1, or None"),
    "history_size": (_whole(1), "a whole number ≥ 1"),
    "line_search": (_line_search, "'strong_wolfe' or None"),
    "nesterov": _yes_or_no,
    "centered": _yes_or_no,
    "amsgrad": _yes_or_no,
    "maximize": _yes_or_no,
    "decoupled_weight_decay": _yes_or_no,
}


def check_option(owner: str, name: str, value: Any) -> Any:
    """Return the option as plain Python values.

    Raises
    ------
    DataError
        If the value breaks the option's rule; the message says the rule and what came.
    """
    check, rule = _CHECKS[name]
    try:
        return check(value)
    except (TypeError, ValueError):
        raise DataError(f"{owner}: {name} is {rule}, got {value!r}") from None


def check_options(owner: str, options: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Check every option by name.

    Raises
    ------
    UnknownNameError
        If a name is not among the `known` ones; the nearest one is suggested.
    DataError
        If a value breaks its option's rule.
    """
    known = set(known)
    for name in options:
        if name not in known:
            raise UnknownNameError(f"option of {owner}", name, known)
    return {name: check_option(owner, name, value) for name, value in options.items()}
