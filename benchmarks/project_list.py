"""The projects of the documentation as plain settings, for any library to train by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np

import pellucid as pl
from pellucid import models
from pellucid.data import Dataset, Part, transforms

__all__ = ["PROJECTS", "Project"]

Predict = Callable[[Any], Any]
"""From any number of samples to a network's outputs."""


@dataclass(frozen=True)
class Project:
    """A training: data, network, settings, and what it is judged by.

    Parameters
    ----------
    title : str
        What people call it.
    figures : dict of str to str
        What it is judged by, and the target of each; empty where there is none.
    data : callable
        Loads the data.
    network : callable
        Makes Pellucid's network for the data.
    judge : callable
        ``judge(predict, data)`` returns the figures.
    loss : {"classes", "values", "tokens"}
        Cross-entropy, mean squared error, or cross-entropy for each token.
    warmup, floor : int, float
        Updates of linear warm-up, and the learning rate that the cosine ends at.
    epoch_size : int, optional
        Samples in an epoch, if not all.
    digits : int
        How the figures are printed.
    """

    title: str
    figures: dict[str, str]
    data: Callable[[], Dataset]
    network: Callable[[Dataset], Any]
    judge: Callable[[Predict, Dataset], dict[str, float]]
    loss: Literal["classes", "values", "tokens"]
    epochs: int
    batch_size: int
    lr: float
    optimizer: Literal["adam", "adamw"] = "adam"
    optimizer_options: dict[str, Any] = field(default_factory=dict)
    schedule: Literal["constant", "cosine"] = "cosine"
    warmup: int = 0
    floor: float = 0.0
    clip_norm: float | None = None
    transform: Callable[[], Any] | None = None
    epoch_size: int | None = None
    digits: int = 4

    def lr_at(self, step: int, total: int) -> float:
        """Return the learning rate of an update, counted from 0."""
        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        if self.schedule == "constant":
            return self.lr
        done = (step - self.warmup) / max(1, total - self.warmup)
        return self.floor + (self.lr - self.floor) * (1 + math.cos(math.pi * done)) / 2


# --- what projects are judged by ------------------------------------------------------------------


def accuracy(predict: Predict, data: Dataset) -> dict[str, float]:
    """Share of the test samples whose class is found."""
    assert data.test is not None
    return {"test accuracy": float((predict(data.test.x).argmax(axis=1) == data.test.y).mean())}


def reconstruction(predict: Predict, data: Dataset) -> dict[str, float]:
    """Mean squared difference between test samples and their reconstructions."""
    assert data.test is not None
    x = data.test.x
    return {"reconstruction error": float(np.mean((predict(x) - x) ** 2))}


def token_loss(predict: Predict, data: Dataset) -> dict[str, float]:
    """Mean cross-entropy of the next token on test windows that do not overlap."""
    assert data.test is not None
    x, y = data.test.x, data.test.y
    length = x.shape[1]
    rows = slice(0, len(x) - len(x) % length or None, length)
    losses = [
        pl.losses.token_cross_entropy(predict(x[rows][i : i + 64]), y[rows][i : i + 64]).item()
        * len(x[rows][i : i + 64])
        for i in range(0, len(x[rows]), 64)
    ]
    return {"validation loss": sum(losses) / len(x[rows])}


# --- data -----------------------------------------------------------------------------------------


def _images(name: str) -> Callable[[], Dataset]:
    return partial(pl.data.load, name, flat=False)


def _itself(data: Dataset) -> Dataset:
    """The data set whose targets are the samples themselves."""
    assert data.test is not None
    return Dataset(
        data.name,
        Part(data.train.x, data.train.x),
        Part(data.test.x, data.test.x),
        task="regression",
    )


def _network(name: str, **options: Any) -> Callable[[Dataset], Any]:
    def make(data: Dataset) -> Any:
        given = dict(options)
        if models.MODELS[name].takes == "tokens":
            given["vocabulary"] = data.vocabulary
        return models.MODELS[name].build(data.input_shape, data.num_outputs, given)

    return make


def _shift_and_flip() -> Any:
    return transforms.Compose(transforms.RandomCrop(padding=4), transforms.RandomFlip())


# --- heartbeats -----------------------------------------------------------------------------------

NORMAL = 1


def _normal_beats() -> Dataset:
    """Nine tenths of the normal beats to train, the last tenth to choose the threshold by."""
    beats = pl.data.load("ecg5000", scale="none", rng=0)
    assert beats.test is not None
    normal = beats.train.x[beats.train.y == NORMAL]
    fitted, held_out = np.split(normal, [len(normal) * 9 // 10])
    parts = [Part(x, x) for x in (fitted, held_out, beats.test.x)]
    return Dataset("ecg5000", parts[0], parts[2], parts[1], task="regression")


def anomalies(predict: Predict, data: Dataset) -> dict[str, float]:
    """Accuracy with the threshold that 95 % of held-out normal beats stay below."""
    assert data.test is not None and data.validation is not None
    held_out, scores = (
        np.mean((predict(part.x) - part.x) ** 2, axis=1) for part in (data.validation, data.test)
    )
    beats = pl.data.load("ecg5000", scale="none", rng=0)
    assert beats.test is not None
    found = (scores > np.quantile(held_out, 0.95)) == (beats.test.y != NORMAL)
    return {"test accuracy": float(found.mean())}


# --- digits 5–9 from few images -------------------------------------------------------------------


def _new_digits() -> Dataset:
    """100 images of each of the digits 5–9, labelled 0–4."""
    digits = pl.data.load("mnist", flat=False)
    assert digits.test is not None
    rng = np.random.default_rng(0)
    y = np.asarray(digits.train.y)
    rows = np.concatenate([rng.choice(np.flatnonzero(y == d), 100, False) for d in range(5, 10)])
    of_test = np.asarray(digits.test.y) >= 5
    return Dataset(
        "mnist 5-9",
        Part(digits.train.x[rows], y[rows] - 5),
        Part(digits.test.x[of_test], digits.test.y[of_test] - 5),
    )


def _small_cnn(data: Dataset) -> Any:
    nn = pl.nn
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, data.num_outputs),
    )  # fmt: skip


