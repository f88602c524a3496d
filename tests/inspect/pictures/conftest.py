"""Networks that are drawn in several files of tests."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.inspect import pictures
from pellucid.models import GPT


@pytest.fixture(autouse=True)
def headless() -> Iterator[None]:
    from matplotlib import pyplot

    mpl.use("Agg")
    yield
    pyplot.close("all")


class World:
    """Small trained networks and their data, made once."""

    def __init__(self) -> None:
        pl.seed(0)
        spirals = pl.data.load("spirals", samples=120)
        self.x, self.y = spirals.train.x, spirals.train.y
        self.mlp = nn.Sequential(
            nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 3), nn.Tanh(), nn.Linear(3, 3)
        )
        self.recorder = pictures.LayerRecorder(every=20)
        self.history = pl.fit(
            self.mlp,
            spirals.train,
            validation=spirals.test,
            epochs=30,
            batch_size=24,
            lr=0.02,
            callbacks=self.recorder,
            progress="none",
        )
        digits = pl.data.load("digits")
        self.digits = digits.test
        self.names = digits.class_names
        self.dense = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10))
        pl.fit(self.dense, digits.train, epochs=2, progress="none")
        self.images = digits.test.x[:40].reshape(-1, 1, 8, 8)
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Conv2d(6, 4, 3, padding=1),
            nn.Dropout(0.2),
            nn.Flatten(),
            nn.Linear(256, 10),
        )
        self.gpt = GPT(12, layers=2, heads=2, width=8, context=16, rng=0)
        self.tokens = np.arange(16) % 12
        self.letters = [*"ab $\n_^{efgh"]
        self.rnn = nn.Sequential(nn.Embedding(12, 5), nn.GRU(5, 6), nn.LastStep(), nn.Linear(6, 2))


@pytest.fixture(scope="session")
def world() -> World:
    return World()
