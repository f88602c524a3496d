"""Networks and batches that the tests of programs share."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import nn
from pellucid.models import MODELS


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    """Random numbers of the normal distribution."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def labels(shape: Any, classes: int, seed: int = 1) -> np.ndarray:
    """Random labels."""
    return np.random.default_rng(seed).integers(0, classes, shape)


def dense(activation: Any = None, outputs: int = 3) -> nn.Sequential:
    """A network 5-4-3."""
    return nn.Sequential(
        nn.Linear(5, 4, rng=0), activation or nn.Tanh(), nn.Linear(4, outputs, rng=1)
    )


def built(name: str, shape: tuple[int, ...], outputs: int, **options: Any) -> Any:
    """A network by the name of its model."""
    return MODELS[name].build(shape, outputs, {"rng": 0, **options})


ROWS = floats(6, 5), labels(6, 3)
"""A batch for :func:`dense`."""

TOKENS = labels((5, 7), 11), labels((5, 7), 11, seed=4)

NETWORKS: dict[str, tuple[Any, Any, Any]] = {
    "2-3-1": (
        lambda: nn.Sequential(
            nn.Linear(2, 3, rng=0), nn.Sigmoid(), nn.Linear(3, 1, rng=1), nn.Sigmoid()
        ),
        (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), floats(4, 1)),
        "half_squared_error",
    ),
    "CNN": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1, rng=0),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(48, 4, rng=1),
        ),
        (floats(5, 1, 8, 8), labels(5, 4)),
        "auto",
    ),
    "ResNet with batch norm": (
        lambda: built("resnet20", (3, 8, 8), 4),
        (floats(4, 3, 8, 8), labels(4, 4)),
        "auto",
    ),
    "dropout": (
        lambda: nn.Sequential(
            nn.Linear(5, 4, rng=0), nn.ReLU(), nn.Dropout(0.5, rng=3), nn.Linear(4, 3, rng=1)
        ),
        (floats(6, 5), labels(6, 3)),
        "auto",
    ),
    "RNN": (
        lambda: built("rnn-classifier", (7,), 3, vocabulary=11),
        (TOKENS[0], labels(5, 3)),
        "auto",
    ),
    "LSTM": (
        lambda: built("lstm-classifier", (7,), 3, vocabulary=11),
        (TOKENS[0], labels(5, 3)),
        "auto",
    ),
    "GRU": (
        lambda: built("gru-classifier", (7,), 3, vocabulary=11),
        (TOKENS[0], labels(5, 3)),
        "auto",
    ),
    "character LSTM": (
        lambda: built("lstm", (7,), 11, vocabulary=11, hidden=16),
        TOKENS,
        "auto",
    ),
    "GPT": (lambda: built("gpt", (7,), 11, vocabulary=11), TOKENS, "auto"),
    "transformer": (
        lambda: built("transformer-classifier", (7,), 3, vocabulary=11),
        (TOKENS[0], labels(5, 3)),
        "auto",
    ),
    "autoencoder": (
        lambda: built("autoencoder", (12,), 12),
        (floats(5, 12), floats(5, 12)),
        "mean_squared_error",
    ),
    "TCN": (
        lambda: built("tcn", (12, 2), 1),
        (floats(5, 12, 2), floats(5, 1)),
        "mean_squared_error",
    ),
}
"""For each network what makes it, a batch, and its loss."""
