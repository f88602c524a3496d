"""Forecasts without a network, which one with a network has to beat."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError

__all__ = ["naive_forecast", "seasonal_naive_forecast"]


def naive_forecast(history: Array, horizon: int = 1) -> Array:
    """Return the last value of each history, for every step to come.

    ŷₜ₊ⱼ = yₜ,  j = 1 … h

    Hyndman & Athanasopoulos, Forecasting: principles and practice (2021), 5.2.

    Parameters
    ----------
    history : ndarray, shape (N, T) or (T,)
        What was before, one series a row.
    horizon : int
        How many steps, h.

    Returns
    -------
    ndarray, shape (N, h) or (h,)

    Examples
    --------
    >>> naive_forecast(np.array([112.0, 118.0, 132.0]), horizon=2)
    array([132., 132.])
    """
    return seasonal_naive_forecast(history, horizon, 1)


def seasonal_naive_forecast(history: Array, horizon: int = 1, season: int = 12) -> Array:
    """Return the value one season before, for every step to come.

    ŷₜ₊ⱼ = yₜ₊ⱼ₋ₘₖ with k = ⌈j / m⌉, so that steps beyond one season repeat the last one

    Hyndman & Athanasopoulos (2021), 5.2.

    Parameters
    ----------
    history : ndarray, shape (N, T) or (T,)
        What was before, one series a row; T ≥ m.
    horizon : int
        How many steps, h.
    season : int
        How many steps a season has, m.

    Returns
    -------
    ndarray, shape (N, h) or (h,)

    Raises
    ------
    DataError
        If the history is shorter than a season.

    Examples
    --------
    >>> seasonal_naive_forecast(np.array([9.0, 1.0, 2.0, 3.0]), horizon=4, season=3)
    array([1., 2., 3., 1.])
    """
    history = as_array(history)
    for name, value in (("horizon", horizon), ("season", season)):
        if isinstance(value, bool) or value < 1:
            raise DataError(f"{name} is a whole number ≥ 1, got {value!r}")
    if history.ndim not in (1, 2):
        raise ShapeError(f"expected histories of shape (N, T) or (T,), got {history.shape}")
    if history.shape[-1] < season:
        raise DataError(
            f"the history has {history.shape[-1]} values, but a season has {season}; "
            "give a longer one"
        )
    last = history[..., history.shape[-1] - season :]
    return last[..., np.arange(horizon) % season]
