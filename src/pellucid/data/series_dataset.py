"""A data set of windows in time, which knows what was before each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from pellucid.data.baselines import naive_forecast, seasonal_naive_forecast
from pellucid.data.dataset import Dataset
from pellucid.data.series_preparation import SeriesPreparation
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError

__all__ = ["Baseline", "SeriesDataset"]

Baseline: TypeAlias = Literal["naive", "seasonal-naive"]


@dataclass(frozen=True, repr=False)
class SeriesDataset(Dataset):
    """Windows of a series, with the raw values around them.

    Parameters
    ----------
    series : ndarray, shape (L,)
        The raw values of what is predicted.
    origins : mapping of str to ndarray of int, shape (N,)
        For each part, the position in `series` of the first step that each sample predicts.
    season : int, optional
        How many steps a season has.
    dates : ndarray of datetime64, shape (L,), optional
        When each value was measured.

    The others are those of `Dataset`.
    """

    series: Array = field(default_factory=lambda: np.zeros(0))
    origins: Mapping[str, Array] = field(default_factory=dict)
    season: int | None = None
    dates: Array | None = None

    @property
    def horizon(self) -> int:
        """How many steps are predicted."""
        return self._preparation.horizon

    @property
    def _preparation(self) -> SeriesPreparation:
        assert isinstance(self.preparation, SeriesPreparation)  # `from_series` made both
        return self.preparation

    def actual(self, part: str = "test") -> Array:
        """Return what came, in the series' own unit; float64, (N, h)."""
        return self.series[self._origins(part)[:, None] + np.arange(self.horizon)]

    def forecast(self, predictions: Array, part: str = "test") -> Array:
        """Return a network's predictions in the series' own unit, (N, h).

        Parameters
        ----------
        predictions : ndarray, shape (N, h)
            For the samples of a part, in their order.
        part : {"train", "validation", "test"}
            Which one.
        """
        origins, lag = self._origins(part), self._preparation.difference
        if len(predictions) != len(origins):
            raise DataError(
                f"the {part} part has {len(origins)} samples, got {len(predictions)} predictions"
            )
        history = self.series[origins[:, None] - lag + np.arange(lag)]  # (N, l)
        return self._preparation.inverse_target(predictions, history)

    def baseline(self, name: Baseline = "naive", part: str = "test") -> Array:
        """Return the forecasts of a method without learning, in the series' own unit; (N, h).

        Parameters
        ----------
        name : {"naive", "seasonal-naive"}
            The last value, or that of a season before; see `naive_forecast`.
        part : {"train", "validation", "test"}
            Which one.

        Raises
        ------
        DataError
            If no season is known, or there is none before the first sample.
        """
        origins = self._origins(part)
        if name not in ("naive", "seasonal-naive"):
            raise UnknownNameError("baseline", name, ("naive", "seasonal-naive"))
        if name == "naive":
            return naive_forecast(self.series[origins[:, None] - 1], self.horizon)
        if self.season is None:
            raise DataError("the seasonal forecast needs a season: load(..., season=12)")
        if origins[0] < self.season:
            raise DataError(
                f"the first {part} sample has {origins[0]} values before it, fewer than a season "
                f"of {self.season}"
            )
        history = self.series[origins[:, None] - self.season + np.arange(self.season)]
        return seasonal_naive_forecast(history, self.horizon, self.season)

    def _origins(self, part: str) -> Array:
        if part not in self.origins:
            raise UnknownNameError("part", part, self.origins)
        return self.origins[part]
