"""Series in time: the next values from a window of those before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.cli.measuring import Measures
from pellucid.cli.settings import Settings
from pellucid.cli.tasks.base import Task, Trained

if TYPE_CHECKING:
    from pellucid.data import Dataset, Part
    from pellucid.dtypes import Array
    from pellucid.nn import Module

__all__ = ["Series"]

_UPDATES = 1500  # enough for series of a few hundred steps
_MOST_EPOCHS = 300
_HINT = (
    "no better than without learning; what grows is often easier with --set data.log=true "
    "--set data.difference=1"
)


class Series(Task):
    """Windows of a series, judged beside forecasts without learning."""

    name = "series"
    called = "a series in time"
    model = "lstm"
    suffix = "-forecaster"
    takes = ("series", "rows")
    without = ("perceptron",)

    def fill(self, settings: Settings, data: Dataset) -> Settings:
        """Fill in everything but the learning rate."""
        rows = len(data.train)
        settings = settings.filled(
            optimizer="adam",
            loss="mean_squared_error",
            batch_size=rows if settings.optimizer == "lbfgs" else min(32, rows),
            schedule="constant" if settings.optimizer == "lbfgs" else "cosine",
        )
        if settings.steps is None:
            per_epoch = -(-rows // (settings.batch_size or 1))
            settings = settings.filled(epochs=min(max(_UPDATES // per_epoch, 10), _MOST_EPOCHS))
        if settings.model == "mlp":
            settings = settings.filled(hidden=(64,), activation="relu")
        return settings.filled(lr=3e-3) if settings.optimizer == "adam" else settings

    def extra(self, net: Module, data: Dataset) -> dict[str, Any]:
        """Keep the season, and how much the training series changes in one, which scales MASE."""
        series, season = _training_series(data), _season(data)
        known = season if len(series) > season else 1
        change = float(np.mean(np.abs(series[known:] - series[:-known])))
        return {"season": known, "change": change}

    def measure(
        self,
        trained: Trained,
        part: Part,
        *,
        metrics: Iterable[str] = (),
        data: Dataset | None = None,
        part_name: str = "",
    ) -> Measures:
        """Return errors in the series' own unit, beside those of forecasts without learning."""
        from pellucid.training import METRICS, predict

        outputs = predict(trained.net, part.x)
        others: dict[str, Array] = {}
        if data is not None:
            series: Any = data
            truth, forecast = series.actual(part_name), series.forecast(outputs, part_name)
            others["naive"] = series.baseline("naive", part_name)
            if trained.extra["season"] > 1 and series.origins[part_name][0] >= series.season:
                others["seasonal naive"] = series.baseline("seasonal-naive", part_name)
        else:
            preparation: Any = trained.preparation
            truth = preparation.inverse_target(part.y)
            forecast = preparation.inverse_target(outputs)

        def errors(predicted: Array) -> dict[str, float]:
            found = {name: METRICS[name](truth, predicted) for name in ("mae", "rmse", *metrics)}
            return {**found, "mase": found["mae"] / trained.extra["change"]}

        best = others.get("seasonal naive", others.get("naive"))
        network = errors(np.asarray(forecast, np.float64))
        beaten = best is not None and network["mae"] > errors(best)["mae"]
        return Measures(
            "series",
            len(part),
            network,
            {} if best is None else errors(best),
            "seasonal naive" if "seasonal naive" in others else "naive",
            others={name: errors(values) for name, values in others.items()},
            remark=_HINT if beaten else "",
        )

    def pictures(self, folder: Path, trained: Trained, data: Dataset) -> list[str]:
        """Draw the forecasts of the test part, each horizon after the other."""
        from pellucid.training import predict
        from pellucid.training.pictures import save_forecast

        part_name = "test" if data.test is not None else "train"
        part = data.parts()[part_name]
        series: Any = data
        every = slice(None, None, series.horizon)
        forecast = series.forecast(predict(trained.net, part.x), part_name)[every]
        origins = series.origins[part_name][every]
        baseline = None
        if trained.extra["season"] > 1 and origins[0] >= series.season:
            baseline = series.baseline("seasonal-naive", part_name)[every]
        save_forecast(
            folder / "forecast.png",
            series.series,
            origins,
            forecast,
            baseline,
            dates=series.dates,
            title=f"{data.name}: {part_name} part",
        )
        return ["forecast.png"]


def _training_series(data: Any) -> Array:
    """Return the values that the training samples have seen or predicted."""
    end = int(data.origins["train"][-1]) + data.horizon
    values: Array = data.series[:end].astype(np.float64)
    return values


def _season(data: Any) -> int:
    return data.season or 1
