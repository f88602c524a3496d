"""What a model calls a value inside it, for those who read a traced step."""

from __future__ import annotations

from pellucid.primitives.declaration import Value

__all__ = ["called"]


def called(value: Value, name: str, symbol: str) -> Value:
    """Return the value as it is.

    While a step is traced, this function is replaced by one that notes both names, so that a
    program and an explanation say ``mean`` and μ: callers use it through the module.

    Parameters
    ----------
    value : Tensor or array
    name : str
        In a program.
    symbol : str
        In a formula.
    """
    return value