# --- series and texts -----------------------------------------------------------------------------


def forecast_error(predict: Predict, data: Dataset) -> dict[str, float]:
    """Mean absolute error in the series' own unit."""
    assert isinstance(data, pl.data.SeriesDataset) and data.test is not None
    off = data.forecast(predict(data.test.x)) - data.actual()
    return {"mean absolute error": float(np.abs(off).mean())}


def spam(predict: Predict, data: Dataset) -> dict[str, float]:
    """How well spam is found."""
    assert data.test is not None
    said, true = predict(data.test.x).argmax(axis=1), data.test.y
    found = int(((said == 1) & (true == 1)).sum())
    return {"F1": 2 * found / int((said == 1).sum() + (true == 1).sum())}


def _series(name: str, **options: Any) -> Callable[[], Dataset]:
    return partial(pl.data.load, name, **options)


_PASSENGERS = _series(
    "airline-passengers", window=24, horizon=12, season=12, log=True, difference=1
)
_TEMPERATURES = _series("daily-min-temperatures", window=30, horizon=7)


def _forecaster(title: str, target: str, data: Any, epochs: int, batch: int, cell: str) -> Project:
    return Project(
        f"6 · {title}, {cell.upper()}", {"mean absolute error": target}, data,
        _network(f"{cell}-forecaster"), forecast_error, "values",
        epochs=epochs, batch_size=batch, lr=5e-3, clip_norm=1.0, digits=2,
    )  # fmt: skip


def _reduction(numbers: int, target: str) -> Project:
    return Project(
        f"8 · MNIST in {numbers} numbers", {"reconstruction error": target},
        lambda: _itself(pl.data.load("mnist", scale="unit")),
        _network(
            "autoencoder", hidden=[256, 128], code=numbers, activation="elu", output="sigmoid"
        ),
        reconstruction, "values", epochs=10, batch_size=100, lr=2e-3,
    )  # fmt: skip


PROJECTS: dict[str, Project] = {
    "mnist-cnn": Project(
        "1 · MNIST, CNN", {"test accuracy": "≥ 0.990"},
        _images("mnist"), _network("cnn"), accuracy, "classes",
        epochs=5, batch_size=64, lr=2e-3,
    ),
    "mnist-lenet5": Project(
        "1 · MNIST, LeNet-5", {"test accuracy": "≥ 0.988"},
        _images("mnist"), _network("lenet5"), accuracy, "classes",
        epochs=10, batch_size=64, lr=2e-3,
    ),
    "cifar": Project(
        "1 · CIFAR-10, 4,000 images, augmented", {"test accuracy": ""},
        _images("cifar10-subset"), _network("cnn", channels=[32, 64, 128], dropout=0.4),
        accuracy, "classes",
        epochs=40, batch_size=64, lr=2e-3, transform=_shift_and_flip,
    ),
    "shakespeare-lstm": Project(
        "2 · Shakespeare, LSTM", {"validation loss": ""},
        partial(pl.data.load, "tiny-shakespeare", context=64),
        _network("lstm", hidden=160, layers=2, embedding=None), token_loss, "tokens",
        epochs=10, batch_size=32, lr=4e-3, floor=4e-4, optimizer="adamw",
        optimizer_options={"betas": (0.9, 0.99), "weight_decay": 0.1},
        clip_norm=1.0, epoch_size=32 * 200,
    ),
    "ecg": Project(
        "3 · ECG5000, autoencoder", {"test accuracy": "≥ 0.944"},
        _normal_beats, _network("autoencoder", hidden=64, code=8), anomalies, "values",
        epochs=60, batch_size=64, lr=2e-3, schedule="constant",
    ),
    "new-digits": Project(
        "5 · digits 5–9 from 100 images each, from scratch", {"test accuracy": ""},
        _new_digits, _small_cnn, accuracy, "classes",
        epochs=30, batch_size=16, lr=2e-3,
    ),
    "passengers-lstm": _forecaster("passengers", "< 46.77", _PASSENGERS, 200, 16, "lstm"),
    "passengers-gru": _forecaster("passengers", "< 46.77", _PASSENGERS, 200, 16, "gru"),
    "temperatures-lstm": _forecaster("temperatures", "< 2.62", _TEMPERATURES, 10, 32, "lstm"),
    "temperatures-gru": _forecaster("temperatures", "< 2.62", _TEMPERATURES, 10, 32, "gru"),
    "sms": Project(
        "7 · SMS spam, GRU", {"F1": ""},
        partial(pl.data.load, "sms-spam"),
        _network("gru-classifier", hidden=64, embedding=32, dropout=0.2), spam, "classes",
        epochs=5, batch_size=32, lr=2e-3, clip_norm=1.0,
    ),
    "mnist-2": _reduction(2, "< PCA's"),
    "mnist-8": _reduction(8, "< PCA's"),
    "mnist-32": _reduction(32, "< PCA's"),
}  # fmt: skip
"""By name, in the order of the documentation's chapters."""
