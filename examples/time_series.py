"""Forecast airline passengers (a year ahead) and daily temperatures (a week ahead).

Four networks see windows of the past and predict the whole horizon at once: LSTM, GRU, a temporal
convolution and a transformer. Next to them stand two forecasts without learning: the last value
again (naive), and the value a season ago (seasonal naive). A network that does not beat both is not
worth its electricity. Errors are in passengers (thousands) and degrees; MASE is the error in units
of the seasonal naive forecast's error on the training steps (Hyndman & Koehler, 2006).

Run it:  python examples/time_series.py [forecasts.png]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import data, models, training
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError

NETWORKS = ("lstm-forecaster", "gru-forecaster", "tcn", "transformer-forecaster")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


@dataclass(frozen=True)
class Task:
    """A series, how it is cut into windows, and how long to train."""

    name: str
    unit: str
    season: int
    window: int
    horizon: int
    epochs: int
    batch_size: int
    options: dict[str, Any] = field(default_factory=dict)

    def load(self) -> data.SeriesDataset:
        """Load the series as windows."""
        found = data.load(
            self.name,
            window=self.window,
            horizon=self.horizon,
            season=self.season,
            **self.options,
        )
        assert isinstance(found, data.SeriesDataset)
        return found


TASKS = (
    # A growth in per cent, and a level that rises: logarithms and differences, as Box & Jenkins
    # (1970) took them for this very series.
    Task(
        "airline-passengers", "thousand passengers", 12, 24, 12, epochs=200, batch_size=16,
        options={"log": True, "difference": 1},
    ),
    Task("daily-min-temperatures", "°C", 365, 30, 7, epochs=10, batch_size=32),
)  # fmt: skip


def forecast(task: Task, network: str, seed: int = 0, epochs: int | None = None) -> Array:
    """Train a network and return its forecasts of the test part, in the series' unit, (N, h)."""
    series = task.load()
    pl.seed(seed)
    net = models.MODELS[network].build(series.input_shape, series.num_outputs)
    training.fit(
        net,
        series.train,
        lr=5e-3 if "transformer" not in network else 1e-3,
        schedule="cosine",
        epochs=epochs or task.epochs,
        batch_size=task.batch_size,
        grad_clip=1.0,
        progress="none",
        rng=seed,
    )
    assert series.test is not None
    return series.forecast(training.predict(net, series.test.x))


def errors(series: data.SeriesDataset, found: Array) -> tuple[float, float, float]:
    """Return mean absolute error, root mean squared error, and MASE of forecasts."""
    off = found - series.actual()
    season = series.season or 1
    past = series.series[: int(series.origins["test"][0])]
    scale = np.abs(past[season:] - past[:-season]).mean()
    absolute = float(np.abs(off).mean())
    return absolute, float(np.sqrt((off**2).mean())), absolute / float(scale)


def compare(task: Task, seed: int = 0, epochs: int | None = None) -> dict[str, Array]:
    """Return the forecasts of every method by name."""
    series = task.load()
    found = {name: series.baseline(name) for name in ("naive", "seasonal-naive")}
    return found | {name: forecast(task, name, seed, epochs) for name in NETWORKS}


def draw(results: dict[str, dict[str, Array]], path: Path) -> None:
    """Save a picture of each series' last forecast that does not overlap its past."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    for axis, task in zip(figure.subplots(1, len(TASKS)), TASKS, strict=True):
        series = task.load()
        origin = int(series.origins["test"][-1])
        steps = np.arange(-2 * task.horizon, task.horizon)
        axis.plot(steps, series.series[origin + steps], "k.-", lw=1, label="measured")
        ahead = np.arange(task.horizon)
        axis.plot(
            ahead, results[task.name]["seasonal-naive"][-1], ":", color="grey",
            label="seasonal naive",
        )  # fmt: skip
        for name, colour in zip(NETWORKS, COLOURS, strict=True):
            axis.plot(ahead, results[task.name][name][-1], "--", color=colour, label=name)
        axis.axvline(-0.5, color="grey", lw=0.8)
        axis.set(title=task.name, xlabel="steps from the forecast", ylabel=task.unit)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend(fontsize=8, loc="upper left")
    figure.savefig(path, dpi=120)


def main(arguments: list[str] | None = None) -> None:
    """Train, print the errors, and draw the forecasts if a path is given."""
    parser = argparse.ArgumentParser(description="Forecasts by networks and without.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the forecasts")
    picture = parser.parse_args(arguments).picture
    results = {}
    for task in TASKS:
        series = task.load()
        results[task.name] = compare(task)
        print(f"{task.name}: {task.horizon} steps ahead, in {task.unit}")
        print(f"{'':<24}{'MAE':>8}{'RMSE':>8}{'MASE':>8}")
        for name, found in results[task.name].items():
            absolute, squared, scaled = errors(series, found)
            print(f"{name:<24}{absolute:>8.2f}{squared:>8.2f}{scaled:>8.2f}")
    if picture is not None:
        draw(results, picture)
        print(f"The picture is in {picture}.")


if __name__ == "__main__":
    main()
