"""Refusing to draw what is not a number."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import NonFiniteError

__all__ = ["check_finite"]


def check_finite(values: Array, what: str) -> None:
    """Refuse NaN and infinity.

    Raises
    ------
    NonFiniteError
        If there are any, with how many.
    """
    wrong = values.size - int(np.isfinite(values).sum())
    if wrong:
        raise NonFiniteError(
            f"there is nothing to draw: of {what}, {wrong:,} of {values.size:,} numbers are NaN or "
            "infinite; if the weights are, the training has diverged: lower the learning rate"
        )
