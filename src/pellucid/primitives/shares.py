"""The factor of every mean, in exactly one place, so that a traced step can tell it from a number.

``1 / n`` and a ``0.5`` that somebody wrote are the same float when n is 2. While a step is traced,
these two functions are replaced by ones whose results remember the n: callers use them through the
module, ``shares.share(n)``.
"""

from __future__ import annotations

from pellucid.dtypes import Array

__all__ = ["share", "weighted_shares"]


def share(total: float) -> float:
    """Return 1/n, which a mean multiplies a sum with."""
    return 1.0 / total


def weighted_shares(weights: Array, total: float) -> Array:
    """Return w/Σw, which a weighted mean multiplies its entries with."""
    result: Array = weights * share(total)
    return result
