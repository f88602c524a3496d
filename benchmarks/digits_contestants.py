"""The contestants in the benchmark of whole fits: 64-64-10 with ReLU on the handwritten digits.

Everyone gets the same standardised arrays, shuffles each epoch, and trains by Adam at the same
rate, without penalties and without early stopping. The clock runs over the fit alone.
"""

# ruff: noqa: D102 - the methods are explained once, in Fit
from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

HIDDEN = 64
BATCH = 32
EPOCHS = 20
LEARNING_RATE = 1e-3


class Fit(ABC):
    """A library that fits a classifier."""

    label: ClassVar[str]
    version: str

    def __init__(self) -> None:
        self.version = self.load()
        self.train, self.test = digits()

    @abstractmethod
    def load(self) -> str:
        """Import the library and return its version."""

    @abstractmethod
    def fit(self, seed: int, epochs: int) -> Any:
        """Fit a new network on the training data and return it."""

    @abstractmethod
    def predict(self, net: Any, x: Any) -> Any:
        """Return the predicted classes."""

    def run(self, seed: int, epochs: int) -> dict[str, float]:
        """Fit once; return its seconds and the test accuracy."""
        start = time.perf_counter()
        net = self.fit(seed, epochs)
        seconds = time.perf_counter() - start
        x, y = self.test
        return {"seconds": seconds, "accuracy": float(np.mean(self.predict(net, x) == y))}


def digits() -> tuple[Any, Any]:
    """Return (x, y) for training and for testing, standardised from the training rows."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        x.astype(np.float32), y, test_size=0.2, random_state=0, stratify=y
    )
    mean, scale = x_train.mean(axis=0), x_train.std(axis=0)
    scale[scale == 0] = 1
    return ((x_train - mean) / scale, y_train), ((x_test - mean) / scale, y_test)


class PellucidFit(Fit):
    """Pellucid's fit."""

    label = "Pellucid fit"

    def load(self) -> str:
        import pellucid
        from pellucid import nn, training

        self.nn, self.training = nn, training
        return f"Pellucid {pellucid.__version__} (NumPy {np.__version__})"

    def fit(self, seed: int, epochs: int) -> Any:
        net = self.nn.Sequential(
            self.nn.Linear(64, HIDDEN, rng=seed),
            self.nn.ReLU(),
            self.nn.Linear(HIDDEN, 10, rng=seed),
        )
        self.training.fit(
            net,
            self.train,
            optimizer="adam",
            lr=LEARNING_RATE,
            epochs=epochs,
            batch_size=BATCH,
            progress="none",
            rng=seed,
        )
        return net

    def predict(self, net: Any, x: Any) -> Any:
        return net(x).numpy().argmax(axis=1)


class ScikitLearnFit(Fit):
    """scikit-learn's MLPClassifier."""

    label = "scikit-learn MLPClassifier"

    def load(self) -> str:
        import sklearn
        from sklearn.neural_network import MLPClassifier

        self.classifier = MLPClassifier
        return f"scikit-learn {sklearn.__version__}"

    def fit(self, seed: int, epochs: int) -> Any:
        net = self.classifier(
            hidden_layer_sizes=(HIDDEN,),
            activation="relu",
            solver="adam",
            alpha=0.0,
            batch_size=BATCH,
            learning_rate_init=LEARNING_RATE,
            max_iter=epochs,
            n_iter_no_change=epochs + 1,
            random_state=seed,
        )
        with warnings.catch_warnings():  # it warns that it has not converged: it was not asked to
            warnings.simplefilter("ignore")
            return net.fit(*self.train)

    def predict(self, net: Any, x: Any) -> Any:
        return net.predict(x)


class TorchLoop(Fit):
    """The loop of PyTorch's tutorial, over tensors in memory: no DataLoader to slow it down."""

    label = "PyTorch loop"

    def load(self) -> str:
        import torch

        self.torch = torch
        return f"PyTorch {torch.__version__} ({torch.get_num_threads()} threads)"

    def fit(self, seed: int, epochs: int) -> Any:
        torch = self.torch
        torch.manual_seed(seed)
        net = torch.nn.Sequential(
            torch.nn.Linear(64, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10)
        )
        loss_of = torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
        x, y = (torch.from_numpy(array) for array in self.train)
        for _ in range(epochs):
            for rows in torch.randperm(len(x)).split(BATCH):
                optimizer.zero_grad()
                loss_of(net(x[rows]), y[rows]).backward()
                optimizer.step()
        return net

    def predict(self, net: Any, x: Any) -> Any:
        with self.torch.no_grad():
            return net(self.torch.from_numpy(x)).argmax(dim=1).numpy()
